"""The life of an order that waits: every state and every event is in the table, or changes nothing."""

from __future__ import annotations

from itertools import product

import pytest

from actors.triggers.transitions import OUT_THERE, OVER, TRIGGER_TABLE, TriggerEvent, TriggerState

S, E = TriggerState, TriggerEvent


@pytest.mark.parametrize(("state", "event"), list(product(TriggerState, TriggerEvent)))
def test_each_cell_leads_where_the_story_says(state: TriggerState, event: TriggerEvent) -> None:
    after = TRIGGER_TABLE.get((state, event))
    if state in OVER:
        assert after is None, "the end is final"
    elif event in (E.CANCEL, E.LAPSE):
        assert after is not None, "whoever lives can be given up"
        assert (after in OVER) is (state not in OUT_THERE), "what is out must come back first"
    elif event is E.WOKEN:
        assert after in ({S.ARMED} if state is S.DORMANT else {state} if state is not S.PENDING else {None})
    elif event is E.SENT:
        assert (after is not None) is (state is S.FIRING)
    elif event in (E.DONE, E.GONE, E.OUT, E.REFUSED, E.BACK, E.AGAIN, E.CANCEL_REFUSED, E.RECALL):
        assert after is None or state in OUT_THERE, "only an order that is out has an end"


def test_an_order_that_is_out_has_an_answer_for_each_end_of_its_child() -> None:
    for state in OUT_THERE:
        assert TRIGGER_TABLE[state, E.DONE] is S.FILLED
        ends = {TRIGGER_TABLE.get((state, event)) for event in (E.GONE, E.BACK)}
        assert ends - {None}, state


def test_every_state_is_reached_from_the_beginning() -> None:
    reached = {S.PENDING}
    for _ in TriggerState:
        reached |= {after for (before, _), after in TRIGGER_TABLE.items() if before in reached}
    assert reached == set(TriggerState)
