"""The bytes of the trail, line by line: forward from a place, and backward from the end.

It owns reading and nothing else: a line is handed on as it stands in the file, and whoever asked judges it. Reading
backward is what makes a start fast: the last checkpoint is never far from the end, however long the trail.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

BLOCK_BYTES = 1024 * 1024


class Line(Struct, frozen=True, gc=False):
    """One line where it stands. `text` is without its line feed; `whole` is false when it has none."""

    path: Path
    number: int
    """Counted from 1 in its file; 0 when the file was read from its end."""
    offset: int
    text: bytes
    whole: bool

    @property
    def end(self) -> int:
        """The offset behind the line and its line feed."""
        return self.offset + len(self.text) + self.whole


def forward(path: Path, offset: int = 0) -> Iterator[Line]:
    """Read a file's lines in order, from an offset at which a line begins."""
    with path.open("rb") as file:
        file.seek(offset)
        number = 0
        while text := file.readline():
            number += 1
            whole = text.endswith(b"\n")
            if not whole:
                text += file.readline()  # an engine that runs may just be writing it
                whole = text.endswith(b"\n")
            yield Line(path, number if offset == 0 else 0, offset, text[:-1] if whole else text, whole)
            offset += len(text)


def backward(path: Path, block_bytes: int = BLOCK_BYTES) -> Iterator[Line]:
    """Read a file's lines from the last to the first."""
    with path.open("rb") as file:
        start = file.seek(0, 2)
        pending = b""
        whole = False
        while start > 0:
            end, start = start, max(start - block_bytes, 0)
            file.seek(start)
            data = file.read(end - start) + pending
            pending, *texts = data.split(b"\n")
            offset = start + len(data)
            for text in reversed(texts):
                offset -= len(text)
                if whole or text:
                    yield Line(path, 0, offset, text, whole)
                offset -= 1
                whole = True
        if whole or pending:
            yield Line(path, 0, 0, pending, whole)
