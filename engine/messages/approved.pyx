"""The yes of risk, on its way to orders: the only message between two compiled steps that Python seldom reads.

Its numbers are kept as they are computed. A Struct would make an object of each, and take them apart again on the next
line but one.
"""

cimport cython
from libc.stdint cimport int64_t


@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class ApprovedOrder:
    """An intent that passed every check; its worst case is reserved under `approval` until the venue proves otherwise.

    `price_ticks` is what leaves: the intent's price, or a market order's protection price. `shrinks` says that the
    worst case cannot grow by it and that a person asked for it: such orders pass a gate that stands at REDUCE. `seal`
    binds it to what leaves: without one that fits, orders and the gate refuse it.
    """

    def __init__(
        self, object intent not None, int64_t approval, int64_t price_ticks, bint shrinks, int64_t limits_version,
        int64_t audit_seq, int64_t time_ns, object seal=None,
    ):
        self.intent = intent
        self.approval = approval
        self.price_ticks = price_ticks
        self.shrinks = shrinks
        self.limits_version = limits_version
        self.audit_seq = audit_seq
        self.time_ns = time_ns
        self.seal = seal

    def __repr__(self):
        return f"ApprovedOrder({self.intent!r}, approval={self.approval}, price_ticks={self.price_ticks})"
