"""From an approval to the order that leaves, in one call."""

from libc.stdint cimport int64_t

from actors.orders.slot cimport Slot
from engine.ids cimport OrderIds


cdef class Submission:
    cdef OrderIds ids
    cdef dict live
    cdef dict by_id
    cdef dict by_intent
    cdef list scales
    cdef object context
    cdef list gateways
    cdef readonly int64_t count

    cdef Slot slot_of(self, object approved, object intent)
