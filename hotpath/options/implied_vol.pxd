"""The implied volatility for compiled code: the scalar solver of implied.h, inlined wherever it is called."""

from hotpath.options.black cimport option_terms


cdef extern from "implied.h" nogil:
    # `reason` becomes the value of a Reason; terms.volatility is not looked at.
    double implied_of(option_terms terms, double price, double spot, double right, int* reason)
