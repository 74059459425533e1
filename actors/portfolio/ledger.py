"""The ledger: for every asset, opening balance + fills - fees + transfers, to the last unit of 1e-8.

It must equal the venue's balance. What differs after a reconciliation, twice in a row, is a transfer: somebody moved
money in or out. Between the two looks a fill may be on its way whose balances are not, so one look is not enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hotpath.core.units import money_text


class Ledger:
    """Balances by asset, ours and the venue's."""

    def __init__(self, balances: Mapping[str, int], opening: Mapping[str, int]) -> None:
        """Go on from what earlier runs left; nothing at all means that the ledger begins with this run."""
        self.balances = dict(balances)
        self.opening = dict(opening)
        self.venue: dict[str, int] = {}
        self.opened = bool(balances or opening)
        self._suspected: dict[str, int] = {}

    def move(self, asset: str, money: int) -> None:
        """Add to an asset; negative takes away."""
        self.balances[asset] = self.balances.get(asset, 0) + money

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

    def difference(self, venue: Mapping[str, int]) -> dict[str, int]:
        """Return what the venue has more of than we (less: negative), by asset."""
        assets = sorted({*self.balances, *venue})
        found = {asset: venue.get(asset, 0) - self.balances.get(asset, 0) for asset in assets}
        return {asset: money for asset, money in found.items() if money}

    def words(self, venue: Mapping[str, int]) -> list[str]:
        """Return a line for each asset in which we and the venue differ; none when all are equal to the last unit."""
        return [
            f"{asset}: the ledger has {money_text(self.balances.get(asset, 0))}, "
            f"the venue {money_text(venue.get(asset, 0))}"
            for asset in self.difference(venue)
        ]

    def suspect(self) -> None:
        """Look for transfers; what still differs at the next `transfers` is one."""
        self._suspected = self.difference(self.venue)

    def transfers(self) -> dict[str, int]:
        """Return and book what differs by the same amounts as when it was suspected, by asset."""
        suspected, self._suspected = self._suspected, {}
        if not suspected or self.difference(self.venue) != suspected:
            return {}
        for asset, money in suspected.items():
            self.move(asset, money)
            self.opening[asset] = self.opening.get(asset, 0) + money
        return suspected
