"""When to leave a position: profit levels, stop, trail, time and volatility, checked when they are written down.

It owns the numbers of the exits and the errors about them. Percents become millionths here, once; what they mean for a
position stands in holding.py. Nothing in it changes during a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct, structs

from actors.strategy.positions.closing import part_of_one, positive
from engine.clock import NS_PER_SECOND
from engine.errors import UsageError

LEVELS_MAX = 32
PPM_PER_PCT = 10_000
MILLION = 1_000_000

Number = Decimal | str | int


class ProfitLevel(Struct, frozen=True):
    """At a gain of so many percent of the entry price, close this fraction of what the position was at its largest."""

    gain_ppm: int
    fraction: Decimal


class ByVolatility(Struct, frozen=True):
    """Leave at so many volatilities from the entry: the distance follows the market from moment to moment.

    `take_profit` and `stop_loss` count volatilities over `window_seconds`; None leaves one out. While nothing is
    measured yet, or nothing moves, there is no such distance, and the fixed exits stand alone.
    """

    take_profit: Decimal | None = None
    stop_loss: Decimal | None = None
    window_seconds: Decimal | int = 60
    samples: int = 30


class Plan(Struct, frozen=True):
    """The exits of a strategy; 0 and empty leave one out. Distances are millionths of a price."""

    levels: tuple[ProfitLevel, ...]
    stop_ppm: int
    trail_ppm: int
    hold_ns: int
    volatility: ByVolatility | None
    retry_ns: int


def plan_of(
    take_profit: Sequence[tuple[Number, Number]] | None,
    stop_loss: Number | None,
    trail: Number | None,
    hold: Number | None,
    by_volatility: ByVolatility | None,
    retry: Number,
) -> Plan:
    """Return the plan that the arguments of Exits describe.

    Raises:
        TypeError: a float was given.
        UsageError: nothing was given at all, an empty list of levels, gains that do not rise, fractions that are not
            above 0 or sum above 1, a distance that is not above 0 or that no price can fall by, or a time not above 0.
    """
    if take_profit is None and stop_loss is None and trail is None and hold is None and by_volatility is None:
        raise UsageError("Exits without an exit: give take_profit, stop_loss, trail, hold or by_volatility")
    return Plan(
        () if take_profit is None else _levels(take_profit),
        0 if stop_loss is None else _fall(stop_loss, "stop_loss"),
        0 if trail is None else _fall(trail, "trail"),
        0 if hold is None else int(positive(hold, "hold") * NS_PER_SECOND),
        None if by_volatility is None else _checked(by_volatility),
        int(positive(retry, "retry") * NS_PER_SECOND),
    )


def _levels(given: Sequence[tuple[Number, Number]]) -> tuple[ProfitLevel, ...]:
    if not 1 <= len(given) <= LEVELS_MAX:
        raise UsageError(f"take_profit has {len(given)} levels; expected 1 to {LEVELS_MAX}, or None for no level")
    levels: list[ProfitLevel] = []
    for number, (gain, fraction) in enumerate(given, 1):
        gain_ppm = _ppm(gain, f"the gain of level {number}")
        if levels and gain_ppm <= levels[-1].gain_ppm:
            raise UsageError(
                f"level {number} gains {gain} %, not more than the one before it: give them in rising order"
            )
        levels.append(ProfitLevel(gain_ppm, part_of_one(fraction, f"the fraction of level {number}")))
    total = sum(level.fraction for level in levels)
    if total > 1:
        raise UsageError(f"the fractions of take_profit sum to {total}; together they may close the position once: 1")
    return tuple(levels)


def _checked(by: ByVolatility) -> ByVolatility:
    """Return the same with numbers that were looked at."""
    if by.take_profit is None and by.stop_loss is None:
        raise UsageError("by_volatility without an exit: give its take_profit, its stop_loss, or both")
    return structs.replace(
        by,
        take_profit=None if by.take_profit is None else positive(by.take_profit, "by_volatility.take_profit"),
        stop_loss=None if by.stop_loss is None else positive(by.stop_loss, "by_volatility.stop_loss"),
    )


def _fall(percent: Number, what: str) -> int:
    """Return a distance that a price can fall by, in millionths."""
    ppm = _ppm(percent, what)
    if ppm >= MILLION:
        raise UsageError(f"{what} is {percent} %; no price falls by that: expected less than 100")
    return ppm


def _ppm(percent: Number, what: str) -> int:
    ppm = positive(percent, what) * PPM_PER_PCT
    if ppm != int(ppm):
        raise UsageError(f"{what} is {percent} %; a percent is kept with four decimals")
    return int(ppm)
