"""What the venue says in private: answers to our requests and events of the user stream, as our messages.

Sans-IO. Facts about orders come from execution reports alone; an answer that says yes adds nothing, one that says no is
a reject, and one that says "unknown", or none at all, is Ambiguous, never a reject. A yes whose report stays away means
that the user stream is dead: the session is given up. Events of kinds that we do not read are counted, not fatal; bytes
that break the venue's rules are a VenueProtocolError.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Raw, Struct

from engine.clock import NS_PER_MS
from engine.errors import VenueProtocolError
from engine.instruments import Instrument
from engine.messages.control import ClockOffset
from engine.messages.market import Side
from engine.messages.orders import QueryOrder
from engine.messages.reports import Ambiguous, AmendRejected, Balances, CancelRejected, Rejected, VenueOrder
from gateways.binance import schema
from gateways.binance.errors import (
    LOGON_LOST_CODES,
    NO_SUCH_ORDER,
    OK,
    RATE_STATUSES,
    SUBSCRIPTION_ACTIVE,
    Verdict,
    verdict,
)
from gateways.binance.executions import Executions, Reports
from gateways.binance.market import MALFORMED, excerpt
from gateways.binance.reconcile import Reconciliation, venue_order
from gateways.binance.requests import DEADLINE_NS, Request, RequestKind, Requests
from gateways.binance.schema import NO_RAW
from gateways.session import SessionEvent
from gateways.throttle import SILENCE_NS_MAX, SILENCE_WITHOUT_WORD_NS
from hotpath.core.units import money

_EXECUTION = b'"event":{"e":"executionReport"'
_EVENT_HEAD_BYTES = 64


class SessionNews(Struct, frozen=True, gc=False):
    """Something that moves the session on, or ends it."""

    event: SessionEvent
    reason: str


class RateLimited(Struct, frozen=True, gc=False):
    """The venue demands silence."""

    until_ns: int
    reason: str


class ReconcileStep(Struct, frozen=True, gc=False):
    """A step of the reconciliation is answered, and another one can be asked."""


class ReconcileFailed(Struct, frozen=True, gc=False):
    """A step of the reconciliation failed; it has to begin anew."""

    reason: str


class Account:
    """One private session: what is in flight, and what comes back."""

    def __init__(
        self, venue: str, instruments: Sequence[Instrument], *, logs_on: bool, deadline_ns: int = DEADLINE_NS
    ) -> None:
        """`logs_on`: the key logs the session on. `deadline_ns`: how long an answer may take."""
        self._venue = venue
        self._logs_on = logs_on
        self._instruments = list(instruments)
        self._by_index = {instrument.index: instrument for instrument in instruments}
        self.requests = Requests(deadline_ns)
        self.executions = Executions(instruments, self.requests)
        self.reconciliation: Reconciliation | None = None
        self.ignored_count = 0
        """Events of kinds that we do not read, and answers that came too late."""
        self._events: dict[str, Callable[[Raw, int], Reports]] = {
            "executionReport": self._on_execution,
            "outboundAccountPosition": self._on_position,
            "eventStreamTerminated": self._on_end_of_stream,
            "serverShutdown": self._on_end_of_stream,
        }
        self._answers: tuple[Callable[[Request, schema.ApiFrame, Verdict, int], Reports], ...] = (
            self._logon_answered,
            self._subscribe_answered,
            self._heartbeat_answered,
            self._place_answered,
            self._cancel_answered,
            self._amend_answered,
            self._query_answered,
            self._reconcile_answered,
            self._time_answered,
        )
        """By RequestKind, in its order."""

    def begin_reconciliation(self, since_ns: int, now_ns: int) -> Reconciliation:
        """Start to ask for the venue's whole truth; one that was under way is forgotten."""
        known = self.executions.client_order_ids
        self.reconciliation = Reconciliation(self._venue, self._instruments, since_ns, now_ns, known)
        return self.reconciliation

    def receive(self, payload: bytes, now_ns: int) -> Reports:
        """Return what one frame means: reports for orders, and news of the session.

        Raises:
            VenueProtocolError: the frame breaks the venue's rules.
        """
        try:
            if payload.find(_EXECUTION, 0, _EVENT_HEAD_BYTES) > 0:
                return self.executions.report(schema.decode_execution_frame(payload).event, now_ns)
            frame = schema.decode_api(payload)
            if frame.event is not NO_RAW:
                return self._event(frame.event, now_ns)
            if not frame.status:
                raise ValueError("neither an answer nor an event")
            return self._answer(frame, now_ns)
        except MALFORMED as problem:
            text = f"{self._venue}: WebSocket API: {problem}; the bytes were {excerpt(payload)}"
            raise VenueProtocolError(text) from problem

    def expire(self, now_ns: int) -> Reports:
        """Give up the requests that are overdue, and say what that means."""
        reports: Reports = []
        for request in self.requests.take_overdue(now_ns):
            reports += self._unanswered(request, now_ns)
        return reports

    def disconnected(self, reason: str, now_ns: int) -> Reports:
        """Forget what is in flight, and say which orders that leaves in the dark."""
        self.reconciliation = None
        return [
            Ambiguous(request.subject.client_order_id, reason, now_ns)
            for request in self.requests.take_all()
            if request.changes_order
        ]

    # ---- events

    def _event(self, raw: Raw, now_ns: int) -> Reports:
        handler = self._events.get(schema.decode_kind(raw).kind)
        if handler is None:
            self.ignored_count += 1
            return []
        return handler(raw, now_ns)

    def _on_execution(self, raw: Raw, now_ns: int) -> Reports:
        return self.executions.report(schema.decode_execution(raw), now_ns)

    def _on_position(self, raw: Raw, now_ns: int) -> Reports:
        position = schema.decode_position(raw)
        balances = tuple((item.asset, money(item.free), money(item.locked)) for item in position.balances)
        return [Balances(self._venue, balances, now_ns)]

    def _on_end_of_stream(self, raw: Raw, _now_ns: int) -> Reports:
        return [SessionNews(SessionEvent.FAULT, f"the venue announced {schema.decode_kind(raw).kind}")]

    # ---- answers

    def _answer(self, frame: schema.ApiFrame, now_ns: int) -> Reports:
        error = frame.error
        code = error.code if error is not None else 0
        reports: Reports = []
        if frame.status in RATE_STATUSES:
            reports.append(rate_limited(frame, now_ns))
        elif code in LOGON_LOST_CODES:
            reports.append(SessionNews(SessionEvent.FAULT, f"the session is not logged on any more: {_refusal(frame)}"))
        request = self.requests.find(frame.id)
        if request is not None:
            judged = Verdict.AMBIGUOUS if frame.status == OK and error is not None else verdict(frame.status, code)
            return self._answers[request.kind - 1](request, frame, judged, now_ns) + reports
        self.ignored_count += 1
        if frame.id is None and not reports:
            reports.append(SessionNews(SessionEvent.FAULT, f"a request of ours was not understood: {_refusal(frame)}"))
        return reports

    def _logon_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, _now_ns: int) -> Reports:
        self.requests.drop(request)
        if judged is Verdict.DONE and schema.decode_session(frame.result).api_key:
            return [SessionNews(SessionEvent.LOGGED_ON, "")]
        return [SessionNews(SessionEvent.FAULT, f"logon refused: {_refusal(frame)}")]

    def _subscribe_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, _now_ns: int) -> Reports:
        self.requests.drop(request)
        if judged is Verdict.DONE or (frame.error is not None and frame.error.code == SUBSCRIPTION_ACTIVE):
            return [SessionNews(SessionEvent.SUBSCRIBED, "")]
        return [SessionNews(SessionEvent.FAULT, f"user stream refused: {_refusal(frame)}")]

    def _heartbeat_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, _now_ns: int) -> Reports:
        self.requests.drop(request)
        if judged is not Verdict.DONE:
            return [SessionNews(SessionEvent.FAULT, f"the session's status: {_refusal(frame)}")]
        if self._logs_on:
            status = schema.decode_session(frame.result)
            if not status.api_key or not status.user_data_stream:
                return [SessionNews(SessionEvent.FAULT, "the venue lost the session's logon or its user stream")]
        return []

    def _place_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, now_ns: int) -> Reports:
        return self._order_answered(request, frame, judged, now_ns, Rejected)

    def _cancel_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, now_ns: int) -> Reports:
        return self._order_answered(request, frame, judged, now_ns, CancelRejected)

    def _order_answered(
        self,
        request: Request,
        frame: schema.ApiFrame,
        judged: Verdict,
        now_ns: int,
        refused: type[Rejected | CancelRejected],
    ) -> Reports:
        if judged is Verdict.DONE:
            self.requests.answered(request)
            return []
        self.requests.drop(request)
        order = request.subject.client_order_id
        if judged is Verdict.AMBIGUOUS:
            return [Ambiguous(order, _refusal(frame), now_ns)]
        return [refused(order, _code(frame), _refusal(frame), now_ns)]

    def _amend_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, now_ns: int) -> Reports:
        if judged is Verdict.DONE:
            self.requests.answered(request)
            return []
        amend = request.subject
        if judged is Verdict.AMBIGUOUS:
            self.requests.drop(request)
            return [Ambiguous(amend.client_order_id, _refusal(frame), now_ns)]
        code, text, old_is_gone = _code(frame), _refusal(frame), False
        if frame.error is not None and frame.error.data is not NO_RAW and frame.status not in RATE_STATUSES:
            outcome = schema.decode_replace_error(frame.error.data)
            if outcome.new_order_result == "SUCCESS":
                self.requests.drop(request)
                return [Ambiguous(amend.client_order_id, f"the venue replaced what it did not cancel: {text}", now_ns)]
            old_is_gone = outcome.cancel_result == "SUCCESS"
            cause = outcome.new_order_response if old_is_gone else outcome.cancel_response
            if cause is not NO_RAW and bytes(cause) != b"null":
                reason = schema.decode_error(cause)
                code, text = reason.code, f"{reason.code}: {reason.text}"
        self.requests.drop(request)  # not before its failure was read: what cannot be read leaves it in doubt
        refused = AmendRejected(amend.client_order_id, amend.new_client_order_id, old_is_gone, code, text, now_ns)
        return [refused] if request.held is None else [refused, request.held]

    def _query_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, now_ns: int) -> Reports:
        self.requests.drop(request)
        query: QueryOrder = request.subject
        if judged is Verdict.DONE:
            info = schema.decode_order(frame.result)
            return [venue_order(info, self._by_index[query.instrument], query.client_order_id, now_ns)]
        if judged is Verdict.REFUSED and _code(frame) == NO_SUCH_ORDER:
            order = query.client_order_id
            return [VenueOrder(order, "", query.instrument, Side.BUY, 0, 0, 0, "NOT_FOUND", now_ns)]
        return []

    def _reconcile_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, now_ns: int) -> Reports:
        self.requests.drop(request)
        if request.subject is not self.reconciliation or self.reconciliation is None:
            return []
        if judged is not Verdict.DONE:
            return [ReconcileFailed(_refusal(frame))]
        self.reconciliation.take(frame.result)
        if self.reconciliation.step is not None:
            return [ReconcileStep()]
        state = self.reconciliation.state(now_ns)
        self.reconciliation = None
        return [state]

    def _time_answered(self, request: Request, frame: schema.ApiFrame, judged: Verdict, now_ns: int) -> Reports:
        """Compare the venue's clock with ours at the middle of question and answer; without an answer nobody knows."""
        self.requests.drop(request)
        if judged is not Verdict.DONE:
            return []
        venue_ns = schema.decode_time(frame.result).time_ms * NS_PER_MS + NS_PER_MS // 2
        return [ClockOffset(self._venue, venue_ns - (request.subject + now_ns) // 2, now_ns)]

    def _unanswered(self, request: Request, now_ns: int) -> Reports:
        late = self.requests.deadline_text
        if request.changes_order:
            if request.answered:
                reason = f"the user stream is silent: no report of {request.order} {late}"
                return [SessionNews(SessionEvent.FAULT, reason)]
            if request.reported:
                return []
            return [Ambiguous(request.subject.client_order_id, late, now_ns)]
        if request.kind is RequestKind.QUERY:
            return []
        if request.kind is RequestKind.RECONCILE:
            return [ReconcileFailed(late)] if request.subject is self.reconciliation else []
        return [SessionNews(SessionEvent.FAULT, f"{request.kind.name.lower()}: {late}")]


def _code(frame: schema.ApiFrame) -> int:
    return frame.error.code if frame.error is not None else 0


def _refusal(frame: schema.ApiFrame) -> str:
    """Return the venue's own words for a failure, bounded."""
    if frame.error is None:
        return f"status {frame.status}"
    return f"status {frame.status}, {frame.error.code}: {frame.error.text[:200]}"


def rate_limited(frame: schema.ApiFrame, now_ns: int) -> RateLimited:
    """Return when to speak again; the wait is measured on the venue's clock and runs on ours.

    A wait that cannot be read is no reason to end the session: a new one would have to speak at once.
    """
    wait_ns = SILENCE_WITHOUT_WORD_NS
    if frame.error is not None and frame.error.data is not NO_RAW:
        try:
            data = schema.decode_rate_error(frame.error.data)
        except MALFORMED:  # expected: the venue documents the data of no error but this one
            data = schema.RateErrorData()
        if data.retry_after_ms:
            venue_now_ms = data.server_time_ms or now_ns // NS_PER_MS
            wait_ns = max(data.retry_after_ms - venue_now_ms, 0) * NS_PER_MS
    return RateLimited(now_ns + min(wait_ns, SILENCE_NS_MAX), _refusal(frame))
