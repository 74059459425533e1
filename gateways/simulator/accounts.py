"""A client's money at a simulated venue: free and locked of each asset, in 1e-8, never below zero.

It refuses rather than goes below zero, and what would break that rule all the same is our own error and raises. Every
unit that enters or leaves goes through deposit, settle or charge, so that for each asset the start plus what came in
minus what went out is what is there, to the last unit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from msgspec import Struct

from engine.errors import InvariantError, UsageError

PPM = 1_000_000
PPM_OF_BPS = 100


class Fees(Struct, frozen=True):
    """What a trade costs, in millionths of what is received."""

    maker_ppm: int = 1_000
    taker_ppm: int = 1_000

    @staticmethod
    def of_bps(maker_bps: Decimal, taker_bps: Decimal) -> Fees:
        """Return fees given in basis points. UsageError below 0, above 10,000 or finer than a hundredth."""
        ppm = [bps * PPM_OF_BPS for bps in (maker_bps, taker_bps)]
        if any(fee != int(fee) or not 0 <= fee <= PPM for fee in ppm):
            raise UsageError(f"fees of {maker_bps} and {taker_bps} bps; expected 0 to 10000 with at most two decimals")
        return Fees(int(ppm[0]), int(ppm[1]))

    def fee(self, amount: int, *, is_maker: bool) -> int:
        """Return the fee on a received amount, rounded up to a unit."""
        return -(-amount * (self.maker_ppm if is_maker else self.taker_ppm) // PPM)


class Account:
    """The balances of one account."""

    def __init__(self, balances: Mapping[str, int]) -> None:
        """Begin with free balances, in 1e-8 of each asset. UsageError for a negative one."""
        for asset, amount in balances.items():
            if amount < 0:
                raise UsageError(f"the simulated account would begin with {amount} units of {asset}; give 0 or more")
        self._free = dict(balances)
        self._locked = dict.fromkeys(balances, 0)
        self.changed: dict[str, None] = {}
        """The assets that changed since somebody emptied this, in the order in which they did."""

    def free(self, asset: str) -> int:
        """Return what can be used."""
        return self._free.get(asset, 0)

    def locked(self, asset: str) -> int:
        """Return what open orders hold."""
        return self._locked.get(asset, 0)

    def __iter__(self) -> Iterator[tuple[str, int, int]]:
        """Iterate over (asset, free, locked), by asset."""
        return ((asset, self._free[asset], self._locked[asset]) for asset in sorted(self._free))

    def deposit(self, asset: str, amount: int) -> None:
        """Add to an asset, or take from its free part when `amount` is below 0."""
        self._change(asset, amount, 0)

    def lock(self, asset: str, amount: int) -> bool:
        """Set an amount aside for an order; False, and nothing changes, when it is not there."""
        if self.free(asset) < amount:
            return False
        self._change(asset, -amount, amount)
        return True

    def unlock(self, asset: str, amount: int) -> None:
        """Give an amount back that was set aside."""
        self._change(asset, amount, -amount)

    def settle(self, *, paid: str, paid_amount: int, unlocked: int, received: str, received_amount: int) -> None:
        """Book a trade: `unlocked` of what was set aside pays `paid_amount`, the rest is free again."""
        self._change(paid, unlocked - paid_amount, -unlocked)
        self._change(received, received_amount, 0)

    def check(self) -> None:
        """Raise AssertionError when a balance is below zero."""
        for asset, free, locked in self:
            assert free >= 0, f"{asset}: {free} free"
            assert locked >= 0, f"{asset}: {locked} locked"

    def _change(self, asset: str, free: int, locked: int) -> None:
        """Move both parts of an asset. InvariantError when one would fall below zero."""
        new_free = self.free(asset) + free
        new_locked = self.locked(asset) + locked
        if new_free < 0 or new_locked < 0:
            raise InvariantError(
                f"simulated account: {asset} would be {new_free} free and {new_locked} locked; neither may be below 0"
            )
        self._free[asset] = new_free
        self._locked[asset] = new_locked
        self.changed[asset] = None
