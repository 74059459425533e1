"""Where the world comes in: a Port takes every input of one source, and nothing else does.

An input is anything that no handler made: venue bytes, what a transport tells, timer firings, commands, measurements
that decide something. A port hands it to the turn, which writes it to the tape before anyone acts on it.
"""

from cython cimport final

from enum import IntEnum


class InputKind(IntEnum):
    """What kind of input a tape frame holds."""

    OPENED = 1
    """A connection is open; the payload is empty."""
    BYTES = 2
    """One message of the venue, whole."""
    CLOSED = 3
    """A connection ended; the payload is '<code> <reason>'."""
    REFUSED = 4
    """A connection could not be opened; the payload is the reason."""
    ANSWER = 5
    """A REST answer: '<request id> <HTTP status>' and a line feed, then the body; status 0 is a failed request."""
    TIMER = 6
    """A timer fired; the payload is its number as 8 bytes, little endian."""
    COMMAND = 7
    """A person's command as JSON."""
    GATE = 8
    """The gate's word as first seen by the handler of message `step`; the payload is one byte."""
    INTERRUPTED = 9
    """The handler of message `step` was stopped by its time limit."""
    FAULT = 10
    """Something outside every actor failed, a file for one: trading halts. The payload is the reason."""
    MEASURED = 11
    """The engine measured itself; the payload is what engine.telemetry.vitals makes of it."""


cdef enum:
    INDEX_MAX = 65_534      # one more says that a frame came from no port


@final
cdef class Port:
    """One source of inputs, named in the tape's head."""

    def __init__(self, int index, str name not None, receive, enter, str owner not None=""):
        if not 0 <= index <= INDEX_MAX:
            raise ValueError(f"port {name!r} has index {index}; expected 0 to {INDEX_MAX}: a frame holds no more")
        self.index = index
        self.name = name
        self.owner = owner
        self.receive = receive
        self.enter = enter

    def enter_by(self, enter):
        """Let inputs pass another entrance from now on: `enter(port, kind, payload)`."""
        self.enter = enter

    def deliver(self, kind, bytes payload not None):
        """Bring an input in: it is stamped, taped, received, and all that follows is handled."""
        self.enter(self, kind, payload)
