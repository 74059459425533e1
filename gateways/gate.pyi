from collections.abc import Callable, Sequence

from engine.messages.control import GateWord

class Gate:
    """Reads the cells of a GateFile, or of `memory_cells`."""

    on_seen: Callable[[GateWord], None] | None

    def __init__(self, cells: Sequence[int], on_seen: Callable[[GateWord], None] | None = None) -> None:
        """`on_seen` is called whenever the word is not the one that was seen last, the first time included."""
    def passes(self, shrinks: bool) -> bool:
        """Say whether an order may leave now. `shrinks`: a person asked for it and the worst case cannot grow."""
    @property
    def word(self) -> GateWord:
        """The word that stands there now, for a handler that decides by it: it counts as seen."""
    def peek(self) -> GateWord:
        """Return the word for whoever only shows it; nobody decides by it, so it does not count as seen."""
