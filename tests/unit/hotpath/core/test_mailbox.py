"""Lanes, bounds, full rules and counters of the dispatcher."""

from __future__ import annotations

from collections import deque
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from hotpath.core.mailbox import (
    ACCEPTED,
    ALL,
    AUDIT,
    CLOSED,
    CONFLATE,
    CONFLATED,
    HALT,
    MARKET,
    ORDERS,
    REFUSE,
    REFUSED,
    SIGNALS,
    Dispatcher,
    Mailbox,
)


class Tick(Struct, frozen=True):
    instrument: int
    value: int


class Note(Struct, frozen=True):
    value: int


def box(dispatcher: Dispatcher, seen: list[Any], lane: int = ORDERS, capacity: int = 8, full: int = REFUSE) -> Mailbox:
    return dispatcher.mailbox("a -> b", "b", {Tick: seen.append, Note: seen.append}, lane, capacity, full)


def test_lanes_are_served_strictly_in_order() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    boxes = [box(dispatcher, seen, lane) for lane in (AUDIT, MARKET, ORDERS, SIGNALS)]
    for number, mailbox in enumerate(boxes):
        mailbox.tell(Note(number))
    assert dispatcher.drain(ALL, ALL, -1) == 0
    assert seen == [Note(3), Note(2), Note(1), Note(0)]


def test_a_lane_keeps_the_order_of_arrival_over_all_its_mailboxes() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    first, second = box(dispatcher, seen), box(dispatcher, seen)
    for number, mailbox in enumerate([first, second, second, first, second]):
        mailbox.tell(Note(number))
    dispatcher.drain(ALL, ALL, -1)
    assert seen == [Note(number) for number in range(5)]


def test_what_a_handler_tells_to_a_higher_lane_goes_before_what_waits() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    orders = box(dispatcher, seen, ORDERS)

    def pass_on(note: Note) -> None:
        orders.tell(Tick(0, note.value))

    market = dispatcher.mailbox("m", "m", {Note: pass_on}, MARKET, 8, REFUSE)
    audit = box(dispatcher, seen, AUDIT)
    audit.tell(Note(99))
    market.tell(Note(1))
    market.tell(Note(2))
    dispatcher.drain(ALL, ALL, -1)
    assert seen == [Tick(0, 1), Tick(0, 2), Note(99)]


def test_a_full_mailbox_refuses_and_counts() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    mailbox = box(dispatcher, seen, capacity=2)
    assert [mailbox.tell(Note(number)) for number in range(3)] == [ACCEPTED, ACCEPTED, REFUSED]
    assert (mailbox.offered, mailbox.refused, mailbox.depth, mailbox.depth_peak) == (3, 1, 2, 2)
    dispatcher.drain(ALL, ALL, -1)
    assert seen == [Note(0), Note(1)]
    assert (mailbox.depth, mailbox.depth_peak) == (0, 2)


def test_a_full_mailbox_that_must_not_be_full_calls_for_a_halt() -> None:
    dispatcher = Dispatcher()
    overflows: list[Any] = []
    dispatcher.on_overflow = lambda mailbox, message: overflows.append((mailbox.name, message))
    mailbox = box(dispatcher, [], capacity=1, full=HALT)
    mailbox.tell(Note(1))
    assert mailbox.tell(Note(2)) == REFUSED
    assert overflows == [("a -> b", Note(2))]


def test_conflation_puts_the_newest_in_the_older_ones_place() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    mailbox = box(dispatcher, seen, MARKET, capacity=2, full=CONFLATE)
    mailbox.tell(Tick(1, 10))
    mailbox.tell(Tick(2, 20))
    assert mailbox.tell(Tick(1, 11)) == CONFLATED
    mailbox.check()
    dispatcher.drain(ALL, ALL, -1)
    assert seen == [Tick(1, 11), Tick(2, 20)]
    assert (mailbox.conflated, mailbox.refused, mailbox.depth) == (1, 0, 0)


def test_conflation_makes_room_for_a_new_key_by_dropping_the_older_of_another() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    mailbox = box(dispatcher, seen, MARKET, capacity=3, full=CONFLATE)
    for tick in (Tick(1, 10), Tick(1, 11), Tick(2, 20)):
        mailbox.tell(tick)
    assert mailbox.tell(Tick(3, 30)) == CONFLATED
    mailbox.check()
    dispatcher.drain(ALL, ALL, -1)
    assert seen == [Tick(1, 11), Tick(2, 20), Tick(3, 30)]


def test_conflation_without_a_duplicate_names_the_capacity_that_is_too_small() -> None:
    mailbox = box(Dispatcher(), [], MARKET, capacity=1, full=CONFLATE)
    mailbox.tell(Tick(1, 10))
    with pytest.raises(AssertionError, match="capacity must be at least the number of instruments"):
        mailbox.tell(Tick(2, 20))


