"""What can be done to a small desk for the second half of the table of the checks; each step names what it tells."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.models.desk import (
    CAUTIOUS,
    GREEKS,
    HEALTH,
    LOSSES,
    LOT,
    NOW_NS,
    TURNOVER,
    UNIT,
    Desk,
)
from tests.models.limit_cases import Case, case, type_of_step

SECOND = 10**9
NAN = float("nan")
USELESS: tuple[Any, ...] = (None, NAN, "1", True, 2**63, -(2**63) - 1)
"""What is no int64: missing, not a number, text, a bool, overflowing on either side."""


def each(
    name: str, code: int, values: tuple[Any, ...], step: Callable[[Any], type_of_step], *more: type_of_step
) -> list[Case]:
    """Make a case for each value that a step is made of."""
    return [case(f"{name} {value!r:.24}", code, step(value), *more) for value in values]


def crash() -> type_of_step:
    """Enter CAUTIOUS as after a crash."""
    return lambda desk: desk.limits.set_state(CAUTIOUS, True)


def depth(bid: Any, ask: Any, time_ns: Any = NOW_NS) -> type_of_step:
    """Tell the depth of instrument 0."""
    return lambda desk: desk.marks.on_depth(0, bid, ask, time_ns)


def sends(count: int, **more: Any) -> type_of_step:
    """Have so many different orders judged and over."""

    def step(desk: Desk) -> None:
        for number in range(count):
            assert desk.send(lots=LOT + 10 + 10 * number, **more) == 0
            desk.exposure.release(desk.limits.handle)

    return step


def cancels(count: int, strategy: int = 0, now_ns: int = NOW_NS) -> type_of_step:
    """Count so many cancels."""

    def step(desk: Desk) -> None:
        for _ in range(count):
            desk.limits.rates.note_cancel(strategy, 0, now_ns)

    return step


def fills(count: int, side: int = 1, now_ns: int = NOW_NS) -> type_of_step:
    """Count so many fills of strategy 0."""
    return lambda desk: [desk.limits.rates.note_fill(0, 0, side, now_ns) for _ in range(count)]


def rejects(*seconds: int) -> type_of_step:
    """Have orders of strategy 0 refused by the venue at these seconds."""
    return lambda desk: [desk.limits.rates.note_reject(0, NOW_NS + second * SECOND) for second in seconds]


def forgive() -> type_of_step:
    """Have a person enable strategy 0 again."""
    return lambda desk: desk.limits.rates.forgive(0)


def pace(**rates: int) -> type_of_step:
    """Change limits of rates."""
    return lambda desk: desk.pace(**rates)


def lost(units: float, **bounds: int) -> type_of_step:
    """Have lost so much since the day began."""

    def step(desk: Desk) -> None:
        desk.limits.losses.set_bounds(**(LOSSES | bounds))
        desk.limits.losses.set_day_equity(300_000 * UNIT + int(units * UNIT))

    return step


def fell(units: float, **bounds: int) -> type_of_step:
    """Have fallen so far from the peak."""

    def step(desk: Desk) -> None:
        desk.limits.losses.set_bounds(**(LOSSES | bounds))
        desk.limits.losses.set_peak_equity(300_000 * UNIT + int(units * UNIT))

    return step


def day_equity(value: Any) -> type_of_step:
    """Tell equity at the beginning of the day."""
    return lambda desk: desk.limits.losses.set_day_equity(value)


def peak_equity(value: Any) -> type_of_step:
    """Tell equity at its highest."""
    return lambda desk: desk.limits.losses.set_peak_equity(value)


def result(units: Any) -> type_of_step:
    """Tell what the day brought, beside equity at its beginning."""

    def step(desk: Desk) -> None:
        desk.limits.losses.set_day_equity(300_000 * UNIT)
        desk.limits.losses.set_day_result(int(units * UNIT) if type(units) is float and units == units else units)

    return step


def streak(value: Any) -> type_of_step:
    """Tell how many trades in a row ended at a loss."""
    return lambda desk: desk.limits.losses.set_losses_in_row(value)


def own(side: int, ticks: int, instrument: int = 0) -> type_of_step:
    """Have an order of our own in the book."""
    return lambda desk: desk.exposure.reserve(instrument, side, ticks, 10)


def clock(offset_ns: Any, time_ns: Any = NOW_NS) -> type_of_step:
    """Tell how far the venue's clock is from ours."""
    return lambda desk: desk.limits.health.set_clock_offset(0, offset_ns, time_ns)


def audit(durable: Any = True, lag_ns: Any = 0, backlog_pct: Any = 0, time_ns: Any = NOW_NS) -> type_of_step:
    """Tell how the audit trail is."""
    return lambda desk: desk.limits.health.set_audit_health(durable, lag_ns, backlog_pct, time_ns)


def unknown(*instruments: int) -> type_of_step:
    """Have an order in each of these instruments of which nobody knows what became of it."""

    def step(desk: Desk) -> None:
        for instrument in instruments:
            desk.exposure.set_unknown(desk.exposure.reserve(instrument, 1, 90_00, 10), True)

    return step


def unknown_max(instrument: int, everywhere: int) -> type_of_step:
    """Change how many orders may be unknown."""
    changed = {"unknown_instrument": instrument, "unknown_all": everywhere}
    return lambda desk: desk.limits.health.set_bounds(**(HEALTH | changed))


def parent(lots: int, filled_lots: int = 0) -> type_of_step:
    """Open intent 7 of strategy 0 as a parent, and say that what follows is a part of it."""

    def step(desk: Desk) -> None:
        desk.limits.parents.open(0, 7, lots, filled_lots)
        desk.terms = {"parent": 7}

    return step


def terms(**more: int | None) -> type_of_step:
    """Say what the orders that follow say beside the ordinary."""
    return lambda desk: setattr(desk, "terms", more)


def held(since_ns: int, hold_ns: int = SECOND) -> type_of_step:
    """Hold instrument 0 since then, with a limit of the time."""

    def step(desk: Desk) -> None:
        desk.limits.turnover.set_bounds(**(TURNOVER | {"hold_ns": hold_ns}))
        desk.limits.turnover.set_held_since(0, since_ns)

    return step


def traded(value: Any) -> type_of_step:
    """Tell what was traded today."""
    return lambda desk: desk.limits.turnover.set_traded_today(value)


def edge(ratio_ppm: int) -> type_of_step:
    """Change the least ratio of edge and cost."""
    return lambda desk: desk.limits.turnover.set_bounds(**(TURNOVER | {"edge_ratio_ppm": ratio_ppm}))


def option(is_option: bool = True, instrument: int = 0, underlying: int = 0) -> type_of_step:
    """Make an instrument an option."""
    return lambda desk: desk.limits.greeks.set_option(instrument, underlying, LOT, is_option)


def greeks(delta: Any, gamma: Any, vega: Any, time_ns: int = 0, instrument: int = 0) -> type_of_step:
    """Tell the Greeks of an instrument."""
    return lambda desk: desk.limits.greeks.set_greeks(instrument, delta, gamma, vega, time_ns)


def only(number: int, value: Any) -> type_of_step:
    """Tell one Greek of instrument 0; the others are nothing."""
    return greeks(*(value if number == place else 0 for place in range(3)))


def greek_limits(each_max: int, total_max: int = 10**15) -> type_of_step:
    """Change the limits of every Greek."""
    changed = {"each": (each_max,) * 3, "total": (total_max,) * 3}
    return lambda desk: desk.limits.greeks.set_bounds(**(GREEKS | changed))  # type: ignore[arg-type]
