"""A fact carries what it was made with; what was not told is empty."""

from __future__ import annotations

import sys

import pytest

from hotpath.core.fact import AuditEvent

INT64_MAX = 2**63 - 1


def test_a_fact_carries_what_it_was_made_with() -> None:
    fact = AuditEvent(
        7, 5, 3, "order.fill", "orders", "t1-1-2", "subject", "order", "t1-1", "1-maker-4", {"a": 1}, {"b": 2}, "why",
        {"c": 3}, "ref",
    )  # fmt: skip
    assert (fact.seq, fact.time_ns, fact.step) == (7, 5, 3)
    assert (fact.action, fact.actor, fact.cause, fact.subject) == ("order.fill", "orders", "t1-1-2", "subject")
    assert (fact.resource_type, fact.resource_id, fact.correlation_id) == ("order", "t1-1", "1-maker-4")
    assert (fact.before, fact.after, fact.reason, fact.metadata) == ({"a": 1}, {"b": 2}, "why", {"c": 3})
    assert fact.reply_to == "ref"
    assert repr(fact) == "AuditEvent(seq=7, action='order.fill', actor='orders', subject='subject')"


def test_what_was_not_told_is_empty() -> None:
    fact = AuditEvent(1, 2, 3, "x", "a", 0)
    assert (fact.resource_type, fact.resource_id, fact.correlation_id, fact.reason) == ("", "", "", "")
    assert (fact.subject, fact.before, fact.after, fact.metadata, fact.reply_to) == (None, None, None, None, None)


def test_nobody_changes_a_fact() -> None:
    fact = AuditEvent(1, 2, 3, "x", "a", 0)
    with pytest.raises(AttributeError):
        fact.seq = 2  # type: ignore[misc]


@pytest.mark.parametrize("seq", [INT64_MAX + 1, "1", 1.0, None])
def test_a_fact_is_numbered_by_an_int64(seq: object) -> None:
    with pytest.raises((TypeError, OverflowError)):
        AuditEvent(seq, 2, 3, "x", "a", 0)  # type: ignore[arg-type]


def test_facts_leave_nothing_behind() -> None:
    witness = [object() for _ in range(200)]
    facts = [AuditEvent(1, 2, 3, "x", "a", 0, one, after={"one": one}) for one in witness]
    held = sys.getrefcount(witness[0])
    del facts
    left = sys.getrefcount(witness[0])
    assert left == held - 2
