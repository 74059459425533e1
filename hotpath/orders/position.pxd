"""One position for compiled code: signed lots, what they cost, what was realised, and the fees by currency."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale
from hotpath.orders.contract cimport Contract
from hotpath.orders.fifo cimport Fifo


@cython.final
cdef class Position:
    cdef readonly Contract contract
    cdef readonly str base
    cdef readonly str quote
    cdef readonly str settlement       # the currency of every amount here: quote, or base of an inverse contract
    cdef readonly int64_t lots         # signed: long is positive
    cdef readonly int64_t cost         # money, signed like the lots
    cdef readonly int64_t realised     # money, fees not in it, at average cost
    cdef readonly int64_t realised_fifo    # the same when the oldest lots are closed first
    cdef readonly int64_t cash         # money, fees in the settlement currency in it
    cdef readonly int64_t fee_cost     # money: what the lots cost that base fees took
    cdef readonly int64_t base_rest    # money of the base currency: fees below one lot, not taken off yet
    cdef readonly int64_t cost_fifo    # money, signed like the lots: what is open when the oldest are closed first
    cdef dict fees_by_currency
    cdef Fifo fifo
    cdef int sense                     # 1: who buys pays the value; -1: inverse, who buys receives it
    cdef bint takes_lots               # whether a base fee is paid in lots: nothing but the coin or share itself

    # Returns what it realised; all or nothing.
    cdef int64_t add_fill(
        self, int side, int64_t price_ticks, int64_t lots, int64_t fee, str fee_currency
    ) except? -1

    cdef int64_t fee_total(self, int64_t fee, str fee_currency) except? -1
    cdef int64_t apply(self, int side, int64_t lots, int64_t value) except? -1
