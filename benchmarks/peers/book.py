"""The levels of the recorded session through the books of other libraries, which must come to the same book as ours.

`order_book` is fed as its own documentation does: a price and a quantity as Decimal, set or deleted in the mapping of a
side. They are made anew for each pass, before it, because a feed has a new one for every level and its hash is computed
at its first use. `nautilus_trader` gets one OrderBookDelta for each level (UPDATE, or DELETE for no lots) and for a
message one OrderBookDeltas, all made beforehand. Making them is not timed, though a feed would have to.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

from benchmarks.measurement import of_loops, type_of_measurements
from benchmarks.micro.book import BUY, Session, levels_of, load_session, time_passes
from benchmarks.peers import peer
from hotpath.core.units import Scale

SCALE = Scale(2, 8)


def order_book(quick: bool) -> type_of_measurements:
    """Measure one level at a time."""
    made = peer("order_book").OrderBook
    session = load_session(quick)
    books: list[Any] = []

    def decimals(book: Any, levels: list[tuple[int, tuple[int, int]]]) -> list[tuple[Any, Decimal, Decimal]]:
        sides = {side: book.bids if side == BUY else book.asks for side, _ in levels}
        return [(sides[side], SCALE.price(ticks), SCALE.quantity(lots)) for side, (ticks, lots) in levels]

    def begin() -> Callable[[], object]:
        book = made()
        books[:] = [book]
        for side, price, quantity in decimals(book, levels_of(session.snapshot)):
            side[price] = quantity
        levels = decimals(book, [level for delta in session.deltas for level in levels_of(delta)])
        return lambda: one_by_one(levels)

    def one_by_one(levels: list[tuple[Any, Decimal, Decimal]]) -> None:
        for side, price, quantity in levels:
            if quantity:
                side[price] = quantity
            elif price in side:
                del side[price]

    times_ns = time_passes(quick, begin)
    best = (books[0].bids.index(0), books[0].asks.index(0))
    _refuse_another_book(session, (len(books[0].bids), len(books[0].asks)), best)
    return {"book_update@order_book": of_loops(times_ns, len(session.levels), best, _note(session))}


def nautilus_trader(quick: bool) -> type_of_measurements:
    """Measure one level at a time, and whole messages."""
    session = load_session(quick)
    data = peer("nautilus_trader.model.data")
    instrument = peer("nautilus_trader.model.identifiers").InstrumentId.from_str("BTCUSDT.BINANCE")
    snapshot = [_delta(instrument, side, *level) for side, level in levels_of(session.snapshot)]
    messages = [[_delta(instrument, side, *level) for side, level in levels_of(delta)] for delta in session.deltas]
    batches = [data.OrderBookDeltas(instrument, message) for message in messages if message]
    books: list[Any] = []

    def begin(play: Callable[[Any], None]) -> Callable[[], object]:
        book = peer("nautilus_trader.model.book").OrderBook(
            instrument, peer("nautilus_trader.model.enums").BookType.L2_MBP
        )
        for delta in snapshot:
            book.apply_delta(delta)
        books[:] = [book]
        return lambda: play(book)

    def one_by_one(book: Any) -> None:
        apply = book.apply_delta
        for delta in deltas:
            apply(delta)

    def message_by_message(book: Any) -> None:
        apply = book.apply_deltas
        for batch in batches:
            apply(batch)

    deltas = [delta for message in messages for delta in message]
    found = {}
    for name, play in (("book_update", one_by_one), ("book_message", message_by_message)):
        times_ns = time_passes(quick, partial(begin, play))
        bids, asks = books[0].bids(), books[0].asks()
        best = tuple((side[0].price.as_decimal(), Decimal(str(side[0].size()))) for side in (bids, asks))
        _refuse_another_book(session, (len(bids), len(asks)), best)
        found[f"{name}@nautilus_trader"] = of_loops(times_ns, len(session.levels), best, _note(session))
    return found


def _delta(instrument: Any, side: int, ticks: int, lots: int) -> Any:
    """Return a level as the library takes it."""
    data, enums, objects = (peer(f"nautilus_trader.model.{name}") for name in ("data", "enums", "objects"))
    order_side = enums.OrderSide.BUY if side == BUY else enums.OrderSide.SELL
    price = objects.Price.from_str(SCALE.price_text(ticks))
    order = data.BookOrder(order_side, price, objects.Quantity.from_str(SCALE.lots_text(lots)), 0)
    action = enums.BookAction.UPDATE if lots else enums.BookAction.DELETE
    return data.OrderBookDelta(instrument, action, order, 0, 0, 0, 0)


def _refuse_another_book(session: Session, counts: tuple[int, int], best: tuple[Any, ...]) -> None:
    """Raise ValueError unless a library came to our book: as many levels, the same best prices and quantities."""
    ours = session.end
    bid_ticks, bid_lots, ask_ticks, ask_lots = ours.best()
    wanted = tuple((SCALE.price(t), SCALE.quantity(lots)) for t, lots in ((bid_ticks, bid_lots), (ask_ticks, ask_lots)))
    if counts != ours.counts() or best != wanted:
        raise ValueError(f"another book: {counts} levels and {best}; expected {ours.counts()} and {wanted}")


def _note(session: Session) -> str:
    return f"{len(session.levels)} levels of {len(session.deltas)} messages, {session.source}"
