"""What lots of an instrument are worth, for compiled code: money of its settlement currency, rounded once."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale, int128

cdef enum:
    MULTIPLIER_ONE = 100_000_000    # one unit of the currency a lot stands for


@cython.final
cdef class Contract:
    cdef readonly Scale scale
    cdef readonly int64_t multiplier    # 1e-8 of base, of an inverse contract 1e-8 of quote, in one whole contract
    cdef readonly bint inverse
    cdef int64_t lot_money              # one lot in 1e-8 of a whole
    cdef int64_t digits                 # the multiplier is digits x 10^-decimals, without trailing zeros
    cdef int decimals

    # All positive; OverflowError beyond int64. What is paid goes up, what is received down. A mid is given twice.
    cdef int64_t value_of(self, int64_t price_ticks, int64_t lots, bint up) except? -1
    cdef int64_t value_at_mid(self, int64_t mid_ticks_twice, int64_t lots, bint up) except? -1

    cdef int64_t product(self, int128 ticks_lots, bint halved, bint up, int* error) noexcept nogil
    cdef int64_t quotient(self, int128 lots, int64_t ticks, bint up, int* error) noexcept nogil
