"""Token buckets that are asked before every order: a venue's limits of request weight and of new orders.

A bucket is a moment: the later `busy_until_ns` lies, the emptier it is. Life: made from the venue's limits at the
start; the hot calls check every bucket first and take only when all of them have room.
"""

cimport cython
from libc.stdint cimport int64_t


cdef enum:
    BUCKETS_MAX = 16


cdef struct Bucket:
    int64_t busy_until_ns
    int64_t tokens_max
    int64_t token_ns        # how long one token takes to come back
    int64_t depth_ns        # a full bucket
    int64_t reserve_ns      # what only a cancel may take
    bint orders             # counts new orders, one each; the others count request weight


@cython.final
cdef class RateBuckets:
    # ---- what it is made of
    cdef Bucket buckets[BUCKETS_MAX]
    cdef int count
    cdef public int64_t silent_until_ns     # whatever the buckets hold, nothing is given before
    cdef readonly int64_t refused_count

    # ---- hot; `order` says whether the buckets of orders count
    cdef bint has_room(self, int64_t now_ns, int64_t weight, bint order, bint reserved) noexcept nogil
    cdef void charge(self, int64_t now_ns, int64_t weight, bint order) noexcept nogil
    cdef bint order_fits(self, int64_t now_ns, int64_t weight) except -1
