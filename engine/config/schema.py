"""What a field of a configuration Struct accepts, in words: for error messages and for docs/configuration.md.

It reads annotations and knows no section by name. msgspec bounds integers and text; a Decimal's bounds stand in the
field's Meta(extra=...) as text: `minimum`, `maximum` (both inclusive) and `above` (exclusive). Also in `extra`: `unit`,
where the field's name does not end in one, and `form`, which says in words what a pattern means.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from msgspec import NODEFAULT, Meta, Struct, structs

UNITS = {
    "_ns": "ns",
    "_ms": "ms",
    "_s": "s",
    "_seconds": "s",
    "_days": "days",
    "_bytes": "bytes",
    "_bps": "bps",
    "_pct": "%",
    "_lots": "lots",
    "_ticks": "ticks",
}
WORDS = {str: "text", int: "a whole number", bool: "true or false", float: "a number", Decimal: "a decimal number"}


class Field(Struct, frozen=True):
    """One key: its name in the file, its type without Meta, and what its Metas say."""

    name: str
    attribute: str
    type: Any
    metas: tuple[Meta, ...]
    default: Any
    """NODEFAULT when the key is required."""

    @property
    def unit(self) -> str:
        """The unit of the value, or an empty text."""
        for meta in self.metas:
            if meta.extra and "unit" in meta.extra:
                return str(meta.extra["unit"])
        return next((unit for suffix, unit in UNITS.items() if self.name.endswith(suffix)), "")

    @property
    def description(self) -> str:
        """What the key means, in a sentence."""
        return " ".join(meta.description for meta in self.metas if meta.description)

    @property
    def bounds(self) -> str:
        """What the value must keep within, or an empty text."""
        low = high = above = below = None
        for meta in self.metas:
            extra = meta.extra or {}
            low = _first(meta.ge, extra.get("minimum"), low)
            above = _first(meta.gt, extra.get("above"), above)
            high = _first(meta.le, extra.get("maximum"), high)
            below = _first(meta.lt, extra.get("below"), below)
        if low is not None and high is not None:
            return f"from {low} to {high}"
        named = (("above", above), ("at least", low), ("at most", high), ("below", below))
        return " and ".join(f"{word} {bound}" for word, bound in named if bound is not None)

    @property
    def accepts(self) -> str:
        """What the key accepts, in words, its unit left out."""
        words = type_words(self.type)
        pattern = next((meta.pattern for meta in self.metas if meta.pattern), "")
        form = next((str(meta.extra["form"]) for meta in self.metas if meta.extra and "form" in meta.extra), "")
        if form:
            words = form
        elif pattern:
            words += f" that matches `{pattern}`"
        if any(meta.min_length for meta in self.metas):
            words += ", not empty"
        return f"{words} {self.bounds}" if self.bounds else words

    @property
    def expected(self) -> str:
        """What the key accepts, in words, with its unit."""
        return f"{self.accepts} ({self.unit})" if self.unit else self.accepts


def fields(struct: type[Struct]) -> Iterator[Field]:
    """Yield the keys of a configuration Struct in the order in which they are declared."""
    for info in structs.fields(struct):
        kind, metas = unwrap(info.type)
        default = info.default_factory() if info.default_factory is not NODEFAULT else info.default
        yield Field(info.encode_name, info.name, kind, metas, default)


def unwrap(annotation: Any) -> tuple[Any, tuple[Meta, ...]]:
    """Take the Metas off an annotation: `Annotated[int, Meta(ge=0)]` gives `(int, (Meta(ge=0),))`."""
    if get_origin(annotation) is Annotated:
        inner, *metas = get_args(annotation)
        kind, more = unwrap(inner)
        return kind, (*more, *(meta for meta in metas if isinstance(meta, Meta)))
    return annotation, ()


def type_words(kind: Any) -> str:
    """Name a type as a person would: `a whole number`, `one of live, paper`, `a list of text`."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return " or ".join(type_words(argument) for argument in arguments if argument is not NoneType)
    if origin in (tuple, list):
        return f"a list of {type_words(unwrap(arguments[0])[0])}"
    if origin is dict:
        return f"a table, each value {type_words(unwrap(arguments[1])[0])}"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "one of " + ", ".join(str(member.value) for member in kind)
    if isinstance(kind, type) and issubclass(kind, Struct):
        return "a table"
    return WORDS.get(kind, "any value")


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
