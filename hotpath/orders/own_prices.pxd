"""The best price of our own orders on one side of an instrument, for compiled code: a list through the slots."""

from libc.stdint cimport int64_t

from hotpath.orders.line cimport Own, Slot

# `own` is the side's list and `index` a slot of `slots`; the price of an amend that is on its way counts as well.
cdef void join_own(Slot* slots, Own* own, int index) noexcept nogil
cdef void leave_own(Slot* slots, Own* own, int index) noexcept nogil
cdef void reprice_own(Own* own) noexcept nogil

# Best price in ticks; 0: none.
cdef int64_t best_own(Slot* slots, Own* own, int side) noexcept nogil
