"""The levels of the recorded session through the books of other libraries, which must come to the same book as ours.

`order_book` is fed as its own documentation does: a price and a quantity as Decimal, set or deleted in the mapping of a
side. They are made anew for each pass, before it, because a feed has a new one for every level and its hash is computed
at its first use. `nautilus_trader` gets one OrderBookDelta for each level (UPDATE, or DELETE for no lots) and for a
message one OrderBookDeltas, all made beforehand. Making them is not timed, though a feed would have to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from benchmarks.measurement import type_of_measurements
from benchmarks.micro.book import BUY, SELL, Session, levels_of, load_session, time_parts, type_of_level, type_of_part
from benchmarks.peers import peer
from hotpath.core.units import Scale

SCALE = Scale(2, 8)


def order_book(quick: bool) -> type_of_measurements:
    """Measure one level at a time."""
    made = peer("order_book").OrderBook
    session = load_session(quick)
    book = made()

    def decimals(levels: list[type_of_level]) -> list[tuple[Any, Decimal, Decimal]]:
        sides = {BUY: book.bids, SELL: book.asks}
        return [(sides[side], SCALE.price(ticks), SCALE.quantity(lots)) for side, (ticks, lots) in levels]

    def begin() -> tuple[Callable[[Sequence[Any]], object], Iterable[type_of_part]]:
        nonlocal book
        book = made()
        one_by_one(decimals(levels_of(session.snapshot)))
        parts = [decimals(levels_of(*part)) for part in session.parts]
        return one_by_one, [(part, len(part)) for part in parts]

    def one_by_one(levels: Sequence[tuple[Any, Decimal, Decimal]]) -> None:
        for side, price, quantity in levels:
            if quantity:
                side[price] = quantity
            elif price in side:
                del side[price]

    times_ns = time_parts(quick, begin)
    best = (book.bids.index(0), book.asks.index(0))
    _refuse_another_book(session, (len(book.bids), len(book.asks)), best)
    return {"book_update@order_book": session.measurement(times_ns, best)}


def nautilus_trader(quick: bool) -> type_of_measurements:
    """Measure one level at a time, and whole messages."""
    session = load_session(quick)
    data, enums = peer("nautilus_trader.model.data"), peer("nautilus_trader.model.enums")
    made = peer("nautilus_trader.model.book").OrderBook
    instrument = peer("nautilus_trader.model.identifiers").InstrumentId.from_str("BTCUSDT.BINANCE")
    snapshot = [_delta(instrument, *level) for level in levels_of(session.snapshot)]
    messages = [[[_delta(instrument, *level) for level in levels_of(one)] for one in part] for part in session.parts]
    counts = [sum(len(message) for message in part) for part in messages]
    deltas = [[delta for message in part for delta in message] for part in messages]
    batches = [[data.OrderBookDeltas(instrument, message) for message in part if message] for part in messages]
    book = made(instrument, enums.BookType.L2_MBP)

    def begin(name: str, parts: Sequence[Sequence[Any]]) -> tuple[Callable[[Sequence[Any]], object], Any]:
        nonlocal book
        book = made(instrument, enums.BookType.L2_MBP)
        apply = getattr(book, name)
        for delta in snapshot:
            book.apply_delta(delta)

        def play(part: Sequence[Any]) -> None:
            for one in part:
                apply(one)

        return play, zip(parts, counts, strict=True)

    def measure(name: str, parts: Sequence[Sequence[Any]]) -> Any:
        times_ns = time_parts(quick, lambda: begin(name, parts))
        bids, asks = book.bids(), book.asks()
        best = tuple((side[0].price.as_decimal(), Decimal(str(side[0].size()))) for side in (bids, asks))
        _refuse_another_book(session, (len(bids), len(asks)), best)
        return session.measurement(times_ns, best)

    return {
        "book_update@nautilus_trader": measure("apply_delta", deltas),
        "book_message@nautilus_trader": measure("apply_deltas", batches),
    }


def _delta(instrument: Any, side: int, level: tuple[int, int]) -> Any:
    """Return a level as the library takes it."""
    data, enums, objects = (peer(f"nautilus_trader.model.{name}") for name in ("data", "enums", "objects"))
    ticks, lots = level
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
