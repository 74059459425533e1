"""Questions to the trail: the records of an order, of an action, of a time; and the newest, as they are written.

It reads what is there without judging it: a line that is no record is skipped, finding it is the business of verify.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from engine.audit.files import day_files
from engine.audit.lines import backward, forward
from engine.audit.record import Record, decode, encode
from engine.errors import AuditError


def records(data_dir: Path) -> Iterator[Record]:
    """Read every record, oldest first."""
    for path in day_files(data_dir):
        for line in forward(path):
            record = _record(line.text)
            if record is not None:
                yield record


def search(
    data_dir: Path,
    *,
    order: str = "",
    action: str = "",
    since: str = "",
    until: str = "",
    text: str = "",
) -> Iterator[Record]:
    """Read the records that fit everything that is given, oldest first.

    Args:
        data_dir: the data directory.
        order: a client order id; the decision and the approval that led to it come with it.
        action: an action (`order.fill`) or its first word (`order`).
        since: the earliest timestamp, RFC 3339 or a beginning of it (`2024-08-08T12`).
        until: the first timestamp that does not belong any more.
        text: anything that stands in the line.
    """
    wanted = _correlations(data_dir, order) if order else set()
    for record in records(data_dir):
        if order and not (record.resource_id == order or record.correlation_id in wanted):
            continue
        if action and not (record.action == action or record.action.startswith(f"{action}.")):
            continue
        if (since and record.timestamp < since) or (until and record.timestamp >= until):
            continue
        if text and text not in _line(record):
            continue
        yield record


def tail(data_dir: Path, count: int) -> list[Record]:
    """Read the newest records, oldest first."""
    found: list[Record] = []
    for path in reversed(day_files(data_dir)):
        for line in backward(path):
            if len(found) >= count:
                break
            record = _record(line.text)
            if record is not None:
                found.append(record)
    return found[::-1]


def follow(data_dir: Path, wait: Callable[[], bool]) -> Iterator[Record]:
    """Read what is written from this call on, over midnights; `wait` pauses and says whether to go on."""
    files = day_files(data_dir)
    path = files[-1] if files else None
    return _follow(data_dir, wait, path, path.stat().st_size if path is not None else 0)


def _follow(data_dir: Path, wait: Callable[[], bool], path: Path | None, offset: int) -> Iterator[Record]:
    later: list[Path] = []
    while True:
        if path is not None:
            for line in forward(path, offset):
                if not line.whole:
                    break
                offset = line.end
                record = _record(line.text)
                if record is not None:
                    yield record
        if later:
            path, offset = later[0], 0
            later = []
            continue
        later = [newer for newer in day_files(data_dir) if path is None or newer.name > path.name]
        if not later and not wait():  # what was written before the cut is read before the next file
            return


def _correlations(data_dir: Path, order: str) -> set[str | None]:
    """Return the correlation ids under which an order is told about."""
    found: set[str | None] = {record.correlation_id for record in records(data_dir) if record.resource_id == order}
    found.discard(None)
    return found


def _record(text: bytes) -> Record | None:
    try:
        return decode(text)
    except AuditError:  # expected: judging lines is the business of verify
        return None


def _line(record: Record) -> str:
    return encode(record).decode()
