"""The options of one underlying for compiled code: a tick revalues all of them, and reads no Python object."""

cimport cython
from libc.stdint cimport int8_t, int64_t

from hotpath.options.columns cimport Columns


cdef extern from "black.h" nogil:
    enum:
        TIERCEL_STATE_FIELDS


@cython.final
cdef class Chain:
    cdef readonly Py_ssize_t count
    cdef readonly double spot               # NaN before the first tick
    cdef readonly double multiplier
    cdef readonly object values             # read-only views of what the fields below hold
    cdef readonly object implied
    cdef readonly object reasons
    cdef readonly tuple expiries            # ascending, each once

    # life cycle: terms() before the first tick, and again when time, rates or volatilities have moved
    cdef const int8_t[::1] right
    cdef const double[::1] strike
    cdef int64_t[::1] expiry_at             # of each contract, its place in `expiries`
    cdef Columns columns                    # with a spot column of our own
    cdef double[::1] spots
    cdef double[::1] states                 # what does not depend on the spot, field by field
    cdef double[:, ::1] rows                # price and Greeks, in the order of Greeks
    cdef double[::1] implied_here
    cdef int8_t[::1] reasons_here

    # hot
    cdef int tick(self, double spot) noexcept nogil
