"""Time stands in one moment, and facts are numbered in the order in which they are told."""

from __future__ import annotations

from hotpath.core.fact import AuditEvent
from hotpath.core.mailbox import ALL, AUDIT, REFUSE, Dispatcher
from hotpath.core.moment import Moment, Numbers, Teller


def told(fact: AuditEvent) -> tuple[object, ...]:
    return (fact.seq, fact.time_ns, fact.step, fact.action, fact.actor, fact.cause, fact.subject)


def test_everybody_sees_the_same_moment_and_the_next_number() -> None:
    dispatcher, moment, numbers = Dispatcher(), Moment(5), Numbers(7)
    seen: list[AuditEvent] = []
    box = dispatcher.mailbox("audit", "audit", {AuditEvent: seen.append}, AUDIT, 2, REFUSE)
    first, second = (Teller(name, moment, dispatcher, numbers) for name in ("a", "b"))
    first.tell_to(box)
    second.tell_to(box)
    assert (first.name, first.now_ns, second.next_seq, first.step) == ("a", 5, 7, 0)
    assert first.audit("order.submit", "one") == 7
    moment.now_ns = 9
    assert second.audit("order.fill", "two", 7) == 8
    dispatcher.drain(ALL, ALL, -1)
    assert [told(fact) for fact in seen] == [
        (7, 5, 0, "order.submit", "a", 0, "one"),
        (8, 9, 0, "order.fill", "b", 7, "two"),
    ]


def test_a_fact_that_the_trail_cannot_take_keeps_its_number_free() -> None:
    dispatcher, numbers = Dispatcher(), Numbers(1)
    teller = Teller("a", Moment(), dispatcher, numbers)
    assert teller.audit("x", None) == 1
    assert numbers.next_seq == 1
    teller.tell_to(dispatcher.mailbox("audit", "audit", {AuditEvent: print}, AUDIT, 1, REFUSE))
    assert [teller.audit("x", None), teller.audit("x", None), teller.audit("x", None)] == [1, 2, 2]
    teller.tell_to(None)
    assert teller.audit("x", None) == 2


def test_a_hot_fact_is_empty_where_a_rare_one_is() -> None:
    dispatcher = Dispatcher()
    seen: list[AuditEvent] = []
    teller = Teller("a", Moment(), dispatcher, Numbers(1))
    teller.tell_to(dispatcher.mailbox("audit", "audit", {AuditEvent: seen.append}, AUDIT, 1, REFUSE))
    teller.audit("x", "subject")
    dispatcher.drain(ALL, ALL, -1)
    (fact,) = seen
    assert (fact.resource_type, fact.resource_id, fact.correlation_id, fact.reason) == ("", "", "", "")
    assert (fact.before, fact.after, fact.metadata, fact.reply_to) == (None, None, None, None)
