"""The table of execution statuses: every state that an order can be in, and every word that can be said about it."""

from __future__ import annotations

from itertools import product

import pytest

from engine.messages.execution import STATUS_TABLE, ExecutionStatus, status_of, succeeded
from hotpath.orders.transitions import OrderState

BEFORE_AN_ORDER = ["DECIDED", "APPROVED", "DENIED"]
STATES = [*BEFORE_AN_ORDER, *(state.name for state in OrderState)]
CONTRADICTIONS = {
    *((state, True) for state in (*BEFORE_AN_ORDER, "IN_FLIGHT")),
    ("PARTIAL", False),
    ("FILLED", False),
}


def test_every_state_stands_in_the_table_but_for_contradictions() -> None:
    assert set(STATUS_TABLE) == set(product(STATES, (False, True))) - CONTRADICTIONS


@pytest.mark.parametrize(("state", "filled"), sorted(STATUS_TABLE))
def test_the_table_is_what_is_told(state: str, filled: bool) -> None:
    assert status_of(state, filled=filled) is STATUS_TABLE[state, filled]


@pytest.mark.parametrize(("state", "filled"), [*sorted(CONTRADICTIONS), ("NONSENSE", False)])
def test_a_contradiction_is_unknown(state: str, filled: bool) -> None:
    assert status_of(state, filled=filled) is ExecutionStatus.UNKNOWN


def test_every_status_is_told_of_some_state() -> None:
    assert set(STATUS_TABLE.values()) == set(ExecutionStatus)


def test_what_works_or_was_filled_in_part_succeeded() -> None:
    right = {status for status in ExecutionStatus if succeeded(status, filled=False)}
    assert right == {ExecutionStatus.SUBMITTED, ExecutionStatus.PARTIAL, ExecutionStatus.FILLED}
    assert {status for status in ExecutionStatus if succeeded(status, filled=True)} == right | {
        ExecutionStatus.CANCELLED,
        ExecutionStatus.EXPIRED,
    }
