"""Ids of ours that nobody knows: an earlier run's, cut off with its records, or somebody who uses our prefix.

It owns the executions that wait for their order's side and instrument. It adopts nothing: whoever finds the order takes
them. An id without an execution is forgotten after the grace period; one with executions halts, because money moved.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engine.messages.reports import Filled
from engine.runtime.actor import Context

STRANGERS_MAX = 256
"""Ids that are being looked for."""


class Stranger:
    """An id of ours that nobody knows."""

    __slots__ = ("fills", "first_ns")

    def __init__(self, first_ns: int) -> None:
        """Begin to look for it at a time."""
        self.first_ns = first_ns
        self.fills: list[Filled] = []


class Strangers:
    """The ids that are being looked for."""

    context: Context

    def __init__(self, ask: Callable[[str], None], grace_ns: int) -> None:
        """`ask` asks every venue for an id; `grace_ns` is how long one may stay away."""
        self._ask = ask
        self._grace_ns = grace_ns
        self._known: dict[str, Stranger] = {}

    def __len__(self) -> int:
        """Return how many are being looked for."""
        return len(self._known)

    def __contains__(self, client_order_id: str) -> bool:
        """Return whether an id is being looked for."""
        return client_order_id in self._known

    def hold(self, fill: Filled) -> None:
        """Keep an execution, once, until its order is found."""
        stranger = self._of(fill.client_order_id)
        if all(known.trade_id != fill.trade_id for known in stranger.fills):
            stranger.fills.append(fill)

    def filled(self, fill: Filled) -> None:
        """Keep an execution, and look for its order."""
        self.hold(fill)
        self.look_for(fill.client_order_id)

    def look(self) -> None:
        """Ask again for all of them."""
        for client_order_id in list(self._known):
            self.look_for(client_order_id)

    def look_for(self, client_order_id: str) -> None:
        """Ask for one; who stays away for longer than the grace period halts, or is forgotten."""
        stranger = self._of(client_order_id)
        if self.context.now_ns - stranger.first_ns >= self._grace_ns:
            if not stranger.fills:
                self._known.pop(client_order_id, None)
                return
            self.context.halt(f"no venue knows {client_order_id}, which has executions")
        self._ask(client_order_id)

    def take(self, client_order_id: str) -> Sequence[Filled]:
        """Return the executions that waited for an order, which was found."""
        stranger = self._known.pop(client_order_id, None)
        return () if stranger is None else stranger.fills

    def _of(self, client_order_id: str) -> Stranger:
        stranger = self._known.get(client_order_id)
        if stranger is None:
            stranger = Stranger(self.context.now_ns)
            if len(self._known) >= STRANGERS_MAX:
                self.context.halt(f"more than {STRANGERS_MAX} orders of ours are unknown to us")
            else:
                self._known[client_order_id] = stranger
        return stranger
