"""A connection whose mailbox fills stops reading, goes on, and is dropped when that takes too long."""

from __future__ import annotations

import pytest
from msgspec import Struct

from engine.runtime import backpressure
from engine.runtime.backpressure import PAUSE_NS_MAX, Backpressure
from hotpath.core.mailbox import ALL, MARKET, REFUSE, Dispatcher


class Tick(Struct, frozen=True):
    value: int


class Connection:
    def __init__(self) -> None:
        self.done: list[str] = []

    def pause(self) -> None:
        self.done.append("pause")

    def resume(self) -> None:
        self.done.append("resume")

    def close(self, code: int = 1000) -> None:
        self.done.append(f"close {code}")


def test_reading_stops_at_three_quarters_and_goes_on_at_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now_ns = 5
    monkeypatch.setattr(backpressure, "stamp", lambda: now_ns)
    dispatcher, connection = Dispatcher(), Connection()
    seen: list[Tick] = []
    mailbox = dispatcher.mailbox("gateway -> feed", "feed", {Tick: seen.append}, MARKET, 8, REFUSE)
    pressure = Backpressure(connection, mailbox)
    for value in range(5):
        mailbox.tell(Tick(value))
        pressure.balance()
    assert connection.done == []
    mailbox.tell(Tick(5))
    pressure.balance()
    assert connection.done == ["pause"]
    dispatcher.drain(3, 0, -1)
    pressure.balance()
    assert connection.done == ["pause"]
    dispatcher.drain(ALL, 0, -1)
    pressure.balance()
    assert connection.done == ["pause", "resume"]


def test_a_connection_that_is_paused_for_too_long_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    now_ns = 5
    monkeypatch.setattr(backpressure, "stamp", lambda: now_ns)
    dispatcher, connection = Dispatcher(), Connection()
    mailbox = dispatcher.mailbox("gateway -> feed", "feed", {Tick: print}, MARKET, 4, REFUSE)
    for value in range(3):
        mailbox.tell(Tick(value))
    pressure = Backpressure(connection, mailbox)
    pressure.balance()
    now_ns += PAUSE_NS_MAX + 1
    pressure.balance()
    assert connection.done == ["pause", "resume", "close 1001"]
