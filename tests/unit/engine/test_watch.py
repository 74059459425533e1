"""The order names no key, and a deed is told to the trail once."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import UsageError
from engine.watch import (
    DEEDS_MAX,
    Deed,
    WatchedVenue,
    WatchOrder,
    append_deed,
    forget_deeds,
    read_deeds,
    read_order,
    write_order,
)

ORDER = WatchOrder(4711, "t1-3", "t1-", [WatchedVenue("binance_spot", "ws://here", ["BTCUSDT"], [(False, 6_000, 60)])])


def deed(number: int) -> Deed:
    return Deed(number, "t1-3", "the engine's loop stands still", "no beat for 3.0 s", [f"t1-3-{number}"])


def test_an_order_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_order(tmp_path / "watchdog.json", ORDER)
    assert read_order(tmp_path / "watchdog.json") == ORDER


def test_without_an_order_there_is_nothing_to_watch(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing to watch"):
        read_order(tmp_path / "watchdog.json")
    (tmp_path / "watchdog.json").write_bytes(b"{}")
    with pytest.raises(UsageError, match="cannot be read"):
        read_order(tmp_path / "watchdog.json")


def test_deeds_are_forgotten_when_they_were_told_and_not_those_that_came_since(tmp_path: Path) -> None:
    path = tmp_path / "watchdog.jsonl"
    assert read_deeds(path) == ([], 0)
    append_deed(path, deed(1))
    told, told_bytes = read_deeds(path)
    assert told == [deed(1)]
    append_deed(path, deed(2))
    forget_deeds(path, told_bytes)
    told, told_bytes = read_deeds(path)
    assert told == [deed(2)]
    forget_deeds(path, told_bytes)
    assert not path.exists()
    forget_deeds(path, 0)


def test_a_torn_or_foreign_line_hides_no_other(tmp_path: Path) -> None:
    path = tmp_path / "watchdog.jsonl"
    path.write_bytes(b'{"time_ns": 1}\n')
    append_deed(path, deed(2))
    with path.open("ab") as file:
        file.write(b'{"time_ns"')
    told, told_bytes = read_deeds(path)
    assert told == [deed(2)]
    assert told_bytes == path.read_bytes().rfind(b"\n") + 1


def test_of_very_many_deeds_the_newest_are_told(tmp_path: Path) -> None:
    path = tmp_path / "watchdog.jsonl"
    for number in range(DEEDS_MAX + 5):
        append_deed(path, deed(number))
    told, _ = read_deeds(path)
    assert [one.time_ns for one in told] == list(range(5, DEEDS_MAX + 5))
