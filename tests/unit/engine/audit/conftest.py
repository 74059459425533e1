"""A trail of real records: orders of one instrument, rendered, sealed and written as the engine does it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.audit.chain import Chain
from engine.audit.encoder import Encoder
from engine.audit.files import DayFiles
from engine.audit.render import Renderer
from engine.instruments import Instrument, Instruments
from engine.messages.approved import ApprovedOrder
from engine.messages.control import Action
from engine.messages.market import Quote, Side
from engine.messages.orders import Liquidity, OrderIntent, OrderType, SubmitOrder, TimeInForce
from engine.messages.reports import OrderAccepted, OrderCanceled, OrderFilled
from hotpath.core.fact import AuditEvent
from hotpath.core.units import Scale

DAY_NS = 86_400_000_000_000
NOON_NS = 1_723_118_400_000_000_000
SCALE = Scale(2, 8)
STRATEGY = "join_the_bid"


def instrument(index: int = 0, symbol: str = "BTCUSDT") -> Instrument:
    """Return an instrument as the recordings have it."""
    return Instrument(
        index,
        "binance_spot",
        symbol,
        symbol.removesuffix("USDT"),
        "USDT",
        SCALE,
        1,
        1_000,
        1_000,
        10**12,
        10**12,
        1,
        10**9,
        500_000_000,
        True,
    )


class TrailMaker:
    """Tells events and keeps the lines."""

    def __init__(self, data_dir: Path, epoch: int = 1, chain: Chain | None = None, time_ns: int = NOON_NS) -> None:
        self.data_dir = data_dir
        self.epoch = epoch
        self.instruments = Instruments([instrument(), instrument(1, "ETHUSDT")])
        self.renderer = Renderer(self.instruments, [STRATEGY, "taker"], epoch)
        self.encoder = Encoder("t1", epoch, self.renderer.render_of)
        self.chain = chain or Chain()
        self.files = DayFiles(data_dir, self.chain.seq)
        self.time_ns = time_ns
        self.lines: list[bytes] = []
        self.number = 0
        self.trade_id = 100

    def tell(self, action: Action, subject: Any = None, **values: Any) -> int:
        """Put one record into the trail; returns its seq."""
        seq = self.chain.seq + 1
        event = AuditEvent(
            seq, self.time_ns, 7, action, values.pop("actor", "orders"), values.pop("cause", 0), subject, **values
        )
        line = self.chain.seal(self.encoder.body(event, self.chain.head))
        self.files.append(line, seq, self.time_ns)
        self.lines.append(line)
        return seq

    def start(self) -> int:
        """Begin a run."""
        metadata = {"epoch": self.epoch, "mode": "live", "node": "t1"}
        return self.tell(Action.SYSTEM_START, resource_type="engine", resource_id="t1", metadata=metadata)

    def stop(self, clean: bool = True) -> int:
        """End a run."""
        return self.tell(Action.SYSTEM_STOP, resource_type="engine", resource_id="t1", metadata={"clean": clean})

    def intent(self, intent: int, side: Side, price_ticks: int, lots: int, quoted_ticks: int = 0) -> OrderIntent:
        """Return an intent of the first strategy for the first instrument."""
        bid_ticks = quoted_ticks or price_ticks
        quote = Quote(0, bid_ticks, 5, bid_ticks + 1, 6, 77, self.time_ns, SCALE)
        kind = OrderType.LIMIT if price_ticks else OrderType.MARKET
        return OrderIntent(
            0, intent, 0, side, kind, TimeInForce.GTC, False, False, price_ticks, lots, 0, quote, self.time_ns
        )

    def place(
        self, side: Side = Side.BUY, price_ticks: int = 6_000_000, lots: int = 200_000, quoted_ticks: int = 0
    ) -> str:
        """Decide, approve and submit one order; returns its id."""
        self.number += 1
        intent = self.intent(self.number, side, price_ticks, lots, quoted_ticks)
        decided = self.tell(Action.TRADE_DECISION, intent, actor=f"strategy:{STRATEGY}")
        approved = self.tell(
            Action.ORDER_APPROVE,
            ApprovedOrder(intent, self.number, price_ticks, False, 4, self.chain.seq + 1, self.time_ns),
            cause=decided,
        )
        order_id = f"t1-{self.epoch}-{self.number}"
        self.tell(
            Action.ORDER_SUBMIT,
            SubmitOrder(
                self.number, order_id, 0, side, OrderType.LIMIT, TimeInForce.GTC, False, price_ticks, lots, False
            ),
            cause=approved,
        )
        return order_id

    def accept(self, order_id: str, side: Side = Side.BUY, price_ticks: int = 6_000_000, lots: int = 200_000) -> int:
        """The venue has the order."""
        number = int(order_id.rsplit("-", 1)[1])
        return self.tell(
            Action.ORDER_ACCEPT,
            OrderAccepted(0, number, 0, side, number, order_id, price_ticks, lots, self.time_ns),
        )

    def fill(
        self,
        order_id: str,
        lots: int,
        leaves_lots: int = 0,
        side: Side = Side.BUY,
        price_ticks: int = 6_000_000,
        fee: int = 0,
        fee_currency: str = "USDT",
        action: Action = Action.ORDER_FILL,
        liquidity: Liquidity = Liquidity.MAKER,
    ) -> int:
        """The venue filled a part of the order."""
        number = int(order_id.rsplit("-", 1)[1])
        self.trade_id += 1
        return self.tell(
            action,
            OrderFilled(
                0,
                number,
                0,
                side,
                number,
                order_id,
                self.trade_id,
                price_ticks,
                lots,
                leaves_lots,
                leaves_lots == 0,
                fee,
                fee_currency,
                liquidity,
                self.chain.seq + 1,
                self.time_ns,
                SCALE,
            ),
        )

    def cancel(self, order_id: str, filled_lots: int = 0, side: Side = Side.BUY) -> int:
        """The venue took the order out."""
        number = int(order_id.rsplit("-", 1)[1])
        return self.tell(
            Action.ORDER_CANCEL,
            OrderCanceled(0, number, 0, side, number, order_id, filled_lots, self.time_ns),
        )

    def end(self) -> None:
        """Make everything durable."""
        self.files.close()


@pytest.fixture
def make_trail(tmp_path: Path) -> Callable[..., TrailMaker]:
    """Return a function that begins, or continues, a trail in a directory of the test's own."""

    def make(**values: Any) -> TrailMaker:
        return TrailMaker(tmp_path, **values)

    return make
