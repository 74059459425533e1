"""What binds an approval to the order that leaves, for compiled code: C26."""

cimport cython
from libc.stdint cimport int64_t, uint64_t


cdef struct Leaving:            # the fields of an order as it leaves
    int64_t instrument
    int64_t price_ticks
    int64_t lots
    int side
    int time_in_force
    bint post_only
    bint shrinks


@cython.final
cdef class Seal:
    cdef readonly int64_t epoch
    cdef readonly int64_t limits_version
    cdef readonly int64_t expires_ns
    cdef readonly uint64_t binding

    # Whether it was made for exactly this order.
    cdef bint fits(self, Leaving* leaving) noexcept nogil


cdef Seal sealed(Leaving* leaving, int64_t epoch, int64_t limits_version, int64_t expires_ns)
cdef uint64_t binding_of(Leaving* leaving, int64_t epoch, int64_t limits_version, int64_t expires_ns) noexcept nogil
