"""Timers fire in order, once or again, with one firing pending at most."""

from __future__ import annotations

import pytest
from msgspec import Struct

from engine import limits
from engine.errors import InvariantError
from engine.runtime.timers import Timers
from hotpath.core.mailbox import ALL, ORDERS, REFUSE, Dispatcher, Mailbox


class Ring(Struct, frozen=True):
    name: str


def make() -> tuple[Timers, Dispatcher, list[Ring], Mailbox]:
    dispatcher = Dispatcher()
    seen: list[Ring] = []
    return Timers(), dispatcher, seen, dispatcher.mailbox("t", "t", {Ring: seen.append}, ORDERS, 64, REFUSE)


def fire_due(timers: Timers, dispatcher: Dispatcher, now_ns: int) -> None:
    while (number := timers.pop_due(now_ns)) is not None:
        timers.fire(number)
    dispatcher.drain(ALL, ALL, -1)


def test_timers_fire_by_time_and_then_by_number() -> None:
    timers, dispatcher, seen, mailbox = make()
    for due_ns, name in ((30, "c"), (10, "a"), (10, "b")):
        timers.add(due_ns, 0, mailbox, Ring(name))
    assert timers.next_ns() == 10
    fire_due(timers, dispatcher, 30)
    assert [ring.name for ring in seen] == ["a", "b", "c"]
    assert (len(timers), timers.next_ns()) == (0, None)


def test_nothing_fires_before_its_time() -> None:
    timers, dispatcher, seen, mailbox = make()
    timers.add(10, 0, mailbox, Ring("a"))
    fire_due(timers, dispatcher, 9)
    assert seen == []


def test_a_period_that_was_missed_is_counted_and_not_made_up_for() -> None:
    timers, dispatcher, seen, mailbox = make()
    timers.add(10, 10, mailbox, Ring("a"))
    fire_due(timers, dispatcher, 45)
    assert (len(seen), timers.missed_count, timers.next_ns()) == (1, 3, 50)


def test_a_cancelled_timer_does_not_fire_even_when_it_was_taken() -> None:
    timers, dispatcher, seen, mailbox = make()
    number = timers.add(10, 0, mailbox, Ring("a"))
    taken = timers.pop_due(10)
    timers.cancel(number)
    timers.cancel(12345)
    assert taken == number
    timers.fire(number)
    dispatcher.drain(ALL, ALL, -1)
    assert seen == []


def test_many_cancelled_timers_leave_no_memory_behind() -> None:
    timers, _, _, mailbox = make()
    for _ in range(10_000):
        timers.cancel(timers.add(10**9, 0, mailbox, Ring("a")))
    assert len(timers._due) < 100


def test_more_timers_than_the_bound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.timers.TIMERS_MAX", 2)
    timers, _, _, mailbox = make()
    timers.add(1, 0, mailbox, Ring("a"))
    timers.add(1, 0, mailbox, Ring("b"))
    with pytest.raises(InvariantError, match=r"2 timers exist already"):
        timers.add(1, 0, mailbox, Ring("c"))
    assert limits.TIMERS_MAX > 2
