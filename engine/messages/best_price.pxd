"""The venue's own best bid and ask."""

from libc.stdint cimport int64_t


cdef class BestPrice:
    cdef readonly int64_t instrument
    cdef readonly int64_t update_id
    cdef readonly int64_t bid_ticks
    cdef readonly int64_t bid_lots
    cdef readonly int64_t ask_ticks
    cdef readonly int64_t ask_lots
    cdef readonly int64_t time_ns
