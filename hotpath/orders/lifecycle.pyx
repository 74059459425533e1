"""The order state table, compiled: one look into an array tells what an event makes of a state.

The data stands in transitions.py and is read once, when this module is imported; what is not in it is -1 and means
that the event is illegal in that state. This module holds no order: whoever asks keeps the state, and keeps the old
one when the answer is -1.
"""

from hotpath.orders.transitions import TERMINAL, TRANSITIONS, OrderEvent, OrderState

cdef int8_t TABLE[STATES_MAX][EVENTS_MAX]
cdef bint OVER[STATES_MAX]


cpdef int compile_table() except -1:
    """Make the array from the data; done once, when the module is imported."""
    cdef int state, event
    if len(OrderState) > STATES_MAX or len(OrderEvent) > EVENTS_MAX:
        raise OverflowError(
            f"{len(OrderState)} order states and {len(OrderEvent)} events do not fit {STATES_MAX} x {EVENTS_MAX}; "
            f"raise STATES_MAX and EVENTS_MAX in lifecycle.pxd"
        )
    for state in range(STATES_MAX):
        OVER[state] = False
        for event in range(EVENTS_MAX):
            TABLE[state][event] = -1
    for key, after in TRANSITIONS.items():
        TABLE[<int>key[0]][<int>key[1]] = <int8_t>after
    for last in TERMINAL:
        OVER[<int>last] = True
    return 0


cdef int8_t next_state(long state, long event) noexcept nogil:
    if state < 0 or state >= STATES_MAX or event < 0 or event >= EVENTS_MAX:
        return -1
    return TABLE[state][event]


cdef bint over(long state) noexcept nogil:
    return 0 <= state < STATES_MAX and OVER[state]


cpdef int advance(long state, long event) noexcept:
    """Return the state that `event` makes of `state`, or -1 when the event is illegal there."""
    return next_state(state, event)


cpdef bint is_terminal(long state) noexcept:
    """Return whether an order in `state` is over."""
    return over(state)


cpdef int check() except -1:
    """Raise AssertionError when the compiled table differs from the data or a terminal state can be left."""
    for state in OrderState:
        for event in OrderEvent:
            after = advance(state, event)
            if after != TRANSITIONS.get((state, event), -1):
                raise AssertionError(f"{state.name} x {event.name} is {after} in the compiled table")
            if state in TERMINAL and after not in (-1, state):
                raise AssertionError(f"{state.name} is terminal, yet {event.name} leads to {after}")
    return 0


compile_table()
