"""Whatever happens in whatever order: nothing breaks, nothing is sold that was not bought, and every order ends."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from engine.clock import NS_PER_SECOND
from engine.messages.control import StateChanged, Stop, TradingState
from engine.messages.market import FeedState, FeedStatus, Side
from engine.messages.orders import IS_ENTRY, OrderIntent, OrderType, TimeInForce
from engine.messages.reports import OrderCancelRejected, OrderUnknown
from tests.models.triggers_desk import ASK, BID, LOTS, NOW_NS, TriggersDesk

BUY, SELL = Side.BUY, Side.SELL
PROFIT, LOSS = BID + 1_000, BID - 1_000


class Venue:
    """Everything that left, and what the venue did with it."""

    def __init__(self) -> None:
        self.desk = TriggersDesk()
        self.known = 0
        self.live: list[OrderIntent] = []
        self.done: dict[int, int] = {}
        self.owed: list[tuple[OrderIntent, int]] = []
        self.position = 0
        self.placed: list[int] = []

    def learn(self) -> None:
        """Take what left since the last look."""
        children = self.desk.children
        for child in children[self.known :]:
            self.live.append(child)
            self.done[child.intent] = 0
        self.known = len(children)
        sells = sum(child.lots - self.done[child.intent] for child in self.live if child.side is SELL)
        owed = sum(lots for child, lots in self.owed if child.side is BUY)
        assert sells <= self.position + owed, "what is for sale was bought"

    def pick(self, number: int) -> OrderIntent | None:
        return self.live[number % len(self.live)] if self.live else None

    def bracket(self) -> None:
        """Have an entry leave and its exits wait: one at a time, so that what is sold is told apart."""
        waits = any((0, number) in self.desk.actor.book.orders for number in self.placed)
        if waits or self.live or self.owed or self.position:
            return
        entry = self.desk.approve(
            OrderType.LIMIT, BUY, price_ticks=BID, entry=IS_ENTRY, time_in_force=TimeInForce.GTD,
            good_till_ns=self.desk.context.now_ns + 5 * NS_PER_SECOND,
        )  # fmt: skip
        words: dict[str, Any] = {"group": entry, "entry": entry, "reduce_only": True}
        self.placed = [
            entry,
            self.desk.approve(OrderType.LIMIT_IF_TOUCHED, SELL, trigger_ticks=PROFIT, price_ticks=PROFIT, **words),
            self.desk.approve(OrderType.STOP, SELL, trigger_ticks=LOSS, **words),
        ]

    def fill(self, child: OrderIntent, lots: int) -> None:
        lots = min(lots, child.lots - self.done[child.intent])
        self.done[child.intent] += lots
        self.position += child.side * lots
        whole = self.done[child.intent] == child.lots
        if whole:
            self.live.remove(child)
        self.desk.fill(child, lots, done=whole)

    def end(self, child: OrderIntent, hidden: int, *, expire: bool) -> None:
        """Let an order go, with executions that are told later."""
        hidden = min(hidden, child.lots - self.done[child.intent])
        self.live.remove(child)
        if hidden:
            self.owed.append((child, hidden))
        tell = self.desk.expired if expire else self.desk.canceled
        tell(child, self.done[child.intent] + hidden)

    def do(self, step: tuple[str, int, int]) -> None:
        what, number, lots = step
        desk, child = self.desk, self.pick(number)
        if what == "bracket":
            self.bracket()
        elif what == "quote":
            price = (BID, PROFIT, LOSS)[number % 3]
            desk.quote(price, price + 10)
        elif what == "stale":
            desk.tell(FeedState(0, FeedStatus(number % 2), "", 1, NOW_NS))
        elif what == "late" and self.owed:
            owner, hidden = self.owed.pop(0)
            self.position += owner.side * hidden
            desk.fill(owner, hidden)
        elif what == "cancel" and self.placed:
            desk.cancel(self.placed[number % 3])
        elif what == "time":
            desk.advance(number)
        elif what == "emergency":
            desk.tell(StateChanged(TradingState.EMERGENCY if number < 2 else TradingState.NORMAL, 2, "", NOW_NS))
        elif child is not None and what == "fill":
            self.fill(child, lots)
        elif child is not None and what in ("end", "expire"):
            self.end(child, lots if number % 2 else 0, expire=what == "expire")
        elif child is not None and what in ("deny", "reject", "lost") and not self.done[child.intent]:
            self.live.remove(child)
            if what == "deny":
                desk.deny(child)
            else:
                desk.rejected(child, sent=what == "reject")
        elif child is not None and what == "refuse":
            desk.tell(OrderCancelRejected(0, child.intent, 0, child.side, 9, "t1-7-1", -1, "no", NOW_NS))
        elif child is not None and what == "unknown":
            desk.tell(OrderUnknown(0, child.intent, 0, child.side, 9, "t1-7-1", "no answer", NOW_NS))
        self.learn()


WORDS = (
    "bracket", "quote", "quote", "quote", "fill", "fill", "fill", "end", "expire", "deny", "reject", "lost", "late",
    "cancel", "refuse", "unknown", "time", "stale", "emergency",
)  # fmt: skip
FOUND = (1_073, 1_584, 2_165)
"""Stories in which an exit left for what another one had sold already, and nobody had told yet."""


@pytest.mark.parametrize("seeds", [FOUND, *(range(first, first + 100) for first in range(0, 1_000, 100))])
def test_nothing_breaks_nothing_is_sold_that_was_not_bought_and_every_order_ends(seeds: Sequence[int]) -> None:
    for seed in seeds:
        random = Random(seed)
        venue = Venue()
        desk = venue.desk
        desk.approve(OrderType.STOP, BUY, trigger_ticks=2 * ASK)
        venue.do(("bracket", 0, 1))
        for _ in range(random.randint(5, 60)):
            lots = (random.randint(1, LOTS), LOTS, LOTS // 2)
            venue.do((random.choice(WORDS), random.randrange(8), random.choice(lots)))
        desk.tell(Stop("test"))
        while venue.live or venue.owed:
            venue.do(("end", 0, 1) if venue.live else ("late", 0, 1))
        desk.sync()
        assert desk.actor.book.orders == {}, f"seed {seed}"
        assert desk.context.halts == [], f"seed {seed}"
