"""A position with Python integers: short enough to be seen to be right."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor


@dataclass
class ModelPosition:
    """The net of fills less base fees; money in 1e-8."""

    price_decimals: int
    quantity_decimals: int
    lots: int = 0
    cost: int = 0
    realised: int = 0
    cash: int = 0
    fee_cost: int = 0
    base_rest: int = 0
    fees: dict[str, int] = field(default_factory=dict)

    def fill(self, side: int, price_ticks: int, lots: int, fee: int, currency: str) -> None:
        """Count one execution in; the base currency is BASE, the quote currency QUOTE."""
        lot_money = 10 ** (8 - self.quantity_decimals)
        exact = Fraction(price_ticks * lots * 10**8, 10 ** (self.price_decimals + self.quantity_decimals))
        value = ceil(exact) if side > 0 else floor(exact)
        self.cash -= side * value
        self.fees[currency] = self.fees.get(currency, 0) + fee
        if currency == "QUOTE":
            self.cash -= fee
        if currency == "BASE":
            taken, self.base_rest = divmod(self.base_rest + fee, lot_money)
            fee_value = value * taken // lots
            self.fee_cost += fee_value
            lots -= side * taken
            value -= side * fee_value
        if self.lots * side < 0 and lots:
            closed = min(lots, abs(self.lots))
            part = value * closed // lots
            removed = abs(self.cost) * closed // abs(self.lots)
            self.realised += -side * (part - removed)
            self.cost += side * removed
            self.lots += side * closed
            lots, value = lots - closed, value - part
        self.lots += side * lots
        self.cost += side * value
