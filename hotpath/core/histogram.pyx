"""Latencies, counted in log-linear buckets, and the clock that stamps them. Telemetry: no decision may read it.

Values below 128 ns have a bucket each; above, every power of two is cut in 128. A percentile is the upper end of its
bucket, so it never flatters: at most 1/128 above the true value. The array is part of the object: recording is two
shifts and an increment, and nothing is ever allocated. It knows no name and no unit but ns.
"""

cimport cython
from libc.math cimport llround
from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memset
from posix.time cimport CLOCK_MONOTONIC, clock_gettime, timespec

from hotpath.core.integers cimport int64_of

cdef extern from * nogil:
    int leading_zeros "__builtin_clzll" (unsigned long long value)


cdef int64_t monotonic_ns() noexcept nogil:
    """Return the machine's monotonic clock in ns."""
    cdef timespec now
    clock_gettime(CLOCK_MONOTONIC, &now)
    return <int64_t>now.tv_sec * 1_000_000_000 + now.tv_nsec


def stamp():
    """Return the machine's monotonic clock in ns: telemetry only."""
    return monotonic_ns()


cdef inline Py_ssize_t bucket_of(int64_t ns) noexcept nogil:
    """Return the bucket of a latency that is not negative."""
    cdef int shift
    if ns < SUB_BUCKETS:
        return ns
    shift = 63 - leading_zeros(<uint64_t>ns) - SUB_BUCKET_BITS
    return (<Py_ssize_t>shift << SUB_BUCKET_BITS) + (ns >> shift)


cdef int64_t upper_end(Py_ssize_t bucket) noexcept nogil:
    """Return the largest latency of a bucket."""
    cdef int shift
    if bucket < SUB_BUCKETS:
        return bucket
    shift = <int>(bucket >> SUB_BUCKET_BITS) - 1
    return ((bucket - (<int64_t>shift << SUB_BUCKET_BITS)) << shift) + ((<int64_t>1 << shift) - 1)


@cython.final
cdef class Histogram:
    """Counts of latencies in ns, log-linear: every value is known to 1 % of itself or better, up to 2^63 - 1."""

    def __cinit__(self):
        self.reset()

    @property
    def max(self):
        """The largest latency recorded, exactly; 0 when empty."""
        return self.max_ns

    cdef void add(self, int64_t ns) noexcept nogil:
        """Count one latency."""
        if ns < 0:
            ns = 0
        self.buckets[bucket_of(ns)] += 1
        self.count += 1
        if ns > self.max_ns:
            self.max_ns = ns

    def record(self, ns):
        """Count one latency. A negative one, of a clock that went back, counts as 0."""
        self.add(int64_of(ns, "ns"))

    def percentile(self, double percent):
        """Return the latency that `percent` of all do not exceed: never below the true one, 0 when empty.

        Args:
            percent: 0 to 100, read to a thousandth; 0 gives the smallest, 100 exactly the largest.

        Raises:
            ValueError: it is outside 0 to 100.
        """
        cdef int64_t seen = 0
        cdef Py_ssize_t bucket
        if not 0 <= percent <= 100:
            raise ValueError(f"percentile {percent}: expected 0 to 100")
        if self.count == 0:
            return 0
        # in Python's integers: counts times thousandths may leave int64
        cdef int64_t rank = max(1, -(-int(llround(percent * 1_000)) * self.count // 100_000))
        for bucket in range(BUCKETS):
            seen += self.buckets[bucket]
            if seen >= rank:
                break
        return min(upper_end(bucket), self.max_ns)

    def merge(self, Histogram other not None):
        """Add what another histogram counted."""
        cdef Py_ssize_t bucket
        for bucket in range(BUCKETS):
            self.buckets[bucket] += other.buckets[bucket]
        self.count += other.count
        self.max_ns = max(self.max_ns, other.max_ns)

    def reset(self):
        """Forget everything."""
        memset(self.buckets, 0, sizeof(self.buckets))
        self.count = 0
        self.max_ns = 0

    def check(self):
        """Raise AssertionError unless buckets, count and maximum agree."""
        cdef int64_t seen = 0
        cdef int64_t highest = 0
        cdef Py_ssize_t bucket
        for bucket in range(BUCKETS):
            if self.buckets[bucket] < 0:
                raise AssertionError(f"bucket {bucket} counts {self.buckets[bucket]}")
            if self.buckets[bucket] > 0:
                highest = bucket
            seen += self.buckets[bucket]
        if seen != self.count or highest != bucket_of(self.max_ns):
            raise AssertionError(f"buckets hold {seen} up to number {highest}; count {self.count}, max {self.max_ns}")
