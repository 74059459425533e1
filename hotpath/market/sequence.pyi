from typing import final

IN_ORDER: int
DUPLICATE: int
GAP: int

@final
class Sequence:
    """The chain of one instrument's update ids, from a snapshot on."""

    def __init__(self) -> None:
        """Begin unsynchronised."""
    @property
    def last_id(self) -> int:
        """The id that the book stands at; 0 before the first start."""
    @property
    def expected(self) -> int:
        """The first id that the next update must have."""
    @property
    def synchronised(self) -> bool:
        """Whether no update is missing since the last start."""
    def start(self, last_id: int) -> None:
        """Begin anew from a snapshot that stands at `last_id`."""
    def step(self, first_id: int, last_id: int) -> int:
        """Judge the update of ids `first_id` to `last_id`: IN_ORDER, DUPLICATE or GAP."""
    def check(self) -> None:
        """Raise AssertionError unless the state is sound."""
