from collections.abc import Iterable, Iterator
from typing import final

import msgspec

from hotpath.core.units import Scale

@final
class Levels:
    """An immutable batch of (ticks, lots), in the order in which they came; 0 lots deletes a level."""

    def __init__(self) -> None:
        """Make an empty batch."""
    @staticmethod
    def of(pairs: Iterable[tuple[int, int]]) -> Levels:
        """Make a batch of (ticks, lots). ValueError unless ticks > 0 and lots >= 0."""
    def check(self) -> None:
        """Raise AssertionError unless every level is sound."""
    def __len__(self) -> int: ...
    def __getitem__(self, index: int) -> tuple[int, int]:
        """Return one level as (ticks, lots), from the end for a negative index. IndexError when there is none."""
    def __iter__(self) -> Iterator[tuple[int, int]]: ...
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...

def parse_levels(raw: bytes | bytearray | memoryview | msgspec.Raw, scale: Scale) -> Levels:
    """Read `[["price","quantity"],...]`, strictly, without a float and without a copy of the text.

    ValueError names the level and the byte; PrecisionError when a digit is finer than the scale; OverflowError beyond
    int64.
    """
