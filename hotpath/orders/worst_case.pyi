from typing import final

from hotpath.orders.account import Account
from hotpath.orders.exposure import Exposure
from hotpath.orders.sizes import Sizes

@final
class WorstCase:
    """Compares the worst case after an order with its limits."""

    def __init__(self, exposure: Exposure, account: Account, sizes: Sizes) -> None:
        """Read the state of these three."""
