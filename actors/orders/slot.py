"""One order as orders knows it, and the book of them: by client order id, and by the intent that asked for it.

The book owns the memory of orders that are over, because a late fill must still find its order; that memory is bounded
and forgets the oldest. It knows nothing of messages and never decides what a state becomes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from msgspec import Struct

from engine.messages.market import Side
from engine.messages.orders import TimeInForce
from hotpath.core.units import Scale
from hotpath.orders.lifecycle import is_terminal
from hotpath.orders.transitions import OrderState

ENDED_MAX = 1_024
"""Orders that are over and still remembered, for late fills and repeated reports."""

TRADES_MAX = 1_024
"""Trade ids remembered of one order. Venues number trades upwards: what falls out is the oldest, and is known still."""

NO_STRATEGY = -1
"""Whose an order is that no strategy of this run asked for."""


class Slot(Struct, eq=False, gc=False):
    """One order. `lots` is its whole quantity, with what was filled; times are of the engine's clock."""

    number: int
    client_order_id: str
    strategy: int
    intent: int
    instrument: int
    side: Side
    time_in_force: TimeInForce
    post_only: bool
    shrinks: bool
    price_ticks: int
    lots: int
    approval: int
    scale: Scale
    sent_ns: int
    """When the request was sent whose answer is awaited."""
    cause: int
    """The audit seq of the last record of this order."""
    state: int = int(OrderState.IN_FLIGHT)
    filled_lots: int = 0
    earlier_lots: int = 0
    """Lots that were filled under the ids before the last amend."""
    accepted: bool = False
    """The venue has proved that the order was in its book."""
    cancel_wanted: bool = False
    must_cancel: bool = False
    """The wish to cancel outlives a refusal: the desk asked, not the strategy."""
    ask: bool = False
    """Ask the venue about it at the next round, whatever the state."""
    absent: bool = False
    """A reconciliation after the grace period did not show it."""
    absent_since_ns: int = 0
    """When the venue first said that it does not know the order; 0 when it never did."""
    short_since_ns: int = 0
    """When the venue first counted executions that it does not show; 0 when it never did."""
    contradicted: bool = False
    """A contradiction was audited already; one record says it."""
    gone: bool = False
    """The order left the book while an amend of it is on its way."""
    next_id: str = ""
    """The id of the replacement while an amend is on its way."""
    next_absent: bool = False
    next_price_ticks: int = 0
    next_lots: int = 0
    """The quantity of the replacement itself; 0 when an earlier run asked for it and its records do not say."""
    ids: tuple[str, ...] = ()
    """Ids that an amend has replaced."""
    trade_ids: dict[int, None] | None = None
    forgotten_trade_id: int = -1
    """The highest trade id that fell out of `trade_ids`."""

    @property
    def leaves_lots(self) -> int:
        """What is still to be filled while the order works."""
        return max(self.lots - self.filled_lots, 0)

    @property
    def over(self) -> bool:
        """Whether the order is in a terminal state."""
        return is_terminal(self.state)

    def knows(self, trade_id: int) -> bool:
        """Return whether this execution was applied already."""
        return self.trade_ids is not None and (trade_id in self.trade_ids or trade_id <= self.forgotten_trade_id)

    def remember(self, trade_id: int) -> None:
        """Note an execution."""
        if self.trade_ids is None:
            self.trade_ids = {}
        elif len(self.trade_ids) >= TRADES_MAX:
            oldest = next(iter(self.trade_ids))
            del self.trade_ids[oldest]
            self.forgotten_trade_id = max(self.forgotten_trade_id, oldest)
        self.trade_ids[trade_id] = None

    def replace_id(self) -> None:
        """Go on under the id, price and quantity of the replacement, which is proved to be in the book."""
        self.ids = (*self.ids, self.client_order_id)
        self.client_order_id = self.next_id
        self.price_ticks = self.next_price_ticks or self.price_ticks
        self.lots = self.filled_lots + (self.next_lots or self.leaves_lots)
        self.earlier_lots = self.filled_lots
        self.drop_replacement()

    def drop_replacement(self) -> None:
        """Go on as before the amend."""
        self.next_id = ""
        self.gone = False
        self.next_absent = False


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
