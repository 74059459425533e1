"""The gateway of Binance spot: one market stream, one private WebSocket session, REST for snapshots.

It wires the sans-IO parts of this folder to links and timers. The private session logs on, subscribes to the user
stream and is READY; then it says so, and orders asks for the venue's whole truth before anybody trades. A watch looks
after silence: a market stream without a frame and a private session without an answer are given up. One timer serves
the deadlines of all requests, because a firing is an input that the tape keeps.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.errors import VenueProtocolError
from engine.instruments import Instrument
from engine.messages.control import ClockOffset, Start
from engine.messages.market import SnapshotRequest
from engine.messages.orders import AmendOrder, CancelOrder, QueryOrder, ReconcileRequest, SubmitOrder
from engine.messages.reports import AmendRejected, NotSent
from engine.runtime.actor import type_of_handlers
from engine.runtime.port import InputKind
from gateways.backoff import Backoff
from gateways.binance.account import Account, RateLimited, ReconcileFailed, ReconcileStep, SessionNews
from gateways.binance.errors import RATE_STATUSES
from gateways.binance.executions import Reports
from gateways.binance.market import SNAPSHOT_WEIGHT, MarketDecoder, snapshot_path, stream_path
from gateways.binance.orders import API_PATH, QUERY_WEIGHT, SESSION_WEIGHT, Encoded, RequestEncoder
from gateways.binance.placement import ORDER_WEIGHT, Placement
from gateways.binance.pulse import Pulse
from gateways.binance.requests import RequestKind
from gateways.binance.signing import Signer
from gateways.binance.snapshots import Snapshots
from gateways.binance.streams import Frames
from gateways.binance.timers import AskSnapshot, AskStep, Deadlines, Watch
from gateways.gate import Gate
from gateways.gateway import Gateway
from gateways.session import SessionEvent, SessionState
from gateways.throttle import SILENCE_NS_MAX, SILENCE_WITHOUT_WORD_NS, Throttle
from gateways.transport.link import Link, RestLink, parse_answer
from hotpath.core.mailbox import REFUSED

WATCH_NS = 2_500 * NS_PER_MS
QUIET_NS_MAX = 7 * NS_PER_SECOND
"""How long the market stream may be without a frame, and a best price without its book: with the watch's period less
than ten seconds to notice."""
STEP_RETRY_NS = NS_PER_SECOND

_BYTES = InputKind.BYTES
_READY = SessionState.READY
_TALKING = (SessionState.LOGGING_ON, SessionState.SUBSCRIBING, SessionState.READY)

log = logging.getLogger(__name__)


class Urls(Struct, frozen=True):
    """Bases of the venue's addresses, without a path."""

    stream: str
    api: str


