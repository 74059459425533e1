"""Trades: what each one has earned from its first fill to its last, and how many in a row were closed at a loss.

A trade begins when a position leaves zero and ends when it is back there, or beyond it on the other side; what it
earned is realised profit less fees. It owns the count of losses that C19a looks at, and goes on with it after a
restart, also when the end of a trade was told and its record was lost. It does not know what a position is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.audit.desk_state import DeskState


class Trades:
    """The trades that are open, by instrument, and the losses in a row."""

    def __init__(self, state: DeskState) -> None:
        """Go on from what earlier runs left."""
        self._open = {name: dict(amounts) for name, amounts in state.trades.items()}
        self.losses_in_row = state.losses_in_row
        for amounts in state.closing.values():
            self._count(sum(amounts.values()) if len(amounts) == 1 else -1)  # who can value it knows better, too late

    def add(self, instrument: str, amounts: Mapping[str, int]) -> None:
        """Count what a fill earned, by currency."""
        trade = self._open.setdefault(instrument, {})
        for currency, money in amounts.items():
            trade[currency] = trade.get(currency, 0) + money

    def close(self, instrument: str, worth: Callable[[Mapping[str, int]], int]) -> int:
        """End a trade and return what it earned, by its `worth`."""
        result = worth(self._open.pop(instrument, {}))
        self._count(result)
        return result

    def _count(self, result: int) -> None:
        self.losses_in_row = self.losses_in_row + 1 if result < 0 else 0
