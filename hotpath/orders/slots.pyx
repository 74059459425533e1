"""The places of live orders: a fixed table, a list of free places, handles that are never given twice.

A handle holds the place and a number that only rises, so a stale one finds nothing. What a slot reserves is the
business of hotpath.orders.exposure; here it is only given out and taken back.
"""

cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free

from hotpath.orders.account cimport zeroed
from hotpath.orders.line cimport Slot


@cython.final
cdef class Slots:
    """Places for so many live orders."""

    def __cinit__(self, int capacity):
        cdef int index
        if not 1 <= capacity <= SLOTS_MAX:
            raise ValueError(f"capacity is {capacity}; expected 1 to {SLOTS_MAX} slots")
        self.slots = <Slot*>zeroed(capacity, sizeof(Slot))
        self.capacity = capacity
        for index in range(capacity):
            self.slots[index].next_free = index + 1 if index + 1 < capacity else -1

    def __dealloc__(self):
        free(self.slots)

    def live(self):
        """Return (instrument, side, reserved lots, reserved funds, unknown) of each live order."""
        cdef int index
        cdef Slot* slot
        found = []
        for index in range(self.capacity):
            slot = &self.slots[index]
            if slot.handle:
                found.append((slot.instrument, slot.side, slot.reserved_lots, slot.reserved_funds, slot.unknown))
        return found

    cdef Slot* find(self, int64_t handle) noexcept nogil:
        """Return the slot of a live order, or NULL."""
        cdef int64_t index = handle & (SLOTS_MAX - 1)
        if handle == 0 or index >= self.capacity or self.slots[index].handle != handle:
            return NULL
        return &self.slots[index]

    cdef Slot* offer(self, int instrument, int side, int64_t price_ticks, int64_t lots) noexcept nogil:
        """Return the next free slot with these fields, or NULL; it stays free until it enters."""
        cdef Slot* slot
        if self.free_head < 0:
            return NULL
        slot = &self.slots[self.free_head]
        slot.instrument, slot.side = instrument, side
        slot.price_ticks, slot.lots = price_ticks, lots
        slot.filled_lots = slot.amend_price_ticks = slot.amend_lots = slot.reserved_lots = slot.reserved_funds = 0
        slot.reduce_only = slot.resting = slot.parked = slot.unknown = False
        slot.share = NULL
        slot.parent = NULL
        return slot

    cdef int64_t enter(self, Slot* slot) noexcept nogil:
        """Give a handle to the slot that was offered last."""
        cdef int index = self.free_head
        self.free_head = slot.next_free
        self.serial += 1
        slot.handle = (self.serial << SLOTS_BITS) | index
        self.open_count += 1
        return slot.handle

    cdef void leave(self, Slot* slot) noexcept nogil:
        """Free a slot; its handle is worth nothing any more."""
        cdef int index = self.index_of(slot)
        slot.handle = 0
        slot.next_free = self.free_head
        self.free_head = index
        self.open_count -= 1

    cdef int index_of(self, Slot* slot) noexcept nogil:
        """Return the place of a slot that has a handle."""
        return <int>(slot.handle & (SLOTS_MAX - 1))

    cdef Slot* slot_of(self, int64_t handle) except NULL:
        """Return a live order's slot or raise KeyError."""
        cdef Slot* slot = self.find(handle)
        if slot is NULL:
            raise KeyError(f"handle {handle} is not in use: the order is over, or was never reserved")
        return slot


cdef int refuse_order(int side, int64_t price_ticks, int64_t lots) except -1:
    """Raise ValueError for what cannot be an order."""
    if side != 1 and side != -1:
        raise ValueError(f"side is {side}; expected 1 to buy or -1 to sell")
    if price_ticks <= 0 or lots <= 0:
        raise ValueError(f"an order of {lots} lots at {price_ticks} ticks: both must be positive")
    return 0


cdef int refuse_size(bint refused, int64_t price_ticks, int64_t lots) except -1:
    """Raise OverflowError when a reservation was refused."""
    if refused:
        raise OverflowError(f"{lots} lots at {price_ticks} ticks do not fit beside what is reserved already")
    return 0
