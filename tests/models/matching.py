"""Price-time matching as one list in order of arrival: obvious, slow, and what the compiled engine must agree with."""

from __future__ import annotations

from dataclasses import dataclass

from hotpath.market.matching import Kind, Outcome


@dataclass
class Resting:
    """One order in the book."""

    number: int
    side: int
    ticks: int
    lots: int
    owner: int
    post_only: bool


class Model:
    """The same requests and answers as MatchingEngine."""

    def __init__(self, orders_max: int) -> None:
        """Make an empty book."""
        self.orders_max = orders_max
        self.lots_max = (2**63 - 1) // orders_max
        self.book: list[Resting] = []

    def offers(self, side: int, ticks: int | None) -> list[Resting]:
        """Return what an order of `side` may take down to `ticks`, first to last."""
        other = [o for o in self.book if o.side != side and (ticks is None or side * o.ticks <= side * ticks)]
        return sorted(other, key=lambda o: side * o.ticks)

    def find(self, number: int) -> Resting | None:
        """Return an order by its number."""
        return next((o for o in self.book if o.number == number), None)

    def submit(
        self, number: int, side: int, kind: int, ticks: int, lots: int, owner: int
    ) -> tuple[Outcome, list[tuple[int, int, int, int, int]]]:
        """Let an order meet the book."""
        if not 0 < lots <= self.lots_max or (ticks <= 0 and kind != Kind.MARKET):
            return Outcome.INVALID, []
        if self.find(number):
            return Outcome.DUPLICATE, []
        if kind in (Kind.LIMIT, Kind.POST_ONLY) and len(self.book) == self.orders_max:
            return Outcome.FULL, []
        offers = self.offers(side, None if kind == Kind.MARKET else ticks)
        if kind == Kind.POST_ONLY and offers:
            return Outcome.WOULD_TAKE, []
        if kind == Kind.FOK and sum(o.lots for o in offers) < lots:
            return Outcome.KILLED, []
        executions = []
        for maker in offers:
            traded = min(lots, maker.lots)
            if traded == 0:
                break
            executions.append((maker.number, number, maker.ticks, traded, maker.owner))
            maker.lots -= traded
            lots -= traded
        self.book = [o for o in self.book if o.lots]
        if lots == 0:
            return Outcome.FILLED, executions
        if kind in (Kind.MARKET, Kind.IOC):
            return Outcome.EXPIRED, executions
        self.book.append(Resting(number, side, ticks, lots, owner, kind == Kind.POST_ONLY))
        return Outcome.RESTING, executions

    def cancel(self, number: int) -> Outcome:
        """Take an order out."""
        order = self.find(number)
        if order is None:
            return Outcome.UNKNOWN
        self.book.remove(order)
        return Outcome.CANCELED

    def amend(self, number: int, ticks: int, lots: int) -> tuple[Outcome, list[tuple[int, int, int, int, int]]]:
        """Change an order, in its place where that is allowed."""
        order = self.find(number)
        if not 0 < lots <= self.lots_max or ticks <= 0:
            return Outcome.INVALID, []
        if order is None:
            return Outcome.UNKNOWN, []
        if order.post_only and self.offers(order.side, ticks):
            return Outcome.WOULD_TAKE, []
        if ticks == order.ticks and lots <= order.lots:
            order.lots = lots
            return Outcome.REDUCED, []
        self.book.remove(order)
        kind = Kind.POST_ONLY if order.post_only else Kind.LIMIT
        return self.submit(number, order.side, kind, ticks, lots, order.owner)

    def levels(self) -> dict[tuple[int, int], int]:
        """Return the lots of each (side, ticks)."""
        found: dict[tuple[int, int], int] = {}
        for order in self.book:
            found[order.side, order.ticks] = found.get((order.side, order.ticks), 0) + order.lots
        return found

    def depth(self) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return (ticks, lots) of bids and asks, best first."""
        levels = sorted(self.levels().items(), key=lambda item: -item[0][0] * item[0][1])
        bids = tuple((ticks, lots) for (side, ticks), lots in levels if side == 1)
        return bids, tuple((ticks, lots) for (side, ticks), lots in levels if side == -1)
