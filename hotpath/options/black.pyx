"""Black-Scholes-Merton with a continuous dividend yield, and Black-76: price and Greeks of European options.

The formulas stand in kernels/black.h, where compiled code finds them too; here they meet Python, one option at a time
or columns of them. Nothing is rounded, guessed or repaired: what lies outside the domain is NaN, in every result of
that option alone. It knows no chain, no position and no currency.
"""

from collections import namedtuple

cimport cython
from libc.stdint cimport int8_t, uintptr_t

from hotpath.options.isa cimport active

CALL = 1
PUT = -1

Greeks = namedtuple("Greeks", "price delta gamma vega theta rho vanna charm volga")

cdef tuple ROWS = (1, 6, 9)
cdef dict ROWS_TEXT = {
    (1,): "1 row (prices)",
    (1, 6): "1 row (prices) or 6 (with delta, gamma, vega, theta, rho)",
    ROWS: "1 row (prices), 6 (with delta, gamma, vega, theta, rho) or 9 (with vanna, charm, volga)",
}


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


cdef const double[::1] doubles(str name, object values, Py_ssize_t count) except *:
    """Return an argument as a column, or say by its name what is wrong with it."""
    cdef const double[::1] column
    try:
        column = values
    except (TypeError, ValueError, BufferError) as problem:
        raise ValueError(
            f"{name}: {problem}; expected a contiguous float64 array of one dimension: "
            "numpy.ascontiguousarray(..., dtype=float)"
        ) from None
    if column.shape[0] != count and count >= 0:
        raise ValueError(f"{name} has {column.shape[0]} elements and the first array {count}; expected equal lengths")
    return column


cdef const int8_t[::1] rights_of(object values, Py_ssize_t count) except *:
    """Return the column of rights, each of which is 1 or -1."""
    cdef const int8_t[::1] column
    cdef Py_ssize_t i
    cdef int wrong = 0
    try:
        column = values
    except (TypeError, ValueError, BufferError) as problem:
        raise ValueError(
            f"right: {problem}; expected a contiguous int8 array of one dimension, CALL (1) or PUT (-1) each"
        ) from None
    if column.shape[0] != count and count >= 0:
        raise ValueError(f"right has {column.shape[0]} elements and the first array {count}; expected equal lengths")
    for i in range(column.shape[0]):
        wrong |= column[i] * column[i] - 1
    if wrong:
        i = 0
        while column[i] == 1 or column[i] == -1:
            i += 1
        raise ValueError(f"right[{i}] is {column[i]}; expected CALL (1) or PUT (-1)")
    return column


cdef int refuse_overlap(
    str name, uintptr_t result, uintptr_t result_bytes, uintptr_t other, uintptr_t bytes_count
) except -1:
    """Raise ValueError where a result would overwrite what is still to be read, or written."""
    if other < result + result_bytes and result < other + bytes_count:
        raise ValueError(f"{name} shares memory with another argument; expected an array of its own: numpy.empty(...)")
    return 0


@cython.final
cdef class OptionColumns:
    """Columns of options and the rows of their results, checked; their memory stays where it is while this lives."""

    def __cinit__(self, right, spot, strike, years, rate, yield_, volatility, out, tuple rows_counts):
        self.spots = doubles("spot", spot, -1)
        self.count = self.spots.shape[0]
        self.strikes = doubles("strike", strike, self.count)
        self.times = doubles("years", years, self.count)
        self.rates = doubles("rate", rate, self.count)
        self.yields = doubles("dividend_yield", yield_, self.count)
        self.volatilities = doubles("volatility", volatility, self.count)
        self.rights = rights_of(right, self.count)
        try:
            self.rows = out
        except (TypeError, ValueError, BufferError) as problem:
            raise ValueError(f"out: {problem}; expected a writable float64 array (rows, count) in C order") from None
        if self.rows.shape[0] not in rows_counts or self.rows.shape[1] != self.count:
            raise ValueError(
                f"out has the shape ({self.rows.shape[0]}, {self.rows.shape[1]}); expected {self.count} columns, "
                f"and {ROWS_TEXT[rows_counts]}"
            )
        if self.count:
            self.columns.spot = &self.spots[0]
            self.columns.strike = &self.strikes[0]
            self.columns.years = &self.times[0]
            self.columns.rate = &self.rates[0]
            self.columns.yield_ = &self.yields[0]
            self.columns.volatility = &self.volatilities[0]
            self.columns.right = &self.rights[0]
            self.keep_off("out", <uintptr_t>&self.rows[0, 0], <uintptr_t>self.rows.nbytes)

    cdef int keep_off(self, str name, uintptr_t result, uintptr_t result_bytes) except -1:
        """Raise ValueError where a result shares memory with one of the columns."""
        cdef uintptr_t column_bytes = <uintptr_t>self.count * sizeof(double)
        for column in (
            <uintptr_t>self.columns.spot, <uintptr_t>self.columns.strike, <uintptr_t>self.columns.years,
            <uintptr_t>self.columns.rate, <uintptr_t>self.columns.yield_, <uintptr_t>self.columns.volatility,
        ):
            refuse_overlap(name, result, result_bytes, column, column_bytes)
        return refuse_overlap(name, result, result_bytes, <uintptr_t>self.columns.right, <uintptr_t>self.count)


cdef int fill(OptionColumns options, bint on_future) except -1:
    """Value columns of options into their rows."""
    if options.count:
        with nogil:
            active.value(
                &options.columns, options.count, on_future, <int>options.rows.shape[0], &options.rows[0, 0]
            )
    return 0


def value(right, spot, strike, years, rate, dividend_yield, volatility, out):
    """Fill `out` with Black-Scholes-Merton prices and Greeks of whole columns."""
    fill(OptionColumns(right, spot, strike, years, rate, dividend_yield, volatility, out, ROWS), False)


def value_76(right, future, strike, years, rate, volatility, out):
    """Fill `out` with Black-76 prices and Greeks of whole columns."""
    fill(OptionColumns(right, future, strike, years, rate, rate, volatility, out, ROWS), True)


def normal(double x):
    """Return the standard normal distribution function."""
    return normal_distribution(x)
