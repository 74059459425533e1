"""European options for compiled code: the scalar formulas of black.h, inlined wherever they are called.

Prices in currency, time in years, rates and volatility per year, `right` 1 for a call and -1 for a put. Outside the
domain (see black.pyi) every result is NaN; nothing is raised.
"""

cimport cython
from libc.stdint cimport int8_t, uintptr_t

from hotpath.options.isa cimport option_columns


cdef extern from "normal.h" nogil:
    double normal_distribution(double x)
    double normal_density(double x)


cdef extern from "black.h" nogil:
    ctypedef struct option_terms:
        double strike
        double years
        double rate
        double yield_ "yield"
        double volatility

    ctypedef struct option_state:       # what of an option does not depend on the spot
        pass

    ctypedef struct option_greeks:
        double price
        double delta
        double gamma
        double vega
        double theta
        double rho
        double vanna
        double charm
        double volga

    option_state state_of(option_terms terms)
    option_greeks value_of(option_state state, double spot, double right, int on_future)
    double price_of(option_terms terms, double spot, double right)


# Arrays from Python: one dimension, `count` long where that is not negative, C-contiguous; ValueError names the argument.
cdef const double[::1] doubles(str name, object values, Py_ssize_t count) except *
cdef const int8_t[::1] rights_of(object values, Py_ssize_t count) except *


@cython.final
cdef class OptionColumns:
    cdef option_columns columns         # set where count is above 0
    cdef Py_ssize_t count
    cdef double[:, ::1] rows            # results: as many rows as were allowed, `count` long
    cdef const double[::1] spots
    cdef const double[::1] strikes
    cdef const double[::1] times
    cdef const double[::1] rates
    cdef const double[::1] yields
    cdef const double[::1] volatilities
    cdef const int8_t[::1] rights

    cdef int keep_off(self, str name, uintptr_t result, uintptr_t result_bytes) except -1


# ValueError for what is neither a call nor a put, and for a result that overlaps another argument.
cdef int refuse_right(int right) except -1
cdef int refuse_overlap(
    str name, uintptr_t result, uintptr_t result_bytes, uintptr_t other, uintptr_t bytes_count
) except -1
