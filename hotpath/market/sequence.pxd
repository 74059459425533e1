"""What an update's ids mean for a book."""

cimport cython
from libc.stdint cimport int64_t


cpdef enum:
    IN_ORDER = 0
    DUPLICATE = 1
    GAP = 2


@cython.final
cdef class Sequence:
    cdef readonly int64_t last_id
    cdef readonly bint synchronised
    cdef bint joined            # an update has been taken since start: from now on none may overlap

    cdef int follow(self, int64_t first_id, int64_t last_id) noexcept nogil
    cdef int judge(self, int64_t first_id, int64_t last_id) except -1
