"""What persons decided while engines ran, from the trail alone: limits, strategies, MANUAL, and who waited for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from engine.audit.desk_state import DeskState
from engine.audit.rebuild import rebuild
from engine.messages.control import Action
from engine.policy.policy import MANUAL, Override, Policy
from tests.unit.engine.audit.conftest import TrailMaker

NAME = "binance_spot:BTCUSDT"


@pytest.fixture
def maker(make_trail: Callable[..., TrailMaker]) -> TrailMaker:
    made = make_trail()
    made.start()
    return made


def state_of(maker: TrailMaker) -> DeskState:
    """Return the state, which must be the same from the cache and without it."""
    maker.files.flush()
    without = rebuild(maker.data_dir, maker.instruments, save=False)
    assert without == rebuild(maker.data_dir, maker.instruments) == rebuild(maker.data_dir, maker.instruments)
    return without


def test_what_persons_decide_is_the_policy_of_the_next_run(maker: TrailMaker) -> None:
    metadata = {"epoch": 2, "mode": "live", "node": "t1", "limits_sha256": "aa"}
    maker.tell(Action.SYSTEM_START, metadata=metadata | {"limits_version": 1, "policy_version": 1})
    change = {"configured": "50000", "key": "max_order_value", "limits_sha256": "bb", "limits_version": 2}
    values: dict[str, Any] = {"before": {"value": "50000"}, "after": {"value": "60000"}}
    maker.tell(Action.RISK_LIMIT_CHANGE, resource_id="risk.max_order_value", metadata=change, **values)
    values = {"before": {"enabled": True}, "after": {"enabled": False}}
    maker.tell(Action.STRATEGY_DISABLE, resource_type="strategy", resource_id="a", **values)
    values = {"before": {"version": 3}, "after": {"version": 4, "manual": True}}
    maker.tell(Action.POLICY_CHANGED, resource_type="policy", resource_id=MANUAL, **values)
    maker.tell(Action.POLICY_CHANGED, resource_type="policy", resource_id="store", **values)
    state = state_of(maker)
    decided = Policy(4, 2, {"max_order_value": Override("60000", "50000")}, {"a": False}, True)
    assert (state.policy, state.limits_sha256) == (decided, "bb")
    assert state.without_account().policy == decided

    maker.tell(Action.SYSTEM_START, metadata=metadata | {"epoch": 3, "limits_version": 5, "policy_version": 5})
    state = state_of(maker)
    assert (state.policy, state.limits_sha256) == (msgspec.structs.replace(decided, version=5, limits_version=5), "aa")

    backtest = metadata | {"epoch": 4, "mode": "backtest", "limits_version": 1, "policy_version": 1}
    maker.tell(Action.SYSTEM_START, metadata=backtest)
    maker.tell(
        Action.STRATEGY_DISABLE,
        resource_type="strategy",
        resource_id="b",
        before={"enabled": True},
        after={"enabled": False},
    )
    assert state_of(maker).policy == state.policy


def test_what_waited_for_a_person_when_the_engine_died_is_known(maker: TrailMaker) -> None:
    words = {"strategy": "a", "side": "BUY", "quantity": "1", "instrument": NAME, "price": "2"}
    for number in (5, 6, 7):
        metadata = {"limits_version": 1, "number": number, "intent": 3}
        after = words | {"state": "WAITING"}
        maker.tell(Action.RISK_BLOCK, resource_type="intent", resource_id="a-3", after=after, metadata=metadata)
    for number, action in ((5, Action.RISK_BLOCK), (6, Action.MANUAL_INTERVENTION)):
        metadata = {"limits_version": 1, "number": number}
        maker.tell(action, resource_type="intent", resource_id="a-3", after={"state": "DENIED"}, metadata=metadata)
    maker.tell(Action.MANUAL_INTERVENTION, resource_type="command", resource_id="manual", metadata={"to": "on"})
    state = state_of(maker)
    assert state.unapproved == {"7": f"a BUY 1 {NAME} 2"}
    assert state.without_account().unapproved == state.unapproved
    assert state.policy.manual is None, "a command is no decision before safety has recorded one"
