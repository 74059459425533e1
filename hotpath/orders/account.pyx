"""What the desk owns: balances by asset, each at its own price, and their sum in risk currency.

The sum is kept up to date by every change of a balance or a price, so that asking for equity costs nothing. A balance
without a price makes equity unknown; it is never left out. Values are rounded down. Assets are numbers here: which
name and which instrument's mid belongs to one is the owner's knowledge.
"""

cimport cython
from libc.stdint cimport INT64_MAX, int64_t
from libc.stdlib cimport calloc, free

from hotpath.core.units cimport UNITS_OK, UNITS_OVERFLOW, int128


cdef void* zeroed(size_t count, size_t size) except NULL:
    """Return zeroed memory for `count` things of `size` bytes, at least one."""
    cdef void* memory = calloc(count or 1, size)
    if memory is NULL:
        raise MemoryError(f"{count} x {size} bytes")
    return memory


@cython.overflowcheck(False)
cdef int64_t converted(int64_t money, int64_t numerator, int64_t denominator, bint up, int* error) noexcept nogil:
    """Return money x numerator / denominator, rounded once; a denominator that is not positive is no price."""
    cdef int128 product
    if denominator <= 0:
        error[0] = UNITS_OVERFLOW
        return 0
    if numerator == denominator:
        return money
    product = <int128>money * <int128>numerator
    product = -(-product // <int128>denominator) if up else product // <int128>denominator
    if product > <int128>INT64_MAX or product < -<int128>INT64_MAX:
        error[0] = UNITS_OVERFLOW
        return 0
    return <int64_t>product


@cython.final
cdef class Account:
    """Balances by asset number, and equity: every balance in risk currency, rounded down.

    A missing balance is zero. A balance without a price makes equity unknown, never smaller.
    """

    def __cinit__(self, int assets_max):
        if assets_max < 1:
            raise ValueError(f"an account for {assets_max} assets; expected at least 1")
        self.assets = <Asset*>zeroed(assets_max, sizeof(Asset))
        self.assets_max = assets_max

    def __dealloc__(self):
        free(self.assets)

    cdef bint known(self, int64_t asset) noexcept nogil:
        """Return whether `asset` is one of ours."""
        return 0 <= asset < self.assets_max

    @cython.overflowcheck(False)
    cdef void value(self, Asset* asset) noexcept nogil:
        """Value one asset anew and keep the sum right."""
        cdef int error = UNITS_OK
        cdef int64_t value = 0
        if asset.balance != 0:
            value = converted(asset.balance, asset.rate_numerator, asset.rate_denominator, False, &error)
        self.equity_sum += <int128>value - <int128>asset.value
        self.unpriced_count += <int>(error != UNITS_OK) - <int>asset.unpriced
        asset.value = value
        asset.unpriced = error != UNITS_OK

    cdef void price(self, int64_t asset, int64_t numerator, int64_t denominator) noexcept nogil:
        """Take a new price of an asset that is known."""
        self.assets[asset].rate_numerator = numerator
        self.assets[asset].rate_denominator = denominator
        self.value(&self.assets[asset])

    @cython.overflowcheck(False)
    cdef int64_t equity_now(self, int* error) noexcept nogil:
        """Return equity in risk currency, or set `error`."""
        if self.unpriced_count or self.equity_sum > <int128>INT64_MAX or self.equity_sum < -<int128>INT64_MAX:
            error[0] = UNITS_OVERFLOW
            return 0
        return <int64_t>self.equity_sum

    @property
    def equity(self):
        """Money of the risk currency; None when an asset has no price or the sum does not fit."""
        cdef int error = UNITS_OK
        cdef int64_t equity = self.equity_now(&error)
        return equity if error == UNITS_OK else None

    def balance(self, int64_t asset):
        """Return what there is of an asset, free and locked."""
        self.refuse(asset)
        return self.assets[asset].balance

    def set_balance(self, int64_t asset, int64_t money):
        """Say what there is of an asset, free and locked."""
        self.refuse(asset)
        self.assets[asset].balance = money
        self.value(&self.assets[asset])

    @cython.overflowcheck(False)
    def move(self, int64_t asset, int64_t money):
        """Add to what there is of an asset; negative takes away.

        Raises:
            OverflowError: the balance does not fit int64; nothing changed.
        """
        self.refuse(asset)
        cdef int128 balance = <int128>self.assets[asset].balance + <int128>money
        if balance > <int128>INT64_MAX or balance < -<int128>INT64_MAX:
            raise OverflowError(f"a balance of {self.assets[asset].balance} and {money} more does not fit int64")
        self.assets[asset].balance = <int64_t>balance
        self.value(&self.assets[asset])

    def rate(self, int64_t asset, int64_t numerator, int64_t denominator):
        """Say what one unit is worth in risk currency, as a ratio; 0 / 0 when nobody knows."""
        self.refuse(asset)
        self.price(asset, numerator, denominator)

    def check(self):
        """Raise AssertionError when the sum is not the sum of its parts."""
        cdef int index
        total = sum([self.assets[index].value for index in range(self.assets_max)])
        unpriced_count = sum([self.assets[index].unpriced for index in range(self.assets_max)])
        assert self.unpriced_count == unpriced_count, f"{self.unpriced_count} without a price, {unpriced_count} found"
        assert unpriced_count or self.equity in (total, None), f"equity {self.equity} is not the sum of values, {total}"

    cdef int refuse(self, int64_t asset) except -1:
        """Raise ValueError for an asset that is none of ours."""
        if not self.known(asset):
            raise ValueError(f"asset {asset} is unknown; there are 0 to {self.assets_max - 1}")
        return 0
