"""Health: what the engine measured of itself comes in by a port of its own and goes to risk and safety.

It owns nothing and judges nothing. That it exists at all is for the tape: a measurement decides whether an order may
leave, so it is an input, stamped and kept before anyone acts on it, and replay brings it in again.
"""

from __future__ import annotations

from engine.messages.control import Health, Start, Stop
from engine.runtime.actor import Actor, Ref, type_of_handlers
from engine.runtime.port import InputKind
from engine.telemetry.vitals import measured


class HealthDesk(Actor):
    """Passes measurements on. The desk sets `risk` and `safety`."""

    risk: Ref
    safety: Ref

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return {Start: self.on_start, Stop: self.on_stop}

    def on_start(self, _: Start) -> None:
        """Wait: the first measurement comes by itself."""

    def on_stop(self, _: Stop) -> None:
        """Go on: until the last order is gone somebody decides by it."""

    def on_input(self, _kind: InputKind, payload: bytes) -> None:
        """Take one measurement."""
        values = measured(payload)
        health = Health(
            loop_lag_ns=values.loop_lag_ns,
            loop_lag_p99_ns=values.loop_lag_p99_ns,
            audit_lag_ns=values.audit_lag_ns,
            audit_backlog_pct=values.audit_backlog_pct,
            time_ns=self.context.now_ns,
            clock_step_ns=values.clock_step_ns,
            disk_free_pct=values.disk_free_pct,
        )
        self.risk.tell(health)
        self.safety.tell(health)
