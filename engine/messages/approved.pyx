"""The yes of risk, on its way to orders: the only message between two compiled steps that Python seldom reads.

Its numbers are kept as they are computed. A Struct would make an object of each, and take them apart again on the next
line but one.
"""

cimport cython

from hotpath.core.integers cimport int64_of


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
        self, object intent not None, approval, price_ticks, bint shrinks, limits_version, audit_seq, time_ns,
        object seal=None,
    ):
        self.intent = intent
        self.approval = int64_of(approval, "approval")
        self.price_ticks = int64_of(price_ticks, "price_ticks")
        self.shrinks = shrinks
        self.limits_version = int64_of(limits_version, "limits_version")
        self.audit_seq = int64_of(audit_seq, "audit_seq")
        self.time_ns = int64_of(time_ns, "time_ns")
        self.seal = seal

    def __repr__(self):
        return f"ApprovedOrder({self.intent!r}, approval={self.approval}, price_ticks={self.price_ticks})"
