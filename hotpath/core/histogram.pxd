"""Latencies, counted: 128 buckets for each power of two, and a clock to stamp them with."""

cimport cython
from libc.stdint cimport int64_t

cdef enum:
    SUB_BUCKET_BITS = 7     # a bucket is at most 1/128 of its values wide
    SUB_BUCKETS = 128       # 2^SUB_BUCKET_BITS
    BUCKETS = 7_296         # SUB_BUCKETS x (64 - SUB_BUCKET_BITS): up to 2^63 - 1


# The machine's monotonic clock in ns. For telemetry alone: it enters no message, no decision and no record.
cdef int64_t monotonic_ns() noexcept nogil


@cython.final
cdef class Histogram:
    cdef int64_t buckets[BUCKETS]
    cdef readonly int64_t count
    cdef int64_t max_ns

    cdef void add(self, int64_t ns) noexcept nogil
