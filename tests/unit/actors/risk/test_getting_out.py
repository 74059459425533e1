"""Getting out: what a person may close whatever stands still, and what a killed instrument permits."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.messages.approved import ApprovedOrder
from engine.messages.control import InstrumentsKilled, StateChanged, TradingState
from engine.messages.market import Side
from engine.messages.orders import DenialReason as D
from engine.messages.orders import OrderType
from tests.models.risk_desk import LOTS, NOW_NS, PERSON, RiskDesk


def holding() -> RiskDesk:
    """Return a desk that holds 600 USDT worth, where one order may be worth 700."""
    desk = RiskDesk(max_order_value=Decimal(700))
    desk.actor.exposure.fill(desk.approved().approval, LOTS)
    return desk


def close(desk: RiskDesk) -> ApprovedOrder | None:
    return desk.send(Side.SELL, price_ticks=0, kind=OrderType.MARKET, reduce_only=True, strategy=PERSON)


@pytest.mark.parametrize("state", TradingState)
def test_a_person_closes_a_position_in_every_state_by_orders_of_the_whole_value(state: TradingState) -> None:
    desk = holding()
    desk.tell(StateChanged(state, 2, "", NOW_NS))
    out = close(desk)
    assert out is not None
    assert out.shrinks


def test_a_killed_instrument_permits_what_a_person_closes_and_nothing_else() -> None:
    desk = holding()
    desk.tell(InstrumentsKilled((0,), NOW_NS))
    assert desk.send() is None
    assert desk.send(Side.SELL, reduce_only=True) is None
    assert desk.reasons() == [D.INSTRUMENT_PERMITTED, D.INSTRUMENT_PERMITTED]
    assert desk.send(Side.BUY, strategy=PERSON, reduce_only=True) is None
    assert close(desk) is not None


def test_a_kill_that_is_lifted_permits_everything_again() -> None:
    desk = holding()
    desk.tell(InstrumentsKilled((0,), NOW_NS))
    desk.tell(InstrumentsKilled((), NOW_NS))
    assert desk.send(lots=LOTS // 2) is not None
