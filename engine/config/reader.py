"""Plain TOML values into a Struct, collecting every error instead of stopping at the first.

Strict: an unknown key is refused with the nearest known one, a number is never made of text (a Decimal is: decimal text
is how amounts are written) and nothing is rounded. Each value remembers where it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct

from engine.config.lines import Path
from engine.config.schema import Field, fields
from engine.config.unbuilt import unbuilt
from engine.errors import ConfigError

DEFAULT = "default"
SHOWN_CHARACTERS_MAX = 60


def path_text(path: Path) -> str:
    """Write a path as a person would: `strategies[0].params.quantity`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def nearest(name: str, known: list[str]) -> str:
    """Return a hint with the most similar known name, or with all of them when none is similar."""
    from difflib import get_close_matches  # only a mistake needs it

    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"


class Reader:
    """Reads one configuration; `errors`, the `failed` sections and `origins` grow as it goes."""

    def __init__(self, source: str, lines: Mapping[Path, int], foreign: Mapping[Path, str]) -> None:
        """Take the file's name, the line of each key, and the origin of values that are not the file's."""
        self._source = source
        self._lines = lines
        self._foreign = foreign
        self.errors: list[ConfigError] = []
        self.failed: dict[Path, None] = {}
        self.origins: dict[Path, str] = {}

    def line(self, path: Path) -> int:
        """Return the line of a key, or of the nearest table around it; 0 when the file does not name it."""
        while path and path not in self._lines:
            path = path[:-1]
        return self._lines.get(path, 0)

    def fail(self, path: Path, problem: str) -> None:
        """Note an error of the key at `path`."""
        self.failed[path[:1]] = None
        foreign = self._foreign.get(path)
        if foreign:
            self.errors.append(ConfigError(path_text(path), f"{problem} (from {foreign})"))
        else:
            self.errors.append(ConfigError(path_text(path), problem, line=self.line(path)))

    def struct(self, kind: type[Struct], data: Any, path: Path) -> Any:
        """Return a `kind` made of the table `data`, or None after noting what is wrong.

        The root is made even then: what could be read in sections that have not `failed` can still be judged.
        """
        if not isinstance(data, dict):
            self.fail(path, f"{shown(data)} given, expected a table")
            return None
        known = {key.name: key for key in fields(kind)}
        for name in data:
            if name not in known:
                row = unbuilt(path_text((*path, name)), "")
                self.fail((*path, name), row.problem if row else f"unknown key; {nearest(name, list(known))}")
        errors_before = len(self.errors)
        values = {key.attribute: self._key(key, data, (*path, key.name)) for key in known.values()}
        if len(self.errors) > errors_before and path:
            return None
        try:
            return kind(**values)
        except ValueError as problem:  # a rule of the Struct itself; it names the key first
            name = str(problem).partition(" ")[0]
            self.fail((*path, name) if name in known else path, str(problem))
            return None

    def _key(self, key: Field, data: dict[str, Any], path: Path) -> Any:
        if key.name in data:
            return self.value(key, data[key.name], path)
        if key.default is NODEFAULT:
            self.fail(path, f"is missing; expected {key.expected}")
        elif not isinstance(key.default, Struct):
            self.origins[path] = DEFAULT
        else:
            return self.struct(type(key.default), {}, path)
        return key.default

    def value(self, key: Field, value: Any, path: Path) -> Any:
        """Return the value of one key as its type wants it, or None after noting what is wrong."""
        origin, arguments = get_origin(key.type), get_args(key.type)
        if isinstance(key.type, type) and issubclass(key.type, Struct):
            return self.struct(key.type, value, path)
        if origin is dict and isinstance(value, dict) and _is_struct(arguments[1]):
            return {name: self.struct(arguments[1], table, (*path, name)) for name, table in value.items()}
        if origin is tuple and isinstance(value, list) and _is_struct(arguments[0]):
            return tuple(self.struct(arguments[0], table, (*path, number)) for number, table in enumerate(value))
        self.origins[path] = self._foreign.get(path) or f"{self._source}:{self.line(path)}"
        try:
            return self._leaf(key, value, path)
        except (ValueError, TypeError, InvalidOperation):  # msgspec.ValidationError is a ValueError
            row = unbuilt(path_text(path), str(value))
            self.fail(path, row.problem if row else f"{shown(value)} given, expected {key.expected}")
            return None

    def _leaf(self, key: Field, value: Any, path: Path) -> Any:
        if get_origin(key.type) is dict and get_args(key.type)[1] is Decimal and isinstance(value, dict):
            return {name: decimal(amount) for name, amount in value.items()}
        if get_origin(key.type) in (list, tuple) and isinstance(value, str) and path in self._foreign:
            value = [part.strip() for part in value.split(",") if part.strip()]
        if key.type is Decimal or (get_origin(key.type) in (Union, UnionType) and Decimal in get_args(key.type)):
            amount = decimal(value)
            _within(key, amount)
            return amount
        if key.type is float and isinstance(value, Decimal):
            value = float(value)
        kind: Any = key.type
        for meta in key.metas:
            kind = Annotated[kind, meta]
        return msgspec.convert(value, kind, strict=path not in self._foreign)


def decimal(value: Any) -> Decimal:
    """Return the finite Decimal of an integer, a decimal literal or decimal text; raise TypeError or ValueError."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise TypeError(f"{value!r} is no decimal number")
    amount = Decimal(value)
    if not amount.is_finite():
        raise ValueError(f"{value!r} is not finite")
    return amount


def shown(value: Any) -> str:
    """Show a value in an error message, cut when it is long."""
    text = f"{value}" if isinstance(value, Decimal) else repr(value)
    return text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[: SHOWN_CHARACTERS_MAX - 3]}..."


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _within(key: Field, amount: Decimal) -> None:
    for meta in key.metas:
        extra = meta.extra or {}
        below = "minimum" in extra and amount < Decimal(extra["minimum"])
        at_or_below = "above" in extra and amount <= Decimal(extra["above"])
        over = "maximum" in extra and amount > Decimal(extra["maximum"])
        at_or_over = "below" in extra and amount >= Decimal(extra["below"])
        if below or at_or_below or over or at_or_over:
            raise ValueError(key.bounds)
