"""Reservations and worst cases with Python integers and dicts: recomputed from nothing at every question."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor


@dataclass
class ModelOrder:
    """One live order; `amend` is (price, lots of the replacement) while one is on its way."""

    instrument: int
    side: int
    price_ticks: int
    lots: int
    filled_lots: int = 0
    amend: tuple[int, int] | None = None

    def forms(self) -> list[tuple[int, int]]:
        """Return (price, open lots) of the order as it is, and as it may become."""
        forms = [(self.price_ticks, max(self.lots - self.filled_lots, 0))]
        if self.amend is not None:
            forms.append(self.amend)
        return forms

    @property
    def reserved_lots(self) -> int:
        """The larger of the two."""
        return max(lots for _, lots in self.forms())


@dataclass
class ModelExposure:
    """Instruments by number with (price decimals, quantity decimals); rate 1."""

    scales: list[tuple[int, int]]
    fee_ppm: int
    positions: dict[int, int] = field(default_factory=dict)
    collars: dict[int, tuple[int, int]] = field(default_factory=dict)
    orders: dict[int, ModelOrder] = field(default_factory=dict)

    def worst_lots(self, instrument: int) -> tuple[int, int]:
        """Return the worst case of buying and of selling."""
        position = self.positions.get(instrument, 0)
        mine = [order for order in self.orders.values() if order.instrument == instrument]
        buys = sum(order.reserved_lots for order in mine if order.side > 0)
        sells = sum(order.reserved_lots for order in mine if order.side < 0)
        return position + buys, sells - position

    def _worth(self, instrument: int, lots: int) -> int:
        low, high = self.collars[instrument]
        unit = Fraction(10**8, 10 ** sum(self.scales[instrument]))
        return ceil(lots * high * unit) if lots >= 0 else -floor(-lots * low * unit)

    def worst_value(self, instrument: int) -> tuple[int, int]:
        """Return the worst case of being long and of being short, in quote currency."""
        long_lots, short_lots = self.worst_lots(instrument)
        return max(self._worth(instrument, long_lots), 0), max(self._worth(instrument, short_lots), 0)

    def gross(self) -> int:
        """Return the sum of the larger worst cases."""
        return sum(max(self.worst_value(instrument)) for instrument in range(len(self.scales)))

    def net(self) -> int:
        """Return the worse of all long minus short and all short minus long."""
        pairs = [self.worst_lots(instrument) for instrument in range(len(self.scales))]
        return max(sum(self._worth(index, pair[side]) for index, pair in enumerate(pairs)) for side in (0, 1))

    def funds(self, side: int, instrument: int) -> int:
        """Return what the orders of one side tie up."""
        price_decimals, quantity_decimals = self.scales[instrument]
        total = 0
        for order in self.orders.values():
            if (order.side, order.instrument) != (side, instrument):
                continue
            if side < 0:
                total += order.reserved_lots * 10 ** (8 - quantity_decimals)
                continue
            costs = [
                ceil(Fraction(price * lots * 10**8, 10 ** (price_decimals + quantity_decimals)))
                for price, lots in order.forms()
            ]
            total += max(cost + ceil(Fraction(cost * self.fee_ppm, 10**6)) for cost in costs)
        return total
