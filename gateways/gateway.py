"""What every gateway is: an actor between the desk and one venue, and the connections it keeps alive.

A venue's folder derives from Gateway and fills in what the venue wants to hear and what it says. The rules that no
venue may bend stand here: an order passes the gate in the call that hands its bytes over, a cancel always passes the
gate; what cannot be sent is reported as such, at once; nonsense from the venue ends the connection and is never
repaired; and a connection is opened anew with backoff, one at a time. A new connection is opened after the old one has
closed, also at its age limit: the few seconds between are an outage like any other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, ClassVar

from msgspec import Struct

from engine.clock import NS_PER_SECOND
from engine.errors import VenueProtocolError
from engine.messages.control import ClockOffset, RefreshDeadMan, Start, Stop
from engine.messages.market import SnapshotRequest, StreamState
from engine.messages.orders import AmendOrder, CancelOrder, QueryOrder, ReconcileRequest, SubmitOrder, VenueOrders
from engine.messages.reports import GatewayState
from engine.runtime.actor import Actor, Ref, type_of_handlers
from engine.runtime.port import InputKind
from gateways.backoff import Backoff
from gateways.gate import Gate
from gateways.session import SESSION_TABLE, SessionEvent, SessionState, next_state
from gateways.throttle import Throttle
from gateways.transport.link import Link, RestLink
from hotpath.core.mailbox import REFUSED

STEADY_NS = 60 * NS_PER_SECOND
"""How long a session must have worked before the next loss begins the backoff anew."""
AGE_NS_MAX = (23 * 60 + 50) * 60 * NS_PER_SECOND
"""Venues end a connection after 24 hours; ours goes first, at a moment of our choice."""

log = logging.getLogger(__name__)


class Retry(Struct, frozen=True, gc=False):
    """A connection's own timer: the backoff is over."""

    connection: str


class Renew(Struct, frozen=True, gc=False):
    """A connection's own timer: it has reached its age limit, unless it was opened again since."""

    connection: str
    opening: int


class Connection:
    """One link and its session: opened, watched, given up and opened again."""

    def __init__(
        self, owner: Gateway, name: str, url: str, *, on_open: Callable[[], None], on_down: Callable[[str], None]
    ) -> None:
        """`on_open` begins the session; `on_down` hears why there is none, at every loss and refusal."""
        self.name = name
        self.url = url
        self.link: Link
        """Given by Gateway.attach before Start."""
        self.state = SessionState.IDLE
        self.openings_count = 0
        self._owner = owner
        self._on_open = on_open
        self._on_down = on_down
        self._backoff = Backoff()
        self._renewal = 0
        self._ready_ns = 0
        """When the session began to work, 0 when the last attempt did not get so far."""

    def start(self) -> None:
        """Connect for the first time."""
        self.advance(SessionEvent.START)
        self.link.open(self.url)

    def take(self, kind: InputKind, payload: bytes) -> None:
        """Take what the transport tells."""
        reason = payload.decode("utf-8", "replace")
        if kind is InputKind.OPENED:
            self._opened()
        elif kind is InputKind.REFUSED:
            self._lost(SessionEvent.REFUSED, f"connection refused: {reason}")
        elif kind is InputKind.CLOSED:
            self._lost(SessionEvent.CLOSED, f"connection closed: {reason}")

    def advance(self, event: SessionEvent) -> None:
        """Move the session on by an event that must be possible now."""
        self.state = next_state(self.state, event)
        if self.state is SessionState.READY:
            self._ready_ns = self._owner.context.now_ns

    def fault(self, reason: str) -> None:
        """Give this connection up; without one nothing happens."""
        if (self.state, SessionEvent.FAULT) not in SESSION_TABLE:
            return
        self.advance(SessionEvent.FAULT)
        log.warning("%s: %s given up: %s", self._owner.venue, self.name, reason)
        self._on_down(reason)
        self.link.close()

    def retry(self) -> None:
        """Connect again, unless the session was stopped or the venue demands silence."""
        if self.state is not SessionState.WAITING:
            return
        context = self._owner.context
        silence_ns = self._owner.throttle.silent_until_ns - context.now_ns
        if silence_ns > 0:
            context.after(silence_ns, Retry(self.name))
            return
        self.advance(SessionEvent.RETRY)
        self.link.open(self.url)

    def renew(self, opening: int) -> None:
        """Give the connection up for its age."""
        if opening == self.openings_count:
            self.fault("it has reached its age limit")

    def stop(self) -> None:
        """Close for good."""
        if (self.state, SessionEvent.STOP) not in SESSION_TABLE:
            return
        self.advance(SessionEvent.STOP)
        if self.state is SessionState.STOPPING:
            self.link.close()

    def _opened(self) -> None:
        self.advance(SessionEvent.OPENED)
        if self.state is SessionState.STOPPING:
            self.link.close()
            return
        self.openings_count += 1
        context = self._owner.context
        context.cancel_timer(self._renewal)
        self._renewal = context.after(AGE_NS_MAX, Renew(self.name, self.openings_count))
        self._on_open()

    def _lost(self, event: SessionEvent, reason: str) -> None:
        known = self.state is SessionState.CLOSING
        self.advance(event)
        if not known:
            log.info("%s: %s: %s", self._owner.venue, self.name, reason)
            self._on_down(reason)
        if self.state is SessionState.WAITING:
            context = self._owner.context
            if self._ready_ns and context.now_ns - self._ready_ns >= STEADY_NS:
                self._backoff.reset()
            self._ready_ns = 0
            context.after(self._backoff.next_delay_ns(context.rng), Retry(self.name))


