from typing import final

@final
class Seal:
    """An approval's bits, the trading state and limits that it was given under, and when it ends.

    Two are equal when all of that is.
    """

    epoch: int
    limits_version: int
    expires_ns: int
    binding: int

    @staticmethod
    def of(
        instrument: int,
        side: int,
        time_in_force: int,
        post_only: bool,
        price_ticks: int,
        lots: int,
        shrinks: bool,
        epoch: int,
        limits_version: int,
        expires_ns: int,
    ) -> Seal:
        """Seal an order as it leaves."""
    def __eq__(self, other: object) -> bool: ...
    def __hash__(self) -> int: ...
