"""Which levels of a book were touched since somebody last asked."""

cimport cython
from libc.stdint cimport int8_t, int32_t, int64_t


cdef struct Touched:
    int64_t key
    int8_t side


@cython.final
cdef class TouchedLevels:
    cdef Touched* levels
    cdef readonly int32_t count
    cdef readonly int32_t levels_max
    cdef readonly bint lost

    cdef void add(self, int side, int64_t key) noexcept nogil
    cdef void compact(self) noexcept nogil
