"""The open lots of one position for compiled code, oldest first; lots and values are positive, whatever the side."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport int128


cdef struct Parcel:     # what one fill opened and nothing has closed yet
    int64_t lots
    int64_t value       # money


@cython.final
cdef class Fifo:
    cdef Parcel* ring                       # the oldest stands at `first`
    cdef Py_ssize_t first
    cdef Py_ssize_t allocated               # a power of two, 0 at first
    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t parcels_max
    cdef readonly int64_t merged            # fills that joined the newest parcel because there was no room

    # Called before `open`, which then cannot fail.
    cdef int reserve(self) except -1
    cdef void open(self, int64_t lots, int64_t value) noexcept nogil

    # What the oldest `lots` cost; at most what is open.
    cdef int128 value_of(self, int64_t lots) noexcept nogil
    cdef void close(self, int64_t lots) noexcept nogil

    cdef Py_ssize_t at(self, Py_ssize_t number) noexcept nogil
