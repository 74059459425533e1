"""What the day has earned: trades and positions count, inventory does not, and yesterday stays yesterday."""

from __future__ import annotations

from typing import Any

from engine.audit.desk_state import DeskState
from engine.messages.control import Account, Action, PeakReset
from engine.messages.market import Side
from tests.models.portfolio_desk import LOTS, NOW_NS, UNIT, PortfolioDesk

MIDNIGHT_NS = NOW_NS + 23 * 3_600 * 10**9


def accounts(desk: PortfolioDesk) -> list[Account]:
    """Return what risk was told of the account."""
    return [message for message in desk.risk.messages if isinstance(message, Account)]


def result(desk: PortfolioDesk) -> int:
    desk.advance(1)
    return accounts(desk)[-1].day_result // UNIT


def opened(**more: Any) -> PortfolioDesk:
    desk = PortfolioDesk(**more)
    desk.balances(USDT=1_000, BTC=10)
    desk.mark(100)
    return desk


def test_inventory_that_falls_is_no_loss_of_the_day_but_a_drawdown() -> None:
    desk = opened()
    desk.mark(50)
    assert result(desk) == 0
    told = accounts(desk)[-1]
    assert (told.day_equity - told.equity, told.peak_equity - told.equity) == (500 * UNIT, 500 * UNIT)


def test_realised_unrealised_and_fees_make_the_result() -> None:
    desk = opened()
    desk.fill(Side.BUY, LOTS, 100, fee=UNIT)
    desk.mark(90)
    assert result(desk) == -11
    desk.fill(Side.SELL, LOTS, 95, fee=UNIT)
    assert result(desk) == -7


def test_what_a_position_lost_yesterday_is_not_lost_again_today() -> None:
    desk = opened(now_ns=MIDNIGHT_NS - 10 * 10**9)
    desk.fill(Side.BUY, LOTS, 100)
    desk.mark(80)
    assert result(desk) == -20
    desk.context.now_ns = MIDNIGHT_NS
    desk.mark(80)
    assert result(desk) == 0
    desk.mark(70)
    assert result(desk) == -10


def test_a_restart_keeps_what_yesterday_brought_along() -> None:
    state = DeskState(
        ledger={"USDT": 1_000 * UNIT}, opening={"USDT": 1_000 * UNIT}, day="2024-08-09", day_equity=1_000 * UNIT,
        day_realised={"USDT": -5 * UNIT}, day_fees={"USDT": UNIT}, day_unrealised=-3 * UNIT,
    )  # fmt: skip
    desk = PortfolioDesk(state)
    desk.balances(USDT=1_000)
    desk.mark(100)
    assert result(desk) == -3


def test_a_person_has_the_peak_counted_anew() -> None:
    desk = opened()
    desk.mark(50)
    desk.tell(PeakReset("ann", desk.context.now_ns))
    told = accounts(desk)[-1]
    assert told.peak_equity == told.equity == 1_500 * UNIT
    assert desk.records(Action.STATE_CHANGE, "day")[-1]["reason"] == "peak reset by ann"
    blind = PortfolioDesk()
    blind.tell(PeakReset("ann", blind.context.now_ns))
    assert accounts(blind) == []
