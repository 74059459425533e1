"""The yes of risk: an intent is judged, reserved, recorded and passed on, in one call."""

from libc.stdint cimport int64_t

from hotpath.orders.limits cimport Limits
from hotpath.orders.marks cimport Marks


# What becomes of an intent, beside the DenialReasons: it is approved, or no order can have its numbers.
cpdef enum:
    APPROVED = 0
    NO_ORDER = -1


cdef class Approval:
    cdef Limits limits
    cdef Marks marks
    cdef dict handles
    cdef int64_t limits_version
    cdef int64_t epoch
    cdef int64_t age_ns
    cdef object context
    cdef object orders
    cdef object arrivals
    cdef object aside
    cdef object tell
    cdef public bint holding        # every intent is shown to `aside`, not only those that have terms

    cdef int approve(self, object intent) except? -1
    cdef object seal_of(self, object intent)
    cdef int judge(self, object intent) except? -1
