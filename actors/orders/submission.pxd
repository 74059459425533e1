"""From an approval to the order that leaves, in one call."""

from libc.stdint cimport int64_t

cdef class Submission:
    cdef object context
    cdef object next_id
    cdef dict live
    cdef dict by_id
    cdef dict by_intent
    cdef list scales
    cdef list gateways
    cdef readonly int64_t count

    cdef object slot_of(self, object approved, object intent)
