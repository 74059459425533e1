from collections.abc import Buffer
from typing import final

@final
class Columns:
    """The terms of many options, checked; for compiled code."""

    def __init__(
        self,
        right: Buffer,
        spot: Buffer,
        strike: Buffer,
        years: Buffer,
        rate: Buffer,
        dividend_yield: Buffer,
        volatility: Buffer | None,
    ) -> None:
        """Take int8 rights and float64 columns, all contiguous, of one dimension and of one length.

        Raises:
            ValueError: an argument is anything else, or a right is neither CALL nor PUT.
        """
