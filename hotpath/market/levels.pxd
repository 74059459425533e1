"""A batch of price levels: what a book message carries, as one C array."""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.units cimport Scale


cdef struct Level:
    int64_t ticks   # above 0
    int64_t lots    # absolute; 0 deletes the level


@cython.final
cdef class Levels:
    cdef Level* levels
    cdef Py_ssize_t count


# An empty batch with room for so many levels.
cdef Levels allocate(Py_ssize_t capacity)

# Reads `[["price","quantity"],...]` that fills `length` bytes; raises as parse_levels does.
cdef Levels read_levels(const unsigned char* start, Py_ssize_t length, Scale scale)
