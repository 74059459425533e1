"""The gate as a gateway asks it: the last look before an order's bytes are handed over.

It is read in the call that hands them over, so nothing can slip between the look and the act. What it showed to a
handler is an input of the run, so every change that is seen is told. The file behind it stands in gate_file.py.
"""

from engine.messages.control import GateWord
from gateways.gate_file import WORD_CELL, word_of

cdef Py_ssize_t CELL = WORD_CELL
cdef int OPEN = GateWord.OPEN
cdef int REDUCE = GateWord.REDUCE


cdef class Gate:
    """Reads the cells of a GateFile, or of `memory_cells`."""

    def __init__(self, cells, on_seen=None):
        self.cells = cells
        self.on_seen = on_seen
        self.seen = None

    def passes(self, bint shrinks):
        """Say whether an order may leave now. `shrinks`: a person asked for it and the worst case cannot grow."""
        return self.lets_pass(shrinks)

    cdef bint lets_pass(self, bint shrinks) except -1:
        """Look, tell what is new, and say whether an order may leave now."""
        cdef object value = self.cells[CELL]
        if value != self.seen:
            self.notice(value)
        return value == OPEN or (shrinks and value == REDUCE)

    @property
    def word(self):
        """The word that stands there now, for a handler that decides by it: it counts as seen."""
        cdef object value = self.cells[CELL]
        if value != self.seen:
            self.notice(value)
        return word_of(value)

    def peek(self):
        """Return the word for whoever only shows it; nobody decides by it, so it does not count as seen."""
        return word_of(self.cells[CELL])

    cdef object notice(self, object value):
        """Remember a word, and tell it."""
        self.seen = value
        if self.on_seen is not None:
            self.on_seen(word_of(value))
