"""The book of every order that orders knows: by number, by client order id, and by the intent that asked for it.

It owns the memory of orders that are over, because a late fill must still find its order; that memory is bounded and
forgets the oldest. It knows nothing of messages and never decides what a state becomes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from actors.orders.slot import Slot

ENDED_MAX = 1_024
"""Orders that are over and still remembered, for late fills and repeated reports."""


class SlotBook:
    """Every order that is not over, and those that ended last."""

    def __init__(self, capacity: int) -> None:
        """`capacity`: how many orders may be not over at once."""
        self.capacity = capacity
        self.live: dict[int, Slot] = {}
        """By number, oldest first."""
        self.by_id: dict[str, Slot] = {}
        self.by_intent: dict[tuple[int, int], Slot] = {}
        self._ended: deque[Slot] = deque()
        self._last_negative = 0

    def next_negative(self) -> int:
        """Return a number for an order that this run did not number."""
        self._last_negative -= 1
        return self._last_negative

    def begin(self, slot: Slot) -> None:
        """Take up an order that this run made; one that leaves is put in by Submission."""
        self.live[slot.number] = slot
        self.by_id[slot.client_order_id] = slot
        self.by_intent[slot.strategy, slot.intent] = slot

    def add(self, slot: Slot) -> None:
        """Take up an order of an earlier run, which may be over already."""
        self.by_id[slot.client_order_id] = slot
        for earlier in slot.ids:
            self.by_id[earlier] = slot
        if slot.next_id:
            self.by_id[slot.next_id] = slot
        if slot.strategy >= 0:
            self.by_intent[slot.strategy, slot.intent] = slot
        if slot.over:
            self._keep(slot)
        else:
            self.live[slot.number] = slot

    def name(self, client_order_id: str, slot: Slot) -> None:
        """Let an order be found under one more id."""
        self.by_id[client_order_id] = slot

    def get(self, client_order_id: str) -> Slot | None:
        """Return the order with this id, over or not."""
        return self.by_id.get(client_order_id)

    def of_intent(self, strategy: int, intent: int) -> Slot | None:
        """Return the order of an intent, over or not."""
        return self.by_intent.get((strategy, intent))

    def end(self, slot: Slot) -> None:
        """Move an order from those that live to those that are remembered."""
        if self.live.pop(slot.number, None) is not None:
            self._keep(slot)

    def everything(self) -> Iterator[Slot]:
        """Return every order that is known, those that are over first."""
        yield from self._ended
        yield from self.live.values()

    def check(self) -> None:
        """Raise AssertionError when an order is in the wrong half of the book or cannot be found."""
        for slot in self.live.values():
            assert not slot.over, f"{slot.client_order_id} is over and still live"
        for slot in self.everything():
            assert self.by_id.get(slot.client_order_id) is slot, f"{slot.client_order_id} cannot be found"
        assert len(self._ended) <= ENDED_MAX

    def _keep(self, slot: Slot) -> None:
        self._ended.append(slot)
        if len(self._ended) > ENDED_MAX:
            oldest = self._ended.popleft()
            for client_order_id in (oldest.client_order_id, oldest.next_id, *oldest.ids):
                self.by_id.pop(client_order_id, None)
            self.by_intent.pop((oldest.strategy, oldest.intent), None)
