"""What engine and watchdog tell each other by files: whom to watch, and afterwards what was done.

The order is written by the engine before its watchdog starts, and read by a watchdog that a person starts: it names
venues, symbols and the prefix of ids, and never a key. Deeds are lines that only grow; the next start puts them into
the audit trail, which the watchdog, a process without the directory's lock, may not write. What is written here decides
nothing by itself.
"""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from engine.durable import replace_file
from engine.errors import UsageError

DEEDS_MAX = 100
"""Deeds that one start tells the trail; a watchdog has one or two to tell."""
DEED_BYTES_MAX = 65_536


class WatchedVenue(Struct, frozen=True):
    """One venue at which orders may be open. `limits` are (of orders, count, interval in ns)."""

    venue: str
    api_url: str
    symbols: list[str]
    limits: list[tuple[bool, int, int]]
    receive_window_ms: int = 5_000
    dies_with_engine: bool = False
    """An embedded venue: when the engine has gone there is nothing left to cancel."""


class WatchOrder(Struct, frozen=True):
    """Whom to watch, and what to cancel where."""

    pid: int
    run_id: str
    prefix: str
    """Of our client order ids: whatever else is open on the account is somebody else's."""
    venues: list[WatchedVenue]


class Deed(Struct, frozen=True):
    """One thing that a watchdog did or saw; `canceled` are client order ids, `unresolved` what it could not do."""

    time_ns: int
    run_id: str
    what: str
    reason: str
    canceled: list[str] = []
    unresolved: list[str] = []


def write_order(path: Path, order: WatchOrder) -> None:
    """Leave word for the watchdog. OSError when it cannot be written."""
    replace_file(path, msgspec.json.encode(order))


def read_order(path: Path) -> WatchOrder:
    """Return the order of the last run that had venues. UsageError when there is none, or it makes no sense."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=WatchOrder)
    except FileNotFoundError:
        raise UsageError(f"{path} is missing: no engine with a venue ever ran there; nothing to watch") from None
    except (OSError, msgspec.DecodeError) as problem:
        raise UsageError(f"{path} cannot be read: {problem}; start the engine anew, it writes the file") from problem


def append_deed(path: Path, deed: Deed) -> None:
    """Add one line, durable when this returns. OSError when it cannot be written."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        os.write(descriptor, msgspec.json.encode(deed) + b"\n")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_deeds(path: Path) -> tuple[list[Deed], int]:
    """Return what no start has told the trail yet, and how many bytes of the file that is; damaged lines are skipped.

    Of very many only the newest are told: the file is a message, not evidence.
    """
    try:
        content = path.read_bytes()
    except OSError:  # expected: nothing was done, or nothing can be read: there is nothing to tell
        return [], 0
    whole = content[: content.rfind(b"\n") + 1]
    deeds = []
    for line in whole.splitlines()[-DEEDS_MAX:]:
        try:
            deeds.append(msgspec.json.decode(line[:DEED_BYTES_MAX], type=Deed))
        except msgspec.DecodeError:  # expected: torn by the end of the machine
            continue
    return deeds, len(whole)


def forget_deeds(path: Path, told_bytes: int) -> None:
    """Take off what the trail holds now; lines that came since stay for the next start."""
    if not told_bytes:
        return
    content = path.read_bytes()
    if len(content) <= told_bytes:
        path.unlink(missing_ok=True)
    else:
        replace_file(path, content[told_bytes:])
