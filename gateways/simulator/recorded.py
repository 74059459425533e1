"""A recorded market that our clients' orders trade with and never disturb.

It keeps the book of one instrument from a snapshot and its updates, and the newest best prices beside it. Where those
are newer than the book they win: a level better than the recorded best is gone already. A taker walks what is offered
now; the recording goes on as if it had not, so the same lots may be offered again. What rests has a QueuePosition,
which trades, levels and best prices move; an earlier order of ours at the same price stands ahead of a later one, so no
recorded lot fills two. Executions are whole quantity steps, as at a venue, although recorded levels
need not be; so price x lots is an exact amount of money, and two ledgers of it can never differ by a rounding.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from engine.instruments import Instrument
from engine.messages.best_price import BestPrice
from engine.messages.market import BookDelta, BookSnapshot, Trade
from hotpath.market.book import Book
from hotpath.market.matching import Kind, Outcome
from hotpath.market.queue import QueuePosition

EARLY_DELTAS_MAX = 10_000
"""Updates kept for a snapshot that has not come; at ten a second it is late by a quarter of an hour."""
NEAR_LEVELS = 20


class RecordedBook:
    """The market of one instrument as recorded, with our clients' orders in its queues."""

    def __init__(self, instrument: Instrument) -> None:
        """Begin without a book: nothing can be traded before load()."""
        self._step_lots = instrument.quantity_step_lots
        self._book = Book()
        self._best: BestPrice | None = None
        self._early: deque[BookDelta] = deque(maxlen=EARLY_DELTAS_MAX)
        self._resting: dict[int, QueuePosition] = {}
        self._trade_id = 0
        self.is_open = False
        self.update_id = 0
        self.on_client_fill: Callable[[int, int, int, int, int], None] = lambda *_: None
        """Called with (order number, trade id, price ticks, lots, time) when a resting order is filled."""

    # ---- what was recorded

    def load(self, snapshot: BookSnapshot) -> None:
        """Take a snapshot, and the updates after it that came earlier."""
        self._book.load(snapshot.bids, snapshot.asks)
        self.update_id = snapshot.last_id
        self.is_open = True
        for delta in self._early:
            self._apply(delta)
        self._early.clear()
        self._look_at_levels(snapshot.time_ns)

    def apply(self, delta: BookDelta) -> None:
        """Take an update. A hole in the ids is for the client to notice: this book goes on with what follows."""
        if not self.is_open:
            self._early.append(delta)
            return
        self._apply(delta)
        self._look_at_levels(delta.time_ns)

    def best_price(self, best: BestPrice) -> None:
        """Take the best prices."""
        self._best = best
        self._look_at_levels(best.time_ns)

    def trade(self, trade: Trade) -> None:
        """Take a trade of the market: it moves the queues of its side."""
        for number, order in list(self._resting.items()):
            self._filled(number, order, order.on_trade(trade.price_ticks, trade.lots, trade.side), trade.time_ns)

    def _apply(self, delta: BookDelta) -> None:
        if delta.last_id > self.update_id:
            self._book.apply(delta.bids, delta.asks)
            self.update_id = delta.last_id

    # ---- what is offered now

    def best(self) -> tuple[int, int, int, int]:
        """Return (bid_ticks, bid_lots, ask_ticks, ask_lots), zeros where a side is empty."""
        bid = next(self._levels(1), (0, 0))
        ask = next(self._levels(-1), (0, 0))
        return *bid, *ask

    def depth(self, levels_max: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return (bids, asks) of the book as it stands at `update_id`, best first."""
        return self._book.depth(levels_max)

    def offers(self, side: int) -> Iterator[tuple[int, int]]:
        """Yield the (ticks, lots) that an order of `side` can take, best first, in whole steps."""
        for ticks, lots in self._levels(-side):
            whole_lots = lots - lots % self._step_lots
            if whole_lots:
                yield ticks, whole_lots

    def _levels(self, side: int) -> Iterator[tuple[int, int]]:
        """Yield the levels of a side, best first, with the best price in its place where it is newer than the book."""
        newest = self._best if self._best is not None and self._best.update_id > self.update_id else None
        top_ticks = 0
        if newest is not None and self.is_open:
            top_ticks, top_lots = (
                (newest.bid_ticks, newest.bid_lots) if side > 0 else (newest.ask_ticks, newest.ask_lots)
            )
            if top_lots:
                yield top_ticks, top_lots
        for ticks, lots in self._book_levels(side):
            if not top_ticks or side * ticks < side * top_ticks:
                yield ticks, lots

    def _book_levels(self, side: int) -> Iterator[tuple[int, int]]:
        """Yield the levels of the book: the near ones first, because most orders go no further."""
        half = 0 if side > 0 else 1
        yield from self._book.depth(NEAR_LEVELS)[half]
        if self._book.counts()[half] > NEAR_LEVELS:
            yield from self._book.depth(self._book.levels_max)[half][NEAR_LEVELS:]

    def _displayed(self, side: int, ticks: int) -> int:
        """Return what a level shows now."""
        newest = self._best if self._best is not None and self._best.update_id > self.update_id else None
        if newest is not None:
            top_ticks, top_lots = (
                (newest.bid_ticks, newest.bid_lots) if side > 0 else (newest.ask_ticks, newest.ask_lots)
            )
            if side * ticks >= side * top_ticks:
                return top_lots if ticks == top_ticks else 0
        return self._book.lots_at(side, ticks)

    # ---- our clients' orders

    def place(
        self, number: int, side: int, kind: int, price_ticks: int, lots: int, now_ns: int
    ) -> tuple[Outcome, list[tuple[int, int, int]]]:
        """Let a client's order meet the book; returns its outcome and its (trade id, price ticks, lots) as a taker."""
        limit_ticks = None if kind == Kind.MARKET else price_ticks
        opposite_ticks = self.best()[2 if side > 0 else 0]
        crosses = opposite_ticks > 0 and (limit_ticks is None or side * opposite_ticks <= side * limit_ticks)
        if kind == Kind.POST_ONLY and crosses:
            return Outcome.WOULD_TAKE, []
        takes, left_lots = self._walk(side, limit_ticks, lots)
        if kind == Kind.FOK and left_lots:
            return Outcome.KILLED, []
        executions = []
        for ticks, taken_lots in takes:
            self._trade_id += 1
            executions.append((self._trade_id, ticks, taken_lots))
        if not left_lots:
            return Outcome.FILLED, executions
        if kind not in (Kind.LIMIT, Kind.POST_ONLY):
            return Outcome.EXPIRED, executions
        self._resting[number] = QueuePosition(
            side,
            price_ticks,
            left_lots,
            self._displayed(side, price_ticks) + self._own_lots(side, price_ticks),
            step_lots=self._step_lots,
            crossed=crosses,
        )
        return Outcome.RESTING, executions

    def cancel(self, number: int, _now_ns: int) -> None:
        """Take a client's order out."""
        self._resting.pop(number, None)

    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
        self._book.check()
        for order in self._resting.values():
            order.check()
            assert order.open_lots > 0, "a filled order rests"

    def _own_lots(self, side: int, price_ticks: int) -> int:
        """Return what our orders at a price wait for."""
        return sum(
            order.open_lots
            for order in self._resting.values()
            if order.side == side and order.price_ticks == price_ticks
        )

    def _walk(self, side: int, limit_ticks: int | None, lots: int) -> tuple[list[tuple[int, int]], int]:
        """Return the (ticks, lots) that an order takes, and what is left of it."""
        takes = []
        for ticks, offered_lots in self.offers(side):
            if not lots or (limit_ticks is not None and side * ticks > side * limit_ticks):
                break
            taken_lots = min(lots, offered_lots)
            takes.append((ticks, taken_lots))
            lots -= taken_lots
        return takes, lots

    def _look_at_levels(self, now_ns: int) -> None:
        """Let every resting order see its level and the opposite best."""
        if not self._resting or not self.is_open:
            return
        bid_ticks, _, ask_ticks, _ = self.best()
        own_lots: dict[tuple[int, int], int] = {}
        for number, order in list(self._resting.items()):
            place = (order.side, order.price_ticks)
            ahead_lots = own_lots.get(place, 0)
            own_lots[place] = ahead_lots + order.open_lots
            order.on_level(self._displayed(order.side, order.price_ticks) + ahead_lots)
            self._filled(number, order, order.on_best(ask_ticks if order.side > 0 else bid_ticks), now_ns)

    def _filled(self, number: int, order: QueuePosition, lots: int, now_ns: int) -> None:
        if not lots:
            return
        if not order.open_lots:
            del self._resting[number]
        self._trade_id += 1
        self.on_client_fill(number, self._trade_id, order.price_ticks, lots, now_ns)
