"""What every run shares around its turn: the writes that end a pass, what the trail is measured by, the way out.

The order of the way out matters: the last records are made, the tape gets its END, everything is durable under a last
checkpoint, and only then is the directory free for the next run.
"""

from __future__ import annotations

from functools import partial

import msgspec

from engine.cli.assembly import Assembled
from engine.cli.opening import Opened
from engine.errors import InvariantError
from engine.latch import read_latch
from engine.messages.control import GateWord, Role, TradingState
from engine.runtime.port import InputKind
from engine.runtime.turn import Turn
from engine.tape.sent import SentDigest
from engine.telemetry.summary import TapeSummary
from gateways.operator.control import NumberedCommand
from hotpath.core.mailbox import ALL, AUDIT


def stop_command(reason: str) -> bytes:
    """Return the payload of a stop that nobody waits for the answer of."""
    return msgspec.json.encode(NumberedCommand(0, "stop", {"reason": reason}, "engine", (Role.ADMIN,)))


def connect_turn(run: Assembled, turn: Turn, opened: Opened, sent: SentDigest) -> None:
    """Plug a turn into a run: what ends a pass, which ports bring market data, what the gate shows."""
    turn.at_end += [opened.tape.flush, run.writer.flush, sent.flush, run.ids.renew_if_low]
    for venue in run.venues:
        run.ports[f"{venue}.stream"].is_market = True
        run.links[venue][1].on_sent = turn.reaction.answered
    gate_port = run.ports["gate"]

    def seen(word: GateWord) -> None:
        turn.note(gate_port, InputKind.GATE, bytes([word]))

    run.gate.on_seen = seen


class Records:
    """What the trail says about itself to whoever measures it."""

    def __init__(self, run: Assembled) -> None:
        """Ask this run."""
        self._run = run

    @property
    def told_seq(self) -> int:
        """The last record that somebody told."""
        return self._run.system.numbers.next_seq - 1

    @property
    def durable_seq(self) -> int:
        """The last record that is on disk."""
        return self._run.writer.durable_seq

    @property
    def backlog_pct(self) -> int:
        """How full the audit writer's mailbox is."""
        dispatcher = self._run.system.dispatcher
        return 100 * dispatcher.waiting(AUDIT) // max(dispatcher.capacity(AUDIT), 1)


def close_run(run: Assembled, opened: Opened, now_ns: int) -> TapeSummary:
    """Let the last messages be handled, and make everything durable; what cannot be written is told and latched."""
    dispatcher = run.system.dispatcher
    dispatcher.drain(ALL, ALL, -1)
    opened.syncer.stop()
    for close in (partial(run.writer.close, now_ns), partial(opened.tape.close, dispatcher.handled, now_ns)):
        try:
            close()
        except InvariantError as error:
            opened.latch.set(str(error), now_ns)
            opened.problems.append(str(error))
    if run.safety.state is not TradingState.EMERGENCY and not run.safety.unknown_count:
        opened.lease.settle()
    opened.forget_told()
    ended_it = run.safety.stopping and run.safety.state is not TradingState.EMERGENCY
    if ended_it and read_latch(opened.directory.latch) is None:
        opened.gate_file.write(GateWord.OPEN)
    opened.gate_file.close()
    return TapeSummary(opened.tape.frames_count, opened.tape.bytes_count)
