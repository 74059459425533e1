"""A venue without a market of its own: it plays prepared frames and answers every order at once, so that none rests.

An order is acknowledged, reported NEW and reported EXPIRED in the same moment: its reservation is given back before the
next tick, and the venue does nothing else that a figure could hide behind. Everything that is not a frame, a snapshot
or an order (keys, sessions, account, rules) goes to the project's simulator, which is a venue in earnest. Sans-IO: the
in-memory network and the peer on loopback drive the same object.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct, field
from msgspec.json import Decoder

from benchmarks.macro.market import SEED, VENUE, Frame, Kind
from engine.clock import NS_PER_MS
from gateways.binance.simulator import STREAM_PATH, BinanceSimulator, SimulatorOptions
from gateways.binance.simulator_rules import UNIT, Limits

PLENTY = Limits(weight_minute_max=10**9, orders_10s_max=10**8, orders_day_max=10**9)
"""No limit of the venue's stands in the way of an order on every quote."""
BALANCES = {"BTC": 10_000 * UNIT, "USDT": 1_000_000_000 * UNIT}
DEPTH_PATH = "/api/v3/depth"
PLACE = b'"method":"order.place"'
"""What the request of a new order holds, and no other request."""


class _Params(Struct, gc=False):
    symbol: str
    side: str
    type: str
    price: str
    quantity: str
    client_order_id: str = field(name="newClientOrderId")
    time_in_force: str = field(name="timeInForce", default="GTC")


class _Request(Struct, gc=False):
    id: int
    params: _Params


_decode = Decoder(_Request).decode


def _report(order: _Params, number: int, time_ms: int, execution: str, reason: str) -> bytes:
    """Return an `executionReport` with every field that the venue prints."""
    return (
        f'{{"subscriptionId":0,"event":{{"e":"executionReport","E":{time_ms},"s":"{order.symbol}",'
        f'"c":"{order.client_order_id}","S":"{order.side}","o":"{order.type}","f":"{order.time_in_force}",'
        f'"q":"{order.quantity}","p":"{order.price}","P":"0.00000000","F":"0.00000000","g":-1,"C":"",'
        f'"x":"{execution}","X":"{execution}","r":"NONE","i":{number},"l":"0.00000000","z":"0.00000000",'
        f'"L":"0.00000000","n":"0","N":null,"T":{time_ms},"t":-1,"I":{number},"w":{"false" if reason else "true"},'
        f'"m":false,"M":false,"O":{time_ms},"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","W":{time_ms},'
        f'"V":"NONE"{reason}}}}}'
    ).encode()


class BenchVenue:
    """The venue, sans-IO; whoever drives it sets `send` and `close`."""

    def __init__(self, frames: Iterable[Frame], snapshot: bytes) -> None:
        """Play `frames` at their times from the first subscription on; `snapshot` answers each request for the book."""
        self.send: Callable[[int, bytes], None] = lambda _connection, _payload: None
        self.close: Callable[[int, int], None] = lambda _connection, _code: None
        self.orders_count = 0
        self.kind = Kind.SNAPSHOT
        """Of the frame that was sent last."""
        self.stream = 0
        """The market stream's connection; 0 before there is one."""
        self._simulator = BinanceSimulator.synthetic(SimulatorOptions(VENUE, SEED, BALANCES, limits=PLENTY))
        self._simulator.send = lambda connection, payload: self.send(connection, payload)
        self._simulator.close = lambda connection, code: self.close(connection, code)
        self.keys = self._simulator.keys
        self._frames = iter(frames)
        self._next = next(self._frames, None)
        self._next_ns = self._next.time_ns if self._next is not None else 0
        self._snapshot = snapshot

    @property
    def is_over(self) -> bool:
        """Whether every frame was sent."""
        return self._next is None

    def next_event_ns(self) -> int | None:
        """Return when the next frame is due, None before the subscription and after the last."""
        return self._next_ns if self.stream and self._next is not None else None

    def advance(self, now_ns: int) -> None:
        """Send the frames that are due; each has a moment of its own, so that one is answered before the next."""
        while self.stream and self._next is not None and self._next_ns <= now_ns:
            frame = self._next
            self._next = next(self._frames, None)
            if self._next is not None:
                self._next_ns = max(self._next.time_ns, self._next_ns + 1)
            self.kind = frame.kind
            self.send(self.stream, frame.payload)

    def open(self, connection: int, path: str, now_ns: int) -> None:
        """Take a connection: the market stream, or one of the simulator's."""
        if path.partition("?")[0] == STREAM_PATH:
            self.stream = connection
        else:
            self._simulator.open(connection, path, now_ns)

    def receive(self, connection: int, payload: bytes, now_ns: int) -> None:
        """Answer an order at once; leave everything else to the simulator."""
        if PLACE in payload:
            self._answer(connection, payload, now_ns // NS_PER_MS)
        elif connection != self.stream:
            self._simulator.receive(connection, payload, now_ns)

    def closed(self, connection: int, now_ns: int) -> None:
        """Learn that a client closed."""
        if connection == self.stream:
            self.stream = 0
        else:
            self._simulator.closed(connection, now_ns)

    def request(self, method: str, path: str, now_ns: int, respond: Callable[[int, bytes], None]) -> None:
        """Answer a REST request."""
        if path.startswith(DEPTH_PATH):
            respond(200, self._snapshot)
        else:
            self._simulator.request(method, path, now_ns, respond)

    def _answer(self, connection: int, payload: bytes, time_ms: int) -> None:
        request = _decode(payload)
        order = request.params
        self.orders_count += 1
        number = self.orders_count
        self.send(
            connection,
            (
                f'{{"id":{request.id},"status":200,"result":{{"symbol":"{order.symbol}","orderId":{number},'
                f'"orderListId":-1,"clientOrderId":"{order.client_order_id}","transactTime":{time_ms}}}}}'
            ).encode(),
        )
        self.send(connection, _report(order, number, time_ms, "NEW", ""))
        self.send(connection, _report(order, number, time_ms, "EXPIRED", ',"eR":"UNFILLED_IOC_QUANTITY_EXPIRED"'))
