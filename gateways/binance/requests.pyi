from enum import IntEnum
from typing import Any, final

from engine.messages.reports import Canceled

DEADLINE_NS: int

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

@final
class Request:
    """One request in flight; settled when it is answered and, if it changes an order, its report has come too."""

    id: int
    kind: RequestKind
    subject: Any
    order: str
    """The client order id whose execution report is awaited, empty for none."""
    due_ns: int
    earlier: Request | None
    """The request before this one that awaits a report of the same order."""
    answered: bool
    reported: bool
    held: Canceled | None
    """The end of the old order of an amend, kept back until the amend's outcome is known."""
    @property
    def changes_order(self) -> bool:
        """Whether an order's fate hangs on it; a question only adds to what is known."""

@final
class Requests:
    """Every request in flight of one session."""

    deadline_ns: int
    watched: bool
    """Whether somebody has set a timer for the first that is overdue."""

    def __init__(self, deadline_ns: int = ...) -> None:
        """`deadline_ns`: how long an answer may take."""
    def __len__(self) -> int: ...
    @property
    def deadline_text(self) -> str:
        """What to say of a request that was not answered."""
    @property
    def next_due_ns(self) -> int | None:
        """When the oldest request is overdue, or None when nothing is in flight."""
    def begin(self, kind: RequestKind, subject: Any, now_ns: int) -> int:
        """Note that a request is being sent; returns the id that it goes under."""
    def find(self, request_id: int | str | None) -> Request | None:
        """Return the request of an answer, or None when it is not (any more) in flight."""
    def amending(self, client_order_id: str) -> Request | None:
        """Return the amend in flight that takes this order's place."""
    def replacing(self, new_client_order_id: str) -> Request | None:
        """Return the amend in flight that creates this order."""
    def reported(self, client_order_id: str, *, canceled: bool) -> None:
        """Note that an execution report about an order has come; only its end settles a cancel."""
    def answered(self, request: Request) -> None:
        """Note that the venue said yes."""
    def drop(self, request: Request) -> None:
        """Forget a request: it is settled, or given up."""
    def cancel(self, request_id: int) -> None:
        """Forget a request that was not sent after all."""
    def take_overdue(self, now_ns: int) -> list[Request]:
        """Forget what is overdue and return it, oldest first."""
    def take_all(self) -> list[Request]:
        """Forget everything and return it, oldest first."""
