"""Order ids that are never used twice."""

from libc.stdint cimport int64_t

cdef enum:
    PREFIX_BYTES_MAX = 64


cdef class OrderIds:
    cdef readonly str node
    cdef readonly int64_t last_number   # the number that was given out last; 0 before the first
    cdef object lease
    cdef int64_t leased_to
    cdef int64_t low
    cdef char[PREFIX_BYTES_MAX] prefix
    cdef Py_ssize_t prefix_length

    cdef int64_t take(self) except -1
    cdef str name_of(self, int64_t number)
    cdef object renew(self)
