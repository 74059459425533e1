"""A strategy's numbers: its parameters, made from the configuration's `params`, and what it gives to actions.

It owns the conversions and their errors. Money and quantities are text or whole numbers everywhere: a float would have
lost digits before anybody could see it, so it is refused.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec
from msgspec import Struct, StructMeta

from engine.errors import ConfigError, UsageError
from hotpath.core.units import PrecisionError

type_of_params = TypeVar("type_of_params", bound="StrategyParams")


class _FrozenByKeyword(StructMeta):
    """Makes every class of parameters frozen and keyword-only, without its author having to say so."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **config: Any) -> _FrozenByKeyword:
        return super().__new__(cls, name, bases, namespace, **{"frozen": True, "kw_only": True, **config})


class StrategyParams(Struct, metaclass=_FrozenByKeyword):
    """The parameters of a strategy; derive `Params` from it inside your strategy and give each field a type.

    Write money and quantities as Decimal. A field without a default must be given in the configuration:

        class Params(StrategyParams):
            quantity: Decimal = Decimal("0.001")
            levels: int = 3
    """


def make_params(params_class: type[type_of_params], values: Mapping[str, Any], key: str = "params") -> type_of_params:
    """Make the parameters of a strategy from the values of a configuration.

    Args:
        params_class: the strategy's `Params`.
        values: names and plain values, as TOML gives them.
        key: the path of the table in the configuration, for errors.

    Raises:
        ConfigError: a name is unknown (the nearest known one is named), a value does not fit its type, a float was
            given where Decimal is meant, or a value without default is missing.
    """
    known = params_class.__struct_fields__
    for name in values:
        if name not in known:
            raise ConfigError(f"{key}.{name}", _unknown(name, known))
    hints = get_type_hints(params_class)
    for name, value in values.items():
        if isinstance(value, float) and Decimal in (hints[name], *get_args(hints[name])):
            raise ConfigError(
                f"{key}.{name}", f"is exact, and {value!r} is a float: write it in quotes, as {str(value)!r}"
            )
    try:
        return msgspec.convert(dict(values), params_class, strict=False)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        raise ConfigError(key + path.rstrip("`"), problem[:1].lower() + problem[1:]) from error


def _unknown(name: str, known: tuple[str, ...]) -> str:
    if not known:
        return "is unknown: this strategy takes no parameters"
    nearest = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"is unknown; {hint}known: {', '.join(known)}"


def exact(read: Callable[[Decimal | str | int], int], value: Decimal | str | int, what: str) -> int:
    """Return a price or quantity as the integer that `read` makes of it.

    Raises:
        TypeError: a float or something else that is no decimal number was given.
        UsageError: the number is no plain decimal, finer than the venue prints, or beyond int64.
    """
    if isinstance(value, float):
        raise TypeError(
            f"{what} {value!r} is a float, and a float is not exact; write Decimal({str(value)!r}) or {str(value)!r}"
        )
    try:
        return read(value)
    except PrecisionError as error:
        raise UsageError(
            f"{what} {value} is finer than the venue prints ({error}); round it with self.round_{what}"
        ) from error
    except (ValueError, OverflowError) as error:
        raise UsageError(f"{what} {value!r} cannot be used: {error}") from error
