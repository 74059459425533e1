from collections.abc import Callable
from typing import final

from engine.clock import Clock
from engine.runtime.port import InputKind, Port
from engine.runtime.reaction import Reaction
from engine.runtime.recorder import Recorder
from hotpath.core.mailbox import Dispatcher
from hotpath.core.moment import Moment

@final
class Intake:
    """Takes every input of a run."""

    @property
    def reaction(self) -> Reaction:
        """How long market data took to be answered."""
    @property
    def inputs_count(self) -> int:
        """How many inputs have come by `enter`."""
    @property
    def market_count(self) -> int:
        """How many of them were messages of market data."""

    def __init__(
        self,
        dispatcher: Dispatcher,
        moment: Moment,
        recorder: Recorder,
        halt: Callable[[str], None],
        port_failed: Callable[[Port, Exception], None],
    ) -> None:
        """`halt` hears what the tape cannot take, `port_failed` what a port cannot receive."""
    def serve(
        self, clock: Clock | Moment, market_max: int, audit_max: int, answered: Callable[[Port, bool, int], None]
    ) -> None:
        """Say what `enter` reads the time from, how much it handles, and whom it tells.

        Args:
            clock: is asked once for each input; a Moment stands still until it is moved.
            market_max: market messages handled for one input.
            audit_max: audit records made for one input.
            answered: hears after each input its port, whether it was market data, and how long it took in ns.
        """
    def enter(self, port: Port, kind: InputKind, payload: bytes) -> None:
        """Take one input and answer it before returning: the entrance of every port."""
    def take(self, now_ns: int, port: Port, kind: InputKind, payload: bytes) -> int:
        """Take one input; time never goes back."""
    def note(self, port: Port, kind: InputKind, payload: bytes) -> None:
        """Record an input that a handler came across itself: a gate's word, an interruption."""
