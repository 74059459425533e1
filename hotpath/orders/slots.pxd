"""The places of live orders, for compiled code: numbered by handles that are never given twice."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.line cimport Slot

cdef enum:
    SLOTS_BITS = 16          # a handle is (serial, slot): a stale one is recognised
    SLOTS_MAX = 65_536


@cython.final
cdef class Slots:
    cdef Slot* slots
    cdef readonly int capacity
    cdef readonly int open_count
    cdef int free_head
    cdef int64_t serial

    # NULL when nobody has this handle.
    cdef Slot* find(self, int64_t handle) noexcept nogil

    # A free slot with these fields, in no sum and without a handle: NULL when there is none. `enter` gives the handle.
    cdef Slot* offer(self, int instrument, int side, int64_t price_ticks, int64_t lots) noexcept nogil
    cdef int64_t enter(self, Slot* slot) noexcept nogil
    cdef void leave(self, Slot* slot) noexcept nogil
    cdef int index_of(self, Slot* slot) noexcept nogil
    cdef Slot* slot_of(self, int64_t handle) except NULL


cdef int refuse_order(int side, int64_t price_ticks, int64_t lots) except -1
cdef int refuse_size(bint refused, int64_t price_ticks, int64_t lots) except -1
