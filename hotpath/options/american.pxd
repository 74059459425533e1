"""American options for compiled code: one at a time, or columns through the kernels of isa.pxd with these `tables`.

Prices in currency, time in years, rates and volatility per year, `right` 1 for a call and -1 for a put.
"""

from hotpath.options.black cimport option_terms
from hotpath.options.isa cimport exercise_tables


cdef struct american_greeks:    # NaN, all of it, where the reason is not VALUED
    double price
    double delta
    double gamma
    double vega
    double theta
    double rho
    int reason                  # a Reason


cdef struct net_spot:           # a spot less the present value of dividends, and its derivatives
    double spot
    double by_rate
    double by_time              # for a year that passes, none of them paid meanwhile


cdef exercise_tables tables     # made when this module is imported, and never changed

cdef american_greeks greeks_of(
    const option_terms* terms, double spot, int right, bint on_future, bint sensitive
) noexcept nogil
