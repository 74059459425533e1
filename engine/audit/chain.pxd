"""The chain of hashes."""

from libc.stdint cimport int64_t


cdef class Chain:
    cdef readonly int64_t seq
    cdef readonly str head

    cpdef bytes seal(self, bytes body)
