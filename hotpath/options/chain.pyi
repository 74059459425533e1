from collections.abc import Iterable, Mapping
from typing import NamedTuple, final

import numpy as np
import numpy.typing as npt

class Exposure(NamedTuple):
    """What a position is worth and how that moves, in the currency of the underlying."""

    value: float
    """The sum of quantity x multiplier x price."""
    dollar_delta: float
    """What the underlyings of its delta are worth: delta x spot."""
    dollar_gamma: float
    """What gamma adds to it when the spot moves by 1 %: gamma x spot^2 / 100."""
    vega_point: float
    """What one point (0.01) of volatility adds."""
    theta_day: float
    """What one calendar day, a 365th of a year, adds."""
    rho_point: float
    """What one point (0.01) of rate adds."""

@final
class Chain:
    """The options of one underlying. Columns keep the order in which the contracts were given."""

    def __init__(
        self,
        right: npt.NDArray[np.int8],
        strike: npt.NDArray[np.float64],
        expiry: npt.NDArray[np.int64],
        multiplier: float = 1.0,
    ) -> None:
        """Take the contracts; they are copied.

        Args:
            right: int8 (count,), CALL or PUT each.
            strike: float64 (count,).
            expiry: int64 (count,), any label, 20151224 for instance: contracts with the same one are summed together.
            multiplier: units of the underlying in a contract.

        Raises:
            ValueError: an argument has another type, shape or length, or a right or the multiplier is none.
        """
    @property
    def count(self) -> int:
        """How many contracts there are."""
    @property
    def spot(self) -> float:
        """The last spot; NaN before the first."""
    @property
    def multiplier(self) -> float:
        """Units of the underlying in a contract."""
    @property
    def expiries(self) -> tuple[int, ...]:
        """The labels, ascending, each once."""
    @property
    def values(self) -> npt.NDArray[np.float64]:
        """Price and Greeks (9, count), rows as the fields of Greeks: a read-only view that the next tick changes.

        Of one option each. NaN before the first terms and the first tick, and for what `price` in black says.
        """
    @property
    def implied(self) -> npt.NDArray[np.float64]:
        """The volatilities (count,) that the last imply() found, NaN where there is none: a read-only view."""
    @property
    def reasons(self) -> npt.NDArray[np.int8]:
        """The Reason (count,) of each: a read-only view."""
    def terms(
        self,
        years: npt.NDArray[np.float64],
        rate: npt.NDArray[np.float64],
        dividend_yield: npt.NDArray[np.float64],
        volatility: npt.NDArray[np.float64],
    ) -> None:
        """Take what each contract is valued with (float64, (count,)), copied, and revalue at the last spot.

        Raises:
            ValueError: an argument has another type, shape or length. Nothing was changed.
        """
    def revalue(self, spot: float) -> None:
        """Revalue every contract at a new spot; the GIL is released. `values` is NaN for a spot that is none."""
    def imply(self, price: npt.NDArray[np.float64]) -> int:
        """Solve the volatility of every price (float64, (count,)) at the last spot; returns how many were solved.

        Fills `implied` and `reasons`. The volatilities of terms() stay as they were.

        Raises:
            ValueError: the argument has another type, shape or length, or there were no terms() yet.
        """
    def exposure(self, quantity: npt.NDArray[np.float64]) -> Exposure:
        """Return what a position (float64, (count,), contracts, short below 0) adds up to.

        A contract that is not held adds nothing, even where its values are NaN; one that is held adds its NaN.

        Raises:
            ValueError: the argument has another type, shape or length.
        """
    def exposure_by_expiry(self, quantity: npt.NDArray[np.float64]) -> dict[int, Exposure]:
        """Return the same by label of expiry, for every label of the chain.

        Raises:
            ValueError: as for `exposure`.
        """
    def check(self) -> None:
        """Raise AssertionError unless the values are those of a valuation from nothing, to the last bit."""

def total(exposures: Iterable[Exposure]) -> Exposure:
    """Return the sum of exposures, which must be of one currency; zeros for none."""

def portfolio(
    holdings: Mapping[str, tuple[Chain, npt.NDArray[np.float64]]],
) -> tuple[Exposure, dict[str, Exposure], dict[tuple[str, int], Exposure]]:
    """Return the Exposures of holdings: in total, by underlying, and by (underlying, expiry).

    Args:
        holdings: by the name of the underlying, its chain and the quantities held, as for `Chain.exposure`.

    Raises:
        ValueError: as for `Chain.exposure`.
    """
