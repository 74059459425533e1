"""Orders that are sent in parts, for compiled code: a table of parents by number, and C27."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.judged cimport Order
from hotpath.orders.line cimport Parent

cdef enum:
    PARENTS_MAX = 4_096         # places in the table
    PARENTS_BITS = 12           # the same as a power of two
    PROBES_MAX = 16             # places in which a parent may be


@cython.final
cdef class Parents:
    cdef Parent* table
    cdef readonly int count

    # NULL when none is open under this number.
    cdef Parent* find(self, int64_t number) noexcept nogil
    cdef Parent* place_of(self, int64_t number) noexcept nogil
    cdef Parent* parent_of(self, int64_t strategy, int64_t intent) except NULL
    cdef int child_cap(self, Order* order) noexcept nogil


# The number of the parent that an intent of a strategy is; 0 for what no intent can be.
cdef int64_t number_of(int64_t strategy, int64_t intent) noexcept nogil
