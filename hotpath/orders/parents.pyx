"""Orders that are sent in parts: what lives of their children and what is filled never exceeds the parent.

A parent is an intent of a strategy and a cap in lots. What its children reserve and fill is counted where it happens,
in hotpath.orders.exposure, which holds a pointer to the parent in each child's slot; so a place in the table is used
again only when no child lives any more. It knows no algorithm: who cuts and when is the business of others.
"""

cimport cython
from libc.stdint cimport int64_t, uint64_t
from libc.stdlib cimport free

from hotpath.orders.account cimport zeroed
from hotpath.orders.denial cimport APPROVED, PARENT_CHILD_CAP, PARENT_CHILD_CAP_INPUT
from hotpath.orders.judged cimport Order, deny

cdef enum:
    STRATEGIES_MAX = 4_096

cdef int64_t INTENTS_MAX = <int64_t>1 << 50

cdef uint64_t MIX = 0x9E3779B97F4A7C15  # as in hotpath.orders.recents


cdef int64_t number_of(int64_t strategy, int64_t intent) noexcept nogil:
    """Return the number of a parent, above 0; 0 for what no intent can be."""
    if not (-1 <= strategy < STRATEGIES_MAX - 1 and 0 < intent < INTENTS_MAX):
        return 0
    return intent * STRATEGIES_MAX + strategy + 1


@cython.final
cdef class Parents:
    """The parents of orders that are sent in parts, by strategy and intent."""

    def __cinit__(self):
        self.table = <Parent*>zeroed(PARENTS_MAX, sizeof(Parent))

    def __dealloc__(self):
        free(self.table)

    def open(self, int64_t strategy, int64_t intent, int64_t cap_lots, int64_t filled_lots=0):
        """Begin a parent; `filled_lots` is what its children had filled when a run ended."""
        cdef Parent* place
        cdef int64_t number = number_of(strategy, intent)
        if number == 0 or cap_lots <= 0 or not 0 <= filled_lots <= cap_lots:
            raise ValueError(
                f"parent {intent} of strategy {strategy} with {cap_lots} lots, {filled_lots} filled; expected numbers "
                "that an intent can have, and lots"
            )
        if self.find(number) is not NULL:
            raise ValueError(f"parent {intent} of strategy {strategy} is open")
        place = self.place_of(number)
        if place is NULL:
            raise OverflowError(f"no place for parent {intent} beside {self.count} others; close some")
        place.number, place.cap_lots, place.live_lots, place.filled_lots = number, cap_lots, 0, filled_lots
        place.closed = False
        self.count += 1

    def close(self, int64_t strategy, int64_t intent):
        """End a parent: no child any more; False when it was not open."""
        cdef Parent* parent = self.find(number_of(strategy, intent))
        if parent is NULL:
            return False
        parent.closed = True
        self.count -= 1
        return True

    def left_lots(self, int64_t strategy, int64_t intent):
        """Return what may still be sent of a parent, or raise KeyError."""
        cdef Parent* parent = self.parent_of(strategy, intent)
        return parent.cap_lots - parent.live_lots - parent.filled_lots

    def filled_lots(self, int64_t strategy, int64_t intent):
        """Return what the children of a parent have filled, or raise KeyError."""
        return self.parent_of(strategy, intent).filled_lots

    @cython.overflowcheck(False)
    cdef Parent* find(self, int64_t number) noexcept nogil:
        """Return an open parent, or NULL."""
        cdef uint64_t start = (<uint64_t>number * MIX) >> (64 - PARENTS_BITS)
        cdef Parent* place
        cdef int probe
        for probe in range(PROBES_MAX):
            place = &self.table[(start + <uint64_t>probe) & (PARENTS_MAX - 1)]
            if place.number == number and number != 0 and not place.closed:
                return place
        return NULL

    @cython.overflowcheck(False)
    cdef Parent* place_of(self, int64_t number) noexcept nogil:
        """Return where a parent may be put: an empty place, or that of one closed without a live child."""
        cdef uint64_t start = (<uint64_t>number * MIX) >> (64 - PARENTS_BITS)
        cdef Parent* place
        cdef int probe
        for probe in range(PROBES_MAX):
            place = &self.table[(start + <uint64_t>probe) & (PARENTS_MAX - 1)]
            if place.number == 0 or (place.closed and place.live_lots == 0):
                return place
        return NULL

    cdef Parent* parent_of(self, int64_t strategy, int64_t intent) except NULL:
        """Return an open parent or raise KeyError."""
        cdef Parent* parent = self.find(number_of(strategy, intent))
        if parent is NULL:
            raise KeyError(f"parent {intent} of strategy {strategy} is not open")
        return parent

    cdef int child_cap(self, Order* order) noexcept nogil:
        """C27: what lives of the children and what is filled, with this one, is at most the parent."""
        cdef int64_t left
        if order.parent is NULL:
            return deny(order, PARENT_CHILD_CAP_INPUT, order.growth_lots, 0)
        left = order.parent.cap_lots - order.parent.live_lots - order.parent.filled_lots
        if order.growth_lots > left:
            return deny(order, PARENT_CHILD_CAP, order.growth_lots, max(left, 0))
        return APPROVED
