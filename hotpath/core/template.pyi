from collections.abc import Iterable
from typing import final

@final
class Template:
    """Fixed pieces of text with a place between each two of them; immutable."""

    def __init__(self, pieces: Iterable[bytes], indices: Iterable[int]) -> None:
        """Take the pieces, and for each place between them the number of the value that stands there.

        Raises:
            ValueError: pieces and places do not fit each other, or values are not counted from 0 without a gap.
        """
    @property
    def places_count(self) -> int:
        """How many places there are."""
    @property
    def values_count(self) -> int:
        """How many values fill needs; the same one may stand at several places."""
    def fill(self, first: tuple[str | bytes | int, ...], second: tuple[str | bytes | int, ...]) -> bytes:
        """Return the text with its values, those of `first` counted before those of `second`.

        Raises:
            ValueError: too few or too many values.
            TypeError: a value that is no str, bytes or int.
            OverflowError: an int that does not fit int64.
        """
    def check(self) -> None:
        """Raise AssertionError when the template contradicts itself."""
