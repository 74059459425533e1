"""Every option of one underlying, held in columns: one call revalues all on a tick, one solves all volatilities.

What does not depend on the spot (discounting, variance) is worked out when the terms change, so a tick pays for the
rest alone and gives the same bits as a valuation from nothing. Sums over a position name what a desk reads: dollars of
delta, dollars a day, dollars a point. It knows no quote, no time and no position: years and quantities are given to it.
The arrays that it shows are views that its next call changes.
"""

from collections import namedtuple

cimport cython
from libc.math cimport NAN
from libc.stdint cimport int64_t

import numpy

from hotpath.options.columns cimport Columns, doubles, present, rights
from hotpath.options.isa cimport active

cdef enum:
    PRICE = 0
    DELTA = 1
    GAMMA = 2
    VEGA = 3
    THETA = 4
    RHO = 5
    ROWS = 9
    TOTALS = 6

cdef double DAYS_A_YEAR = 365
cdef double POINTS = 100

Exposure = namedtuple("Exposure", "value dollar_delta dollar_gamma vega_point theta_day rho_point")


cdef object read_only(object array):
    """Return a view that Python cannot write to."""
    view = array.view()
    view.flags.writeable = False
    return view


def total(exposures):
    """Return the sum of exposures; zeros for none."""
    sums = [0.0] * len(Exposure._fields)
    for exposure in exposures:
        sums = [one + other for one, other in zip(sums, exposure, strict=True)]
    return Exposure(*sums)


@cython.final
cdef class Chain:
    """The contracts of one underlying."""

    def __init__(self, right, strike, expiry, double multiplier=1.0):
        cdef const int64_t[::1] labels
        self.right = numpy.array(rights(right, -1))
        self.count = self.right.shape[0]
        self.strike = numpy.array(doubles("strike", strike, self.count))
        try:
            labels = present(expiry)
        except (TypeError, ValueError, BufferError) as problem:
            raise ValueError(f"expiry: {problem}; expected a contiguous int64 array of one dimension") from None
        if labels.shape[0] != self.count:
            raise ValueError(f"expiry has {labels.shape[0]} elements and right {self.count}; expected equal lengths")
        if not 0 < multiplier < 1e12:
            raise ValueError(f"multiplier is {multiplier}; expected a positive number of units of the underlying")
        found, places = numpy.unique(numpy.asarray(labels), return_inverse=True)
        self.expiries = tuple(found.tolist())
        self.expiry_at = places.astype(numpy.int64)
        self.multiplier = multiplier
        self.spot = NAN
        self.spots = numpy.full(self.count, numpy.nan)
        self.states = numpy.full(TIERCEL_STATE_FIELDS * self.count, numpy.nan)
        values = numpy.full((ROWS, self.count), numpy.nan)
        implied = numpy.full(self.count, numpy.nan)
        reasons = numpy.full(self.count, 4, dtype=numpy.int8)
        self.rows = values
        self.implied_here = implied
        self.reasons_here = reasons
        self.values = read_only(values)
        self.implied = read_only(implied)
        self.reasons = read_only(reasons)

    def terms(self, years, rate, dividend_yield, volatility):
        """Take what each contract is valued with, and revalue at the last spot."""
        columns = [
            numpy.array(doubles(name, values, self.count))
            for name, values in (
                ("years", years), ("rate", rate), ("dividend_yield", dividend_yield), ("volatility", volatility)
            )
        ]
        self.columns = Columns(self.right, self.spots, self.strike, *columns)
        if self.count:
            with nogil:
                active.prepare(&self.columns.pointers, self.count, &self.states[0])
        self.tick(self.spot)

    cdef int tick(self, double spot) noexcept nogil:
        """Revalue every contract; before terms() everything is NaN."""
        self.spot = spot
        if self.count:
            active.revalue(&self.states[0], &self.right[0], spot, self.count, &self.rows[0, 0])
        return 0

    def revalue(self, double spot):
        """Revalue every contract at a new spot."""
        with nogil:
            self.tick(spot)

    def imply(self, price):
        """Solve the volatility of every price at the last spot; returns how many were solved."""
        cdef const double[::1] prices = doubles("price", price, self.count)
        if self.columns is None:
            raise ValueError("the chain has no terms: call terms() with years, rates and volatilities first")
        if self.count:
            self.spots[:] = self.spot
            with nogil:
                active.imply(
                    &self.columns.pointers, &prices[0], self.count, &self.implied_here[0], &self.reasons_here[0]
                )
        return int(numpy.count_nonzero(self.reasons == 0))

    def exposure_by_expiry(self, quantity):
        """Return {expiry: Exposure} of a position in the contracts."""
        cdef const double[::1] held = doubles("quantity", quantity, self.count)
        sums = numpy.zeros((len(self.expiries), TOTALS))
        cdef double[:, ::1] totals = sums
        cdef Py_ssize_t i
        cdef int64_t at
        cdef double units, unit_delta = self.spot, unit_gamma = self.spot * self.spot / POINTS
        for i in range(self.count):
            if held[i] == 0:
                continue
            units = held[i] * self.multiplier
            at = self.expiry_at[i]
            totals[at, 0] += units * self.rows[PRICE, i]
            totals[at, 1] += units * self.rows[DELTA, i] * unit_delta
            totals[at, 2] += units * self.rows[GAMMA, i] * unit_gamma
            totals[at, 3] += units * self.rows[VEGA, i] / POINTS
            totals[at, 4] += units * self.rows[THETA, i] / DAYS_A_YEAR
            totals[at, 5] += units * self.rows[RHO, i] / POINTS
        return {expiry: Exposure(*row) for expiry, row in zip(self.expiries, sums.tolist(), strict=True)}

    def exposure(self, quantity):
        """Return the Exposure of a position in the contracts, over all expiries."""
        return total(self.exposure_by_expiry(quantity).values())

    def check(self):
        """Raise AssertionError unless the values are those of a valuation from nothing, to the last bit."""
        if self.columns is None or self.count == 0:
            return
        again = numpy.empty((ROWS, self.count))
        cdef double[:, ::1] rows = again
        self.spots[:] = self.spot
        active.value(&self.columns.pointers, self.count, 0, ROWS, &rows[0, 0])
        assert again.tobytes() == self.values.tobytes(), f"the values are not those of the spot {self.spot}"
        assert sorted(set(self.expiries)) == list(self.expiries), f"expiries {self.expiries}: expected each once"


def portfolio(holdings):
    """Return the Exposures of holdings: in total, by underlying, and by underlying and expiry."""
    by_expiry = {
        (underlying, expiry): exposure
        for underlying, (chain, quantity) in holdings.items()
        for expiry, exposure in chain.exposure_by_expiry(quantity).items()
    }
    by_underlying = {
        underlying: total(exposure for (name, _), exposure in by_expiry.items() if name == underlying)
        for underlying in holdings
    }
    return total(by_underlying.values()), by_underlying, by_expiry
