"""Finding an order by its number: open addressing, at most half full. A header alone: every user gets an inlined copy.

An entry holds the whole number beside the slot, so that a search looks at no order. Taking a number out closes the gap
behind it instead of leaving a mark: a search is as short after ten million orders as after the first.
"""

cimport cython
from libc.stdint cimport int32_t, int64_t, uint64_t
from libc.stdlib cimport calloc

cdef extern from *:
    """
    #define TIERCEL_GOLDEN_RATIO 0x9E3779B97F4A7C15ULL
    """
    const uint64_t GOLDEN_RATIO "TIERCEL_GOLDEN_RATIO"

cdef enum:
    INDEX_ORDERS_MAX = 16_777_216   # 2^24: 512 MiB of entries, when all are used


cdef struct IndexEntry:
    int64_t number
    int32_t taken           # the slot + 1; 0 where nothing stands


cdef struct OrderIndex:
    IndexEntry* entries     # zeroed pages, which cost nothing until they are touched
    int64_t mask
    int shift


# Room for `orders_max` numbers, 1 to INDEX_ORDERS_MAX; whoever owns the index frees `entries`.
cdef inline int allocate_index(OrderIndex* index, int64_t orders_max) except -1:
    cdef int bits = 1
    if not 1 <= orders_max <= INDEX_ORDERS_MAX:
        raise ValueError(f"orders_max is {orders_max}; it must be 1 to {INDEX_ORDERS_MAX}")
    while (<int64_t>1 << bits) < 2 * orders_max:
        bits += 1
    index.mask = (<int64_t>1 << bits) - 1
    index.shift = 64 - bits
    index.entries = <IndexEntry*>calloc(<size_t>1 << bits, sizeof(IndexEntry))
    if index.entries == NULL:
        raise MemoryError(f"no memory to index {orders_max} orders")
    return 0


# Fibonacci hashing: the upper bits of the number times 2^64 / phi (Knuth, The Art of Computer Programming 3, 6.4).
@cython.overflowcheck(False)  # a hash wraps round
cdef inline int64_t home_of(const OrderIndex* index, int64_t number) noexcept nogil:
    return <int64_t>((<uint64_t>number * GOLDEN_RATIO) >> index.shift)


# Where the number stands, or the empty place where it would.
cdef inline int64_t place_of(const OrderIndex* index, int64_t number) noexcept nogil:
    cdef int64_t place = home_of(index, number)
    while index.entries[place].taken != 0 and index.entries[place].number != number:
        place = (place + 1) & index.mask
    return place


# -1 for a number that is not there.
cdef inline int32_t slot_of(const OrderIndex* index, int64_t number) noexcept nogil:
    return index.entries[place_of(index, number)].taken - 1


# Note or move a number; there is room.
cdef inline void put_number(OrderIndex* index, int64_t number, int32_t slot) noexcept nogil:
    cdef IndexEntry* entry = &index.entries[place_of(index, number)]
    entry.number = number
    entry.taken = slot + 1


# Forget a number that stands there, and close the gap, so that no search ends early.
cdef inline void drop_number(OrderIndex* index, int64_t number) noexcept nogil:
    cdef int64_t hole = place_of(index, number)
    cdef int64_t place = (hole + 1) & index.mask
    while index.entries[place].taken != 0:
        if ((place - home_of(index, index.entries[place].number)) & index.mask) >= ((place - hole) & index.mask):
            index.entries[hole] = index.entries[place]
            hole = place
        place = (place + 1) & index.mask
    index.entries[hole].taken = 0


cdef inline int64_t count_numbers(const OrderIndex* index) noexcept nogil:
    cdef int64_t place
    cdef int64_t count = 0
    for place in range(index.mask + 1):
        count += index.entries[place].taken != 0
    return count
