"""What a person may change about a limit while the engine trades, and by how much in one step.

It owns the order of looseness: how much a value of each limit lets through, as one comparable number, so that "not
more than twice as loose", "only tighter while halted" and "the tighter of two" are one question asked three times. The
bounds of a value stand in engine.config.risk, and are read from there: this file knows no figure. Some limits let more
through when they are smaller; those, and what cannot change in a running engine, are named here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, get_origin

from msgspec import structs

from engine.config.amounts import TighterLimits
from engine.config.lines import Path
from engine.config.reader import Reader, nearest
from engine.config.risk import RiskLimits
from engine.config.schema import Field, fields
from engine.errors import ConfigError

WITHOUT_END = Fraction(10**30)
STEP_MAX = 2
"""A limit may let through at most this many times as much as before, in one step."""

SECTION = "risk"
FIXED = {
    "currency": "every amount is counted in it",
    "adopt": "balances are adopted once, at the first start",
    "fee_reserve_pct": "what is reserved already was reserved with it",
    "strategies": "parts are tightened by the configuration",
    "instruments": "parts are tightened by the configuration",
    "venues": "parts are tightened by the configuration",
}
"""What stays as it was when the run began, and why."""

SMALLER_IS_LOOSER = frozenset(
    {"duplicate_window_ms", "edge_to_cost_min", "execution_window_s", "fee_reserve_pct", "rejects_window_s"}
)
OFF_AT_ZERO = frozenset({"hold_time_s"})
"""Limits that let through the more the larger they are, and everything at zero."""

BARRING = frozenset({"blocked"})
"""Lists of which each name more lets less through; a list that is not here permits, and empty permits all."""


class OnlyTighter(ConfigError):  # noqa: N818 - a state of the desk, found when a limit was set
    """Trading is halted, and a limit would have been loosened."""


KEYS: dict[str, Field] = {key.name: key for key in fields(RiskLimits)}


def key_of(text: str) -> str:
    """Return the name of a limit, given with or without its section.

    Raises:
        ConfigError: there is no such limit.
    """
    name = text.removeprefix(f"{SECTION}.")
    if name not in KEYS:
        raise ConfigError(f"{SECTION}.{name}", f"unknown limit; {nearest(name, list(KEYS))}")
    return name


def text_of(value: Any) -> str:
    """Return a limit's value as it is typed, shown and kept: decimals without exponent, lists with commas."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_part_text(part)}" for name, part in value.items())
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return ",".join(value) if isinstance(value, tuple) else str(value)


def value_of(key: str, text: str) -> Any:
    """Return the value that a text means for a limit.

    Raises:
        ConfigError: it is none, or out of the limit's bounds.
    """
    where: Path = (SECTION, key)
    reader = Reader("", {}, {where: "what was typed"})
    value = reader.value(KEYS[key], text, where)
    if reader.errors:
        raise ConfigError(reader.errors[0].key, f"{text!r} given, expected {KEYS[key].expected}")
    return value


def with_limits(limits: RiskLimits, values: Mapping[str, Any]) -> RiskLimits:
    """Return the limits with some of them changed, all at once.

    Raises:
        ConfigError: they contradict each other.
    """
    try:
        return structs.replace(limits, **{KEYS[key].attribute: value for key, value in values.items()})
    except ValueError as problem:
        key, _, rest = str(problem).partition(" ")  # the rule names the key first
        raise ConfigError(f"{SECTION}.{key}", rest) from problem


def judge(limits: RiskLimits, key: str, text: str, *, halted: bool, traded: Sequence[str]) -> RiskLimits:
    """Return the limits as a person wants them, if that may be.

    Args:
        limits: those in force.
        key: the limit's name.
        text: its new value as it was typed.
        halted: whether trading is halted; then nothing is loosened.
        traded: every name that an instrument of the run goes by.

    Raises:
        ConfigError: the value is none, contradicts another limit, or goes too far in one step.
    """
    where = f"{SECTION}.{key}"
    if key in FIXED:
        raise ConfigError(where, f"cannot change while the engine runs: {FIXED[key]}; configure it and restart")
    before, value = getattr(limits, KEYS[key].attribute), value_of(key, text)
    changed = with_limits(limits, {key: value})
    if isinstance(value, tuple) and key not in BARRING:
        _check_names(where, value, traded)
    if loosens(key, before, value):
        if halted:
            raise OnlyTighter(where, "trading is halted, so it may only be tightened; 'tiercel rearm' comes first")
        _check_step(where, key, before, value)
    return changed


