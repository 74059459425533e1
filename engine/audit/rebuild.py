"""Rebuilding: from the trail to the state that a run starts from.

It owns the cache of that, state/risk.json, and when the cache may be used: only when the record that it stands for is
where it says, with the hash that it says. Then the records after it are folded; otherwise all of them. The trail is the
truth, and losing the cache costs time alone.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
from msgspec import Struct

from engine.audit.desk_state import DeskState
from engine.audit.files import day_files
from engine.audit.fold import Fold
from engine.audit.lines import forward
from engine.audit.record import decode
from engine.durable import make_directory, replace_file
from engine.errors import AuditError
from engine.instruments import Instruments


class Cached(Struct, frozen=True):
    """What state/risk.json holds: the state, and where the line of its last record begins."""

    file: str
    offset: int
    state: DeskState


def cache_path(data_dir: Path) -> Path:
    """Return where the cache of a data directory stands."""
    return data_dir / "state" / "risk.json"


def rebuild(data_dir: Path, instruments: Instruments, *, save: bool = True) -> DeskState:
    """Return the state of the desk after the last record of the trail.

    Args:
        data_dir: the data directory, recovered before.
        instruments: the configured ones, whose scales amounts are given in.
        save: whether to renew the cache; `False` changes nothing on disk.

    Raises:
        AuditError: a record cannot be read, is missing or does not add up; risk must not start from a guess.
    """
    files = day_files(data_dir)
    cached = _usable_cache(data_dir, files, instruments)
    fold = Fold(instruments, cached.state if cached is not None else None)
    place: tuple[str, int] | None = None
    for path in files:
        if cached is not None and path.name < cached.file:
            continue
        begin = cached.offset if cached is not None and path.name == cached.file else 0
        for line in forward(path, begin):
            record = decode(line.text)
            if cached is None or record.seq > cached.state.seq:
                fold.add(record)
            place = (path.name, line.offset)
    state = fold.result()
    if save and place is not None:
        make_directory(cache_path(data_dir).parent)
        try:
            replace_file(cache_path(data_dir), msgspec.json.encode(Cached(*place, state)))
        except OSError as error:
            raise AuditError(f"{cache_path(data_dir)} cannot be written: {error}; free the disk, then start") from error
    return state


def _usable_cache(data_dir: Path, files: list[Path], instruments: Instruments) -> Cached | None:
    """Return the cache when the trail bears it out, else None."""
    try:
        cached = msgspec.json.decode(cache_path(data_dir).read_bytes(), type=Cached)
    except (OSError, msgspec.MsgspecError):  # expected: without a cache the whole trail is folded
        return None
    path = next((path for path in files if path.name == cached.file), None)
    if path is None or cached.offset >= path.stat().st_size:
        return None
    try:
        record = decode(next(forward(path, cached.offset)).text)
    except AuditError:  # expected: the cache points at no record
        return None
    if (record.seq, record.hash) != (cached.state.seq, cached.state.head):
        return None
    for instrument in instruments:
        decimals = (instrument.scale.price_decimals, instrument.scale.quantity_decimals)
        if cached.state.scales.get(instrument.name, decimals) != decimals:
            return None
    return cached
