"""The volatility that a price implies, of European options: to the precision of a double, for every attainable price.

The method stands in kernels/implied.h, where compiled code finds it too; here it meets Python, one price at a time or
columns of them. A price that no volatility explains is an expected outcome: NaN and a Reason, never an exception. It
knows no quote, no smile and no chain.
"""

from enum import IntEnum

from libc.stdint cimport int8_t

from hotpath.options.black cimport option_terms, refuse_right
from hotpath.options.columns cimport Columns, doubles, reasons_of, refuse_shared, results
from hotpath.options.isa cimport active


class Reason(IntEnum):
    """Why there is no implied volatility; the first that holds, but for the last, which comes before all."""

    SOLVED = 0
    AT_INTRINSIC = 1
    BELOW_INTRINSIC = 2
    ABOVE_BOUND = 3
    OUTSIDE = 4


REASONS = tuple(Reason)


cdef tuple solution(
    int right, double price, double spot, double strike, double years, double rate, double dividend_yield
):
    """Return (volatility, Reason) of one price."""
    cdef option_terms terms
    cdef int reason
    cdef double volatility
    refuse_right(right)
    terms.strike = strike
    terms.years = years
    terms.rate = rate
    terms.yield_ = dividend_yield
    terms.volatility = 0
    volatility = implied_of(terms, price, spot, right, &reason)
    return volatility, REASONS[reason]


def implied_volatility(
    int right, double price, double spot, double strike, double years, double rate, double dividend_yield
):
    """Return (volatility, Reason) of a Black-Scholes-Merton price."""
    return solution(right, price, spot, strike, years, rate, dividend_yield)


def implied_volatility_76(int right, double price, double future, double strike, double years, double rate):
    """Return (volatility, Reason) of a Black-76 price."""
    return solution(right, price, future, strike, years, rate, rate)


cdef int fill(Columns columns, object price, object out, object reasons) except -1:
    """Solve columns of prices; the volatility of `columns` is not looked at."""
    cdef const double[::1] prices = doubles("price", price, columns.count)
    cdef double[::1] volatilities = results("out", out, columns.count)
    cdef int8_t[::1] codes = reasons_of(reasons, columns.count)
    cdef Py_ssize_t size = columns.count * <Py_ssize_t>sizeof(double)
    if columns.count == 0:
        return 0
    columns.refuse_overlap(&volatilities[0], size)
    columns.refuse_overlap(&codes[0], columns.count)
    refuse_shared(&volatilities[0], size, &prices[0], size)
    refuse_shared(&codes[0], columns.count, &prices[0], size)
    refuse_shared(&codes[0], columns.count, &volatilities[0], size)
    with nogil:
        active.imply(&columns.pointers, &prices[0], columns.count, &volatilities[0], &codes[0])
    return 0


def solve(right, price, spot, strike, years, rate, dividend_yield, out, reasons):
    """Fill `out` with the implied volatilities of whole columns of Black-Scholes-Merton prices."""
    fill(Columns(right, spot, strike, years, rate, dividend_yield, rate), price, out, reasons)


def solve_76(right, price, future, strike, years, rate, out, reasons):
    """Fill `out` with the implied volatilities of whole columns of Black-76 prices."""
    fill(Columns(right, future, strike, years, rate, rate, rate), price, out, reasons)
