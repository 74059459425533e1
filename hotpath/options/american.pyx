"""American options: a high-precision method with Greeks, Barone-Adesi and Whaley's approximation, dividends by escrow.

The formulas stand in kernels/american.h and what it includes; here they meet Python, one option at a time or columns
of them. What cannot be valued is NaN with a Reason; nothing is guessed. Columns run in the order given,
and an option that differs from the one before in spot and strike alone takes over its exercise boundary, which is
nearly all of the work: sort by expiry. It knows no chain, no calendar of dividends and no currency.
"""

from collections import namedtuple
from enum import IntEnum

from libc.stdint cimport int8_t

from hotpath.options.black cimport exponential, refuse_right
from hotpath.options.columns cimport Columns, reasons_of, refuse_shared, rows_of
from hotpath.options.isa cimport active, option_columns


cdef extern from "quadrature.h" nogil:
    void make_tables(exercise_tables* tables)


Greeks = namedtuple("Greeks", "price delta gamma vega theta rho reason")

cdef tuple ROWS = (1, 6)


class Reason(IntEnum):
    """Why an option has no value."""

    VALUED = 0
    OUTSIDE = 1
    TWO_BOUNDARIES = 2
    UNSOLVED = 3


REASONS = tuple(Reason)

make_tables(&tables)


cdef option_terms terms_of(double strike, double years, double rate, double yield_, double volatility) noexcept nogil:
    """Name the terms of an option."""
    cdef option_terms terms
    terms.strike = strike
    terms.years = years
    terms.rate = rate
    terms.yield_ = yield_
    terms.volatility = volatility
    return terms


cdef option_columns column_of(const option_terms* terms, const double* spot, const int8_t* right) noexcept nogil:
    """Point at one option."""
    cdef option_columns columns
    columns.spot = spot
    columns.strike = &terms.strike
    columns.years = &terms.years
    columns.rate = &terms.rate
    columns.dividend_yield = &terms.yield_
    columns.volatility = &terms.volatility
    columns.right = right
    return columns


cdef american_greeks greeks_of(
    const option_terms* terms, double spot, int right, bint on_future, bint sensitive
) noexcept nogil:
    """Value one option; without `sensitive` its price alone."""
    cdef int8_t side = <int8_t>right
    cdef int8_t reason = 0
    cdef double[6] found
    cdef american_greeks greeks
    cdef option_columns columns = column_of(terms, &spot, &side)
    found[:] = [0, 0, 0, 0, 0, 0]
    active.american(&tables, &columns, 1, on_future, 6 if sensitive else 1, found, &reason)
    greeks.price, greeks.delta, greeks.gamma = found[0], found[1], found[2]
    greeks.vega, greeks.theta, greeks.rho = found[3], found[4], found[5]
    greeks.reason = reason
    return greeks


cdef net_spot net_of(double spot, double rate, double years, dividends) except *:
    """Take the present value of what is paid after today and up to expiry off the spot."""
    cdef net_spot net
    cdef double time, amount, worth
    net.spot, net.by_rate, net.by_time = spot, 0, 0
    for time, amount in dividends:
        if not (amount >= 0 and time == time):
            raise ValueError(f"a dividend of {amount} in {time} years; expected pairs (years, amount), amounts from 0")
        if 0 < time <= years:
            worth = amount * exponential(-rate * time)
            net.spot -= worth
            net.by_rate += time * worth
            net.by_time -= rate * worth
    if net.spot < 0 <= spot:
        raise ValueError(f"dividends up to expiry are worth {spot - net.spot} today, more than the spot, {spot}")
    return net


cdef american_greeks escrowed(
    int right, double spot, double strike, double years, double rate, double dividend_yield, double volatility,
    dividends, bint sensitive,
) except *:
    """Value an option on a spot that has dividends escrowed."""
    cdef option_terms terms = terms_of(strike, years, rate, dividend_yield, volatility)
    cdef american_greeks greeks
    cdef net_spot net = net_of(spot, rate, years, dividends)
    refuse_right(right)
    greeks = greeks_of(&terms, net.spot, right, False, sensitive)
    if right * (spot - strike) > greeks.price:
        greeks.price, greeks.delta, greeks.gamma = right * (spot - strike), right, 0
        greeks.vega, greeks.theta, greeks.rho = 0, 0, 0
    else:
        greeks.theta += greeks.delta * net.by_time
        greeks.rho += greeks.delta * net.by_rate
    return greeks


