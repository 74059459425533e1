"""The yes of risk."""

from libc.stdint cimport int64_t


cdef class ApprovedOrder:
    cdef readonly object intent
    cdef readonly int64_t approval
    cdef readonly int64_t price_ticks
    cdef readonly bint shrinks
    cdef readonly int64_t limits_version
    cdef readonly int64_t audit_seq
    cdef readonly int64_t time_ns
    cdef readonly object seal
