"""A resolved configuration as text: TOML that loads to the same Config, and the list of values with their origins.

Nothing secret can appear here, because a Config holds none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from enum import Enum
from typing import Any

from msgspec import Struct

from engine.config.lines import Path
from engine.config.load import Loaded
from engine.config.model import Config
from engine.config.reader import path_text
from engine.config.schema import fields
from engine.errors import InvariantError


def to_toml(config: Config) -> str:
    """Return the whole configuration, defaults included, as TOML."""
    return "\n".join(_table(config, ())).lstrip("\n") + "\n"


def values(config: Config) -> Iterator[tuple[Path, Any]]:
    """Yield the path and value of every key, in the order of the Structs."""
    yield from _walk(config, ())


def described(loaded: Loaded) -> Iterator[tuple[str, str, str]]:
    """Yield (key, value as TOML, origin) of every key."""
    for path, value in values(loaded.config):
        yield path_text(path), toml_value(value), loaded.origins.get(path, "default")


def toml_value(value: Any) -> str:
    """Write one value as TOML; a Decimal is written as text, because that is how it stays exact in every reader."""
    if isinstance(value, Enum):
        return toml_value(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f'"{value:f}"'
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, tuple | list):
        return f"[{', '.join(toml_value(item) for item in value)}]"
    if isinstance(value, dict):
        pairs = ", ".join(f"{toml_key(key)} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise InvariantError(f"a configuration holds a {type(value).__name__}, which TOML cannot write")


def toml_key(name: str) -> str:
    """Write a key, in quotes where it needs them."""
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    return name if bare else json.dumps(name, ensure_ascii=False)


def _children(struct: Struct) -> Iterator[tuple[str, Any]]:
    for key in fields(type(struct)):
        yield key.name, getattr(struct, key.attribute)


def _tables(value: Any) -> list[tuple[str | int, Struct]]:
    """Return the Structs inside a dict or tuple of Structs; empty when it holds plain values."""
    if isinstance(value, dict):
        return [(name, item) for name, item in value.items() if isinstance(item, Struct)]
    if isinstance(value, tuple):
        return [(number, item) for number, item in enumerate(value) if isinstance(item, Struct)]
    return []


def _walk(struct: Struct, path: Path) -> Iterator[tuple[Path, Any]]:
    for name, value in _children(struct):
        where = (*path, name)
        if isinstance(value, Struct):
            yield from _walk(value, where)
        elif inner := _tables(value):
            for key, table in inner:
                yield from _walk(table, (*where, key))
        else:
            yield where, value


def _table(struct: Struct, path: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines of a table: its plain values first, then the tables inside it."""
    later: list[tuple[str, Any]] = []
    for name, value in _children(struct):
        if isinstance(value, Struct) or _tables(value):
            later.append((name, value))
        elif path:
            yield f"{toml_key(name)} = {toml_value(value)}"
    for name, value in later:
        header = ".".join(toml_key(part) for part in (*path, name))
        if isinstance(value, Struct):
            yield from ("", f"[{header}]", *_table(value, (*path, name)))
            continue
        for key, table in _tables(value):
            if isinstance(key, int):
                yield from ("", f"[[{header}]]", *_table(table, (*path, name)))
            else:
                yield from ("", f"[{header}.{toml_key(key)}]", *_table(table, (*path, name, key)))
