"""A book order by order as one list in order of arrival: obvious and slow."""

from __future__ import annotations

from dataclasses import dataclass

from hotpath.market.book_l3 import BookOutcome


@dataclass
class Order:
    """One order of the book."""

    number: int
    side: int
    ticks: int
    lots: int
    unprinted_zeros: int = 0


class Model:
    """The same messages and answers as BookL3."""

    def __init__(self, orders_max: int) -> None:
        """Make an empty book."""
        self.orders_max = orders_max
        self.orders: list[Order] = []

    def find(self, number: int) -> Order | None:
        """Return an order by its number."""
        return next((order for order in self.orders if order.number == number), None)

    def add(self, number: int, side: int, ticks: int, lots: int, unprinted_zeros: int = 0) -> BookOutcome:
        """Put an order at the end."""
        if side not in (1, -1) or ticks <= 0 or lots <= 0 or not 0 <= unprinted_zeros <= 18:
            return BookOutcome.INVALID
        if self.find(number):
            return BookOutcome.DUPLICATE
        if len(self.orders) == self.orders_max:
            return BookOutcome.FULL
        if self.lots_at(side, ticks) + lots >= 2**63:
            return BookOutcome.EXCESSIVE
        self.orders.append(Order(number, side, ticks, lots, unprinted_zeros))
        return BookOutcome.OPEN

    def set_lots(self, number: int, lots: int, unprinted_zeros: int = 0) -> BookOutcome:
        """Give an order another size."""
        order = self.find(number)
        if lots <= 0 or not 0 <= unprinted_zeros <= 18:
            return BookOutcome.INVALID
        if order is None:
            return BookOutcome.UNKNOWN
        if lots > order.lots:
            return self.replace(number, number, order.ticks, lots, unprinted_zeros)
        order.lots, order.unprinted_zeros = lots, unprinted_zeros
        return BookOutcome.OPEN

    def reduce(self, number: int, lots: int) -> BookOutcome:
        """Take a part of an order away."""
        order = self.find(number)
        if lots <= 0:
            return BookOutcome.INVALID
        if order is None:
            return BookOutcome.UNKNOWN
        if lots > order.lots:
            return BookOutcome.EXCESSIVE
        order.lots -= lots
        order.unprinted_zeros = 0
        if order.lots:
            return BookOutcome.OPEN
        return self.cancel(number)

    execute = reduce

    def cancel(self, number: int) -> BookOutcome:
        """Take an order out."""
        order = self.find(number)
        if order is None:
            return BookOutcome.UNKNOWN
        self.orders.remove(order)
        return BookOutcome.GONE

    def replace(self, number: int, new_number: int, ticks: int, lots: int, unprinted_zeros: int = 0) -> BookOutcome:
        """Put another order at the end instead of one."""
        order = self.find(number)
        if ticks <= 0 or lots <= 0 or not 0 <= unprinted_zeros <= 18:
            return BookOutcome.INVALID
        if new_number != number and self.find(new_number):
            return BookOutcome.DUPLICATE
        if order is None:
            return BookOutcome.UNKNOWN
        beside = self.lots_at(order.side, ticks) - (order.lots if ticks == order.ticks else 0)
        if beside + lots >= 2**63:
            return BookOutcome.EXCESSIVE
        self.orders.remove(order)
        return self.add(new_number, order.side, ticks, lots, unprinted_zeros)

    def truncate(self, levels: int) -> int:
        """Drop what lies beyond the best prices."""
        kept = {(side, ticks) for side, half in zip((1, -1), self.depth(levels), strict=True) for ticks, _ in half}
        before = len(self.orders)
        self.orders = [order for order in self.orders if (order.side, order.ticks) in kept]
        return before - len(self.orders)

    def clear(self) -> None:
        """Drop everything."""
        self.orders = []

    def lots_at(self, side: int, ticks: int) -> int:
        """Return the lots of a price."""
        return sum(lots for _, lots in self.orders_at(side, ticks))

    def orders_at(self, side: int, ticks: int) -> tuple[tuple[int, int], ...]:
        """Return (number, lots) of a price, first to last."""
        return tuple((o.number, o.lots) for o in self.orders if (o.side, o.ticks) == (side, ticks))

    def depth(self, levels: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return the best (ticks, lots) of both sides, best first."""
        bids, asks = (
            sorted({order.ticks for order in self.orders if order.side == side}, reverse=side == 1)[:levels]
            for side in (1, -1)
        )
        return (
            tuple((ticks, self.lots_at(1, ticks)) for ticks in bids),
            tuple((ticks, self.lots_at(-1, ticks)) for ticks in asks),
        )

    def checksum_text(self) -> str:
        """Return the digits of the orders of the best ten prices, asks first."""
        bids, asks = self.depth(10)
        found = ""
        for side, half in ((-1, asks), (1, bids)):
            for price, _ in half:
                for order in self.orders:
                    if (order.side, order.ticks) == (side, price):
                        found += f"{order.ticks}{order.lots // 10**order.unprinted_zeros}"
        return found
