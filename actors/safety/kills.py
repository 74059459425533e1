"""What a person killed that is smaller than everything: an instrument, or a venue with all of its instruments.

Its orders are cancelled and risk permits only what a person closes there. A kill counts at once and is told to the
trail, so the next run begins with it; lifting one waits until the record of it is on disk, and a kill meanwhile counts.
Strategies have a page of their own (strategies.py): they can also stop by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from engine.messages.control import Action, InstrumentsKilled
from engine.messages.orders import CancelAll

if TYPE_CHECKING:
    from actors.safety.actor import Safety

INSTRUMENT, VENUE = "instrument", "venue"
LEVELS = (INSTRUMENT, VENUE)


class Kills:
    """The instruments and venues that are killed, and why."""

    def __init__(self, safety: Safety, instruments: Sequence[str], killed: Mapping[str, str]) -> None:
        """Act for `safety`; `killed` is what earlier runs left, `LEVEL NAME` -> why."""
        self._safety = safety
        self._instruments = list(instruments)
        self.killed = dict(killed)
        self._lifting: dict[str, int] = {}
        """What waits for the record of its lifting, by the seq of that."""

    def begin(self) -> None:
        """Keep killed what was killed before."""
        if self.killed:
            self._tell()

    def find(self, level: str, name: str) -> str:
        """Return the whole name of an instrument or venue; empty when there is none, or several."""
        if level == VENUE:
            return name if any(each.startswith(f"{name}:") for each in self._instruments) else ""
        found = [each for each in self._instruments if name in (each, each.partition(":")[2])]
        return found[0] if len(found) == 1 else ""

    def known(self, level: str) -> list[str]:
        """Return the names that a level knows."""
        if level == VENUE:
            return sorted({each.partition(":")[0] for each in self._instruments})
        return list(self._instruments)

    def kill(self, level: str, name: str, reason: str, user: str) -> None:
        """Permit nothing there any more, and cancel what is open. Safe to repeat."""
        safety = self._safety
        key = f"{level} {name}"
        if key not in self.killed or self._lifting.pop(key, None) is not None:
            safety.context.record(
                Action.EMERGENCY_TRIGGERED,
                level,
                name,
                actor=f"user:{user}",
                before=None,
                after={"working_orders": safety.working_count, "unknown_orders": safety.unknown_count},
                reason=reason,
            )
        self.killed[key] = reason
        self._tell()
        for index in self.covered(level, name):
            everything = CancelAll(-1, reason, index)
            safety.orders.tell(everything)
            safety.triggers.tell(everything)

    def lift(self, level: str, name: str, user: str) -> None:
        """Permit what was killed again, once that is on disk."""
        safety = self._safety
        seq = safety.context.record(
            Action.EMERGENCY_RECOVERED,
            level,
            name,
            actor=f"user:{user}",
            reason="lifted by a person",
            reply_to=safety.myself,
        )
        key = f"{level} {name}"
        self._lifting[key] = seq
        safety.when_durable(seq, partial(self._lifted, key, seq))

    def _lifted(self, key: str, seq: int) -> None:
        if self._lifting.get(key) == seq:
            del self._lifting[key], self.killed[key]
            self._tell()

    def covered(self, level: str, name: str) -> list[int]:
        """Return the indices of the instruments that a level and name cover."""
        prefix = f"{name}:"
        return [
            index
            for index, each in enumerate(self._instruments)
            if (each == name if level == INSTRUMENT else each.startswith(prefix))
        ]

    def _tell(self) -> None:
        covered: dict[int, None] = {}
        for key in self.killed:
            level, _, name = key.partition(" ")
            covered |= dict.fromkeys(self.covered(level, name))
        self._safety.risk.tell(InstrumentsKilled(tuple(sorted(covered)), self._safety.context.now_ns))
