"""A position with Python integers: short enough to be seen to be right."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor

ONE = 10**8


@dataclass
class ModelPosition:
    """The net of fills less base fees; money in 1e-8. Without a multiplier it is a coin, with one a contract."""

    price_decimals: int
    quantity_decimals: int
    multiplier: int | None = None
    inverse: bool = False
    lots: int = 0
    cost: int = 0
    realised: int = 0
    realised_fifo: int = 0
    cash: int = 0
    fee_cost: int = 0
    base_rest: int = 0
    fees: dict[str, int] = field(default_factory=dict)
    parcels: deque[tuple[int, int]] = field(default_factory=deque)

    def worth(self, price: Fraction, lots: int) -> Fraction:
        """Return what lots are worth at a price, in money, exactly."""
        contracts = Fraction(lots, 10**self.quantity_decimals) * Fraction(self.multiplier or ONE, ONE)
        return ONE * (contracts / price if self.inverse else contracts * price)

    def fill(self, side: int, price_ticks: int, lots: int, fee: int, currency: str) -> None:
        """Count one execution in; the base currency is BASE, the quote currency QUOTE."""
        lot_money = 10 ** (8 - self.quantity_decimals)
        exact = self.worth(Fraction(price_ticks, 10**self.price_decimals), lots)
        flow = -side if self.inverse else side
        value = ceil(exact) if flow > 0 else floor(exact)
        self.cash -= flow * value
        self.fees[currency] = self.fees.get(currency, 0) + fee
        if currency == ("BASE" if self.inverse else "QUOTE"):
            self.cash -= fee
        elif currency == "BASE" and self.multiplier is None:
            taken, self.base_rest = divmod(self.base_rest + fee, lot_money)
            fee_value = value * taken // lots
            self.fee_cost += fee_value
            lots -= side * taken
            value -= side * fee_value
        if self.lots * side < 0 and lots:
            lots, value = self.close(side, lots, value)
        self.lots += side * lots
        self.cost += side * value
        if lots:
            self.parcels.append((lots, value))

    def close(self, side: int, lots: int, value: int) -> tuple[int, int]:
        """Close what a fill of the other side can; return what is left of it."""
        closed = min(lots, abs(self.lots))
        part = value * closed // lots
        gain = side if self.inverse else -side
        removed = abs(self.cost) * closed // abs(self.lots)
        self.realised += gain * (part - removed)
        self.realised_fifo += gain * (part - sum(self.oldest(closed)))
        self.cost += side * removed
        self.lots += side * closed
        return lots - closed, value - part

    def oldest(self, lots: int) -> list[int]:
        """Take the oldest lots away; return what each of their parcels cost."""
        costs = []
        while lots:
            held, value = self.parcels.popleft()
            taken = min(lots, held)
            costs.append(value * taken // held)
            if taken < held:
                self.parcels.appendleft((held - taken, value - costs[-1]))
            lots -= taken
        return costs

    def unrealised(self, mid: Fraction) -> int:
        """Return what closing at a mid would realise, rounded down."""
        gain = -1 if self.inverse else 1
        return floor(gain * self.worth(mid, self.lots)) - gain * self.cost
