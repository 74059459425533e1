"""Order ids that are never used twice: `<node>-<epoch>-<n>`, from blocks that were leased on disk before.

It owns state/lease.json. The epoch rises by one at every start and numbers begin anew at 1, so two runs share no id; a
block is on disk before its first number is given out, so a crash leaves at most the numbers of leased blocks in doubt.
Those are kept as `unsettled` until a reconciliation has asked the venue about them, over any number of crashes. Leasing
is done at the end of a turn, a quarter of a block ahead: no fsync stands between a decision and its order.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.durable import make_directory, replace_file
from engine.errors import InvariantError, UsageError

BLOCK_COUNT = 1_024
LOW_COUNT = BLOCK_COUNT // 4
NODE_CHARS_MAX = 16
"""Leaves room for 18 digits of epoch and number in the 36 characters that every venue takes."""

UNSETTLED_MAX = 1_024
"""Runs in a row that ended before a reconciliation; beyond it the oldest is left to the venue's listing by prefix."""

_NODE = re.compile(rf"[A-Za-z0-9_-]{{1,{NODE_CHARS_MAX}}}")


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


class OrderIds:
    """Gives out the ids of one run."""

    def __init__(self, node: str, lease: Lease) -> None:
        """Take the node's name, which stands in every id. UsageError when it cannot."""
        if not _NODE.fullmatch(node):
            raise UsageError(f"engine.node {node!r} must be 1 to {NODE_CHARS_MAX} characters of A-Z a-z 0-9 - _")
        self.node = node
        self._lease = lease
        self._prefix = f"{node}-{lease.epoch}-"
        self._number = 0
        self._leased_to = lease.leased_to
        self._low = self._leased_to - LOW_COUNT

    @property
    def last_number(self) -> int:
        """The number that was given out last; 0 before the first."""
        return self._number

    def next(self) -> tuple[int, str]:
        """Return a number and the id that it stands in; renews the lease in place when no number is left."""
        number = self._number + 1
        if number > self._leased_to:
            self._renew()
        self._number = number
        return number, f"{self._prefix}{number}"

    def renew_if_low(self) -> None:
        """Lease the next block when a quarter of one is left. Call it where an fsync hurts nobody."""
        if self._number >= self._low:
            self._renew()

    def parse(self, client_order_id: str) -> tuple[int, int] | None:
        """Return epoch and number of an id of this node, or None when it is nobody's or another's."""
        node, _, numbers = client_order_id.rpartition("-")
        node, _, epoch = node.rpartition("-")
        if node != self.node or not (_is_number(epoch) and _is_number(numbers)):
            return None
        return int(epoch), int(numbers)

    def _renew(self) -> None:
        self._lease.extend()
        self._leased_to = self._lease.leased_to
        self._low = self._leased_to - LOW_COUNT


def _is_number(text: str) -> bool:
    """Say whether text is a counted number as we write it: ASCII digits, no leading zero."""
    return text.isascii() and text.isdigit() and text[0] != "0"
