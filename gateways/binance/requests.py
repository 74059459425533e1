"""The requests in flight: what was asked, under which id, and until when an answer may come.

An answer names only the id, an execution report only the order, so the table is read both ways. Every request has the
same time to be answered; the first in the table is therefore always the first that is overdue.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.messages.orders import AmendOrder, Canceled

DEADLINE_NS = 5 * NS_PER_SECOND


class RequestKind(IntEnum):
    """What was asked."""

    LOGON = 1
    SUBSCRIBE = 2
    HEARTBEAT = 3
    PLACE = 4
    CANCEL = 5
    AMEND = 6
    QUERY = 7
    RECONCILE = 8


ABOUT_ORDERS = frozenset({RequestKind.PLACE, RequestKind.CANCEL, RequestKind.AMEND, RequestKind.QUERY})
_SETTLED_BY_REPORT = frozenset({RequestKind.PLACE, RequestKind.CANCEL, RequestKind.AMEND})


class Request:
    """One request in flight; settled when it is answered and, if it changes an order, its report has come too."""

    __slots__ = ("answered", "due_ns", "held", "id", "kind", "order", "reported", "subject")

    def __init__(self, request_id: int, kind: RequestKind, subject: Any, order: str, due_ns: int) -> None:
        """`order` is the client order id whose execution report is awaited, empty for none."""
        self.id = request_id
        self.kind = kind
        self.subject = subject
        self.order = order
        self.due_ns = due_ns
        self.answered = False
        self.reported = False
        self.held: Canceled | None = None
        """The end of the old order of an amend, kept back until the amend's outcome is known."""


class Requests:
    """Every request in flight of one session."""

    def __init__(self, deadline_ns: int = DEADLINE_NS) -> None:
        """`deadline_ns`: how long an answer may take."""
        self.deadline_ns = deadline_ns
        self._by_id: dict[int, Request] = {}
        self._by_order: dict[str, list[Request]] = {}
        self._by_replaced: dict[str, Request] = {}
        self._last_id = 0

    def __len__(self) -> int:
        return len(self._by_id)

    @property
    def deadline_text(self) -> str:
        """What to say of a request that was not answered."""
        return f"no answer within {self.deadline_ns // NS_PER_MS} ms"

    @property
    def next_due_ns(self) -> int | None:
        """When the oldest request is overdue, or None when nothing is in flight."""
        for request in self._by_id.values():
            return request.due_ns
        return None

    def begin(self, kind: RequestKind, subject: Any, now_ns: int) -> int:
        """Note that a request is being sent; returns the id that it goes under."""
        self._last_id = request_id = self._last_id + 1
        order = ""
        if kind in _SETTLED_BY_REPORT:
            order = subject.client_order_id
            if isinstance(subject, AmendOrder):
                order = subject.new_client_order_id
        request = Request(request_id, kind, subject, order, now_ns + self.deadline_ns)
        self._by_id[request_id] = request
        if order:
            self._by_order.setdefault(order, []).append(request)
            if kind is RequestKind.AMEND:
                self._by_replaced[subject.client_order_id] = request
        return request_id

    def find(self, request_id: int | str | None) -> Request | None:
        """Return the request of an answer, or None when it is not (any more) in flight."""
        return self._by_id.get(request_id) if isinstance(request_id, int) else None

    def amending(self, client_order_id: str) -> Request | None:
        """Return the amend in flight that takes this order's place."""
        return self._by_replaced.get(client_order_id)

    def replacing(self, new_client_order_id: str) -> Request | None:
        """Return the amend in flight that creates this order."""
        for request in self._by_order.get(new_client_order_id, ()):
            if request.kind is RequestKind.AMEND:
                return request
        return None

    def reported(self, client_order_id: str, *, canceled: bool) -> None:
        """Note that an execution report about an order has come; only its end settles a cancel."""
        for request in list(self._by_order.get(client_order_id, ())):
            if canceled or request.kind is not RequestKind.CANCEL:
                request.reported = True
                if request.answered:
                    self.drop(request)

    def answered(self, request: Request) -> None:
        """Note that the venue said yes."""
        request.answered = True
        if request.reported or not request.order:
            self.drop(request)

    def drop(self, request: Request) -> None:
        """Forget a request: it is settled, or given up."""
        self._by_id.pop(request.id, None)
        if request.order:
            waiting = self._by_order.get(request.order, [])
            if request in waiting:
                waiting.remove(request)
            if not waiting:
                self._by_order.pop(request.order, None)
            if request.kind is RequestKind.AMEND and self._by_replaced.get(request.subject.client_order_id) is request:
                del self._by_replaced[request.subject.client_order_id]

    def cancel(self, request_id: int) -> None:
        """Forget a request that was not sent after all."""
        self.drop(self._by_id[request_id])

    def take_overdue(self, now_ns: int) -> list[Request]:
        """Forget what is overdue and return it, oldest first."""
        overdue = [request for request in self._by_id.values() if request.due_ns <= now_ns]
        for request in overdue:
            self.drop(request)
        return overdue

    def take_all(self) -> list[Request]:
        """Forget everything and return it, oldest first."""
        requests = list(self._by_id.values())
        self._by_id.clear()
        self._by_order.clear()
        self._by_replaced.clear()
        return requests
