from enum import IntEnum

import numpy as np
import numpy.typing as npt

class Reason(IntEnum):
    """Why there is no implied volatility. OUTSIDE comes before all others."""

    SOLVED = 0
    """There is one."""
    AT_INTRINSIC = 1
    """Nothing is paid above the intrinsic value, up to the rounding of it (4 ulps): the volatility is 0."""
    BELOW_INTRINSIC = 2
    """Less is paid than max(t (A - B), 0): no volatility explains it."""
    ABOVE_BOUND = 3
    """At least A is paid for a call, or B for a put: no volatility explains it."""
    OUTSIDE = 4
    """The price is NaN, spot, strike or time is 0, or the domain of `price` in black is left."""

REASONS: tuple[Reason, ...]
"""Every Reason, at the index of its value."""

def implied_volatility(
    right: int, price: float, spot: float, strike: float, years: float, rate: float, dividend_yield: float
) -> tuple[float, Reason]:
    """Return (volatility, Reason) of a Black-Scholes-Merton price: NaN where there is none, 0 AT_INTRINSIC.

    Jaeckel, Let's Be Rational (2015), with a first guess and a series for small v sqrt(T) of our own. The error is
    within ten times what the rounding of the price (in the money, of A and B) and 1e-18 of ln(A/B) make of it.

    Args:
        right: CALL or PUT.
        price: what is paid, now.
        spot: of the underlying.
        strike: of the option.
        years: to expiry.
        rate: continuous, a year.
        dividend_yield: continuous, a year.

    Raises:
        ValueError: `right` is neither CALL nor PUT.
    """

def implied_volatility_76(
    right: int, price: float, future: float, strike: float, years: float, rate: float
) -> tuple[float, Reason]:
    """Return (volatility, Reason) of a Black-76 price, which is paid now; as `implied_volatility`.

    Raises:
        ValueError: `right` is neither CALL nor PUT.
    """

def solve(
    right: npt.NDArray[np.int8],
    price: npt.NDArray[np.float64],
    spot: npt.NDArray[np.float64],
    strike: npt.NDArray[np.float64],
    years: npt.NDArray[np.float64],
    rate: npt.NDArray[np.float64],
    dividend_yield: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
    reasons: npt.NDArray[np.int8],
) -> None:
    """Fill `out` and `reasons` with what `implied_volatility` returns for each price; the GIL is released.

    Args:
        right: int8 (count,), CALL or PUT each.
        price: float64 (count,), contiguous, like every other input.
        spot: float64 (count,).
        strike: float64 (count,).
        years: float64 (count,).
        rate: float64 (count,).
        dividend_yield: float64 (count,).
        out: float64 (count,), writable, its own memory.
        reasons: int8 (count,), writable, its own memory: values of Reason.

    Raises:
        ValueError: an argument has another type, shape or length, is not contiguous, not writable, shares memory with a
            result, or holds a right that is none. Nothing was written.
    """

def solve_76(
    right: npt.NDArray[np.int8],
    price: npt.NDArray[np.float64],
    future: npt.NDArray[np.float64],
    strike: npt.NDArray[np.float64],
    years: npt.NDArray[np.float64],
    rate: npt.NDArray[np.float64],
    out: npt.NDArray[np.float64],
    reasons: npt.NDArray[np.int8],
) -> None:
    """Fill `out` and `reasons` with what `implied_volatility_76` returns for each price; arguments as for `solve`.

    Raises:
        ValueError: as for `solve`.
    """
