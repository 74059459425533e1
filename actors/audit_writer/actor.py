"""The audit writer: every AuditEvent becomes a line of the chain, in the order of telling.

It owns the chain's head and asks nobody's opinion: what was told is rendered, sealed and buffered; the turn's end calls
`flush`. Records whose effect waits for the disk are made durable before the next is looked at. It is the last actor
that may fail: an AuditError leaves it unhandled, and the supervisor halts trading.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from engine.audit.chain import Chain
from engine.audit.checkpoints import PERIOD_NS, RECORDS_MAX, Checkpoints
from engine.audit.encoder import Encoder
from engine.audit.files import Trail
from engine.audit.record import AT_ONCE
from engine.errors import AuditError
from engine.messages.control import Action, Durable, Start, Stop
from engine.runtime.actor import Actor, type_of_handlers
from hotpath.core.fact import AuditEvent


class CheckpointDue(Struct, frozen=True, gc=False):
    """The engine's clock says that a checkpoint is due."""


class AuditWriter(Actor):
    """Writes the trail."""

    def __init__(
        self,
        encoder: Encoder,
        chain: Chain,
        trail: Trail,
        checkpoints: Checkpoints | None = None,
        observe: Callable[[AuditEvent], None] | None = None,
    ) -> None:
        """Continue a chain. Without checkpoints (replay) the same records are made, and nothing is signed.

        `observe` is shown each event after its record was made: telemetry that costs nobody else anything.
        """
        self._observe = observe
        self._encoder = encoder
        self._chain = chain
        self._trail = trail
        self._checkpoints = checkpoints
        self._body = encoder.body
        self._append = trail.append
        self._first_seq = chain.seq + 1
        self._checkpoint_seq = chain.seq
        self._checkpoint_due_seq = chain.seq + RECORDS_MAX
        self._dead = False
        self.synced_count = 0

    @property
    def head(self) -> str:
        """The hash of the last record."""
        return self._chain.head

    @property
    def seq(self) -> int:
        """The number of the last record."""
        return self._chain.seq

    @property
    def first_seq(self) -> int:
        """The number of this run's first record."""
        return self._first_seq

    @property
    def records_count(self) -> int:
        """How many records this run has made."""
        return self._chain.seq - self._first_seq + 1

    @property
    def durable_seq(self) -> int:
        """The last record that is on disk."""
        return self._trail.durable_seq

    def handlers(self) -> type_of_handlers:
        """Return the method for each message."""
        return {
            Start: self.on_start,
            Stop: self.on_stop,
            AuditEvent: self.on_event,
            CheckpointDue: self.on_checkpoint_due,
        }

    def on_start(self, _message: Start) -> None:
        """Begin to count the time between checkpoints."""
        self.context.every(PERIOD_NS, CheckpointDue())

    def on_stop(self, _message: Stop) -> None:
        """Go on: others still have something to tell; the end is `close`."""

    def on_event(self, event: AuditEvent) -> None:
        """Put one record into the chain. AuditError when it is not the next one, or cannot be made or written."""
        if self._dead:
            return  # told once, and trading halts: to fail again at each record of the halt would never end
        chain = self._chain
        seq = event.seq
        if seq != chain.seq + 1:
            raise AuditError(f"the audit writer was told record {seq} after {chain.seq}: one was lost, or told twice")
        line = chain.seal(self._body(event, chain.head))
        try:
            self._append(line, seq, event.time_ns)
        except AuditError:
            self._dead = self._trail.dead
            raise
        if self._observe is not None:
            self._observe(event)
        if event.reply_to is not None or event.action in AT_ONCE:
            self._ask(self._trail.sync)
            self.synced_count += 1
            if event.reply_to is not None:
                event.reply_to.tell(Durable(seq))
        if seq >= self._checkpoint_due_seq:
            self._checkpoint(event.time_ns)

    def on_checkpoint_due(self, _message: CheckpointDue) -> None:
        """Sign where the trail stands, unless nothing happened since."""
        if self._chain.seq > self._checkpoint_seq:
            self._checkpoint(self.context.now_ns)

    def flush(self) -> None:
        """Write what this turn told, in one write. AuditError once when it cannot be."""
        self._ask(self._trail.flush)

    def close(self, time_ns: int) -> None:
        """Make everything durable under a last checkpoint; nothing can be told afterwards."""
        if not self._trail.dead:
            self._trail.sync()
            if self._checkpoints is not None and self._chain.seq:
                self._checkpoints.add(self._chain.seq, self._chain.head, time_ns)
        self._trail.close()
        if self._checkpoints is not None:
            self._checkpoints.close()

    def _ask(self, act: Callable[[], None]) -> None:
        """Have the disk do something, and see whether it still lives: every record asks for that."""
        try:
            act()
        finally:
            self._dead = self._trail.dead

    def _checkpoint(self, time_ns: int) -> None:
        """Sign the head, and record that it was signed: a checkpoint that vanishes is missed by that record."""
        chain = self._chain
        self._checkpoint_seq = chain.seq + 1  # the record about it asks for no checkpoint of its own
        self._checkpoint_due_seq = self._checkpoint_seq + RECORDS_MAX
        if self._checkpoints is not None:
            if not self._checkpoints.helped:
                self._ask(self._trail.sync)
            self._checkpoints.add(chain.seq, chain.head, time_ns)
        self.context.record(
            Action.AUDIT_CHECKPOINT, "trail", str(chain.seq), after={"hash": chain.head, "seq": chain.seq}
        )