cdef object named(american_greeks greeks):
    """Return Greeks for Python."""
    return Greeks(
        greeks.price, greeks.delta, greeks.gamma, greeks.vega, greeks.theta, greeks.rho, REASONS[greeks.reason]
    )


def price(
    int right, double spot, double strike, double years, double rate, double dividend_yield, double volatility,
    dividends=(),
):
    """Return the price to high precision."""
    return escrowed(right, spot, strike, years, rate, dividend_yield, volatility, dividends, False).price


def greeks(
    int right, double spot, double strike, double years, double rate, double dividend_yield, double volatility,
    dividends=(),
):
    """Return the price and its derivatives to high precision."""
    return named(escrowed(right, spot, strike, years, rate, dividend_yield, volatility, dividends, True))


def price_76(int right, double future, double strike, double years, double rate, double volatility):
    """Return the price of an option on a futures price."""
    return escrowed(right, future, strike, years, rate, rate, volatility, (), False).price


def greeks_76(int right, double future, double strike, double years, double rate, double volatility):
    """Return the price of an option on a futures price and its derivatives; delta and gamma are to that price."""
    cdef option_terms terms = terms_of(strike, years, rate, rate, volatility)
    refuse_right(right)
    return named(greeks_of(&terms, future, right, True, True))


def price_whaley(
    int right, double spot, double strike, double years, double rate, double dividend_yield, double volatility,
    dividends=(),
):
    """Return Barone-Adesi and Whaley's price."""
    cdef option_terms terms = terms_of(strike, years, rate, dividend_yield, volatility)
    cdef net_spot net = net_of(spot, rate, years, dividends)
    cdef int8_t side = <int8_t>right
    cdef option_columns columns = column_of(&terms, &net.spot, &side)
    cdef double found = 0
    cdef int8_t reason = 0
    refuse_right(right)
    active.whaley(&columns, 1, &found, &reason)
    return now if (now := right * (spot - strike)) > found else found


def escrowed_spot(double spot, double rate, double years, dividends):
    """Return the spot less the present value of dividends up to expiry."""
    return net_of(spot, rate, years, dividends).spot


cdef int refuse_sharing(Columns columns, double[:, ::1] rows, int8_t[::1] reasons) except -1:
    """Raise ValueError where a result shares memory with a column or with the other result."""
    cdef Py_ssize_t rows_bytes = rows.shape[0] * columns.count * <Py_ssize_t>sizeof(double)
    columns.refuse_overlap(&rows[0, 0], rows_bytes)
    columns.refuse_overlap(&reasons[0], columns.count)
    return refuse_shared(&reasons[0], columns.count, &rows[0, 0], rows_bytes)


cdef int fill(Columns columns, object out, object reasons, bint on_future) except -1:
    """Value columns of options into the rows of `out`."""
    cdef double[:, ::1] rows = rows_of(
        out, columns.count, ROWS, "1 row (prices) or 6 (with delta, gamma, vega, theta, rho)"
    )
    cdef int8_t[::1] codes = reasons_of(reasons, columns.count)
    if columns.count == 0:
        return 0
    refuse_sharing(columns, rows, codes)
    with nogil:
        active.american(
            &tables, &columns.pointers, columns.count, on_future, <int>rows.shape[0], &rows[0, 0], &codes[0]
        )
    return 0


def value(right, spot, strike, years, rate, dividend_yield, volatility, out, reasons):
    """Fill `out` with prices and Greeks of whole columns, to high precision."""
    fill(Columns(right, spot, strike, years, rate, dividend_yield, volatility), out, reasons, False)


def value_76(right, future, strike, years, rate, volatility, out, reasons):
    """Fill `out` with prices and Greeks of options on futures prices."""
    fill(Columns(right, future, strike, years, rate, rate, volatility), out, reasons, True)


def value_whaley(right, spot, strike, years, rate, dividend_yield, volatility, out, reasons):
    """Fill `out` with Barone-Adesi and Whaley's prices of whole columns."""
    cdef Columns columns = Columns(right, spot, strike, years, rate, dividend_yield, volatility)
    cdef double[:, ::1] rows = rows_of(out, columns.count, (1,), "1 row (prices)")
    cdef int8_t[::1] codes = reasons_of(reasons, columns.count)
    if columns.count == 0:
        return
    refuse_sharing(columns, rows, codes)
    with nogil:
        active.whaley(&columns.pointers, columns.count, &rows[0, 0], &codes[0])
