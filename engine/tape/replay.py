"""Replay: the same inputs at the same steps, and therefore the same run.

A tape says at which step each input was taken. Replay lets the dispatcher run to that step, sets the moment, and hands
the input to its port; nothing else moves. Frames that a handler came across itself (a gate's word, an interruption) are
put in place before the handler of their step runs. A run that strays from the recorded steps is another one; it goes on
until whoever compares the records has seen how. It knows no actor and no venue: only ports, steps and bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.errors import TapeError
from engine.runtime.port import InputKind
from engine.runtime.system import System
from engine.tape.reader import Frame
from hotpath.core.mailbox import ALL

IN_HANDLER = (InputKind.GATE, InputKind.INTERRUPTED)


class Replay:
    """Drives a system from a tape instead of from the world."""

    def __init__(
        self,
        system: System,
        set_gate: Callable[[int], None],
        interrupt: Callable[[int], None],
        port_failed: Callable[[str, str, BaseException], None],
        differs: Callable[[], bool] = lambda: True,
    ) -> None:
        """Take the place of a turn.

        Args:
            system: built from the tape's head, with links that lead nowhere.
            set_gate: puts the gate's word as the handler of the next step will read it.
            interrupt: arms the time limit for the handler of the given step, and for no other.
            port_failed: takes the owner, the port and the exception when an input cannot be received, as it was live.
            differs: says whether a record was made that is not the recorded one.
        """
        self._system = system
        self._set_gate = set_gate
        self._interrupt = interrupt
        self._port_failed = port_failed
        self._differs = differs
        self._strayed = ""
        self.frames_count = 0

    def run(self, frames: Iterable[Frame], stop_at: int = -1) -> None:
        """Play every frame, then let the dispatcher finish; or stop when the handler of step `stop_at` has returned.

        Raises:
            TapeError: this run handles fewer messages than the recorded one did before the same input.
        """
        system = self._system
        dispatcher = system.dispatcher
        for frame in frames:
            in_handler = frame.kind in IN_HANDLER
            step = frame.step - 1 if in_handler else frame.step
            dispatcher.drain(ALL, ALL, -1 if self._strayed else step)
            if dispatcher.handled != step and not self._strayed:
                self._strayed = (
                    f"frame {self.frames_count + 1}: recorded at step {step}, but this run came to rest at step "
                    f"{dispatcher.handled}: it is not the same program, configuration or strategy"
                )
            if self._strayed and self._differs():
                raise TapeError(self._strayed)
            self.frames_count += 1
            if frame.kind == InputKind.GATE:
                self._set_gate(frame.payload[0])
                continue
            if frame.kind == InputKind.INTERRUPTED:
                self._interrupt(frame.step)
                continue
            system.moment.now_ns = frame.time_ns
            port = system.ports[frame.port]
            try:
                port.receive(InputKind(frame.kind), frame.payload)
            except Exception as error:  # noqa: BLE001 - what broke the run breaks the replay, and the supervisor hears it
                self._port_failed(port.owner, port.name, error)
            if stop_at >= 0 and frame.step >= stop_at:
                break
        dispatcher.drain(ALL, ALL, stop_at)
        if self._strayed:
            raise TapeError(self._strayed)
