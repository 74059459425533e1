"""Whether what we rely on is well, for compiled code: C23, C24 and C25."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.exposure cimport Exposure
from hotpath.orders.judged cimport Order


cdef struct Clock:              # our clock beside a venue's
    int64_t distance_ns
    int64_t step_ns             # how far the distance moved since it was told before
    int64_t offset_ns
    int64_t time_ns
    int told


@cython.final
cdef class Health:
    cdef Exposure exposure
    cdef Clock* clocks
    cdef int* venue_of          # the venue of each instrument
    cdef readonly int instruments_count
    cdef readonly int venues_count
    cdef int64_t audit_lag_ns, audit_backlog_pct, audit_time_ns
    cdef bint audit_durable
    cdef int audit_told
    cdef int64_t offset_max_ns, clock_age_ns, lag_max_ns, backlog_max_pct, health_age_ns
    cdef int64_t unknown_instrument_max, unknown_max

    # C23, C24, C25.
    cdef int clock_healthy(self, Order* order) noexcept nogil
    cdef int audit_healthy(self, Order* order) noexcept nogil
    cdef int unknown_orders(self, Order* order) noexcept nogil
    cdef int lagging(self, Order* order) noexcept nogil
