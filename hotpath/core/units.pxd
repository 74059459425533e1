"""Ticks, lots and money for compiled code: the Scale, and money out of __int128.

Calls with an `error` take no GIL and set it to UNITS_OK or UNITS_OVERFLOW; the others raise.
"""

cimport cython
from libc.stdint cimport int64_t

cdef extern from *:
    ctypedef long long int128 "__int128"


cpdef enum:
    MONEY_DECIMALS = 8


cdef enum:
    UNITS_OK = 0
    UNITS_OVERFLOW = 1


@cython.final
cdef class Scale:
    cdef readonly int price_decimals
    cdef readonly int quantity_decimals


# 128 bits as a Python integer.
cdef object wide(int128 value)

# Decimal text with every digit of the scale.
cdef str plain_text(int64_t value, int decimals)

# `value` in units of 10^-decimals (0 to 36: ticks x lots has those of price and quantity) as money, rounded once.
cdef int64_t money_up(int128 value, int decimals, int* error) noexcept nogil
cdef int64_t money_down(int128 value, int decimals, int* error) noexcept nogil

# The same for ticks x lots of a scale; they raise OverflowError.
cdef int64_t cost_money(int64_t price_ticks, int64_t lots, Scale scale) except? -1
cdef int64_t proceeds_money(int64_t price_ticks, int64_t lots, Scale scale) except? -1
