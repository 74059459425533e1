"""A recorded book: what orders meet in it, and how the recording moves what rests."""

from __future__ import annotations

import pytest

from engine.messages.best_price import BestPrice
from engine.messages.market import BookDelta, BookSnapshot, Side, Trade
from gateways.binance.simulator_rules import listed
from gateways.simulator.recorded import RecordedBook
from hotpath.core.units import Scale
from hotpath.market.levels import Levels
from hotpath.market.matching import Kind, Outcome

BITCOIN = listed("BTCUSDT")
STEP = BITCOIN.quantity_step_lots
SCALE = Scale(2, 8)
BUY, SELL = 1, -1
Pairs = list[tuple[int, int]]


def snapshot(last_id: int, bids: Pairs, asks: Pairs) -> BookSnapshot:
    """Return a snapshot of (ticks, steps)."""
    return BookSnapshot(0, last_id, in_lots(bids), in_lots(asks), 1)


def delta(first_id: int, last_id: int, bids: Pairs, asks: Pairs) -> BookDelta:
    """Return an update of (ticks, steps)."""
    return BookDelta(0, first_id, last_id, in_lots(bids), in_lots(asks), 2)


def in_lots(pairs: Pairs) -> Levels:
    """Return levels of whole steps."""
    return Levels.of((ticks, steps * STEP) for ticks, steps in pairs)


def best(update_id: int, bid_ticks: int, bid_steps: int, ask_ticks: int, ask_steps: int) -> BestPrice:
    """Return best prices in steps."""
    return BestPrice(0, update_id, bid_ticks, bid_steps * STEP, ask_ticks, ask_steps * STEP, 3)


def trade(ticks: int, steps: int, side: Side) -> Trade:
    """Return a trade of whole steps."""
    return Trade(0, 1, ticks, steps * STEP, side, 4, SCALE)


@pytest.fixture
def book() -> RecordedBook:
    """Return a book of bids 100x5 99x5 and asks 102x3 103x4."""
    book = RecordedBook(BITCOIN)
    book.load(snapshot(10, [(100, 5), (99, 5)], [(102, 3), (103, 4)]))
    return book


