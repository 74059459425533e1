"""The requests in flight: what was asked, under which id, and until when an answer may come.

An answer names only the id, an execution report only the order, so the table is read both ways. Every request has the
same time to be answered; the first in the table is therefore always the first that is overdue.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from msgspec import Struct

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.messages.reports import Canceled

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


_PLACE = RequestKind.PLACE
_CANCEL = RequestKind.CANCEL
_AMEND = RequestKind.AMEND


class Request(Struct, gc=False):
    """One request in flight; settled when it is answered and, if it changes an order, its report has come too."""

    id: int
    kind: RequestKind
    subject: Any
    order: str
    """The client order id whose execution report is awaited, empty for none."""
    due_ns: int
    earlier: Request | None
    """The request before this one that awaits a report of the same order."""
    answered: bool = False
    reported: bool = False
    held: Canceled | None = None
    """The end of the old order of an amend, kept back until the amend's outcome is known."""

    @property
    def changes_order(self) -> bool:
        """Whether an order's fate hangs on it; a question only adds to what is known."""
        return _PLACE <= self.kind <= _AMEND


class Requests:
    """Every request in flight of one session."""

    def __init__(self, deadline_ns: int = DEADLINE_NS) -> None:
        """`deadline_ns`: how long an answer may take."""
        self.deadline_ns = deadline_ns
        self._by_id: dict[int, Request] = {}
        self._by_order: dict[str, Request] = {}
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
        due_ns = now_ns + self.deadline_ns
        if kind is _PLACE or kind is _CANCEL:
            order = subject.client_order_id
        elif kind is _AMEND:
            order = subject.new_client_order_id
        else:
            self._by_id[request_id] = Request(request_id, kind, subject, "", due_ns, None)
            return request_id
        by_order = self._by_order
        request = Request(request_id, kind, subject, order, due_ns, by_order.get(order))
        self._by_id[request_id] = by_order[order] = request
        if kind is _AMEND:
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
        request = self._by_order.get(new_client_order_id)
        while request is not None and request.kind is not _AMEND:
            request = request.earlier
        return request

    def reported(self, client_order_id: str, *, canceled: bool) -> None:
        """Note that an execution report about an order has come; only its end settles a cancel."""
        request = self._by_order.get(client_order_id)
        while request is not None:
            earlier = request.earlier
            if canceled or request.kind is not _CANCEL:
                request.reported = True
                if request.answered:
                    self.drop(request)
            request = earlier

    def answered(self, request: Request) -> None:
        """Note that the venue said yes."""
        request.answered = True
        if request.reported or not request.order:
            self.drop(request)

    def drop(self, request: Request) -> None:
        """Forget a request: it is settled, or given up."""
        self._by_id.pop(request.id, None)
        order = request.order
        if not order:
            return
        later = self._by_order.get(order)
        if later is request:
            if request.earlier is None:
                del self._by_order[order]
            else:
                self._by_order[order] = request.earlier
        else:
            while later is not None and later.earlier is not request:
                later = later.earlier
            if later is not None:
                later.earlier = request.earlier
        if request.kind is _AMEND and self._by_replaced.get(request.subject.client_order_id) is request:
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
