"""How long market data takes to be answered."""

from libc.stdint cimport int64_t

from hotpath.core.histogram cimport Histogram


cdef class Reaction:
    cdef public Histogram times
    cdef int64_t begun_ns       # when the market data that is being answered arrived; 0 while none is
