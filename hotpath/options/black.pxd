"""European options for compiled code: the scalar formulas of black.h, inlined wherever they are called.

Prices in currency, time in years, rates and volatility per year, `right` 1 for a call and -1 for a put. Outside the
domain (see black.pyi) every result is NaN; nothing is raised.
"""


cdef extern from "elementary.h" nogil:
    double exponential(double x)                # for -708 <= x <= 709; 0 below
    double logarithm(double x)                  # of a normal positive double


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


# ValueError for what is neither 1 nor -1.
cdef int refuse_right(int right) except -1
