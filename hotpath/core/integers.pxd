"""A Python int as int64, or an error that names it. A header alone: every user gets its own inlined copy.

Cython's own conversion of an int64_t argument truncates a float without a word, and its overflow message names nothing.
So whatever takes integers from Python declares them as objects and reads them through here; it costs the same.
"""

from cpython.long cimport PyLong_AsLongLongAndOverflow
from libc.stdint cimport int64_t


cdef inline int64_t int64_of(value, str what) except? -1:
    cdef int overflow = 0
    cdef int64_t result
    if isinstance(value, int):
        result = PyLong_AsLongLongAndOverflow(value, &overflow)
        if overflow == 0:
            return result
        raise OverflowError(f"{what} {value!r:.80} does not fit int64: expected -2^63 to 2^63 - 1")
    raise TypeError(f"{what} {value!r:.80} is of type {type(value).__name__}; expected int")
