"""Orders as text: fixed parts copied, numbers written between them, one allocation for the result."""

cimport cython
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from hotpath.core.text cimport DECIMAL_TEXT_MAX, DECIMALS_MAX, format_decimal

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(str text)
    Py_ssize_t PyUnicode_GET_LENGTH(str text)
    const char* PyUnicode_DATA(str text)


# Letters, digits, '-' and '_': what no venue's text has to escape.
cdef inline bint plain(const char* name, Py_ssize_t length) noexcept nogil:
    cdef Py_ssize_t i
    cdef char letter
    for i in range(length):
        letter = name[i]
        if not (
            c'0' <= letter <= c'9' or c'a' <= letter <= c'z' or c'A' <= letter <= c'Z'
            or letter == c'-' or letter == c'_'
        ):
            return False
    return True


@cython.final
cdef class OrderTemplate:
    """A request's text with five holes: id, price, quantity, client order id, time."""

    def __init__(self, parts, int price_decimals, int quantity_decimals):
        """Take the six parts around the holes. ValueError when they are not six, or too long."""
        cdef Py_ssize_t used = 0
        cdef int i
        cdef bytes part
        if len(parts) != PARTS:
            raise ValueError(f"a template has {PARTS} parts around its holes, not {len(parts)}")
        if not (0 <= price_decimals <= DECIMALS_MAX and 0 <= quantity_decimals <= DECIMALS_MAX):
            raise ValueError(f"decimals of {price_decimals} and {quantity_decimals}; expected 0 to {DECIMALS_MAX}")
        longest = sum(len(part) for part in parts) + NAME_BYTES_MAX + (PARTS - 2) * DECIMAL_TEXT_MAX
        if longest > TEXT_BYTES_MAX:
            raise ValueError(f"a template that may fill {longest} bytes; {TEXT_BYTES_MAX} is the most")
        for i in range(PARTS):
            part = parts[i]
            self.lengths[i] = PyBytes_GET_SIZE(part)
            memcpy(&self.text[used], PyBytes_AS_STRING(part), <size_t>self.lengths[i])
            used += self.lengths[i]
        self.price_decimals = price_decimals
        self.quantity_decimals = quantity_decimals

    cdef Py_ssize_t write(
        self, char* out, int64_t request_id, int64_t price_ticks, int64_t lots, const char* name, Py_ssize_t length,
        int64_t time
    ) noexcept nogil:
        cdef Py_ssize_t used = 0
        cdef Py_ssize_t read = 0
        cdef int i
        if not plain(name, length):
            return 0
        for i in range(PARTS):
            memcpy(&out[used], &self.text[read], <size_t>self.lengths[i])
            used += self.lengths[i]
            read += self.lengths[i]
            if i == 0:
                used += format_decimal(&out[used], request_id, 0)
            elif i == 1:
                used += format_decimal(&out[used], price_ticks, self.price_decimals)
            elif i == 2:
                used += format_decimal(&out[used], lots, self.quantity_decimals)
            elif i == 3:
                memcpy(&out[used], name, <size_t>length)
                used += length
            elif i == 4:
                used += format_decimal(&out[used], time, 0)
        return used

    def fill(self, int64_t request_id, int64_t price_ticks, int64_t lots, str name not None, int64_t time):
        """Return the text with the holes filled; prices and quantities with every digit of their scale.

        ValueError when `name` is longer than 64 or has a character other than A-Z a-z 0-9 - _.
        """
        return self.filled(request_id, price_ticks, lots, name, time)

    cdef bytes filled(self, int64_t request_id, int64_t price_ticks, int64_t lots, str name, int64_t time):
        """Return the text with the holes filled."""
        cdef char text[TEXT_BYTES_MAX]
        cdef Py_ssize_t used = 0
        cdef Py_ssize_t length = PyUnicode_GET_LENGTH(name)
        if PyUnicode_IS_ASCII(name) and length <= NAME_BYTES_MAX:
            used = self.write(text, request_id, price_ticks, lots, PyUnicode_DATA(name), length, time)
        if used == 0:
            raise ValueError(f"order id {name!r}: expected at most {NAME_BYTES_MAX} of A-Z a-z 0-9 - _")
        return PyBytes_FromStringAndSize(text, used)
