"""A restart re-arms from the audit trail: what waited waits on, what was reached meanwhile is reported and decided."""

from __future__ import annotations

from typing import Any

import pytest

from actors.triggers.recovered import recovered_orders
from engine.audit.desk_state import DeskState, OrderState, WaitingOrder
from engine.config.triggers import OnRestart
from engine.instruments import Instruments
from engine.messages.control import StateChanged, TradingState
from engine.messages.market import Watch
from engine.messages.orders import OrderTerms, OrderType
from tests.models.triggers_desk import BID, LOTS, NOW_NS, TriggersDesk
from tiercel.testing import BTCUSDT

NAME = BTCUSDT.name


def kept(**words: Any) -> WaitingOrder:
    """Return a stop of the first strategy as the trail left it."""
    values: dict[str, Any] = {
        "id": "trigger-55", "strategy": "one", "intent": 55, "instrument": NAME, "side": "SELL", "type": "STOP",
        "time_in_force": "GTC", "post_only": False, "reduce_only": True, "decision": 55, "asked_lots": LOTS,
        "terms": {"trigger": "59998.90"}, "correlation_id": "6-one-55", "state": "ARMED", "lots": LOTS,
        "level_ticks": BID - 100,
    }  # fmt: skip
    return WaitingOrder(**values | words)


def restarted(*orders: WaitingOrder, on_restart: OnRestart = OnRestart.FIRE, **words: Any) -> TriggersDesk:
    """Return a desk that begins with what the trail left; `state` of the desk and live orders may be given."""
    live = words.pop("live", {})
    finished = words.pop("finished", {})
    state = DeskState(waiting={order.id: order for order in orders}, orders=live, finished=finished)
    return TriggersDesk(list(recovered_orders(state, Instruments([BTCUSDT]), ["one", "two"])), on_restart, **words)


def sent(intent: int = 70, state: str = "OPEN") -> dict[str, OrderState]:
    """Return an order of the venue as the trail left it."""
    return {"t1-6-1": OrderState("t1-6-1", "one", intent, NAME, "SELL", "LIMIT", "IOC", False, BID, LOTS, state, 1)}


def test_it_is_armed_again_before_anybody_trades_and_the_strategy_knows_it() -> None:
    desk = restarted(kept(), state=None)
    assert desk.feed.messages == [Watch(0, True, False)]
    assert desk.reasons() == ["kept over a restart"]
    assert [values[1:] for values in desk.actor.kept(0)] == [(0, LOTS, 0)]
    assert desk.actor.kept(1) == []
    assert desk.order(55).correlation_id == "6-one-55"


def test_what_the_market_has_not_reached_waits_on() -> None:
    desk = restarted(kept())
    desk.quote()
    desk.quote(BID - 200)
    assert len(desk.children) == 1
    assert "while the engine was down" not in str(desk.reasons())


@pytest.mark.parametrize("on_restart", OnRestart)
def test_what_would_have_triggered_meanwhile_is_reported_and_decided_by_the_configuration(
    on_restart: OnRestart,
) -> None:
    desk = restarted(kept(), on_restart=on_restart)
    desk.quote(BID - 200)
    assert f"reached while the engine was down; triggers.on_restart is {on_restart.value}" in desk.reasons()[-1]
    assert len(desk.children) == (1 if on_restart is OnRestart.FIRE else 0)
    assert desk.heard == ([] if on_restart is OnRestart.FIRE else ["OrderCanceled"])


def test_a_trailing_stop_goes_on_from_where_it_stood() -> None:
    desk = restarted(kept(type="TRAILING_STOP", terms={"trail": "5.00"}, level_ticks=BID - 100))
    desk.quote(BID - 50)
    assert desk.order(55).level_ticks == BID - 100, "a restart loosens nothing"


def test_an_entry_is_not_judged_before_the_venues_truth_is_known() -> None:
    desk = restarted(kept(reduce_only=False), state=TradingState.PROTECTIVE)
    desk.quote(BID - 200)
    assert desk.state(55) == "ARMED"
    desk.tell(StateChanged(TradingState.NORMAL, 2, "reconciled", NOW_NS))
    desk.quote(BID - 200)
    desk.sync()
    assert len(desk.children) == 1


def test_an_order_that_was_out_is_called_back_and_what_is_left_is_decided() -> None:
    desk = restarted(kept(state="WORKING", child=70, filled_lots=LOTS // 4), live=sent())
    desk.quote()
    assert (desk.children, desk.state(55)) == ([], "RECALLING")
    child = desk.order(55).child_intent(70, None, 0)  # type: ignore[arg-type]
    desk.fill(child, LOTS // 4)
    desk.canceled(child, LOTS // 4)
    desk.quote()
    assert [each.lots for each in desk.children] == [LOTS // 2]
    assert "while the engine was down" in desk.reasons()[-1]


def test_an_order_that_had_ended_is_known_and_only_the_rest_leaves() -> None:
    desk = restarted(
        kept(state="WORKING", child=70, filled_lots=LOTS // 4, reduce_only=False), finished=sent(state="EXPIRED")
    )
    desk.quote()
    desk.sync()
    assert [each.lots for each in desk.children] == [LOTS - LOTS // 4]


def test_an_entry_of_which_nobody_knows_whether_it_left_is_not_sent_twice() -> None:
    desk = restarted(kept(state="FIRING", reduce_only=False), kept(id="trigger-56", intent=56, state="FIRING"))
    assert desk.heard == ["OrderCanceled"]
    assert "none is sent twice" in desk.reasons()[1]
    desk.quote()
    assert [each.terms for each in desk.children] == [OrderTerms(fired_by=56)], "what protects leaves"


@pytest.mark.parametrize(("state", "heard"), [("ENDING", "OrderCanceled"), ("LAPSING", "OrderCanceled")])
def test_an_order_that_was_being_given_up_ends(state: str, heard: str) -> None:
    desk = restarted(kept(state=state, child=70), finished=sent(state="CANCELED"))
    assert desk.heard == [heard]


def test_the_time_of_an_order_may_be_over_at_the_start() -> None:
    desk = restarted(kept(terms={"trigger": "59998.90", "good_till": "2024-08-08T23:59:59.000000000Z"}))
    desk.advance(0)
    assert desk.heard == ["OrderExpired"]


def test_a_leg_without_its_entry_is_over_and_one_that_was_woken_is_not() -> None:
    desk = restarted(
        kept(state="DORMANT", lots=0, terms={"trigger": "59998.90", "entry": 54}),
        kept(id="trigger-56", intent=56, terms={"trigger": "59998.90", "entry": 54}),
    )
    assert desk.heard == ["OrderCanceled"]
    assert desk.state(56) == "ARMED"


def test_orders_of_strategies_and_instruments_that_are_not_configured_are_left_alone() -> None:
    desk = restarted(kept(strategy="three"), kept(instrument="kraken:XBTUSD"))
    assert desk.actor.book.orders == {}


def test_a_limit_order_with_an_end_is_sent_again_for_its_rest() -> None:
    desk = restarted(
        kept(type="LIMIT", price_ticks=BID, state="WORKING", child=70, level_ticks=0, terms={}), live=sent()
    )
    child = desk.order(55).child_intent(70, None, 0)  # type: ignore[arg-type]
    desk.canceled(child)
    desk.quote()
    assert [each.type for each in desk.children] == [OrderType.LIMIT]
