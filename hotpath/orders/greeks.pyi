from collections.abc import Sequence
from typing import final

from hotpath.orders.exposure import Exposure

@final
class Greeks:
    """The Greeks of positions and open orders, and their limits in money of the risk currency."""

    unknown_count: int
    """Instruments that are held or on order and whose Greeks nobody can use."""
    skipped_count: int
    """Orders in instruments that are no options."""
    on: bool
    """Whether there is an instrument to look at."""

    def __init__(self, exposure: Exposure) -> None:
        """Begin without an option."""
    def set_bounds(self, *, each: Sequence[int], total: Sequence[int], age_ns: int) -> None:
        """Take the limits of (delta, gamma, vega) of one underlying and of all, and the age of a usable word."""
    def set_option(self, instrument: int, underlying: int, contract_lots: int, is_option: bool = True) -> None:
        """Say which underlying an instrument depends on, numbered from 0, and how many lots are a whole contract."""
    def set_greeks(self, instrument: int, delta: object, gamma: object, vega: object, time_ns: int = 0) -> None:
        """Say the Greeks of a whole contract; what is no finite number of a sane size cannot be used.

        `time_ns` is when they held; 0 when they do not age.
        """
    def worst(self, greek: int, underlying: int = -1) -> int | None:
        """Return the worst case of a Greek (0 delta, 1 gamma, 2 vega) of one underlying, or of all."""
