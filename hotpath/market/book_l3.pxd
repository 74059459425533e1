"""An order book order by order. Compiled code calls the cdef methods; each answers with a BookOutcome.

The `mark` of an order is how many zeros at the end of its quantity the venue did not print: a checksum needs them.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.market.price_time cimport PriceQueue, PriceTimeQueues, Stair

cdef enum:
    INVALID = 1
    DUPLICATE = 2
    UNKNOWN = 3
    FULL = 4
    EXCESSIVE = 5
    OPEN = 6
    GONE = 7

    UNPRINTED_MAX = 18


@cython.final
cdef class BookL3:
    cdef PriceTimeQueues queues
    cdef readonly int64_t executions_count
    cdef readonly int64_t hidden_executions_count

    # Hot calls.
    cdef int add_order(self, int64_t number, int side, int64_t ticks, int64_t lots, int unprinted) noexcept nogil
    cdef int set_order(self, int64_t number, int64_t lots, int unprinted) noexcept nogil
    cdef int reduce_order(self, int64_t number, int64_t lots) noexcept nogil
    cdef int execute_order(self, int64_t number, int64_t lots) noexcept nogil
    cdef int cancel_order(self, int64_t number) noexcept nogil
    cdef int replace_order(
        self, int64_t number, int64_t new_number, int64_t ticks, int64_t lots, int unprinted
    ) noexcept nogil

    # Cold calls.
    cdef void truncate_side(self, Stair* stair, int64_t levels_max) noexcept nogil
    cdef PriceQueue* queue_of(self, side, ticks) except? NULL
