"""A Triggers actor with everything around it remembered: a disk that answers when told to, a market made of calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actors.triggers.actor import Triggers
from actors.triggers.emulated import Emulated
from engine.audit.desk_state import WaitingOrder
from engine.clock import NS_PER_SECOND
from engine.config.triggers import OnRestart
from engine.instruments import Instruments
from engine.messages.control import Action, Durable, Start, StateChanged, TradingState
from engine.messages.market import FeedState, FeedStatus, Quote, Side, Trade
from engine.messages.orders import (
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    ApprovedToWait,
    CancelIntent,
    DenialReason,
    Liquidity,
    OrderDenied,
    OrderIntent,
    OrderTerms,
    OrderType,
    TimeInForce,
)
from engine.messages.reports import OrderCanceled, OrderExpired, OrderFilled, OrderRejected
from tiercel.recording import Recorder, RecordingContext
from tiercel.testing import BTCUSDT

NOW_NS = 1_723_161_600 * NS_PER_SECOND  # 2024-08-09 00:00:00 UTC
BID, ASK = 5_999_990, 6_000_010
LOTS = 1_000_000
EPOCH = 7


class TriggersDesk:
    """Tell it approvals, quotes and reports; read `children`, `cancels`, `heard` and `context`."""

    def __init__(
        self,
        recovered: Sequence[Emulated] = (),
        on_restart: OnRestart = OnRestart.FIRE,
        capacity: int = 64,
        state: TradingState | None = TradingState.NORMAL,
        names: Sequence[str] = ("one", "two"),
        orphans: Sequence[WaitingOrder] = (),
    ) -> None:
        self.context = RecordingContext(NOW_NS, first_seq=1_000)
        self.risk, self.safety, self.strategy, self.other, self.feed, self.disk = (Recorder() for _ in range(6))
        self.actor = Triggers(Instruments([BTCUSDT]), names, EPOCH, recovered, on_restart, capacity, orphans)
        self.actor.context = self.context
        self.actor.risk, self.actor.safety, self.actor.myself = self.risk, self.safety, self.disk
        self.actor.strategies = [self.strategy, self.other]
        self.actor.feeds = [self.feed]
        self.handlers = self.actor.handlers()
        self.intent = 100
        self.synced = 0
        self.tell(Start())
        if state is not None:
            self.tell(StateChanged(state, 1, "", NOW_NS))
        self.tell(FeedState(0, FeedStatus.SYNCHRONISED, "", 1, NOW_NS))

    def tell(self, *messages: Any) -> None:
        for message in messages:
            self.handlers[type(message)](message)

    def advance(self, seconds: float) -> None:
        until_ns = self.context.now_ns + int(seconds * NS_PER_SECOND)
        while (message := self.context.take_due(until_ns)) is not None:
            self.tell(message)
        self.context.now_ns = until_ns

    # ---- what is brought

    def approve(
        self,
        kind: OrderType,
        side: Side = Side.SELL,
        *,
        terms: OrderTerms | None = None,
        lots: int = LOTS,
        price_ticks: int = 0,
        reduce_only: bool = False,
        time_in_force: TimeInForce = TimeInForce.GTC,
        synced: bool = True,
        strategy: int = 0,
        **words: Any,
    ) -> int:
        """Have an order wait, and the disk answer unless told not to; returns the number of its intent."""
        self.intent += 1
        intent = OrderIntent(
            strategy, self.intent, 0, side, kind, time_in_force, False, reduce_only, price_ticks, lots, self.intent,
            None, self.context.now_ns, terms or OrderTerms(**words),
        )  # fmt: skip
        self.tell(ApprovedToWait(intent, 5, 1, 900, self.context.now_ns))
        if synced:
            self.sync()
        return self.intent

    def sync(self) -> None:
        """The disk has everything that was recorded."""
        while self.synced < len(self.context.recorded):
            number = self.synced
            self.synced += 1
            if self.context.recorded[number]["reply_to"] is self.disk:
                self.tell(Durable(self.seqs[number]))

    @property
    def seqs(self) -> list[int]:
        """The seq of each spelled-out record: rare and hot ones share one counter."""
        return self.context.recorded_seqs

    def quote(self, bid: int = BID, ask: int = ASK) -> None:
        self.tell(Quote(0, bid, 1, ask, 1, 1, self.context.now_ns, BTCUSDT.scale))

    def trade(self, ticks: int) -> None:
        self.tell(Trade(0, 1, ticks, 1, Side.BUY, self.context.now_ns, BTCUSDT.scale))

    def cancel(self, intent: int, by_person: bool = False) -> None:
        self.tell(ApprovedCancel(CancelIntent(0, intent, by_person, NOW_NS)))

    def amend(self, intent: int, price_ticks: int, lots: int, trigger_ticks: int = 0) -> None:
        self.tell(ApprovedAmend(AmendIntent(0, intent, 999, price_ticks, lots, 1, NOW_NS, trigger_ticks), 0, 901))

    # ---- what becomes of the orders that left

    def fill(self, child: OrderIntent, lots: int, *, done: bool = False) -> None:
        self.tell(
            OrderFilled(
                child.strategy, child.intent, 0, child.side, 9, "t1-7-1", 1, child.price_ticks or BID, lots, 0, done, 0,
                "USDT", Liquidity.TAKER, 1, self.context.now_ns, BTCUSDT.scale,
            )
        )  # fmt: skip

    def canceled(self, child: OrderIntent, filled_lots: int = 0) -> None:
        self.tell(OrderCanceled(child.strategy, child.intent, 0, child.side, 9, "t1-7-1", filled_lots, NOW_NS))

    def expired(self, child: OrderIntent, filled_lots: int = 0) -> None:
        self.tell(OrderExpired(child.strategy, child.intent, 0, child.side, 9, "t1-7-1", filled_lots, NOW_NS))

    def rejected(self, child: OrderIntent, *, sent: bool) -> None:
        self.tell(OrderRejected(child.strategy, child.intent, 0, child.side, 9, "t1-7-1", sent, -1, "no", NOW_NS))

    def deny(self, child: OrderIntent, reason: DenialReason = DenialReason.POSITION_LIMIT) -> None:
        self.tell(OrderDenied(child.strategy, child.intent, 0, reason, "2", "1", 1, self.context.now_ns))

    # ---- what can be read

    @property
    def children(self) -> list[OrderIntent]:
        """Every order that left for one that waits."""
        return [message for message in self.risk.messages if isinstance(message, OrderIntent)]

    @property
    def cancels(self) -> list[int]:
        """The intents of the children that were called back."""
        return [message.intent for message in self.risk.messages if isinstance(message, CancelIntent)]

    @property
    def heard(self) -> list[str]:
        """What the first strategy heard, by name."""
        return [type(message).__name__ for message in self.strategy.messages]

    def state(self, intent: int) -> str:
        """Return the state of an order that is not over."""
        return self.order(intent).state.name

    def order(self, intent: int) -> Emulated:
        return self.actor.book.orders[0, intent]

    def reasons(self) -> list[str]:
        """Return the reason of every spelled-out record."""
        return [record["reason"] for record in self.context.recorded]

    def story(self) -> list[tuple[Action, Any, dict[str, Any]]]:
        """Return every record in its order: action, subject of a hot one, values of one that is spelled out."""
        rare = dict(zip(self.seqs, self.context.recorded, strict=True))
        hot = iter(self.context.audited)
        told = []
        for seq in range(1_000, self.context.next_seq):
            if seq in rare:
                told.append((rare[seq]["action"], None, rare[seq]))
            else:
                action, subject, _ = next(hot)
                told.append((action, subject, {}))
        return told
