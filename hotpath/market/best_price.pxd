"""A best-price message of the form that a venue always prints, read in one go."""

from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale


cdef class BestPriceScanner:
    cdef bytes head          # up to the digits of the update id
    cdef bytes middle        # from behind them to the digits of the bid
    cdef bytes bid_lots      # between bid and its quantity
    cdef bytes ask           # between that and the ask
    cdef bytes ask_lots      # between ask and its quantity
    cdef bytes tail          # what is behind it
    cdef int price_decimals
    cdef int quantity_decimals

    cdef bint read(self, bytes payload, int64_t* values) noexcept
    cdef const unsigned char* number(
        self, const unsigned char* p, const unsigned char* end, bytes before, int decimals, int64_t* value, int* error
    ) noexcept
