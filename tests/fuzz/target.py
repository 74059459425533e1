"""What a fuzz target is: a parser, inputs that it knows, and what must hold for every input.

`check` takes any bytes. It returns a word for what happened, so that inputs which do something new are kept; it raises
for a finding: an exception that the parser does not document, or an answer that differs from an obvious model's.
"""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Callable
from functools import cache
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tests.conftest import SHARED_DATA


class Target(NamedTuple):
    """One parser under fuzz."""

    name: str
    corpus: Callable[[], list[bytes]]
    """Inputs to begin with: our own, and of the recordings where they are."""
    check: Callable[[bytes], str]


def recorded(name: str, count: int) -> list[bytes]:
    """Return the first lines of a recording without their time; none where it is absent."""
    path = SHARED_DATA / name
    if not path.is_file():
        return []
    if path.suffix == ".gz":
        with gzip.open(path, "rb") as lines:
            return [line.rstrip(b"\n").partition(b" ")[2] for line in islice(lines, count)]
    return path.read_bytes().splitlines()[:count]


def outcome(problem: Exception) -> str:
    """Return what a refusal says, without what it quotes and counts."""
    text = str(problem).partition("the bytes were")[0]
    return "".join(letter for letter in text[:160] if not letter.isdigit() and letter.isascii())


@cache
def _scratch(name: str) -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix=f"tiercel-fuzz-{name}-")


def folder(name: str) -> Path:
    """Return the one folder of a target in this process; it goes when the process ends in order."""
    return Path(_scratch(name).name)
