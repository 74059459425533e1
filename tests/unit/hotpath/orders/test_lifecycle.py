"""Every state x every event: in the table, or refused and nothing changes."""

from __future__ import annotations

import pytest

from hotpath.orders import lifecycle
from hotpath.orders.transitions import TERMINAL, TRANSITIONS, OrderEvent, OrderState

CELLS = [(state, event) for state in OrderState for event in OrderEvent]
VENUE_EXECUTIONS = (OrderEvent.FILL_PART, OrderEvent.FILL_WHOLE)
PROOFS = (
    OrderEvent.FILL_WHOLE,
    OrderEvent.CANCELED,
    OrderEvent.EXPIRED,
    OrderEvent.REJECTED,
    OrderEvent.AMENDED,
    OrderEvent.AMEND_REJECTED,
    OrderEvent.AMEND_LOST,
    OrderEvent.PROVED_OPEN,
    OrderEvent.PROVED_ABSENT,
)


@pytest.mark.parametrize(("state", "event"), CELLS, ids=lambda value: value.name)
def test_the_compiled_table_says_what_the_data_says(state: OrderState, event: OrderEvent) -> None:
    assert lifecycle.advance(state, event) == TRANSITIONS.get((state, event), -1)


def test_every_state_is_reached_and_every_event_leads_somewhere() -> None:
    assert set(TRANSITIONS.values()) | {OrderState.IN_FLIGHT} == set(OrderState)
    assert {event for _, event in TRANSITIONS} == set(OrderEvent)


def test_terminal_is_final() -> None:
    for state in TERMINAL:
        assert lifecycle.is_terminal(state)
        for event in OrderEvent:
            assert lifecycle.advance(state, event) in (-1, state)


def test_a_working_order_is_not_terminal() -> None:
    assert [state for state in OrderState if not lifecycle.is_terminal(state)] == [
        state for state in OrderState if state not in TERMINAL
    ]


def test_a_fill_is_legal_in_every_state() -> None:
    assert all(lifecycle.advance(state, event) >= 0 for state in OrderState for event in VENUE_EXECUTIONS)


def test_unknown_leaves_only_by_proof() -> None:
    leaving = [e for e in OrderEvent if lifecycle.advance(OrderState.UNKNOWN, e) not in (-1, OrderState.UNKNOWN)]
    assert leaving == sorted(PROOFS)


def test_nothing_is_requested_of_an_order_in_flight_or_over() -> None:
    for state in (OrderState.IN_FLIGHT, *TERMINAL):
        assert lifecycle.advance(state, OrderEvent.CANCEL_SENT) == -1
        assert lifecycle.advance(state, OrderEvent.AMEND_SENT) == -1


def test_what_is_no_state_or_no_event_is_illegal() -> None:
    assert lifecycle.advance(-1, 0) == lifecycle.advance(0, -1) == -1
    assert lifecycle.advance(99, 0) == lifecycle.advance(0, 99) == -1
    assert not lifecycle.is_terminal(99)
    assert not lifecycle.is_terminal(-1)


def test_the_structure_checks_itself() -> None:
    assert lifecycle.check() == 0


def test_a_table_too_small_for_the_data_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "OrderState", range(1000))
    with pytest.raises(OverflowError, match="raise STATES_MAX and EVENTS_MAX"):
        lifecycle.compile_table()


@pytest.mark.parametrize("name", ["OrderState", "OrderEvent"])
def test_a_table_that_just_holds_the_data_is_taken(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    fits = {"OrderState": 16, "OrderEvent": 32}[name]
    monkeypatch.setattr(lifecycle, name, range(fits))
    assert lifecycle.compile_table() == 0
    monkeypatch.setattr(lifecycle, name, range(fits + 1))
    with pytest.raises(OverflowError, match="raise STATES_MAX and EVENTS_MAX"):
        lifecycle.compile_table()


def test_whatever_state_the_data_calls_the_last_is_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as other:
        other.setattr(lifecycle, "TERMINAL", tuple(OrderState))
        lifecycle.compile_table()
        assert all(lifecycle.is_terminal(state) for state in OrderState)
    lifecycle.compile_table()
    assert [state for state in OrderState if lifecycle.is_terminal(state)] == list(TERMINAL)


def test_a_table_that_differs_from_the_data_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "TRANSITIONS", {})
    with pytest.raises(AssertionError, match="in the compiled table"):
        lifecycle.check()


def test_a_terminal_state_that_can_be_left_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "TERMINAL", {OrderState.OPEN})
    with pytest.raises(AssertionError, match="OPEN is terminal, yet"):
        lifecycle.check()
