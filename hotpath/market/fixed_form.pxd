"""Reading a message of the form that a venue always prints: given texts, byte by byte, and the numbers between them.

A header alone: every scanner gets an inlined copy. Both return what follows, or NULL when something else stands there,
and take NULL for a place, so that a scanner asks once, at the end.
"""

cimport cython
from libc.stdint cimport int64_t
from libc.string cimport memchr, memcmp

from hotpath.core.text cimport TEXT_OK, scan_decimal


@cython.overflowcheck(False)  # which cannot subtract pointers
cdef inline const unsigned char* skip(
    const unsigned char* p, const unsigned char* end, const char* text, Py_ssize_t length
) noexcept nogil:
    """Go past `text`."""
    if p == NULL or end - p < length or memcmp(p, text, <size_t>length) != 0:
        return NULL
    return p + length


@cython.overflowcheck(False)
cdef inline const unsigned char* scan_id(
    const unsigned char* p, const unsigned char* end, int64_t* value
) noexcept nogil:
    """Go past a JSON integer above 0."""
    cdef const unsigned char* number = p
    cdef int error = TEXT_OK
    if p == NULL:
        return NULL
    p = scan_decimal(number, end, 0, value, &error)
    if error != TEXT_OK or value[0] <= 0 or number[0] == c'0':
        return NULL
    if memchr(number, c'.', <size_t>(p - number)) != NULL:
        return NULL  # a decimal may be written so, a JSON integer may not
    return p