class Gateway(Actor):
    """One venue. The desk sets `feed`, `orders`, `risk` and `safety`; the assembly attaches the links."""

    feed: Ref
    orders: Ref
    risk: Ref
    safety: Ref
    rest: RestLink
    takes: ClassVar[VenueOrders] = VenueOrders()
    """The orders that the venue takes as they are, and post-only ones; the folder of a venue says if it has others."""

    dead_man_ns: ClassVar[int] = 0
    """After this time without a refresh the venue cancels everything by itself; 0 where it has no such timer."""

    def __init__(self, venue: str, gate: Gate, throttle: Throttle, stream_url: str, api_url: str) -> None:
        """Name the venue, what stands between orders and socket, and where it is reached."""
        self.venue = venue
        self.gate = gate
        self.throttle = throttle
        self.stream = Connection(self, "stream", stream_url, on_open=self.stream_opened, on_down=self.stream_down)
        self.api = Connection(self, "api", api_url, on_open=self.api_opened, on_down=self.api_down)
        self.protocol_errors_count = 0
        """Messages that broke the venue's rules."""
        self.feed_refused_count = 0
        """Market messages that feed's mailbox had no room for; feed sees the gap."""

    def attach(self, stream: Link, api: Link, rest: RestLink) -> None:
        """Take the links; their ports call on_stream, on_api and on_rest."""
        self.stream.link = stream
        self.api.link = api
        self.rest = rest

    def handlers(self) -> type_of_handlers:
        """Return the handlers that every gateway has."""
        return {
            Start: self.on_start,
            Stop: self.on_stop,
            Retry: self.on_retry,
            Renew: self.on_renew,
            SubmitOrder: self.on_submit,
            CancelOrder: self.on_cancel,
            AmendOrder: self.on_amend,
            QueryOrder: self.on_query,
            ReconcileRequest: self.on_reconcile,
            SnapshotRequest: self.on_snapshot,
            RefreshDeadMan: self.on_refresh_dead_man,
        }

    # ---- what a venue fills in: inputs

    on_stream: Callable[[InputKind, bytes], None]
    """Takes an input of the market stream."""

    def on_api(self, kind: InputKind, payload: bytes) -> None:
        """Take an input of the private session."""
        raise NotImplementedError

    def on_rest(self, kind: InputKind, payload: bytes) -> None:
        """Take a REST answer."""
        raise NotImplementedError

    def stream_opened(self) -> None:
        """Begin the market stream's session."""
        raise NotImplementedError

    def api_opened(self) -> None:
        """Begin the private session."""
        raise NotImplementedError

    # ---- what a venue fills in: messages

    on_submit: Callable[[SubmitOrder], None]
    """Sends an order, or reports NotSent with the reason."""

    def on_cancel(self, cancel: CancelOrder) -> None:
        """Send a cancel, or report NotSent with the reason; the gate is not asked."""
        raise NotImplementedError

    def on_amend(self, amend: AmendOrder) -> None:
        """Send an amend, or report AmendRejected with code 0."""
        raise NotImplementedError

    def on_query(self, query: QueryOrder) -> None:
        """Ask what became of an order; a question that fails adds nothing and is asked again by orders."""
        raise NotImplementedError

    def on_reconcile(self, request: ReconcileRequest) -> None:
        """Find out everything and report one VenueState."""
        raise NotImplementedError

    def on_snapshot(self, request: SnapshotRequest) -> None:
        """Fetch a book snapshot for feed, however often that takes."""
        raise NotImplementedError

    def on_refresh_dead_man(self, refresh: RefreshDeadMan) -> None:
        """Set the venue's timer to `dead_man_ns` again, or switch it off; the gate is not asked.

        Nothing is sent where there is no timer, and a refresh without a session is lost: the next one follows.
        """
        if self.dead_man_ns:
            raise NotImplementedError

    # ---- what holds for every venue

    def on_start(self, _start: Start) -> None:
        """Connect. A gateway that takes over from one that failed first says that nothing is known any more."""
        if self.stream.link.openings_count:
            self.tell_stream(live=False, reason="the gateway was started again")
        if self.api.link.openings_count:
            self.tell_ready(ready=False, reason="the gateway was started again")
        self.stream.start()
        self.api.start()

    def on_stop(self, _stop: Stop) -> None:
        """Close everything."""
        self.stream.stop()
        self.api.stop()
        self.rest.close()

    def on_retry(self, retry: Retry) -> None:
        """Connect again after a backoff."""
        (self.stream if retry.connection == self.stream.name else self.api).retry()

    def on_renew(self, renew: Renew) -> None:
        """Replace a connection that is too old."""
        (self.stream if renew.connection == self.stream.name else self.api).renew(renew.opening)

    def stream_down(self, reason: str) -> None:
        """Tell feed that its books are STALE."""
        self.tell_stream(live=False, reason=reason)

    def api_down(self, reason: str) -> None:
        """Tell everyone that no order can be sent."""
        self.tell_ready(ready=False, reason=reason)

    def tell_stream(self, *, live: bool, reason: str) -> None:
        """Tell feed whether market data flows."""
        if self.feed.tell(StreamState(self.venue, live, reason)) == REFUSED:
            self.context.halt(f"{self.venue}: feed has no room for the state of its stream")

    def tell_ready(self, *, ready: bool, reason: str) -> None:
        """Tell orders, risk and safety whether orders can be sent."""
        state = GatewayState(self.venue, ready, reason, self.context.now_ns)
        for ref in (self.orders, self.risk, self.safety):
            if ref.tell(state) == REFUSED:
                self.context.halt(f"{self.venue}: a mailbox has no room for the gateway's state")

    def tell_clock(self, offset: ClockOffset) -> None:
        """Tell risk and safety how far the venue's clock is from ours."""
        for ref in (self.risk, self.safety):
            if ref.tell(offset) == REFUSED:
                self.context.halt(f"{self.venue}: a mailbox has no room for the venue's time")

    def report(self, message: Any) -> None:
        """Tell orders a fact; facts are never dropped, so a full mailbox halts."""
        if self.orders.tell(message) == REFUSED:
            self.context.halt(f"{self.venue}: orders has no room for {type(message).__name__}")

    def protocol_error(self, connection: Connection, problem: VenueProtocolError) -> None:
        """Count a message that broke the venue's rules and restart the session that it came by."""
        self.protocol_errors_count += 1
        connection.fault(str(problem))
