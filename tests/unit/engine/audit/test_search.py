"""The trail answers: what happened to an order, and what happens now."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.audit.files import day_files
from engine.audit.search import follow, records, search, tail
from tests.unit.engine.audit.conftest import DAY_NS, TrailMaker


@pytest.fixture
def maker(make_trail: Callable[..., TrailMaker]) -> TrailMaker:
    """Return a trail of two orders on two days."""
    made = make_trail()
    made.start()
    first, second = made.place(), made.place()
    made.accept(first)
    made.time_ns += DAY_NS
    made.accept(second)
    made.fill(first, 200_000)
    made.files.flush()
    return made


def test_an_order_brings_the_decision_that_led_to_it(maker: TrailMaker) -> None:
    told = [record.action for record in search(maker.data_dir, order="t1-1-1")]
    assert told == ["trade.decision", "order.approve", "order.submit", "order.accept", "order.fill"]
    assert list(search(maker.data_dir, order="t1-1-99")) == []


def test_records_are_found_by_action_time_and_text(maker: TrailMaker) -> None:
    assert [record.seq for record in search(maker.data_dir, action="order.accept")] == [8, 9]
    assert len(list(search(maker.data_dir, action="order"))) == 7
    assert [record.seq for record in search(maker.data_dir, since="2024-08-09")] == [9, 10]
    assert [record.seq for record in search(maker.data_dir, until="2024-08-09", action="order.accept")] == [8]
    assert [record.action for record in search(maker.data_dir, text='"trade_id":101')] == ["order.fill"]


def test_the_newest_records_come_oldest_first_over_midnight(maker: TrailMaker) -> None:
    assert [record.seq for record in tail(maker.data_dir, 3)] == [8, 9, 10]
    assert [record.seq for record in tail(maker.data_dir, 99)] == list(range(1, 11))
    assert tail(maker.data_dir, 0) == []


def test_a_line_that_is_no_record_is_passed_over(maker: TrailMaker) -> None:
    with day_files(maker.data_dir)[0].open("ab") as file:
        file.write(b"garbage\n")
    assert [record.seq for record in records(maker.data_dir)] == list(range(1, 11))


def test_a_record_is_seen_at_the_first_look_after_it_was_written(maker: TrailMaker) -> None:
    waits = 0

    def wait() -> bool:
        nonlocal waits
        waits += 1
        if waits == 1:
            maker.cancel("t1-1-2")
        elif waits == 2:
            maker.files.flush()
        elif waits == 3:
            maker.time_ns += DAY_NS
            maker.stop()
            maker.files.flush()
        elif waits == 4:
            path = day_files(maker.data_dir)[-1]
            path.write_bytes(path.read_bytes() + b'{"seq":13')
        return waits < 5

    seen = [(record.seq, waits) for record in follow(maker.data_dir, wait)]
    assert seen == [(11, 2), (12, 3)]


def test_a_trail_that_begins_later_is_followed_from_its_first_record(
    make_trail: Callable[..., TrailMaker], tmp_path: Path
) -> None:
    waits = 0

    def wait() -> bool:
        nonlocal waits
        waits += 1
        if waits == 1:
            begun = make_trail()
            begun.start()
            begun.end()
        return waits < 3

    assert [record.seq for record in follow(tmp_path, wait)] == [1]
