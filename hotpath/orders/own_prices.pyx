"""The best price of our own orders on one side of an instrument: what an order of the other side must not reach.

Orders come in as they are placed and leave in any order, so they are a list through their slots. The best price is
kept; only when the order that had it leaves or moves away are the others looked at, once, when somebody asks. While an
amend is on its way both prices may stand in the book, so the better one counts.
"""

from libc.stdint cimport int64_t

from hotpath.orders.line cimport BUY, Own, Slot


cdef int64_t price_of(Slot* slot) noexcept nogil:
    """Return the price at which an order could be met first."""
    if slot.amend_lots == 0:
        return slot.price_ticks
    if slot.side == BUY:
        return max(slot.price_ticks, slot.amend_price_ticks)
    return min(slot.price_ticks, slot.amend_price_ticks)


cdef void better(Own* own, int side, int64_t ticks) noexcept nogil:
    """Take a price that is better than the best one."""
    if own.best_ticks == 0:
        own.best_ticks = ticks
    elif side == BUY:
        own.best_ticks = max(own.best_ticks, ticks)
    else:
        own.best_ticks = min(own.best_ticks, ticks)


cdef void join_own(Slot* slots, Own* own, int index) noexcept nogil:
    """Put a slot into the list."""
    slots[index].previous_own, slots[index].next_own = -1, own.head
    if own.head >= 0:
        slots[own.head].previous_own = index
    own.head = index
    better(own, slots[index].side, price_of(&slots[index]))


cdef void leave_own(Slot* slots, Own* own, int index) noexcept nogil:
    """Take a slot out of the list."""
    cdef int previous = slots[index].previous_own
    cdef int following = slots[index].next_own
    if previous >= 0:
        slots[previous].next_own = following
    else:
        own.head = following
    if following >= 0:
        slots[following].previous_own = previous
    if own.head < 0:
        own.best_ticks, own.stale = 0, False
    elif price_of(&slots[index]) == own.best_ticks:
        own.stale = True


cdef void reprice_own(Own* own) noexcept nogil:
    """Take note that a slot of the list has another price."""
    own.stale = True


cdef int64_t best_own(Slot* slots, Own* own, int side) noexcept nogil:
    """Return the best price, looking through the list when the best one left."""
    cdef int index = own.head
    if own.stale:
        own.best_ticks, own.stale = 0, False
        while index >= 0:
            better(own, side, price_of(&slots[index]))
            index = slots[index].next_own
    return own.best_ticks
