"""Which lots of a position are sold first: a bounded queue of parcels, one for each fill that opened something.

Closing takes the oldest parcel first; of one that is closed in part floor(value x k / n) goes, so the parcels always
sum to what is open, to the last unit. At the bound a fill joins the newest parcel and is counted: lots and value stay
exact, and only the order inside that parcel is lost, as if it had been one fill at their average. It knows no side and
no price.
"""

cimport cython
from libc.stdint cimport int64_t
from libc.stdlib cimport free

from hotpath.core.integers cimport int64_of
from hotpath.core.units cimport int128
from hotpath.orders.account cimport zeroed

cdef enum:
    FIRST_PARCELS = 16


@cython.overflowcheck(False)
cdef inline int64_t part_of(const Parcel* parcel, int64_t lots) noexcept nogil:
    """Return what `lots` of a parcel cost, rounded down."""
    if lots == parcel.lots:
        return parcel.value
    return <int64_t>(<int128>parcel.value * <int128>lots // <int128>parcel.lots)


@cython.final
cdef class Fifo:
    """The open lots of one position, oldest first."""

    def __cinit__(self, parcels_max):
        cdef int64_t most = int64_of(parcels_max, "parcels_max")
        self.ring = NULL
        self.first = self.count = self.allocated = self.merged = 0
        if most < 1:
            raise ValueError(f"parcels_max is {most}; expected 1 or more")
        self.parcels_max = most

    def __dealloc__(self):
        free(self.ring)

    cdef int reserve(self) except -1:
        """Make room for one parcel more, up to the bound; grows by doubling and puts the oldest first."""
        cdef Py_ssize_t size = max(2 * self.allocated, <Py_ssize_t>FIRST_PARCELS)
        cdef Py_ssize_t i
        cdef Parcel* larger
        if self.count < self.allocated or self.count == self.parcels_max:
            return 0
        larger = <Parcel*>zeroed(size, sizeof(Parcel))
        for i in range(self.count):
            larger[i] = self.ring[self.at(i)]
        free(self.ring)
        self.ring = larger
        self.allocated = size
        self.first = 0
        return 0

    cdef Py_ssize_t at(self, Py_ssize_t number) noexcept nogil:
        """Return where the parcel of a number stands; the oldest is 0."""
        return (self.first + number) & (self.allocated - 1)

    cdef void open(self, int64_t lots, int64_t value) noexcept nogil:
        """Add a parcel, or join the newest where there is no room."""
        cdef Parcel* newest
        if self.count == self.parcels_max:
            newest = &self.ring[self.at(self.count - 1)]
            newest.lots += lots
            newest.value += value
            self.merged += 1
            return
        newest = &self.ring[self.at(self.count)]
        newest.lots = lots
        newest.value = value
        self.count += 1

    @cython.overflowcheck(False)
    cdef int128 value_of(self, int64_t lots) noexcept nogil:
        """Return what closing the oldest `lots` takes away."""
        cdef int128 value = 0
        cdef Py_ssize_t number = 0
        cdef const Parcel* oldest
        while lots > 0:
            oldest = &self.ring[self.at(number)]
            value += part_of(oldest, min(lots, oldest.lots))
            lots -= oldest.lots
            number += 1
        return value

    cdef void close(self, int64_t lots) noexcept nogil:
        """Take the oldest `lots` away."""
        cdef Parcel* oldest
        cdef int64_t part
        while lots > 0:
            oldest = &self.ring[self.first]
            part = min(lots, oldest.lots)
            oldest.value -= part_of(oldest, part)
            oldest.lots -= part
            lots -= part
            if oldest.lots == 0:
                self.first = self.at(1)
                self.count -= 1

    @property
    def parcels(self):
        """(lots, value) of what is open, oldest first."""
        return tuple([(self.ring[self.at(i)].lots, self.ring[self.at(i)].value) for i in range(self.count)])

    def check(self):
        """Raise AssertionError when the queue contradicts itself."""
        assert 0 <= self.count <= min(self.allocated, self.parcels_max), f"{self.count} of {self.parcels_max} parcels"
        assert all(lots > 0 and value >= 0 for lots, value in self.parcels), f"a parcel is empty: {self.parcels}"
