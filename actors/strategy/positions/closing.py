"""How many of n lots a fraction closes: a part never closes everything, and everything is said with 1.

The rule is `n` for 1, else `min(ceil(n x f - 1/2), n - 1)`: the nearest whole number, a tie downwards, and at least one
lot left over. It is exact: the fraction is a Decimal and the arithmetic is on integers. What a lot is, the caller
knows; for an order it is the venue's step.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from engine.errors import UsageError


def close_count(held: int, fraction: Decimal) -> int:
    """Return how many of `held` lots to close for a fraction; 0 says that the fraction is too small for so few.

    Raises:
        TypeError: the fraction is a float, or `held` is no whole number.
        UsageError: `held` is negative, or the fraction is not above 0 and at most 1.
    """
    if isinstance(held, bool) or not isinstance(held, int):
        raise TypeError(f"held is {held!r}; expected a whole number of lots")
    if held < 0:
        raise UsageError(f"held is {held}; give the size of the position without its sign")
    part = Fraction(part_of_one(fraction, "fraction"))
    if part == 1 or held == 0:
        return held
    above = 2 * held * part.numerator - part.denominator
    return min(-(-above // (2 * part.denominator)), held - 1)


def part_of_one(value: Decimal | str | int, what: str) -> Decimal:
    """Return a number above 0 and at most 1. TypeError for a float, UsageError for anything else that is none."""
    number = plain(value, what)
    if not 0 < number <= 1:
        raise UsageError(f"{what} is {value}; expected more than 0 and at most 1")
    return number


def plain(value: Decimal | str | int, what: str) -> Decimal:
    """Return a finite number. TypeError for a float, UsageError for what is no number."""
    if isinstance(value, float | bool):
        raise TypeError(f"{what} is {value!r}; write it as Decimal({str(value)!r}): a float is not exact")
    try:
        number = Decimal(value)
    except (ArithmeticError, ValueError, TypeError) as error:
        raise UsageError(f"{what} is {value!r}; expected a decimal number") from error
    if not number.is_finite():
        raise UsageError(f"{what} is {value}; expected a finite number")
    return number


def positive(value: Decimal | str | int, what: str) -> Decimal:
    """Return a number above 0, or raise as `plain` does."""
    number = plain(value, what)
    if number <= 0:
        raise UsageError(f"{what} is {value}; expected more than 0")
    return number
