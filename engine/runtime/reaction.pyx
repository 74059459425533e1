"""How long market data takes to be answered: from its arrival at a port to the hand-over of an order to a transport.

Both ends are on the way of every order, so both are compiled. It is telemetry: nobody decides by it.
"""

from cython cimport final

from hotpath.core.histogram cimport Histogram, monotonic_ns


@final
cdef class Reaction:
    """The reaction times of one run; `times` may be exchanged for another histogram at any moment."""

    def __init__(self):
        self.times = Histogram()
        self.begun_ns = 0

    def answered(self):
        """Note that an answer is being handed to a transport: the end of the reaction time, if market data began it."""
        if self.begun_ns:
            self.times.add(monotonic_ns() - self.begun_ns)
