"""Ledger and venue are equal to the last unit, or somebody hears about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.portfolio.agreement import LOOKS_MAX
from actors.portfolio.reconcile import BUSY_LOOKS
from engine.audit.desk_state import DeskState, PositionState
from engine.messages.control import Action, CompareAll, Reconciled
from engine.messages.market import Side
from hotpath.core.units import cost, proceeds
from tests.models.portfolio_desk import LOTS, UNIT, PortfolioDesk
from tiercel.testing import BTCUSDT


def ledgers(desk: PortfolioDesk) -> list[tuple[dict[str, str], str]]:
    return [(record["after"]["balances"], record["reason"]) for record in desk.records(Action.STATE_CHANGE, "ledger")]


def told(desk: PortfolioDesk) -> list[tuple[int, tuple[str, ...]]]:
    """Return what safety heard: corrections and differences."""
    heard = [message for message in desk.safety.messages if isinstance(message, Reconciled)]
    return [(message.corrections, message.differences) for message in heard]


def test_the_first_word_of_the_venue_opens_the_ledger() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000, BTC=2)
    assert desk.actor.ledger.balances == {"USDT": 1_000 * UNIT, "BTC": 2 * UNIT}
    assert ledgers(desk) == [({"BTC": "2", "USDT": "1000"}, "opening balances")]
    assert desk.actor.difference() == []


def test_fills_and_fees_move_the_ledger_as_they_move_the_venues() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000, BTC=2)
    desk.fill(Side.BUY, LOTS, 100, fee=UNIT // 1_000, fee_currency="BTC")
    desk.fill(Side.SELL, LOTS // 2, 110, fee=UNIT // 10, fee_currency="USDT")
    desk.fill(Side.SELL, LOTS // 2, 110, fee=5, fee_currency="BNB")
    assert desk.actor.ledger.balances == {"USDT": 1_009_90 * UNIT // 100, "BTC": 1_999 * UNIT // 1_000, "BNB": -5}
    assert desk.actor.difference() == [
        "BNB: the ledger has -0.00000005, the venue 0",
        "BTC: the ledger has 1.999, the venue 2",
        "USDT: the ledger has 1009.9, the venue 1000",
    ]
    assert desk.actor.difference({"USDT": 100_990_000_000, "BTC": 199_900_000, "BNB": -5}) == []


def test_a_later_word_of_the_venue_does_not_move_the_ledger() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000)
    desk.balances(USDT=900)
    assert desk.actor.ledger.balances == {"USDT": 1_000 * UNIT}
    desk.advance(5)
    assert len(ledgers(desk)) == 1


def test_what_still_differs_when_it_was_looked_at_again_is_a_transfer() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000)
    desk.mark(100)
    desk.balances(USDT=1_500, BTC=1)
    desk.reconciled()
    assert (len(ledgers(desk)), told(desk)) == (1, [])
    desk.advance(1)
    assert desk.orders.messages == [CompareAll("the ledger and the venue differ")]
    desk.reconciled()
    assert ledgers(desk)[1] == ({"BTC": "1", "USDT": "1500"}, "transfers found by reconciliation")
    assert desk.actor.ledger.opening == {"USDT": 1_500 * UNIT, "BTC": UNIT}
    assert (desk.actor.day.equity, desk.actor.peak_equity) == (1_600 * UNIT, 1_600 * UNIT)
    assert told(desk) == [(2, ())]
    desk.advance(5)
    assert (len(ledgers(desk)), len(desk.orders.messages)) == (2, 1)


def test_a_transfer_has_a_name_that_every_run_would_give_it() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1)
    desk.balances(USDT=3)
    desk.reconciled()
    desk.reconciled()
    (record,) = desk.records(Action.STATE_CHANGE, "ledger")[1:]
    assert record["metadata"] == {"corrections": ["transfer:binance_spot:USDT:100000000:300000000"]}


def test_agreement_is_told_each_time_and_nothing_is_asked() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000)
    desk.reconciled()
    desk.reconciled()
    desk.advance(3)
    assert told(desk) == [(0, ()), (0, ())]
    assert desk.orders.messages == []


def test_a_fill_on_its_way_is_no_transfer() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000, BTC=1)
    desk.balances(USDT=900, BTC=2)
    desk.reconciled()
    assert told(desk) == []
    desk.fill(Side.BUY, LOTS, 100)
    desk.advance(5)
    desk.reconciled()
    assert len(ledgers(desk)) == 1
    assert told(desk) == [(0, ())]
    assert desk.actor.difference() == []


def test_fills_on_their_way_look_after_look_are_told_as_a_difference_and_never_booked() -> None:
    """Each look comes between an execution and its report: safety hears it in the end, the ledger stays right."""
    desk = PortfolioDesk()
    desk.balances(USDT=1_000, BTC=0)
    for look in range(1, LOOKS_MAX + 1):
        desk.balances(USDT=1_000 - 100 * look, BTC=look * look)
        desk.reconciled()
        desk.fill(Side.BUY, LOTS * (2 * look - 1), 100 // (2 * look - 1))
        desk.advance(1)
    assert len(ledgers(desk)) == 1
    assert len(told(desk)) == 1
    assert "BTC: the ledger has 16, the venue 25" in told(desk)[0][1]


def test_the_same_difference_in_an_asset_that_is_traded_needs_a_third_look() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000)
    desk.balances(USDT=1_500)
    for looks in range(1, BUSY_LOOKS + 1):
        assert len(ledgers(desk)) == 1, looks
        desk.reconciled()
        desk.fill(Side.BUY, LOTS, 100)
        desk.balances(USDT=1_500 - 100 * looks, BTC=looks)
    assert ledgers(desk)[1] == ({"USDT": "1300"}, "transfers found by reconciliation")


def test_a_reconciliation_that_leaves_questions_finds_no_transfer_and_is_told() -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000)
    desk.balances(USDT=1_500)
    desk.reconciled("executions of t1-1-1 are missing")
    desk.advance(5)
    assert len(ledgers(desk)) == 1
    assert told(desk) == [(0, ("executions of t1-1-1 are missing",))]
    assert desk.orders.messages == []


@pytest.mark.parametrize("receiver", ["safety", "orders"])
def test_who_cannot_hear_of_the_money_halts_trading(receiver: str) -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000)
    getattr(desk, receiver).full = True
    if receiver == "orders":
        desk.balances(USDT=1_500)
    desk.reconciled()
    desk.advance(1)
    assert len(desk.context.halts) == 1


def test_a_restart_goes_on_with_the_ledger_and_the_positions() -> None:
    state = DeskState(
        opening={"USDT": 1_000 * UNIT},
        ledger={"USDT": 900 * UNIT, "BTC": UNIT},
        positions={"binance_spot:BTCUSDT": PositionState("BTC", "USDT", LOTS, 100 * UNIT)},
    )
    desk = PortfolioDesk(state)
    desk.balances(USDT=900, BTC=1)
    desk.reconciled()
    desk.advance(2)
    assert told(desk) == [(0, ())]
    assert ledgers(desk) == []
    assert desk.actor.positions[0].average == (100 * UNIT, LOTS)
    desk.mark(110)
    assert desk.actor.unrealised == 10 * UNIT


fills = st.lists(
    st.tuples(
        st.sampled_from([Side.BUY, Side.SELL]),
        st.integers(1, 10**9),
        st.integers(1, 1_000),
        st.integers(-100, 1_000),
        st.sampled_from(["BTC", "USDT", "BNB"]),
    ),
    max_size=30,
)


@given(fills)
def test_opening_fills_and_fees_add_up_to_the_last_unit(history: list[tuple[Side, int, int, int, str]]) -> None:
    desk = PortfolioDesk()
    desk.balances(USDT=1_000_000, BTC=1_000)
    venue = {"USDT": 1_000_000 * UNIT, "BTC": 1_000 * UNIT, "BNB": 0}
    for side, lots, price, fee_bps, currency in history:
        fee = lots * fee_bps // 10_000
        desk.fill(side, lots, price, fee=fee, fee_currency=currency)
        pay = cost if side is Side.BUY else proceeds
        venue["USDT"] -= side * pay(price * 100, lots, BTCUSDT.scale)
        venue["BTC"] += side * lots
        venue[currency] -= fee
        assert desk.actor.difference(venue) == []
    position = desk.actor.positions[0]
    net_lots = sum(side * lots for side, lots, *_ in history)
    assert position.lots == net_lots - position.fees.get("BTC", 0)
    assert position.cash == venue["USDT"] - 1_000_000 * UNIT
