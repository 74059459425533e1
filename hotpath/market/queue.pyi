from enum import IntEnum
from typing import final

class QueueModel(IntEnum):
    """Whom a model believes to have left when a level shrinks without a trade.

    A model states f; of a shrinkage the share f(behind) / (f(behind) + f(ahead)) left behind us, with the lots that
    stand ahead of us and behind; the rest, and what cannot have stood behind, left ahead. Shares are rounded against
    us, to whole lots. What traded at our price since the level was last shown is no shrinkage.
    Source: Rigtorp, Estimating order queue position (2013), p(n) = f(V) / (f(V) + f(Q - V)) for those ahead.
    """

    RISK_AVERSE = 1
    """Those behind us, until the level is smaller than what we believe ahead.

    Source: hftbacktest, RiskAdverseQueueModel. Assumes that nobody ahead of us ever cancels: the latest possible fills.
    """
    LOGARITHMIC = 2
    """f(x) = log(1 + x).

    Source: Rigtorp (2013); hftbacktest, LogProbQueueFunc. Assumes that cancels come from both ends nearly alike,
    however much longer one of them is: the earliest fills of the three when little stands ahead of us.
    """
    POWER = 3
    """f(x) = x ** exponent.

    Source: hftbacktest, PowerProbQueueFunc; Rigtorp (2013) with the exponent 1. Assumes that cancels come from the
    longer end, the more so the larger the exponent; with 1 each lot is as likely to leave as any other.
    """

@final
class QueuePosition:
    """Where one resting order stands in the queue of its price. Sides are 1 (buy) and -1 (sell)."""

    side: int
    price_ticks: int
    open_lots: int
    step_lots: int
    ahead_lots: int
    """Lots before us; below 0 while less than a whole step has traded past the front."""
    exponent: int

    def __init__(
        self,
        side: int,
        price_ticks: int,
        lots: int,
        displayed_lots: int,
        *,
        step_lots: int = 1,
        crossed: bool = False,
        model: int = 1,
        exponent: int = 3,
    ) -> None:
        """Join the queue behind `displayed_lots`.

        Args:
            side: 1 to buy, -1 to sell.
            price_ticks: Our price.
            lots: Our size.
            displayed_lots: What the level shows when we join.
            step_lots: Fills are whole steps.
            crossed: The opposite best crosses our price already, because we took what we wanted of it: only when it
                comes to cross anew are we filled by it.
            model: A QueueModel.
            exponent: Of the POWER model, 1 to 8.

        Raises:
            ValueError: no side, a price, size or step that is not positive, an unknown model or exponent.
            TypeError, OverflowError: what is no int, or does not fit int64.
        """
    @property
    def model(self) -> QueueModel:
        """Whom it believes to have left."""
    def on_trade(self, price_ticks: int, lots: int, aggressor_side: int) -> int:
        """Return the lots of ours that a trade of the market fills; what has no price or no lots fills nothing."""
    def on_level(self, displayed_lots: int) -> None:
        """Learn what the level at our price displays now."""
    def on_best(self, opposite_ticks: int) -> int:
        """Return the lots filled because the opposite best price, 0 when there is none, came to cross ours."""
    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
