"""Comparing what we own with what a venue says: a pure function from the two to transfers and suspicions.

For every asset, opening balance + fills - fees + transfers must be the venue's balance; that is also what it means that
spot positions agree, because a position is the net of the same fills. A difference at one look may be a fill on its
way, so it is a suspicion; at the next look, with nothing booked between, it is a transfer: somebody moved money.
"""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

BUSY_LOOKS = 3
"""After so many looks that differ by the same amount it is a transfer, although the asset is being traded."""


class Suspicion(Struct, frozen=True):
    """What the venue has more of than we (less: negative), how often in a row, and how often we had booked then."""

    money: int
    moves_count: int
    looks_count: int = 1


class Transfer(Struct, frozen=True):
    """Money that came or went without a trade."""

    asset: str
    money: int
    identity: str
    """Made of what both sides said, so the same finding has the same name in every run."""


def differences(ours: Mapping[str, int], theirs: Mapping[str, int]) -> dict[str, int]:
    """Return what the venue has more of than we (less: negative), by asset."""
    found = {asset: theirs.get(asset, 0) - ours.get(asset, 0) for asset in sorted({*ours, *theirs})}
    return {asset: money for asset, money in found.items() if money}


def reconcile_money(
    venue: str,
    ours: Mapping[str, int],
    theirs: Mapping[str, int],
    moves: Mapping[str, int],
    before: Mapping[str, Suspicion],
) -> tuple[list[Transfer], dict[str, Suspicion]]:
    """Return what is a transfer, and what has to be looked at again; both empty when all is equal to the last unit.

    Args:
        venue: whose balances they are.
        ours: the ledger, money of 1e-8 by asset.
        theirs: the venue's balances.
        moves: how often we have booked something, by asset.
        before: what the last look suspected.
    """
    transfers: list[Transfer] = []
    suspected: dict[str, Suspicion] = {}
    for asset, money in differences(ours, theirs).items():
        moves_count = moves.get(asset, 0)
        known = before.get(asset)
        if known is None or known.money != money:
            suspected[asset] = Suspicion(money, moves_count)
        elif known.moves_count == moves_count or known.looks_count + 1 >= BUSY_LOOKS:
            identity = f"transfer:{venue}:{asset}:{ours.get(asset, 0)}:{theirs.get(asset, 0)}"
            transfers.append(Transfer(asset, money, identity))
        else:
            suspected[asset] = Suspicion(money, moves_count, known.looks_count + 1)
    return transfers, suspected
