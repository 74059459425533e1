"""Recorded markets: the lines of a session in order, and an error that names file and line for everything else."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import UsageError
from gateways.simulator.market import RecordedMarket


def written(path: Path, content: bytes) -> Path:
    """Write a capture."""
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.mark.parametrize("name", ["plain.txt", "packed.gz"])
def test_lines_come_in_order_with_their_times(tmp_path: Path, name: str) -> None:
    market = RecordedMarket([written(tmp_path / name, b'5 {"a":1}\n7 {"b":[2, 3]}\n')])
    assert (market.first_ns, market.next_ns) == (5, 5)
    assert market.take() == (5, b'{"a":1}')
    assert market.next_ns == 7
    assert market.take() == (7, b'{"b":[2, 3]}')
    assert market.next_ns is None
    with pytest.raises(LookupError):
        market.take()


def test_lines_may_be_played_at_another_time_with_their_distances_kept(tmp_path: Path) -> None:
    market = RecordedMarket([written(tmp_path / "plain.txt", b"5 {}\n7 {}\n")])
    market.begin_at(1_000)
    assert (market.next_ns, market.take().time_ns, market.take().time_ns) == (1_000, 1_000, 1_002)
    market.begin_at(5)  # nothing is left to play
    assert market.next_ns is None


def test_several_files_are_one_session(tmp_path: Path) -> None:
    first = written(tmp_path / "1.txt", b"5 {}\n")
    second = written(tmp_path / "2.gz", b"6 {}\n")
    market = RecordedMarket([first, second])
    assert (market.first_ns, market.last_ns) == (5, 6)
    assert [market.take().time_ns for _ in range(2)] == [5, 6]


def test_a_last_line_without_its_line_feed_is_taken_when_its_json_is_complete(tmp_path: Path) -> None:
    market = RecordedMarket([written(tmp_path / "cut.txt", b'5 {}\n6 {"a":{"b":1}}')])
    assert [market.take().payload for _ in range(2)] == [b"{}", b'{"a":{"b":1}}']


@pytest.mark.parametrize("cut", [b"6", b"6 ", b'6 {"a":', b'6 {"a":1}}'])
def test_a_capture_that_ends_in_the_middle_of_a_line_is_refused_before_it_is_played(tmp_path: Path, cut: bytes) -> None:
    path = written(tmp_path / "cut.gz", b"5 {}\n" + cut)
    with pytest.raises(UsageError, match=r"cut.gz, line 2: ") as error:
        RecordedMarket([path])
    assert "middle of a line" in str(error.value)


def test_a_gzip_file_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"5 {}\n" * 1000)[:-9])
    with pytest.raises(UsageError, match=r"cut.gz, after line \d+: the compressed file is damaged"):
        RecordedMarket([path])


@pytest.mark.parametrize("line", [b"{}", b"5{}", b"-5 {}", b"5 []", b"", b"99999999999999999999 {}"])
def test_a_line_that_is_no_capture_line_is_named(tmp_path: Path, line: bytes) -> None:
    market = RecordedMarket([written(tmp_path / "bad.txt", b"5 {}\n" + line + b"\n6 {}\n")])
    assert market.take().time_ns == 5
    for _ in range(2):
        with pytest.raises(UsageError, match=r"bad.txt, line 2: expected '<local_ns> <JSON>'"):
            market.take()


def test_time_that_runs_backwards_is_named(tmp_path: Path) -> None:
    first, second = written(tmp_path / "1.txt", b"5 {}\n"), written(tmp_path / "2.txt", b"4 {}\n")
    market = RecordedMarket([first, second])
    market.take()
    with pytest.raises(UsageError, match=r"2.txt, line 1: time runs backwards from 5 to 4"):
        market.take()


def test_missing_and_empty_captures_are_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent.gz: No such file"):
        RecordedMarket([tmp_path / "absent.gz"])
    with pytest.raises(UsageError, match=r"empty.gz is empty"):
        RecordedMarket([written(tmp_path / "empty.gz", b"")])
    with pytest.raises(UsageError, match="at least one"):
        RecordedMarket([])


def test_a_session_can_be_searched_without_playing_it(tmp_path: Path) -> None:
    market = RecordedMarket([written(tmp_path / "1.txt", b'5 {"x":1}\n6 {"lastUpdateId":1}\n')])
    assert market.holds(b'"lastUpdateId"')
    assert not market.holds(b"nothing")
    assert market.next_ns == 5


def test_the_recording_has_its_lines(shared_data: Callable[[str], Path]) -> None:
    market = RecordedMarket([shared_data("binance_spot/spot_btcusdt_20240808.gz")])
    assert market.first_ns == 1723161253937085768
    lines_count = 0
    while market.next_ns is not None:
        market.take()
        lines_count += 1
    assert lines_count == market.taken_count == 41_249
