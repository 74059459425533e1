"""The ledger: for every asset, opening balance + fills - fees + transfers, to the last unit of 1e-8.

It must equal the venue's balance. It knows both, and counts what it booked; what a difference means is decided in
reconcile.py, and who hears of it in agreement.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from actors.portfolio.reconcile import differences
from hotpath.core.units import money_text


class Ledger:
    """Balances by asset, ours and the venue's."""

    def __init__(self, balances: Mapping[str, int], opening: Mapping[str, int]) -> None:
        """Go on from what earlier runs left; nothing at all means that the ledger begins with this run."""
        self.balances = dict(balances)
        self.opening = dict(opening)
        self.venue: dict[str, int] = {}
        self.opened = bool(balances or opening)
        self.moves: dict[str, int] = {}
        """How often something was booked, by asset."""

    def move(self, asset: str, money: int) -> None:
        """Add to an asset; negative takes away."""
        self.balances[asset] = self.balances.get(asset, 0) + money
        self.moves[asset] = self.moves.get(asset, 0) + 1

    def hear(self, balances: Iterable[tuple[str, int, int]]) -> bool:
        """Note the venue's (asset, free, locked); True when the ledger has just begun with them."""
        for asset, free, locked in balances:
            self.venue[asset] = free + locked
        if self.opened:
            return False
        self.opened = True
        self.balances = dict(self.venue)
        self.opening = dict(self.venue)
        return True

    def words(self, venue: Mapping[str, int]) -> list[str]:
        """Return a line for each asset in which we and the venue differ; none when all are equal to the last unit."""
        return [
            f"{asset}: the ledger has {money_text(self.balances.get(asset, 0))}, "
            f"the venue {money_text(venue.get(asset, 0))}"
            for asset in differences(self.balances, venue)
        ]

    def transfer(self, asset: str, money: int) -> None:
        """Book money that came or went without a trade."""
        self.move(asset, money)
        self.opening[asset] = self.opening.get(asset, 0) + money
