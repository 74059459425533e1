"""The account for compiled code: an array of assets, their sum in risk currency kept up to date by each change."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport int128

# Zeroed memory for `count` things of `size` bytes; MemoryError when there is none. The owner frees it.
cdef void* zeroed(size_t count, size_t size) except NULL

# money x numerator / denominator, from one currency into another; sets `error` when it does not fit.
cdef int64_t converted(int64_t money, int64_t numerator, int64_t denominator, bint up, int* error) noexcept nogil


cdef struct Asset:
    int64_t balance          # money of the asset, free and locked
    int64_t rate_numerator   # 0: nobody knows its price
    int64_t rate_denominator
    int64_t value            # money of the risk currency, 0 while it has no price
    bint unpriced            # has a balance but no price, or one that does not fit


@cython.final
cdef class Account:
    cdef Asset* assets
    cdef readonly int assets_max
    cdef readonly int unpriced_count
    cdef int128 equity_sum

    cdef bint known(self, int64_t asset) noexcept nogil
    cdef void value(self, Asset* asset) noexcept nogil
    cdef void price(self, int64_t asset, int64_t numerator, int64_t denominator) noexcept nogil
    # Equity in risk currency; `error` is set when an asset has no price or the sum does not fit.
    cdef int64_t equity_now(self, int* error) noexcept nogil
    cdef int refuse(self, int64_t asset) except -1
