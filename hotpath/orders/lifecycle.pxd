# The order state table as C sees it. The data stands in transitions.py; nothing here knows an order.

from libc.stdint cimport int8_t

cdef enum:
    STATES_MAX = 16
    EVENTS_MAX = 32

cdef int8_t next_state(long state, long event) noexcept nogil     # -1: illegal
cdef bint over(long state) noexcept nogil                         # FILLED and everything after it

cpdef int compile_table() except -1
cpdef int advance(long state, long event) noexcept
cpdef bint is_terminal(long state) noexcept
cpdef int check() except -1
