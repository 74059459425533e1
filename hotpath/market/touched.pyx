"""The levels that a matching engine touched since its changes were last asked for, each side by its key (side * ticks).

Adding is one write; sorting and dropping repeats waits until somebody asks, or until there is no room. When even then
there is none, what was touched is lost, and whoever asks is told so rather than given half of it.
"""

from libc.stdint cimport int8_t, int32_t, int64_t
from libc.stdlib cimport calloc, free, qsort


cdef int by_side_and_key(const void* left, const void* right) noexcept nogil:
    """Order touched levels: bids before asks, best first."""
    cdef const Touched* a = <const Touched*>left
    cdef const Touched* b = <const Touched*>right
    if a.side != b.side:
        return -1 if a.side > b.side else 1
    if a.key != b.key:
        return -1 if a.key > b.key else 1
    return 0


cdef class TouchedLevels:
    def __cinit__(self, int32_t levels_max):
        if levels_max < 1:
            raise ValueError(f"levels_max is {levels_max}; it must be at least 1")
        self.levels_max = levels_max
        self.levels = <Touched*>calloc(levels_max, sizeof(Touched))
        if self.levels is NULL:
            raise MemoryError(f"no memory for {levels_max} touched levels")

    def __dealloc__(self):
        free(self.levels)

    def take(self):
        cdef int32_t i
        cdef list found = []
        if self.lost:
            raise OverflowError(
                f"more than {self.levels_max} levels changed since they were last asked for; ask more often"
            )
        self.compact()
        for i in range(self.count):
            found.append((self.levels[i].side, self.levels[i].side * self.levels[i].key))
        self.count = 0
        return found

    def check(self):
        assert 0 <= self.count <= self.levels_max, f"{self.count} levels of {self.levels_max}"

    cdef void add(self, int side, int64_t key) noexcept nogil:
        """Note a level; the one noted last is the one most often touched again."""
        cdef Touched* last
        if self.count > 0:
            last = &self.levels[self.count - 1]
            if last.side == side and last.key == key:
                return
        if self.count == self.levels_max:
            self.compact()
        if self.count == self.levels_max:
            self.lost = True
            return
        self.levels[self.count].side = <int8_t>side
        self.levels[self.count].key = key
        self.count += 1

    cdef void compact(self) noexcept nogil:
        """Sort the levels and keep each once."""
        cdef int32_t kept = 0
        cdef int32_t i
        qsort(self.levels, <size_t>self.count, sizeof(Touched), by_side_and_key)
        for i in range(self.count):
            if kept == 0 or by_side_and_key(&self.levels[kept - 1], &self.levels[i]) != 0:
                self.levels[kept] = self.levels[i]
                kept += 1
        self.count = kept
