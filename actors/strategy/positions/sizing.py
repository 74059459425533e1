"""How much to trade: a fixed part of equity, a target for volatility, or a capped part of Kelly's bet.

Each returns a quantity in base currency, rounded down to SIZE_DECIMALS, so it never asks for more than was meant;
`Strategy.round_quantity` brings it to the venue's step. They know no limits of risk: those judge the order all the
same. What is not known gives 0, because a size that nobody can justify is none: no equity, no movement, no edge.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from actors.strategy.positions.closing import part_of_one, plain, positive
from engine.errors import UsageError

SIZE_DECIMALS = 12

Number = Decimal | str | int


def fixed_fraction(equity: Number, fraction: Number, price: Number) -> Decimal:
    """Return the quantity that a part of equity buys at a price.

    Raises:
        TypeError: a float was given.
        UsageError: a number is not finite, the fraction not above 0 and at most 1, or the price not above 0.
    """
    stake = _equity(equity) * Fraction(part_of_one(fraction, "fraction"))
    return _rounded(stake / Fraction(positive(price, "price")))


def volatility_target(
    equity: Number, target: Number, volatility: Number, price: Number, exposure_max: Number = 1
) -> Decimal:
    """Return the quantity whose expected move is `target` of equity when the price moves by `volatility`.

    Args:
        equity: what the account is worth, in quote currency.
        target: the part of equity that one such move may be, 0.01 for 1 %.
        volatility: how far the price moves in the same time, as a part of itself; 0 (nothing moved, or nothing was
            measured yet) gives 0.
        price: of one unit of base currency.
        exposure_max: the most that the position may be worth, in equities; a quiet market must not end in a huge one.

    Raises:
        TypeError: a float was given.
        UsageError: a number is not finite, or negative where it cannot be.
    """
    moved = plain(volatility, "volatility")
    if moved < 0:
        raise UsageError(f"volatility is {volatility}; expected 0 or more")
    times = Fraction(positive(exposure_max, "exposure_max"))
    wanted = Fraction(part_of_one(target, "target"))
    whole = Fraction(positive(price, "price"))
    if moved == 0:
        return Decimal(0)
    return _rounded(_equity(equity) * min(wanted / Fraction(moved), times) / whole)


def kelly_fraction(win_probability: Number, payoff: Number, cap: Number = Decimal("0.25")) -> Decimal:
    """Return the part of equity that Kelly's rule bets, at most `cap`; 0 where there is no edge.

    Args:
        win_probability: how often a trade wins, 0 to 1.
        payoff: what a winning trade brings for each unit that a losing one costs.
        cap: the most that it may say. The full bet assumes that both are known exactly, which they never are.

    Source: Kelly (1956), f = p - (1 - p) / b.

    Raises:
        TypeError: a float was given.
        UsageError: a number is not finite or out of its bounds.
    """
    wins = Fraction(plain(win_probability, "win_probability"))
    if not 0 <= wins <= 1:
        raise UsageError(f"win_probability is {win_probability}; expected 0 to 1")
    edge = wins - (1 - wins) / Fraction(positive(payoff, "payoff"))
    return _rounded(min(max(edge, Fraction(0)), Fraction(part_of_one(cap, "cap"))))


def kelly(
    equity: Number, win_probability: Number, payoff: Number, price: Number, cap: Number = Decimal("0.25")
) -> Decimal:
    """Return the quantity that Kelly's capped rule buys at a price; arguments and errors are those of its parts."""
    part = Fraction(kelly_fraction(win_probability, payoff, cap))
    return _rounded(_equity(equity) * part / Fraction(positive(price, "price")))


def _equity(equity: Number) -> Fraction:
    """Return equity; what is lost already stakes nothing."""
    return max(Fraction(plain(equity, "equity")), Fraction(0))


def _rounded(value: Fraction) -> Decimal:
    return Decimal(value.numerator * 10**SIZE_DECIMALS // value.denominator).scaleb(-SIZE_DECIMALS)
