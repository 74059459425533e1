"""Orders that are good till a date: a binary heap by time, with the place of every number, so that one can be dropped.

Each entry is an order that is open: one that closes earlier is taken out at once, so the heap is as large as what it
holds and memory is flat. It owns no clock: the engine asks with a time. Orders that expire together do so by number.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t
from libc.stdlib cimport calloc, free

from hotpath.core.integers cimport int64_of
from hotpath.market.order_index cimport allocate_index, count_numbers, drop_number, put_number, slot_of


cdef inline bint is_before(Deadline left, Deadline right) noexcept nogil:
    """Whether one expires before another."""
    return left.expires_ns < right.expires_ns or (
        left.expires_ns == right.expires_ns and left.number < right.number
    )


@cython.final
cdef class Expiries:
    def __cinit__(self, orders_max):
        cdef int64_t orders = int64_of(orders_max, "orders_max")
        allocate_index(&self.index, orders)
        self.orders_max = <int32_t>orders
        self.heap = <Deadline*>calloc(<size_t>orders, sizeof(Deadline))
        if self.heap == NULL:
            raise MemoryError(f"no memory for the expiry of {orders} orders")

    def __dealloc__(self):
        free(self.index.entries)
        free(self.heap)

    cdef void add(self, int64_t number, int64_t expires_ns) noexcept nogil:
        """Note when an order expires."""
        self.count += 1
        self.rise(self.count - 1, Deadline(expires_ns, number))

    cdef void drop(self, int64_t number) noexcept nogil:
        """Forget an order: the last entry takes its place, then moves to where it belongs."""
        cdef int32_t place = slot_of(&self.index, number)
        cdef Deadline last
        if place < 0:
            return
        drop_number(&self.index, number)
        self.count -= 1
        if place == self.count:
            return
        last = self.heap[self.count]
        if place > 0 and is_before(last, self.heap[(place - 1) >> 1]):
            self.rise(place, last)
        else:
            self.sink(place, last)

    cdef void put(self, int32_t place, Deadline one) noexcept nogil:
        """Write an entry at its place."""
        self.heap[place] = one
        put_number(&self.index, one.number, place)

    cdef void rise(self, int32_t place, Deadline one) noexcept nogil:
        """Put an entry at `place` or above."""
        while place > 0 and is_before(one, self.heap[(place - 1) >> 1]):
            self.put(place, self.heap[(place - 1) >> 1])
            place = (place - 1) >> 1
        self.put(place, one)

    cdef void sink(self, int32_t place, Deadline one) noexcept nogil:
        """Put an entry at `place` or below."""
        cdef int32_t child
        while 2 * place + 1 < self.count:
            child = 2 * place + 1
            if child + 1 < self.count and is_before(self.heap[child + 1], self.heap[child]):
                child += 1
            if not is_before(self.heap[child], one):
                break
            self.put(place, self.heap[child])
            place = child
        self.put(place, one)

    def check(self):
        cdef int32_t place
        assert 0 <= self.count <= self.orders_max, f"{self.count} orders of {self.orders_max} expire"
        assert count_numbers(&self.index) == self.count, f"{self.count} orders expire, another number is indexed"
        for place in range(self.count):
            assert slot_of(&self.index, self.heap[place].number) == place, "an expiry cannot be found"
            assert place == 0 or is_before(self.heap[(place - 1) >> 1], self.heap[place]), "the heap is out of order"
