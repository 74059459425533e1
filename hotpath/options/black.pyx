"""Black-Scholes-Merton with a continuous dividend yield, and Black-76: price and Greeks of European options.

The formulas stand in kernels/black.h, where compiled code finds them too; here they meet Python, one option at a time
or columns of them. Nothing is rounded, guessed or repaired: what lies outside the domain is NaN, in every result of
that option alone. It knows no chain, no position and no currency.
"""

from collections import namedtuple

from hotpath.options.columns cimport Columns, rows_of
from hotpath.options.isa cimport active

CALL = 1
PUT = -1

Greeks = namedtuple("Greeks", "price delta gamma vega theta rho vanna charm volga")

cdef tuple ROWS = (1, 6, 9)


cdef int refuse_right(int right) except -1:
    """Raise ValueError for what is neither a call nor a put."""
    if right != 1 and right != -1:
        raise ValueError(f"right is {right}; expected CALL (1) or PUT (-1)")
    return 0


cdef option_greeks greeks_of(
    int right, double spot, double strike, double years, double rate, double dividend_yield, double volatility,
    bint on_future,
) except *:
    """Return everything about one option."""
    cdef option_terms terms
    refuse_right(right)
    terms.strike = strike
    terms.years = years
    terms.rate = rate
    terms.yield_ = dividend_yield
    terms.volatility = volatility
    return value_of(state_of(terms), spot, right, on_future)


def price(int right, double spot, double strike, double years, double rate, double dividend_yield, double volatility):
    """Return the Black-Scholes-Merton price."""
    return greeks_of(right, spot, strike, years, rate, dividend_yield, volatility, False).price


def greeks(int right, double spot, double strike, double years, double rate, double dividend_yield, double volatility):
    """Return the Black-Scholes-Merton price and its derivatives."""
    cdef option_greeks found = greeks_of(right, spot, strike, years, rate, dividend_yield, volatility, False)
    return Greeks(
        found.price, found.delta, found.gamma, found.vega, found.theta, found.rho, found.vanna, found.charm, found.volga
    )


def price_76(int right, double future, double strike, double years, double rate, double volatility):
    """Return the Black-76 price of an option on a futures price."""
    return greeks_of(right, future, strike, years, rate, rate, volatility, True).price


def greeks_76(int right, double future, double strike, double years, double rate, double volatility):
    """Return the Black-76 price and its derivatives; delta and gamma are to the futures price."""
    cdef option_greeks found = greeks_of(right, future, strike, years, rate, rate, volatility, True)
    return Greeks(
        found.price, found.delta, found.gamma, found.vega, found.theta, found.rho, found.vanna, found.charm, found.volga
    )


cdef int fill(Columns columns, object out, bint on_future) except -1:
    """Value columns of options into the rows of `out`."""
    cdef double[:, ::1] rows = rows_of(
        out, columns.count, ROWS,
        "1 row (prices), 6 (with delta, gamma, vega, theta, rho) or 9 (with vanna, charm, volga)",
    )
    if columns.count == 0:
        return 0
    columns.refuse_overlap(&rows[0, 0], rows.shape[0] * columns.count * <Py_ssize_t>sizeof(double))
    with nogil:
        active.value(&columns.pointers, columns.count, on_future, <int>rows.shape[0], &rows[0, 0])
    return 0


def value(right, spot, strike, years, rate, dividend_yield, volatility, out):
    """Fill `out` with Black-Scholes-Merton prices and Greeks of whole columns."""
    fill(Columns(right, spot, strike, years, rate, dividend_yield, volatility), out, False)


def value_76(right, future, strike, years, rate, volatility, out):
    """Fill `out` with Black-76 prices and Greeks of whole columns."""
    fill(Columns(right, future, strike, years, rate, rate, volatility), out, True)


def normal(double x):
    """Return the standard normal distribution function."""
    return normal_distribution(x)
