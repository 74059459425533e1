from typing import NamedTuple

import numpy as np
import numpy.typing as npt

CALL: int
"""The right to buy: 1."""

PUT: int
"""The right to sell: -1."""

class Greeks(NamedTuple):
    """The price of one option and its derivatives, per unit of what each is to.

    Formulas: Black and Scholes (1973), Merton (1973, equation 44), Black (1976, equation 16); the Greeks as in Haug,
    The Complete Guide to Option Pricing Formulas (2007), chapter 2. With A = S e^(-qT), B = K e^(-rT), t = 1 for a call
    and -1 for a put:
    """

    price: float
    """t (A N(t d1) - B N(t d2)), in currency."""
    delta: float
    """dV/dS."""
    gamma: float
    """d2V/dS2."""
    vega: float
    """dV/dv: for 1.00 of volatility, a hundred points."""
    theta: float
    """-dV/dT: for a year that passes."""
    rho: float
    """dV/dr: for 1.00 of rate. For an option on a future, whose price the rate does not move, -T V."""
    vanna: float
    """d2V/dS dv."""
    charm: float
    """-d2V/dS dT: what delta gains in a year that passes."""
    volga: float
    """d2V/dv2."""

def price(
    right: int, spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> float:
    """Return the Black-Scholes-Merton price.

    The domain: spot and strike from 0 to 1e100, years from 0 to 10,000, volatility from 0 to 10,000, rates within
    +-1,000 and their product with years within +-300. Outside it, and for NaN, the result is NaN.

    At its edges: where no variance is left (years or volatility 0, or their v^2 T below 1e-200), or spot or strike are
    0 (or below 1e-150), the price is the discounted intrinsic value max(t (A - B), 0), delta and rho are those of the
    forward when it is in the money, half of them exactly at the money and 0 out of the money, theta is what the rates
    earn, and what rests on the density is 0: the point masses at the strike are left out. A normal density below
    2^-1022 counts as 0.

    Raises:
        ValueError: `right` is neither CALL nor PUT.
    """

def greeks(
    right: int, spot: float, strike: float, years: float, rate: float, dividend_yield: float, volatility: float
) -> Greeks:
    """Return the Black-Scholes-Merton price and its derivatives; domain and edges as in `price`.

    Within 1e-14 of the spot (price), 1e-13 of itself (delta, gamma, vega, rho) and 1e-12 of the sum of its terms
    (theta, vanna, charm, volga), in the tails too.

    Raises:
        ValueError: `right` is neither CALL nor PUT.
    """

def price_76(right: int, future: float, strike: float, years: float, rate: float, volatility: float) -> float:
    """Return the Black-76 price of an option on a futures price: `price` with the yield equal to the rate.

    Raises:
        ValueError: `right` is neither CALL nor PUT.
    """

def greeks_76(right: int, future: float, strike: float, years: float, rate: float, volatility: float) -> Greeks:
    """Return the Black-76 price and its derivatives; delta, gamma, vanna and charm are to the futures price.

    Raises:
        ValueError: `right` is neither CALL nor PUT.
    """

def value(
    right: npt.NDArray[np.int8],
    spot: npt.NDArray[np.float64],
    strike: npt.NDArray[np.float64],
    years: npt.NDArray[np.float64],
    rate: npt.NDArray[np.float64],
    dividend_yield: npt.NDArray[np.float64],
    volatility: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> None:
    """Fill `out` with what `price` or `greeks` return for each option of whole columns; the GIL is released.

    Args:
        right: int8 (count,), CALL or PUT each.
        spot: float64 (count,), contiguous, like every other input.
        strike: float64 (count,).
        years: float64 (count,).
        rate: float64 (count,).
        dividend_yield: float64 (count,).
        volatility: float64 (count,).
        out: float64 (rows, count) in C order, writable, its own memory. The rows are the fields of Greeks: 1 row is the
            price, 6 add the five Greeks, 9 add vanna, charm and volga.

    Raises:
        ValueError: an argument has another type, shape or length, is not contiguous, not writable, overlaps `out`, or
            holds a right that is none. Nothing was written.
    """

def value_76(
    right: npt.NDArray[np.int8],
    future: npt.NDArray[np.float64],
    strike: npt.NDArray[np.float64],
    years: npt.NDArray[np.float64],
    rate: npt.NDArray[np.float64],
    volatility: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
) -> None:
    """Fill `out` with what `price_76` or `greeks_76` return for each option; arguments as for `value`.

    Raises:
        ValueError: as for `value`.
    """

def normal(x: float) -> float:
    """Return the standard normal distribution function, within 1e-14 of itself on [-37, 8]."""
