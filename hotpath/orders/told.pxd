"""What others tell the checks: whether it came, and whether it can be used. A header alone.

An input that nobody ever told keeps its check neutral; once it was told, whatever cannot be used denies.
"""

from cpython.long cimport PyLong_AsLongLongAndOverflow
from libc.stdint cimport int64_t

cdef enum:
    NEVER_TOLD = 0
    TOLD = 1
    UNUSABLE = 2


cdef inline int64_t usable(value, int64_t least, int* told) except? -1:
    """Return an int of at least `least`, or 0 with `told` UNUSABLE: None, no int, negative, beyond int64."""
    cdef int overflow = 0
    cdef int64_t number
    if type(value) is int:
        number = PyLong_AsLongLongAndOverflow(value, &overflow)
        if overflow == 0 and number >= least:
            return number
    told[0] = UNUSABLE
    return 0
