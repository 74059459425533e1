"""A venue without a market of its own: it plays prepared frames and answers every order at once, so that none rests.

An order is acknowledged, reported NEW and reported EXPIRED in the same moment: its reservation is given back before the
next tick, and the venue does nothing else that a figure could hide behind. Everything that is not a frame, a snapshot
or an order (keys, sessions, account, rules) goes to the project's simulator, which is a venue in earnest. Sans-IO: the
in-memory network and the peer on loopback drive the same object.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

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


_ORDER = re.compile(
    rb'\{"id":(\d+),"method":"order\.place","params":\{"symbol":"(\w+)","side":"(\w+)","type":"(\w+)"'
    rb'(?:,"timeInForce":"(\w+)")?.*?"price":"([\d.]+)","quantity":"([\d.]+)","newClientOrderId":"([\w-]+)"'
)
_ACK = (
    b'{"id":%b,"status":200,"result":{"symbol":"%b","orderId":%d,"orderListId":-1,"clientOrderId":"%b",'
    b'"transactTime":%d}}'
)
_REPORT = (
    b'{"subscriptionId":0,"event":{"e":"executionReport","E":%d,"s":"%b","c":"%b","S":"%b","o":"%b","f":"%b","q":"%b",'
    b'"p":"%b","P":"0.00000000","F":"0.00000000","g":-1,"C":"","x":"%b","X":"%b","r":"NONE","i":%d,"l":"0.00000000",'
    b'"z":"0.00000000","L":"0.00000000","n":"0","N":null,"T":%d,"t":-1,"I":%d,"w":%b,"m":false,"M":false,"O":%d,'
    b'"Z":"0.00000000","Y":"0.00000000","Q":"0.00000000","W":%d,"V":"NONE"%b}}'
)
"""An `executionReport` with every field that the venue prints."""
_UNFILLED = b',"eR":"UNFILLED_IOC_QUANTITY_EXPIRED"'


class BenchVenue:
    """The venue, sans-IO; whoever drives it sets `send` and `close`."""

    def __init__(self, frames: Iterable[Frame], snapshot: bytes) -> None:
        """Play `frames` at their times from the first subscription on; `snapshot` answers each request for the book."""
        self.send: Callable[[int, bytes], None] = lambda _connection, _payload: None
        self.close: Callable[[int, int], None] = lambda _connection, _code: None
        self.on_frame: Callable[[Kind], None] = lambda _kind: None
        """Called with the kind of each frame before it is sent."""
        self.orders_count = 0
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
            self.on_frame(frame.kind)
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
        """Acknowledge, report NEW, report EXPIRED. Kept short: its time lies between two ticks and cools caches."""
        found = _ORDER.match(payload)
        if found is None:
            raise ValueError(f"an order that this venue cannot read: {payload!r}")
        request_id, symbol, side, kind, time_in_force, price, quantity, name = found.groups(b"GTC")
        self.orders_count = number = self.orders_count + 1
        head = (time_ms, symbol, name, side, kind, time_in_force, quantity, price)
        tail = (number, time_ms, number)
        send = self.send
        send(connection, _ACK % (request_id, symbol, number, name, time_ms))
        send(connection, _REPORT % (*head, b"NEW", b"NEW", *tail, b"true", time_ms, time_ms, b""))
        send(connection, _REPORT % (*head, b"EXPIRED", b"EXPIRED", *tail, b"false", time_ms, time_ms, _UNFILLED))
