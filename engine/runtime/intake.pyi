from collections.abc import Callable
from typing import final

from engine.runtime.port import InputKind, Port
from engine.runtime.recorder import Recorder
from hotpath.core.mailbox import Dispatcher
from hotpath.core.moment import Moment

@final
class Intake:
    """Takes every input of a run."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        moment: Moment,
        recorder: Recorder,
        halt: Callable[[str], None],
        port_failed: Callable[[Port, Exception], None],
    ) -> None:
        """`halt` hears what the tape cannot take, `port_failed` what a port cannot receive."""
    def take(self, now_ns: int, port: Port, kind: InputKind, payload: bytes) -> None:
        """Take one input; time never goes back."""
    def note(self, port: Port, kind: InputKind, payload: bytes) -> None:
        """Record an input that a handler came across itself: a gate's word, an interruption."""
