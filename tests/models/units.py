"""Ticks, lots and money as Decimal arithmetic says them: short, obvious and slow."""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal

INT64_MAX = 2**63 - 1
MONEY = Decimal(10) ** 8
EXACT = Context(prec=200)


class DoesNotFit(Exception):  # noqa: N818 - the model's word for an overflow
    """The result is beyond 2^63 - 1, either sign."""


class TooFine(Exception):  # noqa: N818 - the model's word for lost digits
    """The result is no integer."""


def units(value: Decimal, decimals: int) -> int:
    """Return `value` in units of 10^-decimals."""
    scaled = EXACT.multiply(value, Decimal(10) ** decimals)
    if scaled != scaled.to_integral_value():
        raise TooFine
    return fitting(int(scaled))


def money(price_ticks: int, lots: int, decimals: int, *, up: bool) -> int:
    """Return ticks x lots, in units of 10^-decimals together, in 1e-8, rounded once."""
    exact = EXACT.divide(EXACT.multiply(Decimal(price_ticks * lots), MONEY), Decimal(10) ** decimals)
    return fitting(int(exact.to_integral_value(ROUND_CEILING if up else ROUND_FLOOR)))


def fitting(value: int) -> int:
    """Return `value` when it fits int64 with its negation."""
    if abs(value) > INT64_MAX:
        raise DoesNotFit
    return value
