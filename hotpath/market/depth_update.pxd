"""A book update of the form that a venue always prints, taken apart in one go."""

from libc.stdint cimport int64_t


cdef struct DepthText:
    int64_t first_id
    int64_t last_id
    const unsigned char* bids
    const unsigned char* asks
    Py_ssize_t bids_bytes
    Py_ssize_t asks_bytes


cdef class DepthScanner:
    cdef bytes head         # up to the digits of the event's time
    cdef bytes first        # from behind them to the digits of the first update id
    cdef bytes last         # between that and the last update id
    cdef bytes bids         # between that and the array of bids
    cdef bytes asks         # between the arrays
    cdef bytes tail         # what is behind them

    cdef bint read(self, bytes payload, DepthText* found) noexcept
