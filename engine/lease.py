"""The lease of order numbers: the right to use them, on disk before they are used.

It owns state/lease.json. The epoch rises by one at every start and numbers begin anew at 1, so two runs share no id; a
block is on disk before its first number is given out, so a crash leaves at most the numbers of leased blocks in doubt.
Those are kept as `unsettled` until a reconciliation has asked the venue about them, over any number of crashes. What
the numbers become stands in ids.pyx.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from engine.durable import make_directory, replace_file
from engine.errors import InvariantError

BLOCK_COUNT = 1_024
UNSETTLED_MAX = 1_024
"""Runs in a row that ended before a reconciliation; beyond it the oldest is left to the venue's listing by prefix."""


class Block(Struct, frozen=True):
    """Numbers 1 to `leased_to` of an epoch: any of them may have been on the wire."""

    epoch: int
    leased_to: int


class Leased(Struct, frozen=True, forbid_unknown_fields=True):
    """What state/lease.json holds."""

    epoch: int
    leased_to: int
    unsettled: tuple[Block, ...] = ()


class Lease:
    """The right to use numbers, on disk before they are used."""

    def __init__(self, leased: Leased, path: Path | None = None) -> None:
        """Hold what is on disk already; without a path nothing is written: a replay leases nothing."""
        self._path = path
        self._leased = leased

    @classmethod
    def open(cls, data_dir: Path, epoch_floor: int = 0) -> Lease:
        """Begin the next epoch, durable before this returns.

        `epoch_floor` is the last epoch that the trail knows: should the file be gone, its epochs stay used.

        Raises:
            InvariantError: the file cannot be read or written.
        """
        path = data_dir / "state" / "lease.json"
        try:
            make_directory(path.parent)
            raw = path.read_bytes() if path.exists() else b'{"epoch":0,"leased_to":0}'
            before = msgspec.json.decode(raw, type=Leased)
        except OSError as error:
            raise InvariantError(f"{path} cannot be read: {error}; no order id is safe without it") from error
        except msgspec.MsgspecError as error:
            raise InvariantError(
                f"{path} is damaged: {error}; restore it, or remove it: ids then go on above the trail's last epoch"
            ) from error
        unsettled = before.unsettled
        if before.leased_to:
            unsettled = (*unsettled, Block(before.epoch, before.leased_to))[-UNSETTLED_MAX:]
        lease = cls(before, path)
        lease._write(Leased(max(before.epoch, epoch_floor) + 1, 0, unsettled))
        lease.extend()
        return lease

    @property
    def epoch(self) -> int:
        """The number of this run in its data directory."""
        return self._leased.epoch

    @property
    def leased_to(self) -> int:
        """The last number that may be used."""
        return self._leased.leased_to

    @property
    def unsettled(self) -> tuple[Block, ...]:
        """Blocks of earlier runs whose ids nobody has asked the venue about, oldest first."""
        return self._leased.unsettled

    def extend(self) -> None:
        """Lease one more block, durable before this returns. InvariantError when it cannot be."""
        self._write(msgspec.structs.replace(self._leased, leased_to=self._leased.leased_to + BLOCK_COUNT))

    def settle(self) -> None:
        """Note that a reconciliation has accounted for every earlier run. InvariantError when it cannot be."""
        if self._leased.unsettled:
            self._write(msgspec.structs.replace(self._leased, unsettled=()))

    def state(self) -> Leased:
        """Return what a tape's head keeps, so that a replay gives the same ids."""
        return self._leased

    def _write(self, leased: Leased) -> None:
        if self._path is not None:
            try:
                replace_file(self._path, msgspec.json.encode(leased))
            except OSError as error:
                raise InvariantError(f"{self._path} cannot be written: {error}; no order id is safe") from error
        self._leased = leased
