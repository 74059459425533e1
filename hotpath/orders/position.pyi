from fractions import Fraction
from typing import final

from hotpath.core.units import Scale
from hotpath.orders.contract import Contract

@final
class Position:
    """The net of the fills of one instrument, less base fees, and what became of the money.

    Every amount is money (1e-8) of the settlement currency. Always true, to the last unit, with sense 1, or -1 for an
    inverse contract, and with cost_fifo and realised_fifo in the place of cost and realised as well:
    cash + sense x cost + fees[settlement] + fee_cost == realised (counted from an empty position).
    """

    contract: Contract
    """What its lots are worth."""
    base: str
    quote: str
    settlement: str
    """The currency of every amount here: quote, or base of an inverse contract."""
    lots: int
    """Signed: long is positive."""
    cost: int
    """What the open lots cost, signed like them: negative is what a short position brought, or an inverse one paid."""
    cost_fifo: int
    """The same when the oldest lots are closed first: the sum of the parcels."""
    realised: int
    """Profit of what was closed, before fees, at average cost."""
    realised_fifo: int
    """The same when the oldest lots are closed first; equal to `realised` whenever nothing is open."""
    cash: int
    """What the fills and the fees in settlement currency moved."""
    fee_cost: int
    """What those lots had cost that base fees took."""
    base_rest: int
    """Base fees below one lot that were not taken off yet."""

    def __init__(
        self,
        scale: Scale,
        base: str,
        quote: str,
        lots: int = 0,
        cost: int = 0,
        realised: int = 0,
        base_rest: int = 0,
        *,
        multiplier: int | None = None,
        inverse: bool = False,
        parcels_max: int = 1_024,
    ) -> None:
        """Start empty, or go on from an earlier position, whose lots are then one parcel.

        Args:
            scale: decimals of prices and quantities.
            base: the currency that a spot lot is an amount of.
            quote: the currency that prices are in.
            lots: what is open, signed.
            cost: what it cost, signed like the lots.
            realised: what was realised before.
            base_rest: base fees below one lot.
            multiplier: what one whole contract stands for, see Contract; None for a coin or share itself, of which
                alone a base fee takes lots away.
            inverse: the contract is settled in base currency.
            parcels_max: the most fills whose open lots are kept apart; beyond it a fill joins the newest.

        Raises:
            ValueError: lots and cost of different signs, a base_rest of a lot or more, a multiplier or parcels_max
                that is not positive, or a scale finer than money.
        """
    @property
    def scale(self) -> Scale:
        """The decimals of prices and quantities."""
    @property
    def fees(self) -> dict[str, int]:
        """Fees paid, in their own currencies; negative is a rebate."""
    @property
    def average(self) -> tuple[int, int] | None:
        """(cost, lots) of what is open, both positive; None when nothing is."""
    @property
    def average_price(self) -> Fraction | None:
        """The price at which what is open was opened, on average, in quote currency; None when nothing is open.

        Of an inverse contract it is the harmonic mean, None as long as rounding leaves the value at 0.
        """
    @property
    def parcels(self) -> tuple[tuple[int, int], ...]:
        """(lots, cost) of what is open, oldest first and both positive; what was there at the start is one parcel."""
    @property
    def parcels_merged(self) -> int:
        """How many fills joined the newest parcel because there were parcels_max."""
    def fill(self, side: int, price_ticks: int, lots: int, fee: int = 0, fee_currency: str = "") -> int:
        """Count one execution in and return what it realised at average cost; on an error nothing changes.

        Raises:
            ValueError: no side, no price or quantity, a fee without currency, or a base fee larger than the fill.
            OverflowError: an amount does not fit int64, or more than 16 fee currencies.
        """
    def unrealised(self, mid_ticks_twice: int) -> int:
        """Return what closing at the mid would realise (given twice, to be an integer), rounded down.

        Raises:
            ValueError: the mid is not positive.
            OverflowError: it does not fit int64.
        """
    def check(self) -> None:
        """Raise AssertionError when the position contradicts itself."""
