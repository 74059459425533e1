"""The requests in flight: what was asked, under which id, and until when an answer may come.

An answer names only the id, an execution report only the order, so the table is read both ways. Every request has the
same time to be answered; the first in the table is therefore always the first that is overdue. It is compiled because
every order passes through it on its way out, and again when its answer comes.
"""

cimport cython
from libc.stdint cimport int64_t

from enum import IntEnum

from engine.clock import NS_PER_MS, NS_PER_SECOND

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
    TIME = 9


cdef object TO_PLACE = RequestKind.PLACE
cdef object TO_CANCEL = RequestKind.CANCEL
cdef object TO_AMEND = RequestKind.AMEND


@cython.final
@cython.freelist(64)
cdef class Request:
    """One request in flight; settled when it is answered and, if it changes an order, its report has come too."""

    @property
    def changes_order(self):
        """Whether an order's fate hangs on it; a question only adds to what is known."""
        return self.kind is TO_PLACE or self.kind is TO_CANCEL or self.kind is TO_AMEND


@cython.final
cdef class Requests:
    """Every request in flight of one session."""

    def __init__(self, int64_t deadline_ns=DEADLINE_NS):
        self.deadline_ns = deadline_ns
        self.by_id = {}
        self.by_order = {}
        self.by_replaced = {}
        self.last_id = 0

    def __len__(self):
        return len(self.by_id)

    @property
    def deadline_text(self):
        """What to say of a request that was not answered."""
        return f"no answer within {self.deadline_ns // NS_PER_MS} ms"

    @property
    def next_due_ns(self):
        """When the oldest request is overdue, or None when nothing is in flight."""
        for request in self.by_id.values():
            return (<Request>request).due_ns
        return None

    def begin(self, kind, subject, int64_t now_ns):
        """Note that a request is being sent; returns the id that it goes under."""
        if kind is TO_AMEND:
            request_id = self.add(kind, subject, subject.new_client_order_id, now_ns)
            self.by_replaced[subject.client_order_id] = self.by_id[request_id]
            return request_id
        return self.add(kind, subject, subject.client_order_id if kind is TO_PLACE or kind is TO_CANCEL else "", now_ns)

    cdef int64_t add(self, object kind, object subject, str order, int64_t now_ns) except -1:
        """Note a request that awaits a report of `order`, if it has one; returns its id."""
        cdef Request request = Request.__new__(Request)
        self.last_id += 1
        request.id = self.last_id
        request.kind = kind
        request.subject = subject
        request.order = order
        request.due_ns = now_ns + self.deadline_ns
        if order:
            request.earlier = self.by_order.get(order)
            self.by_order[order] = request
        self.by_id[request.id] = request
        return request.id

    def find(self, request_id):
        """Return the request of an answer, or None when it is not (any more) in flight."""
        return self.by_id.get(request_id) if isinstance(request_id, int) else None

    def amending(self, client_order_id):
        """Return the amend in flight that takes this order's place."""
        return self.by_replaced.get(client_order_id)

    def replacing(self, new_client_order_id):
        """Return the amend in flight that creates this order."""
        cdef Request request = self.by_order.get(new_client_order_id)
        while request is not None and request.kind is not TO_AMEND:
            request = request.earlier
        return request

    def reported(self, client_order_id, *, bint canceled):
        """Note that an execution report about an order has come; only its end settles a cancel."""
        cdef Request request = self.by_order.get(client_order_id)
        cdef Request earlier
        while request is not None:
            earlier = request.earlier
            if canceled or request.kind is not TO_CANCEL:
                request.reported = True
                if request.answered:
                    self.drop_request(request)
            request = earlier

    def answered(self, Request request not None):
        """Note that the venue said yes."""
        request.answered = True
        if request.reported or not request.order:
            self.drop_request(request)

    def drop(self, Request request not None):
        """Forget a request: it is settled, or given up."""
        self.drop_request(request)

    cdef object drop_request(self, Request request):
        """Take a request out of every table, and out of the middle of its order's chain."""
        cdef Request later
        self.by_id.pop(request.id, None)
        if not request.order:
            return None
        later = self.by_order.get(request.order)
        if later is request:
            if request.earlier is None:
                del self.by_order[request.order]
            else:
                self.by_order[request.order] = request.earlier
        else:
            while later is not None and later.earlier is not request:
                later = later.earlier
            if later is not None:
                later.earlier = request.earlier
        if request.kind is TO_AMEND and self.by_replaced.get(request.subject.client_order_id) is request:
            del self.by_replaced[request.subject.client_order_id]
        return None

    def cancel(self, int64_t request_id):
        """Forget a request that was not sent after all."""
        self.drop_request(self.by_id[request_id])

    def take_overdue(self, int64_t now_ns):
        """Forget what is overdue and return it, oldest first."""
        overdue = [request for request in self.by_id.values() if (<Request>request).due_ns <= now_ns]
        for request in overdue:
            self.drop_request(request)
        return overdue

    def take_all(self):
        """Forget everything and return it, oldest first."""
        requests = list(self.by_id.values())
        self.by_id.clear()
        self.by_order.clear()
        self.by_replaced.clear()
        return requests
