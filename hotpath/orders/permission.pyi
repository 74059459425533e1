from typing import final

from hotpath.orders.exposure import Exposure
from hotpath.orders.filters import Filters
from hotpath.orders.recents import Recents
from hotpath.orders.sizes import Sizes

@final
class Permission:
    """Says who may trade what, where and when."""

    def __init__(self, exposure: Exposure, filters: Filters, recents: Recents, sizes: Sizes) -> None:
        """Read the state of these four."""
