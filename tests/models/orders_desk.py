"""An Orders actor with everything around it remembered: what tests of it tell and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from actors.orders.actor import Orders
from actors.orders.recovered import RecoveredOrder
from actors.orders.slot import Slot
from actors.orders.venue_view import Timing
from engine.clock import NS_PER_SECOND
from engine.ids import OrderIds
from engine.instruments import Instruments
from engine.lease import Lease, Leased
from engine.messages.approved import ApprovedOrder
from engine.messages.control import Start, StateChanged
from engine.messages.market import Side
from engine.messages.orders import (
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    CancelIntent,
    Liquidity,
    OrderIntent,
    OrderTerms,
    OrderType,
    TimeInForce,
)
from engine.messages.reports import Filled, GatewayState, VenueOrder, VenueState
from hotpath.orders.seal import Seal
from hotpath.orders.transitions import OrderState
from tests.models.seals import VALID_NS, sealed
from tiercel.recording import Recorder, RecordingContext
from tiercel.testing import BTCUSDT

NOW_NS = 1_723_161_600 * NS_PER_SECOND
EPOCH = 7
LOTS = 100_000
TICKS = 6_000_000


class OrdersDesk:
    """Tell it approvals and reports; read `venue`, `risk`, `portfolio`, `safety` and `strategy`."""

    def __init__(
        self,
        recovered: Sequence[RecoveredOrder] = (),
        capacity: int = 16,
        since_ns: int = 0,
        timing: Timing | None = None,
    ) -> None:
        self.context = RecordingContext(NOW_NS)
        self.venue, self.risk, self.portfolio, self.safety, self.strategy, self.other = (Recorder() for _ in range(6))
        ids = OrderIds("t1", Lease(Leased(EPOCH, 1_024)))
        self.actor = Orders(Instruments([BTCUSDT]), ["one", "two"], ids, capacity, recovered, since_ns, timing)
        self.actor.context = self.context
        self.actor.risk, self.actor.portfolio, self.actor.safety = self.risk, self.portfolio, self.safety
        self.actor.strategies = [self.strategy, self.other]
        self.triggers = Recorder()
        self.actor.triggers = self.triggers
        self.actor.gateways = [self.venue]
        self.handlers = self.actor.handlers()
        self.intent = 0
        self.epoch = 0
        self.tell(Start())

    def tell(self, *messages: Any) -> None:
        for message in messages:
            if isinstance(message, StateChanged):
                self.epoch = message.epoch
            self.handlers[type(message)](message)
            self.actor.moves.book.check()

    def advance(self, seconds: float) -> None:
        until_ns = self.context.now_ns + int(seconds * NS_PER_SECOND)
        while (message := self.context.take_due(until_ns)) is not None:
            self.tell(message)
        self.context.now_ns = until_ns

    def approve(
        self,
        lots: int = LOTS,
        side: Side = Side.BUY,
        kind: OrderType = OrderType.LIMIT,
        time_in_force: TimeInForce = TimeInForce.GTC,
        strategy: int = 0,
        shrinks: bool = False,
        post_only: bool = False,
        terms: OrderTerms | None = None,
    ) -> str:
        """Approve an order and return the id that it left under, or would have."""
        self.intent += 1
        price_ticks = TICKS if kind is OrderType.LIMIT else 0
        intent = OrderIntent(
            strategy, self.intent, 0, side, kind, time_in_force, post_only, False, price_ticks, lots, 1, None, NOW_NS,
            terms,
        )  # fmt: skip
        approved = ApprovedOrder(intent, self.intent, TICKS, shrinks, 1, 100 + self.intent, self.context.now_ns)
        self.tell(sealed(approved, self.epoch))
        return f"t1-{EPOCH}-{self.intent}"

    def cancel(self, intent: int = 1, strategy: int = 0, by_person: bool = False) -> None:
        self.tell(ApprovedCancel(CancelIntent(strategy, intent, by_person, NOW_NS)))

    def amend(self, price_ticks: int, lots: int, intent: int = 1) -> None:
        self.tell(self.approved_amend(price_ticks, lots, intent))

    def approved_amend(self, price_ticks: int, lots: int, intent: int = 1) -> ApprovedAmend:
        """Return an amend with the seal that risk would have given it now."""
        slot = self.actor.moves.book.of_intent(0, intent)
        seal = Seal.of(
            0, slot.side if slot is not None else Side.BUY, TimeInForce.GTC, False, price_ticks, lots, False,
            self.epoch, 1, self.context.now_ns + VALID_NS,
        )  # fmt: skip
        return ApprovedAmend(AmendIntent(0, intent, 900, price_ticks, lots, 1, NOW_NS), intent, 200, seal)

    def slot(self, client_order_id: str) -> Slot:
        slot = self.actor.moves.book.get(client_order_id)
        assert slot is not None
        return slot

    def state(self, client_order_id: str) -> OrderState:
        return OrderState(self.slot(client_order_id).state)

    def ready(self, *fills: Filled, open_orders: Sequence[VenueOrder] = ()) -> None:
        """Open the session and answer the reconciliation with a venue that has this."""
        self.tell(GatewayState("binance_spot", True, "", self.context.now_ns))
        self.truth(*fills, open_orders=open_orders)

    def truth(self, *fills: Filled, open_orders: Sequence[VenueOrder] = ()) -> None:
        state = VenueState("binance_spot", (("BTC", 5, 0),), tuple(open_orders), fills, self.context.now_ns)
        self.tell(state)


def fill(client_order_id: str, trade_id: int, lots: int, price_ticks: int = TICKS) -> Filled:
    return Filled(client_order_id, "1", trade_id, price_ticks, lots, 10, "USDT", Liquidity.MAKER, NOW_NS)


def venue_order(client_order_id: str, status: str, filled_lots: int = 0, lots: int = LOTS) -> VenueOrder:
    return VenueOrder(client_order_id, "1", 0, Side.BUY, TICKS, lots, filled_lots, status, NOW_NS)


def kinds(messages: Sequence[Any]) -> list[str]:
    return [type(message).__name__ for message in messages]
