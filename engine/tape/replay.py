"""Replay: the same inputs at the same steps, and therefore the same run.

A tape says at which step each input was taken. Replay lets the dispatcher run to that step, sets the moment, and hands
the input to its port; nothing else moves. Frames that a handler came across itself (a gate's word, an interruption) are
put in place before the handler of their step runs. It knows no actor and no venue: only ports, steps and bytes.
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
        at_end: list[Callable[[], None]],
    ) -> None:
        """Take the place of a turn.

        Args:
            system: built from the tape's head, with links that lead nowhere.
            set_gate: puts the gate's word as the handler of the next step will read it.
            interrupt: arms the time limit for the handler of the given step, and for no other.
            at_end: called after each frame, like the end of a pass.
        """
        self._system = system
        self._set_gate = set_gate
        self._interrupt = interrupt
        self._at_end = at_end
        self.frames_count = 0

    def run(self, frames: Iterable[Frame]) -> None:
        """Play every frame, then let the dispatcher finish.

        Raises:
            TapeError: this run handles fewer messages than the recorded one did before the same input.
        """
        system = self._system
        dispatcher = system.dispatcher
        for frame in frames:
            in_handler = frame.kind in IN_HANDLER
            step = frame.step - 1 if in_handler else frame.step
            dispatcher.drain(ALL, ALL, step)
            if dispatcher.handled != step:
                raise TapeError(
                    f"frame {self.frames_count + 1}: recorded at step {step}, but this run came to rest at step "
                    f"{dispatcher.handled}: it is not the same program, configuration or strategy"
                )
            self.frames_count += 1
            if frame.kind == InputKind.GATE:
                self._set_gate(frame.payload[0])
                continue
            if frame.kind == InputKind.INTERRUPTED:
                self._interrupt(frame.step)
                continue
            system.moment.now_ns = frame.time_ns
            system.ports[frame.port].receive(InputKind(frame.kind), frame.payload)
            for write in self._at_end:
                write()
        dispatcher.drain(ALL, ALL, -1)
        for write in self._at_end:
            write()
