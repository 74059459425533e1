"""The yes of risk: an intent is judged, reserved, recorded and passed on, in one call."""

from hotpath.orders.limits cimport Limits
from hotpath.orders.marks cimport Marks


cdef class Approval:
    cdef Limits limits
    cdef Marks marks
    cdef dict handles
    cdef object limits_version
    cdef object context
    cdef object orders

    cdef int judge(self, object intent) except? -1
