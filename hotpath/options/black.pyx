"""Black-Scholes-Merton with a continuous dividend yield, and Black-76: price and Greeks of European options.

The formulas stand in kernels/black.h, where compiled code finds them too; here they meet Python, one option at a time
or columns of them. Nothing is rounded, guessed or repaired: what lies outside the domain is NaN, in every result of
that option alone. It knows no chain, no position and no currency.
"""

from collections import namedtuple

from libc.stdint cimport int8_t, uintptr_t

from hotpath.options.isa cimport active, option_columns

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


cdef int refuse_overlap(uintptr_t column, uintptr_t column_bytes, double[:, ::1] out) except -1:
    """Raise ValueError where a result would overwrite what is still to be read."""
    cdef uintptr_t first = <uintptr_t>&out[0, 0]
    cdef uintptr_t bytes_count = <uintptr_t>(out.shape[0] * out.shape[1]) * sizeof(double)
    if column < first + bytes_count and first < column + column_bytes:
        raise ValueError("out shares memory with an input; expected an array of its own: numpy.empty((rows, count))")
    return 0


cdef int fill(
    object right, object spot, object strike, object years, object rate, object yield_, object volatility, object out,
    bint on_future,
) except -1:
    """Value columns of options into the rows of `out`."""
    cdef const double[::1] spots = doubles("spot", spot, -1)
    cdef Py_ssize_t count = spots.shape[0]
    cdef const double[::1] strikes = doubles("strike", strike, count)
    cdef const double[::1] times = doubles("years", years, count)
    cdef const double[::1] rates = doubles("rate", rate, count)
    cdef const double[::1] yields = doubles("dividend_yield", yield_, count)
    cdef const double[::1] volatilities = doubles("volatility", volatility, count)
    cdef const int8_t[::1] rights = rights_of(right, count)
    cdef double[:, ::1] rows
    cdef option_columns columns
    try:
        rows = out
    except (TypeError, ValueError, BufferError) as problem:
        raise ValueError(f"out: {problem}; expected a writable float64 array (rows, count) in C order") from None
    if rows.shape[0] not in ROWS or rows.shape[1] != count:
        raise ValueError(
            f"out has the shape ({rows.shape[0]}, {rows.shape[1]}); expected {count} columns, "
            "and 1 row (prices), 6 (with delta, gamma, vega, theta, rho) or 9 (with vanna, charm, volga)"
        )
    if count == 0:
        return 0
    columns.spot = &spots[0]
    columns.strike = &strikes[0]
    columns.years = &times[0]
    columns.rate = &rates[0]
    columns.yield_ = &yields[0]
    columns.volatility = &volatilities[0]
    columns.right = &rights[0]
    for column in (
        <uintptr_t>columns.spot, <uintptr_t>columns.strike, <uintptr_t>columns.years,
        <uintptr_t>columns.rate, <uintptr_t>columns.yield_, <uintptr_t>columns.volatility,
    ):
        refuse_overlap(column, <uintptr_t>count * sizeof(double), rows)
    refuse_overlap(<uintptr_t>columns.right, <uintptr_t>count, rows)
    with nogil:
        active.value(&columns, count, on_future, <int>rows.shape[0], &rows[0, 0])
    return 0


def value(right, spot, strike, years, rate, dividend_yield, volatility, out):
    """Fill `out` with Black-Scholes-Merton prices and Greeks of whole columns."""
    fill(right, spot, strike, years, rate, dividend_yield, volatility, out, False)


def value_76(right, future, strike, years, rate, volatility, out):
    """Fill `out` with Black-76 prices and Greeks of whole columns."""
    fill(right, future, strike, years, rate, rate, volatility, out, True)


def normal(double x):
    """Return the standard normal distribution function."""
    return normal_distribution(x)
