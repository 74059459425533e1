from collections.abc import Callable
from enum import IntEnum
from typing import final

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

@final
class Port:
    """One source of inputs, named in the tape's head."""

    index: int
    name: str
    owner: str
    """The actor behind it, empty for none."""
    is_market: bool
    """Whether it brings market data, which starts the clock of the reaction time."""
    receive: Callable[[InputKind, bytes], None]
    """The method that takes its inputs."""

    def __init__(
        self,
        index: int,
        name: str,
        receive: Callable[[InputKind, bytes], None],
        enter: Callable[[Port, InputKind, bytes], None],
        owner: str = "",
    ) -> None:
        """Name the source, the method that receives its inputs, the entrance they pass before, and the actor behind."""
    def enter_by(self, enter: Callable[[Port, InputKind, bytes], None]) -> None:
        """Let inputs pass another entrance from now on: `enter(port, kind, payload)`."""
    def deliver(self, kind: InputKind, payload: bytes) -> None:
        """Bring an input in: it is stamped, taped, received, and all that follows is handled."""
