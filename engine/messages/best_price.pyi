from typing import final

@final
class BestPrice:
    def __init__(
        self,
        instrument: int,
        update_id: int,
        bid_ticks: int,
        bid_lots: int,
        ask_ticks: int,
        ask_lots: int,
        time_ns: int,
    ) -> None: ...
    @property
    def instrument(self) -> int: ...
    @property
    def update_id(self) -> int: ...
    @property
    def bid_ticks(self) -> int: ...
    @property
    def bid_lots(self) -> int: ...
    @property
    def ask_ticks(self) -> int: ...
    @property
    def ask_lots(self) -> int: ...
    @property
    def time_ns(self) -> int: ...