class BinanceGateway(Gateway):
    """The actor of one Binance spot account."""

    def __init__(
        self,
        venue: str,
        urls: Urls,
        instruments: Sequence[Instrument],
        signer: Signer,
        gate: Gate,
        throttle: Throttle,
        *,
        receive_window_ms: int = 5_000,
        quiet_ns_max: int = QUIET_NS_MAX,
    ) -> None:
        """Take the instruments of this venue, and of no other, and what it needs to trade them.

        `receive_window_ms` is how old a request may be when the venue reads it, `quiet_ns_max` how long the market
        stream may be silent before it is opened anew.
        """
        super().__init__(venue, gate, throttle, urls.stream + stream_path(instruments), urls.api + API_PATH)
        by_index = {instrument.index: instrument for instrument in instruments}
        self._instruments = by_index
        self._quiet_ns_max = quiet_ns_max
        self._logs_on = signer.logs_on
        self._mask = signer.mask
        self._market = MarketDecoder(venue, instruments)
        self._encoder = RequestEncoder(by_index, signer, receive_window_ms)
        self.account = Account(venue, instruments, logs_on=signer.logs_on)
        self._requests = self.account.requests
        self._placement = Placement(
            throttle.buckets, self._requests, gate, self._encoder.templates,
            self._encoder.place if self._encoder.signs else None,
        )  # fmt: skip
        self.on_submit = self._placement.on_submit
        self._frames = Frames(self._market.streams)
        self.on_stream = self._frames.on_stream
        self._pulse = Pulse()
        self._since_ns, self._take_step = 0, throttle.take_query
        self._reconcile_backoff = Backoff()
        self._snapshots = Snapshots()
        self._news: dict[type, Callable[[Any], None]] = {
            SessionNews: self._on_session_news,
            RateLimited: self._on_rate_limited,
            ReconcileStep: self._ask_step,
            ReconcileFailed: self._on_reconcile_failed,
            ClockOffset: self.tell_clock,
        }

    def attach(self, stream: Link, api: Link, rest: RestLink) -> None:
        """Take the links; what the venue says in private is masked, because it repeats our key."""
        super().attach(stream, api, rest)
        api.mask = self._mask

    def handlers(self) -> type_of_handlers:
        """Return the handlers of every gateway and of this one's timers."""
        return {
            **super().handlers(),
            Deadlines: self._on_deadlines,
            Watch: self._on_watch,
            AskSnapshot: self._ask_snapshot,
            AskStep: self._on_ask_step,
        }

    def on_start(self, start: Start) -> None:
        """Connect, and begin to watch."""
        self._placement.connect(self.context, self.api, self._arm_deadlines, self._not_sent)
        self._frames.connect(self)
        self.context.every(WATCH_NS, Watch())
        super().on_start(start)

    # ---- the market

    def bad_frame(self, problem: VenueProtocolError) -> None:
        """Give the stream up: what it said breaks the venue's rules."""
        self.protocol_error(self.stream, self._market.judge(problem, self.context.now_ns))

    def shutdown_announced(self) -> None:
        """Open the stream anew before the venue ends it."""
        self.stream.fault("the venue announced serverShutdown")

    def stream_opened(self) -> None:
        """Be ready at once: the URL named the streams, and public data needs no logon."""
        self._market.opened(self.context.now_ns)
        self.stream.advance(SessionEvent.LOGGED_ON)
        self.stream.advance(SessionEvent.SUBSCRIBED)
        self.tell_stream(live=True, reason="connected")

    def on_snapshot(self, request: SnapshotRequest) -> None:
        """Ask for a snapshot, unless one is on its way, or nothing of the instrument is read any more."""
        if request.instrument not in self._market.halted and self._snapshots.want(request.instrument):
            self._ask_snapshot(request)

    def _ask_snapshot(self, ask: SnapshotRequest | AskSnapshot) -> None:
        index = ask.instrument
        if not self.throttle.take_query(self.context.now_ns, SNAPSHOT_WEIGHT):
            self._ask_snapshot_later(index, "the rate budget is spent")
            return
        request_id = self.rest.next_id()
        self._snapshots.begin(index, request_id)
        self.rest.request(request_id, "GET", snapshot_path(self._instruments[index]))

    def _ask_snapshot_later(self, index: int, reason: str) -> None:
        delay_ns = self._snapshots.delay_ns(index, self.context.rng)
        silence_ns = self.throttle.silent_until_ns - self.context.now_ns
        log.warning("%s: no snapshot of %s: %s", self.venue, self._instruments[index].symbol, reason)
        self.context.after(max(delay_ns, silence_ns), AskSnapshot(index))

    def on_rest(self, kind: InputKind, payload: bytes) -> None:
        """Take the answer to a snapshot request."""
        request_id, status, retry_after_s, body = parse_answer(payload)
        index = self._snapshots.answered(request_id)
        if index is None or kind is not InputKind.ANSWER:
            return
        now_ns = self.context.now_ns
        if status in RATE_STATUSES:
            wait_ns = retry_after_s * NS_PER_SECOND or SILENCE_WITHOUT_WORD_NS
            self.throttle.silence(now_ns + min(wait_ns, SILENCE_NS_MAX))
        if status != 200:
            self._ask_snapshot_later(index, f"status {status}: {body[:160]!r}")
            return
        try:
            snapshot = self._market.decode_snapshot(self._instruments[index], body, now_ns)
        except VenueProtocolError as problem:
            self.protocol_errors_count += 1
            reason = str(self._market.judge(problem, now_ns))
            if index in self._market.halted:
                self._snapshots.done(index)
                log.warning("%s", reason)
            else:
                self._ask_snapshot_later(index, reason)
            return
        self._snapshots.done(index)
        if self.feed.tell(snapshot) == REFUSED:
            self.context.halt(f"{self.venue}: feed has no room for a snapshot")

    # ---- the private session

    def on_api(self, kind: InputKind, payload: bytes) -> None:
        """Take an input of the private session."""
        if kind is not _BYTES:
            self.api.take(kind, payload)
            return
        if self.api.state not in _TALKING:
            return
        try:
            reports = self.account.receive(payload, self.context.now_ns)
        except VenueProtocolError as problem:
            self.protocol_error(self.api, problem)
            return
        self._pass_on(reports)

    def _pass_on(self, reports: Reports) -> None:
        for report in reports:
            news = self._news.get(type(report))
            if news is None:
                self.report(report)
            else:
                news(report)

    def api_opened(self) -> None:
        """Log on, or go on to the subscription where the key cannot."""
        self._pulse.begin(self.context.now_ns)
        if not self._logs_on:
            self._logged_on()
        elif self._may_ask(SESSION_WEIGHT):
            request_id = self._begin(RequestKind.LOGON, None)
            self.api.link.send(*self._encoder.logon(request_id, self.context.now_ns))

    def api_down(self, reason: str) -> None:
        """Say that no order can be sent, and that whatever was in flight is unknown."""
        super().api_down(reason)
        for report in self.account.disconnected(reason, self.context.now_ns):
            self.report(report)

    def _logged_on(self) -> None:
        self.api.advance(SessionEvent.LOGGED_ON)
        if self._may_ask(SESSION_WEIGHT):
            request_id = self._begin(RequestKind.SUBSCRIBE, None)
            self.api.link.send(*self._encoder.subscribe(request_id, self.context.now_ns))

    def _may_ask(self, weight: int) -> bool:
        if self.throttle.take_query(self.context.now_ns, weight):
            return True
        self.api.fault("the venue's rate budget is spent")
        return False

    def _on_session_news(self, news: SessionNews) -> None:
        if news.event is SessionEvent.LOGGED_ON:
            self._logged_on()
        elif news.event is SessionEvent.SUBSCRIBED:
            self.api.advance(SessionEvent.SUBSCRIBED)
            self.tell_ready(ready=True, reason="logged on and subscribed")
            self._feel_pulse(self.context.now_ns)
        else:
            self.api.fault(news.reason)

    def _on_rate_limited(self, limited: RateLimited) -> None:
        log.warning("%s: silent until %d: %s", self.venue, limited.until_ns, limited.reason)
        self.throttle.silence(limited.until_ns)

    def _begin(self, kind: RequestKind, subject: object) -> int:
        self._arm_deadlines(self._requests.deadline_ns)
        return self._requests.begin(kind, subject, self.context.now_ns)

    def _arm_deadlines(self, delay_ns: int) -> None:
        if not self._requests.watched:
            self._requests.watched = True
            self.context.after(delay_ns, Deadlines())

    def _on_deadlines(self, _deadlines: Deadlines) -> None:
        self._requests.watched = False
        self._pass_on(self.account.expire(self.context.now_ns))
        due_ns = self._requests.next_due_ns
        if due_ns is not None:
            self._arm_deadlines(due_ns - self.context.now_ns)

    def _on_watch(self, _watch: Watch) -> None:
        now_ns = self.context.now_ns
        if self.stream.state is _READY and (silence := self._market.silence(now_ns, self._quiet_ns_max)):
            self.stream.fault(silence)
        self._feel_pulse(now_ns)

    def _feel_pulse(self, now_ns: int) -> None:
        for kind in self._pulse.due(now_ns) if self.api.state is _READY else ():
            if self.throttle.take_query(now_ns, SESSION_WEIGHT):
                self._pulse.asked(kind, now_ns)
                self.api.link.send(*self._encoder.question(kind, self._begin(kind, now_ns)))

    # ---- orders

    def _not_sent(self, order: SubmitOrder, reason: str) -> None:
        self.report(NotSent(order.client_order_id, reason, self.context.now_ns))

    def on_cancel(self, cancel: CancelOrder) -> None:
        """Send a cancel: the gate is not asked."""
        now_ns = self.context.now_ns
        reason = self._cannot_send(self.throttle.take_cancel, ORDER_WEIGHT)
        if reason:
            self.report(NotSent(cancel.client_order_id, reason, now_ns))
            return
        request_id = self._begin(RequestKind.CANCEL, cancel)
        self.api.link.send(*self._encoder.cancel(request_id, cancel, now_ns))

    def on_amend(self, amend: AmendOrder) -> None:
        """Send an amend, which passes the gate like an order."""
        now_ns = self.context.now_ns
        reason = self._cannot_send(self.throttle.take_order, ORDER_WEIGHT)
        if not reason:
            request_id = self._begin(RequestKind.AMEND, amend)
            encoded: Encoded = self._encoder.amend(request_id, amend, now_ns)
            if self.gate.passes(amend.shrinks):
                self.api.link.send_order(*encoded)
                return
            self._requests.cancel(request_id)
            reason = f"the gate is {self.gate.word.name}"
        old, new = amend.client_order_id, amend.new_client_order_id
        self.report(AmendRejected(old, new, False, 0, f"not sent: {reason}", now_ns))

    def on_query(self, query: QueryOrder) -> None:
        """Ask what became of an order; a question that cannot be asked is asked again by orders."""
        if self._cannot_send(self.throttle.take_query, QUERY_WEIGHT):
            return
        request_id = self._begin(RequestKind.QUERY, query)
        self.api.link.send(*self._encoder.query(request_id, query, self.context.now_ns))

    def _cannot_send(self, take: Callable[[int, int], bool], weight: int) -> str:
        """Take the budget of a request and return an empty text, or why it cannot be sent."""
        if self.api.state is not _READY:
            return f"the session is {self.api.state.name}"
        return "" if take(self.context.now_ns, weight) else "the venue's rate budget is spent"

    # ---- reconciliation

    def on_reconcile(self, request: ReconcileRequest) -> None:
        """Begin to find out everything; without a session the next GatewayState asks for it again."""
        self._since_ns = request.since_ns
        self._take_step = self.throttle.take_routine if request.routine else self.throttle.take_query
        self._reconcile_backoff.reset()
        self._begin_reconciliation()

    def _begin_reconciliation(self) -> None:
        if self.api.state is _READY:
            self.account.begin_reconciliation(self._since_ns, self.context.now_ns)
            self._ask_step()

    def _ask_step(self, _step: ReconcileStep | None = None) -> None:
        reconciliation = self.account.reconciliation
        if reconciliation is None or reconciliation.step is None:
            return
        step = reconciliation.step
        now_ns = self.context.now_ns
        if not self._take_step(now_ns, step.weight):
            self.context.after(STEP_RETRY_NS, AskStep(False))
            return
        request_id = self._begin(RequestKind.RECONCILE, reconciliation)
        self.api.link.send(*self._encoder.request(request_id, step.method, step.params, now_ns))

    def _on_ask_step(self, ask: AskStep) -> None:
        if ask.anew:
            self._begin_reconciliation()
        else:
            self._ask_step()

    def _on_reconcile_failed(self, failed: ReconcileFailed) -> None:
        log.warning("%s: reconciliation begins anew: %s", self.venue, failed.reason)
        self.account.reconciliation = None
        self.context.after(self._reconcile_backoff.next_delay_ns(self.context.rng), AskStep(True))
