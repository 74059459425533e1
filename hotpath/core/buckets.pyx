"""Token buckets in C integers: the arithmetic of a rate budget, without its policy.

Which share of a venue's limit we use, and when to be silent, is decided by who owns them. What is asked for is compared
with the size of the bucket before it is multiplied, and times are bounded, so nothing here can overflow.
"""

cimport cython
from libc.stdint cimport int64_t

DEPTH_NS_MAX = 2**60

cdef int64_t NOW_NS_MAX = <int64_t>1 << 62


cdef int check_question(int64_t now_ns, int64_t weight) except -1:
    if not 0 <= now_ns <= NOW_NS_MAX or weight < 0:
        raise ValueError(f"a weight of {weight} at {now_ns} ns; expected neither below 0, and a time before 2116")
    return 0


@cython.final
cdef class RateBuckets:
    """Buckets of request weight and of orders, full at the start; before `silent_until_ns` they give nothing."""

    def __cinit__(self):
        self.count = 0
        self.silent_until_ns = self.refused_count = 0

    def add(self, int64_t token_ns, int64_t tokens_max, int64_t reserve_tokens, bint orders):
        """Add a bucket of `tokens_max` tokens that come back in `token_ns` each. ValueError when it cannot work."""
        if self.count == BUCKETS_MAX:
            raise ValueError(f"{BUCKETS_MAX} buckets are the most")
        if token_ns < 1 or tokens_max < 1 or not 0 <= reserve_tokens < tokens_max:
            raise ValueError(f"a bucket of {tokens_max} tokens, {reserve_tokens} kept, each back in {token_ns} ns")
        if token_ns > DEPTH_NS_MAX // tokens_max:
            raise ValueError(f"a bucket of {tokens_max} tokens, each back in {token_ns} ns, takes too long to fill")
        cdef Bucket* bucket = &self.buckets[self.count]
        bucket.busy_until_ns = 0
        bucket.tokens_max = tokens_max
        bucket.token_ns = token_ns
        bucket.depth_ns = token_ns * tokens_max
        bucket.reserve_ns = token_ns * reserve_tokens
        bucket.orders = orders
        self.count += 1

    cdef bint has_room(self, int64_t now_ns, int64_t weight, bint order, bint reserved) noexcept nogil:
        cdef int i
        cdef Bucket* bucket
        cdef int64_t ahead_ns
        cdef int64_t tokens
        for i in range(self.count):
            bucket = &self.buckets[i]
            if bucket.orders and not order:
                continue
            tokens = 1 if bucket.orders else weight
            if tokens > bucket.tokens_max:
                return False
            ahead_ns = bucket.busy_until_ns - now_ns if bucket.busy_until_ns > now_ns else 0
            if ahead_ns + tokens * bucket.token_ns > bucket.depth_ns - (0 if reserved else bucket.reserve_ns):
                return False
        return True

    cdef void charge(self, int64_t now_ns, int64_t weight, bint order) noexcept nogil:
        cdef int i
        cdef Bucket* bucket
        for i in range(self.count):
            bucket = &self.buckets[i]
            if bucket.orders and not order:
                continue
            if bucket.busy_until_ns < now_ns:
                bucket.busy_until_ns = now_ns
            bucket.busy_until_ns += (1 if bucket.orders else weight) * bucket.token_ns

    cdef bint order_fits(self, int64_t now_ns, int64_t weight) except -1:
        """Take one order and its weight; False and nothing taken in silence, or when a bucket has no room."""
        check_question(now_ns, weight)
        if now_ns < self.silent_until_ns or not self.has_room(now_ns, weight, True, False):
            self.refused_count += 1
            return False
        self.charge(now_ns, weight, True)
        return True

    def take_order(self, int64_t now_ns, int64_t weight):
        """Take one order and its weight; False and nothing taken in silence, or when a bucket has no room."""
        return self.order_fits(now_ns, weight)

    def take_weight(self, int64_t now_ns, int64_t weight, bint reserved):
        """Take weight alone; `reserved` may take the reserve as well."""
        check_question(now_ns, weight)
        if now_ns < self.silent_until_ns or not self.has_room(now_ns, weight, False, reserved):
            self.refused_count += 1
            return False
        self.charge(now_ns, weight, False)
        return True

    def check(self):
        """Return 0 when every bucket is sound; AssertionError otherwise."""
        cdef int i
        assert 0 <= self.count <= BUCKETS_MAX, "more buckets than there is room for"
        for i in range(self.count):
            assert 0 < self.buckets[i].token_ns <= self.buckets[i].depth_ns, "a bucket without tokens"
            assert 0 <= self.buckets[i].reserve_ns < self.buckets[i].depth_ns, "a reserve beyond its bucket"
        return 0
