"""What options make of a portfolio, for compiled code: delta, gamma and vega by underlying and in all."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport int128
from hotpath.orders.exposure cimport Exposure
from hotpath.orders.judged cimport Order

cdef enum:
    DELTA = 0
    GAMMA = 1
    VEGA = 2
    GREEKS = 3
    FRACTION_BITS = 16          # below 1e-8 of the risk currency, of a lot's Greek


cdef struct Option:             # an instrument that has Greeks, or should have
    int64_t lot[3]              # what one lot adds, in 2^-16 of 1e-8 of the risk currency
    int128 up[3]                # what it adds at worst to the positive side, and is in the sums
    int128 down[3]              # and to the negative side
    int64_t contract_lots       # in one whole contract
    int64_t time_ns             # when its Greeks held; 0: they do not age
    int underlying              # -1: none, so it is no option and has no Greeks
    int told
    bint is_option
    bint unknown                # it is held or on order and nobody can use its Greeks


cdef struct Sums:
    int128 up[3]
    int128 down[3]


@cython.final
cdef class Greeks:
    cdef Exposure exposure
    cdef Option* options
    cdef Sums* underlyings
    cdef Sums total
    cdef readonly int unknown_count     # of such instruments
    cdef readonly int64_t skipped_count
    cdef readonly bint on               # there is an instrument to look at
    cdef int64_t each_max[3]
    cdef int64_t total_max[3]
    cdef int64_t each_now[3]            # what is left of them in the trading state
    cdef int64_t total_now[3]
    cdef int64_t age_ns
    cdef int64_t part_pct               # what the trading state leaves of the limits

    cdef int check(self, Order* order) noexcept nogil
    cdef int compare_greek(self, Order* order, Option* option, int greek, int code) noexcept nogil
    cdef int compare_sums(
        self, Order* order, Sums* sums, int greek, int128 up, int128 down, int code, int64_t limit
    ) noexcept nogil
    cdef int64_t lot_of(self, Option* option, value, int* told) except? -1
    cdef void set_part(self, int64_t part_pct) noexcept nogil
    cdef void catch_up(self) noexcept nogil
    cdef void take_out(self, int instrument) noexcept nogil
    cdef void put_in(self, int instrument) noexcept nogil
    cdef Option* option_of(self, int64_t instrument) except NULL