def loosens(key: str, before: Any, after: Any) -> bool:
    """Say whether a limit lets more through than before."""
    if isinstance(before, tuple):
        return not _within(key, after, before)
    return slack(key, after) > slack(key, before)


def tighter(key: str, one: Any, other: Any) -> Any:
    """Return the value that lets less through; of two lists, what both permit, or all that either bars."""
    if isinstance(one, tuple):
        if key in BARRING:
            return tuple(dict.fromkeys((*one, *other)))
        if not one or not other:
            return one or other
        return tuple(name for name in one if name in other) or ("-",)  # empty would permit all; nothing is called "-"
    return one if slack(key, one) <= slack(key, other) else other


def slack(key: str, value: Any) -> Fraction:
    """Return how much a value lets through, to be compared with another of the same limit; money has no floats."""
    if key in SMALLER_IS_LOOSER:
        return 1 / Fraction(value) if value else WITHOUT_END
    return WITHOUT_END if key in OFF_AT_ZERO and not value else Fraction(value)


def tightest(limits: RiskLimits, *others: RiskLimits) -> RiskLimits:
    """Return limits of which each is the tightest that any of these has; what is fixed is the first one's.

    Limits of parts that would be looser than those of the whole become the same.
    """
    values = structs.asdict(limits)
    for key, field in KEYS.items():
        if key in FIXED:
            continue
        for other in others:
            values[field.attribute] = tighter(key, values[field.attribute], getattr(other, field.attribute))
    for key, field in KEYS.items():
        if get_origin(field.type) is dict:
            values[key] = {name: _cut(part, values) for name, part in values[key].items()}
    return RiskLimits(**values)


def differing(limits: RiskLimits, other: RiskLimits) -> list[str]:
    """Return the names of the limits in which two differ."""
    return [key for key, field in KEYS.items() if getattr(limits, field.attribute) != getattr(other, field.attribute)]


def _cut(part: TighterLimits, whole: Mapping[str, Any]) -> TighterLimits:
    said = {name: value for name, value in structs.asdict(part).items() if value is not None}
    return TighterLimits(**{name: min(value, whole[name]) for name, value in said.items()})


def _part_text(part: TighterLimits) -> str:
    said = {name: value for name, value in structs.asdict(part).items() if value is not None}
    return ", ".join(f"{name} {text_of(value)}" for name, value in said.items())


def _check_step(where: str, key: str, before: Any, value: Any) -> None:
    if isinstance(before, tuple) or slack(key, value) <= STEP_MAX * slack(key, before):
        return
    if key in SMALLER_IS_LOOSER:
        raise ConfigError(where, f"is {text_of(before)} and cannot become {text_of(value)} in one step: half at least")
    edge = text_of(before * STEP_MAX)
    raise ConfigError(where, f"is {text_of(before)} and cannot become {text_of(value)} in one step: {edge} at most")


def _check_names(where: str, names: tuple[str, ...], traded: Sequence[str]) -> None:
    for name in names:
        if name not in traded:
            raise ConfigError(where, f"no instrument of this run is called {name!r}; {nearest(name, list(traded))}")


def _within(key: str, names: tuple[str, ...], others: tuple[str, ...]) -> bool:
    """Say whether a list lets nothing through that another one does not."""
    if key in BARRING:
        return set(others) <= set(names)
    return not others or (bool(names) and set(names) <= set(others))


assert set(FIXED) | SMALLER_IS_LOOSER | OFF_AT_ZERO <= set(KEYS), "what is special is a limit"
assert all(
    field.type in (int, Decimal) or get_origin(field.type) is tuple for key, field in KEYS.items() if key not in FIXED
), "what is not fixed can be compared"
assert all(get_origin(KEYS[key].type) is tuple for key in BARRING), "what bars is a list"
