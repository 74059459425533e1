"""From an approval to the order that leaves, in one call."""

from libc.stdint cimport int64_t

from actors.orders.slot cimport Slot
from engine.ids cimport OrderIds
from engine.messages.approved cimport ApprovedOrder
from hotpath.orders.seal cimport Leaving, Seal


cdef class Submission:
    cdef OrderIds ids
    cdef dict live
    cdef dict by_id
    cdef dict by_intent
    cdef list scales
    cdef object context
    cdef list gateways
    cdef readonly int64_t count
    cdef public bint halting        # nothing leaves but what `refused` lets pass
    cdef public int64_t epoch       # of the trading state
    cdef public int64_t limits_version  # the newest that was told or seen
    cdef list stopped               # by strategy
    cdef Py_ssize_t capacity
    cdef list counts                # of orders that are working, unknown, over
    cdef object hold
    cdef object safety
    cdef object lost

    cdef bint binds(self, ApprovedOrder approved, object intent) except -1
    cdef bint holds(self, Seal seal, Leaving* leaving) except -1
    cdef bint doubtful(self, int64_t strategy) except -1
    cdef Slot slot_of(self, ApprovedOrder approved, object intent)