def test_the_market_budget_ends_a_turn_and_keeps_audit_behind_market() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    market, audit = box(dispatcher, seen, MARKET), box(dispatcher, seen, AUDIT)
    for number in range(3):
        market.tell(Note(number))
    audit.tell(Note(99))
    assert dispatcher.drain(2, ALL, -1) == 1
    assert seen == [Note(0), Note(1)]
    assert dispatcher.drain(2, ALL, -1) == 0
    assert seen[-1] == Note(99)


def test_the_audit_budget_leaves_records_waiting() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    audit = box(dispatcher, seen, AUDIT)
    audit.tell(Note(1))
    audit.tell(Note(2))
    assert dispatcher.drain(ALL, 1, -1) == 1
    assert seen == [Note(1)]


def test_drain_stops_exactly_at_a_step() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    mailbox = box(dispatcher, seen)
    for number in range(5):
        mailbox.tell(Note(number))
    dispatcher.drain(ALL, ALL, 3)
    assert (dispatcher.handled, seen[-1]) == (3, Note(2))


def test_an_exception_goes_to_the_supervisor_and_the_rest_goes_on() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    failed: list[Any] = []

    def raising(_: Note) -> None:
        raise SystemExit("a strategy that leaves")

    bad = dispatcher.mailbox("x -> bad", "bad", {Note: raising}, ORDERS, 4, REFUSE)
    good = box(dispatcher, seen)
    dispatcher.on_error = lambda mailbox, message, error: failed.append((mailbox.owner, message, type(error)))
    bad.tell(Note(1))
    good.tell(Note(2))
    dispatcher.drain(ALL, ALL, -1)
    assert failed == [("bad", Note(1), SystemExit)]
    assert seen == [Note(2)]
    assert not dispatcher.running


def test_an_exception_without_a_supervisor_leaves_drain() -> None:
    dispatcher = Dispatcher()

    def raising(_: Note) -> None:
        raise LookupError("nobody catches this")

    mailbox = dispatcher.mailbox("x", "x", {Note: raising}, ORDERS, 4, REFUSE)
    mailbox.tell(Note(1))
    with pytest.raises(LookupError):
        dispatcher.drain(ALL, ALL, -1)


def test_a_message_without_a_handler_is_a_dead_letter() -> None:
    dispatcher = Dispatcher()
    dead: list[Any] = []
    dispatcher.on_dead_letter = lambda mailbox, message: dead.append((mailbox.name, message))
    mailbox = dispatcher.mailbox("x -> y", "y", {}, ORDERS, 4, REFUSE)
    mailbox.tell(Note(7))
    dispatcher.drain(ALL, ALL, -1)
    assert dead == [("x -> y", Note(7))]


def test_a_closed_mailbox_discards_what_waits_and_what_comes() -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    mailbox = box(dispatcher, seen)
    mailbox.tell(Note(1))
    mailbox.close()
    assert mailbox.tell(Note(2)) == CLOSED
    dispatcher.drain(ALL, ALL, -1)
    assert seen == []
    assert (mailbox.discarded, dispatcher.handled) == (2, 0)
    mailbox.bind("new owner", {Note: seen.append})
    assert mailbox.tell(Note(3)) == ACCEPTED
    dispatcher.drain(ALL, ALL, -1)
    assert (seen, mailbox.owner) == ([Note(3)], "new owner")


@pytest.mark.parametrize(("lane", "capacity", "full"), [(-1, 1, 0), (4, 1, 0), (0, 0, 0), (0, 1, 3)])
def test_a_mailbox_out_of_range_is_refused(lane: int, capacity: int, full: int) -> None:
    with pytest.raises(ValueError, match="out of range"):
        Dispatcher().mailbox("x", "x", {}, lane, capacity, full)


def test_a_mailbox_is_made_by_its_dispatcher_only() -> None:
    with pytest.raises(TypeError, match=r"Dispatcher\.mailbox"):
        Mailbox()


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 3), st.booleans()), max_size=200))
def test_conflation_loses_nothing_but_older_values_of_the_same_key(steps: list[tuple[int, int, bool]]) -> None:
    dispatcher = Dispatcher()
    seen: list[Any] = []
    mailbox = box(dispatcher, seen, MARKET, capacity=4, full=CONFLATE)
    newest: dict[int, int] = {}
    delivered: dict[int, deque[int]] = {key: deque() for key in range(4)}
    for value, (_, key, drain) in enumerate(steps):
        mailbox.tell(Tick(key, value))
        newest[key] = value
        mailbox.check()
        if drain:
            dispatcher.drain(1, 0, -1)
    dispatcher.drain(ALL, ALL, -1)
    for tick in seen:
        assert not delivered[tick.instrument] or delivered[tick.instrument][-1] < tick.value
        delivered[tick.instrument].append(tick.value)
    assert {key: values[-1] for key, values in delivered.items() if values} == newest
    assert mailbox.offered == len(seen) + mailbox.conflated
