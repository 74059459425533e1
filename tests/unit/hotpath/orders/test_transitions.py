"""The life of an order, written a second time by hand and in another form: a slip in either of the two is seen.

Rows are states, columns events, both in the order of their numbers. Small letters are states of an order that lives,
capitals those that are over; a dot is an event that is illegal there.
"""

from __future__ import annotations

import pytest

from hotpath.orders.lifecycle import advance, is_terminal
from hotpath.orders.transitions import OrderEvent, OrderState

MATRIX = """
     acc fpa fwh can exp rej cre ame are alo rgo cse ase nse amb pop pab
fly  opn par FIL CAN EXP REJ  .   .   .   .   .   .   .  FAI unk opn  .
opn  opn par FIL CAN EXP  .  opn opn opn  .   .  pca pam opn opn opn  .
par  par par FIL CAN EXP  .  par par par  .   .  pca pam par par par  .
pca  pca pca FIL CAN EXP  .  opn pca pca  .   .   .   .  opn unk pca  .
pam  pam pam FIL  .   .   .  pam opn opn CAN pam  .   .  opn unk pam  .
unk  unk unk FIL CAN EXP REJ unk opn opn CAN unk unk  .  unk unk opn FAI
FIL  FIL FIL FIL FIL FIL  .  FIL FIL FIL FIL  .   .   .  FIL FIL FIL  .
CAN  CAN CAN CAN CAN CAN  .  CAN CAN CAN CAN  .   .   .  CAN CAN CAN  .
EXP  EXP EXP EXP EXP EXP  .  EXP EXP EXP  .   .   .   .  EXP EXP EXP  .
REJ   .  REJ REJ  .   .  REJ REJ  .   .   .   .   .   .  REJ REJ  .   .
FAI   .  FAI FAI  .   .  FAI FAI  .   .   .   .   .   .  FAI FAI  .  FAI
"""
CODES = {
    "fly": OrderState.IN_FLIGHT,
    "opn": OrderState.OPEN,
    "par": OrderState.PARTIAL,
    "pca": OrderState.PENDING_CANCEL,
    "pam": OrderState.PENDING_AMEND,
    "unk": OrderState.UNKNOWN,
    "FIL": OrderState.FILLED,
    "CAN": OrderState.CANCELED,
    "EXP": OrderState.EXPIRED,
    "REJ": OrderState.REJECTED,
    "FAI": OrderState.FAILED,
    ".": -1,
}
EVENTS, *ROWS = (line.split() for line in MATRIX.strip().splitlines())


def initials(event: OrderEvent) -> str:
    """Return the three letters of an event: of one word its first three, of two words one and two."""
    first, *more = event.name.lower().split("_")
    return first[:3] if not more else first[0] + more[0][:2]


def test_the_columns_are_the_events() -> None:
    assert [initials(event) for event in OrderEvent] == EVENTS
    assert [row[0] for row in ROWS] == [code for code in CODES if code != "."]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_cell_is_as_it_is_written_here(row: list[str]) -> None:
    state = CODES[row[0]]
    assert [advance(state, event) for event in OrderEvent] == [CODES[code] for code in row[1:]]
    assert is_terminal(state) == row[0].isupper()


def test_states_and_events_keep_the_numbers_that_the_trail_knows_them_by() -> None:
    assert [int(CODES[row[0]]) for row in ROWS] == list(range(11))
    assert [int(event) for event in OrderEvent] == list(range(17))


@pytest.mark.parametrize("state", [-1, 11, 16, 10**6])
def test_what_is_no_state_has_no_event_and_no_end(state: int) -> None:
    assert [advance(state, event) for event in OrderEvent] == [-1] * 17
    assert not is_terminal(state)


@pytest.mark.parametrize("event", [-1, 17, 32, 10**6])
def test_what_is_no_event_is_illegal(event: int) -> None:
    assert [advance(state, event) for state in OrderState] == [-1] * 11
