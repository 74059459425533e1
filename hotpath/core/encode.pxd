"""A request's text with five holes in it: id, price, quantity, client order id, time.

Life: made once for an instrument, side and kind of order, when nothing is urgent; then filled on the hot path.
"""

cimport cython
from libc.stdint cimport int64_t


cdef enum:
    PARTS = 6              # the text before each hole, and the text after the last
    NAME_BYTES_MAX = 64    # a client order id; venues take 36
    TEXT_BYTES_MAX = 1024  # all of it; checked when the template is made


@cython.final
cdef class OrderTemplate:
    # ---- what it is made of
    cdef char text[TEXT_BYTES_MAX]      # every part, one after the other
    cdef Py_ssize_t lengths[PARTS]
    cdef int price_decimals
    cdef int quantity_decimals

    # ---- hot: the length, 0 when the name has a character that would need an escape
    cdef Py_ssize_t write(
        self, char* out, int64_t request_id, int64_t price_ticks, int64_t lots, const char* name, Py_ssize_t length,
        int64_t time
    ) noexcept nogil
    cdef bytes filled(self, int64_t request_id, int64_t price_ticks, int64_t lots, str name, int64_t time)
