"""The venue's own best bid and ask, on its way to feed: the message that a busy market sends most.

Most of them are no news and are never read as Python's integers; so their numbers are kept as they were parsed.
"""

cimport cython

from hotpath.core.integers cimport int64_of


@cython.final
@cython.freelist(128)
cdef class BestPrice:
    """The best bid and ask at `update_id`, from the venue's best-price stream."""

    def __init__(self, instrument, update_id, bid_ticks, bid_lots, ask_ticks, ask_lots, time_ns):
        self.instrument = int64_of(instrument, "instrument")
        self.update_id = int64_of(update_id, "update_id")
        self.bid_ticks, self.bid_lots = int64_of(bid_ticks, "bid_ticks"), int64_of(bid_lots, "bid_lots")
        self.ask_ticks, self.ask_lots = int64_of(ask_ticks, "ask_ticks"), int64_of(ask_lots, "ask_lots")
        self.time_ns = int64_of(time_ns, "time_ns")

    def __repr__(self):
        return (
            f"BestPrice(instrument={self.instrument}, update_id={self.update_id}, bid={self.bid_lots} lots at "
            f"{self.bid_ticks}, ask={self.ask_lots} lots at {self.ask_ticks})"
        )
