from typing import final

from hotpath.core.units import Scale

@final
class BestPriceScanner:
    def __init__(
        self, head: bytes, middle: bytes, bid_lots: bytes, ask: bytes, ask_lots: bytes, tail: bytes, scale: Scale
    ) -> None: ...
    def scan(self, payload: bytes) -> tuple[int, int, int, int, int] | None:
        """Return (update id, bid ticks, bid lots, ask ticks, ask lots), or None for any other form."""