def fills_of(book: RecordedBook) -> list[tuple[int, int, int]]:
    """Return a list that collects (number, ticks, steps) of resting orders' fills."""
    fills: list[tuple[int, int, int]] = []
    book.on_client_fill = lambda number, _trade, ticks, lots, _time: fills.append((number, ticks, lots // STEP))
    return fills


def test_updates_from_before_the_snapshot_are_kept_for_it() -> None:
    book = RecordedBook(BITCOIN)
    assert not book.is_open
    book.apply(delta(5, 8, [(90, 9)], []))
    book.apply(delta(9, 12, [(91, 9)], []))
    book.load(snapshot(10, [(100, 5)], [(102, 3)]))
    assert (book.is_open, book.update_id) == (True, 12)
    assert book.depth(9)[0] == ((100, 5 * STEP), (91, 9 * STEP))


def test_updates_that_the_book_has_are_dropped(book: RecordedBook) -> None:
    book.apply(delta(9, 10, [(100, 0)], []))
    assert book.best()[0] == 100


def test_a_taker_walks_the_book_and_leaves_it_as_it_was(book: RecordedBook) -> None:
    before = book.depth(9)
    outcome, executions = book.place(1, BUY, Kind.IOC, 103, 5 * STEP, 5)
    assert outcome is Outcome.FILLED
    assert executions == [(1, 102, 3 * STEP), (2, 103, 2 * STEP)]
    assert book.depth(9) == before
    book.check()


@pytest.mark.parametrize(
    ("kind", "ticks", "steps", "outcome", "taken_steps"),
    [
        (Kind.MARKET, 0, 7, Outcome.FILLED, 7),
        (Kind.MARKET, 0, 8, Outcome.EXPIRED, 7),
        (Kind.IOC, 102, 4, Outcome.EXPIRED, 3),
        (Kind.FOK, 102, 4, Outcome.KILLED, 0),
        (Kind.FOK, 103, 7, Outcome.FILLED, 7),
        (Kind.POST_ONLY, 102, 1, Outcome.WOULD_TAKE, 0),
        (Kind.POST_ONLY, 101, 1, Outcome.RESTING, 0),
        (Kind.LIMIT, 102, 4, Outcome.RESTING, 3),
    ],
)
def test_outcome_of_a_buy(
    book: RecordedBook, kind: Kind, ticks: int, steps: int, outcome: Outcome, taken_steps: int
) -> None:
    found, executions = book.place(1, BUY, kind, ticks, steps * STEP, 5)
    assert found is outcome
    assert sum(lots for _, _, lots in executions) == taken_steps * STEP


def test_levels_off_the_step_give_only_their_whole_steps() -> None:
    book = RecordedBook(BITCOIN)
    book.load(BookSnapshot(0, 1, Levels.of([(100, STEP)]), Levels.of([(102, STEP - 1), (103, 2 * STEP + 7)]), 1))
    assert list(book.offers(BUY)) == [(103, 2 * STEP)]


def test_a_best_price_newer_than_the_book_takes_its_place(book: RecordedBook) -> None:
    book.best_price(best(11, 99, 2, 103, 1))
    assert book.best() == (99, 2 * STEP, 103, STEP)
    assert list(book.offers(BUY)) == [(103, STEP)]
    assert book.depth(1) == (((100, 5 * STEP),), ((102, 3 * STEP),))
    book.apply(delta(11, 12, [(100, 0)], [(102, 0)]))
    assert book.best() == (99, 5 * STEP, 103, 4 * STEP)


def test_far_levels_are_reached(book: RecordedBook) -> None:
    book.load(snapshot(20, [(100, 5)], [(102 + place, 1) for place in range(50)]))
    assert len(list(book.offers(BUY))) == 50


def test_a_resting_order_waits_for_the_queue_before_it(book: RecordedBook) -> None:
    fills = fills_of(book)
    book.place(7, BUY, Kind.LIMIT, 100, 2 * STEP, 5)
    book.trade(trade(100, 4, Side.SELL))
    assert fills == []
    book.trade(trade(100, 2, Side.SELL))
    assert fills == [(7, 100, 1)]
    book.trade(trade(99, 1, Side.SELL))
    assert fills == [(7, 100, 1), (7, 100, 1)]
    book.check()


def test_no_recorded_lot_fills_two_orders_at_one_price(book: RecordedBook) -> None:
    fills = fills_of(book)
    for number in (1, 2, 3):
        book.place(number, BUY, Kind.LIMIT, 101, 2 * STEP, 0)
    book.trade(trade(101, 3, Side.SELL))
    assert fills == [(1, 101, 2), (2, 101, 1)]
    book.apply(delta(11, 11, [(99, 4)], []))
    book.cancel(2, 0)
    book.apply(delta(12, 12, [(99, 5)], []))
    book.trade(trade(101, 1, Side.SELL))
    assert fills[2:] == [(3, 101, 1)], "who stands behind an order that was cancelled moves up"


def test_a_level_that_shrinks_brings_a_resting_order_forward(book: RecordedBook) -> None:
    fills = fills_of(book)
    book.place(7, SELL, Kind.POST_ONLY, 103, STEP, 5)
    book.apply(delta(11, 11, [], [(103, 1)]))
    book.trade(trade(103, 2, Side.BUY))
    assert fills == [(7, 103, 1)]


def test_an_opposite_best_that_crosses_fills_what_rests(book: RecordedBook) -> None:
    fills = fills_of(book)
    book.place(7, BUY, Kind.POST_ONLY, 101, STEP, 5)
    book.best_price(best(11, 100, 5, 101, 9))
    assert fills == [(7, 101, 1)]


def test_what_rests_after_taking_is_not_filled_by_the_offer_that_it_took(book: RecordedBook) -> None:
    fills = fills_of(book)
    book.place(7, BUY, Kind.LIMIT, 102, 9 * STEP, 5)
    book.best_price(best(11, 100, 5, 102, 3))
    assert fills == []
    book.best_price(best(12, 100, 5, 103, 3))
    book.best_price(best(13, 100, 5, 102, 3))
    assert fills == [(7, 102, 6)]


def test_a_canceled_order_is_filled_no_more(book: RecordedBook) -> None:
    fills = fills_of(book)
    book.place(7, BUY, Kind.LIMIT, 100, STEP, 5)
    book.cancel(7, 6)
    book.cancel(8, 6)
    book.trade(trade(98, 9, Side.SELL))
    assert fills == []
