from typing import final

from engine.messages.orders import OrderIntent
from hotpath.orders.seal import Seal

@final
class ApprovedOrder:
    def __init__(
        self,
        intent: OrderIntent,
        approval: int,
        price_ticks: int,
        shrinks: bool,
        limits_version: int,
        audit_seq: int,
        time_ns: int,
        seal: Seal | None = None,
    ) -> None: ...
    @property
    def intent(self) -> OrderIntent: ...
    @property
    def approval(self) -> int: ...
    @property
    def price_ticks(self) -> int: ...
    @property
    def shrinks(self) -> bool: ...
    @property
    def limits_version(self) -> int: ...
    @property
    def audit_seq(self) -> int: ...
    @property
    def time_ns(self) -> int: ...
    @property
    def seal(self) -> Seal | None: ...
