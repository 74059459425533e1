"""One position for compiled code: signed lots, what they cost, what was realised, and the fees by currency."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale


@cython.final
cdef class Position:
    cdef readonly Scale scale
    cdef readonly str base
    cdef readonly str quote
    cdef readonly int64_t lots         # signed: long is positive
    cdef readonly int64_t cost         # money, signed like the lots
    cdef readonly int64_t realised     # money of the quote currency, fees not in it
    cdef readonly int64_t cash         # money of the quote currency, its fees in it
    cdef readonly int64_t fee_cost     # money of the quote currency: what the lots cost that base fees took
    cdef readonly int64_t base_rest    # money of the base currency: fees below one lot, not taken off yet
    cdef dict fees_by_currency
    cdef int64_t lot_money

    cdef int64_t value_of(self, int side, int64_t price_ticks, int64_t lots) except? -1
    cdef int64_t apply(self, int side, int64_t lots, int64_t value) except? -1
