"""Time stands in one moment, and facts are numbered in the order in which they are told."""

from __future__ import annotations

from typing import Any

from hotpath.core.mailbox import ALL, AUDIT, REFUSE, Dispatcher
from hotpath.core.moment import Moment, Numbers, Teller


def fact(seq: int, time_ns: int, step: int, action: str, name: str, cause: int | str, subject: Any) -> tuple[Any, ...]:
    return (seq, time_ns, step, action, name, cause, subject)


def test_everybody_sees_the_same_moment_and_the_next_number() -> None:
    dispatcher, moment, numbers = Dispatcher(), Moment(5), Numbers(7)
    seen: list[tuple[Any, ...]] = []
    box = dispatcher.mailbox("audit", "audit", {tuple: seen.append}, AUDIT, 2, REFUSE)
    first, second = (Teller(name, moment, dispatcher, numbers, fact) for name in ("a", "b"))
    first.tell_to(box)
    second.tell_to(box)
    assert (first.name, first.now_ns, second.next_seq, first.step) == ("a", 5, 7, 0)
    assert first.audit("order.submit", "one") == 7
    moment.now_ns = 9
    assert second.audit("order.fill", "two", 7) == 8
    dispatcher.drain(ALL, ALL, -1)
    assert seen == [(7, 5, 0, "order.submit", "a", 0, "one"), (8, 9, 0, "order.fill", "b", 7, "two")]


def test_a_fact_that_the_trail_cannot_take_keeps_its_number_free() -> None:
    dispatcher, numbers = Dispatcher(), Numbers(1)
    teller = Teller("a", Moment(), dispatcher, numbers, fact)
    assert teller.audit("x", None) == 1
    assert numbers.next_seq == 1
    teller.tell_to(dispatcher.mailbox("audit", "audit", {tuple: print}, AUDIT, 1, REFUSE))
    assert [teller.audit("x", None), teller.audit("x", None), teller.audit("x", None)] == [1, 2, 2]
    teller.tell_to(None)
    assert teller.audit("x", None) == 2
