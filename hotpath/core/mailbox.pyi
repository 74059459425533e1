from collections.abc import Callable
from typing import Any

ACCEPTED: int
CONFLATED: int
REFUSED: int

SIGNALS: int
ORDERS: int
MARKET: int
AUDIT: int

REFUSE: int
CONFLATE: int
HALT: int

class Mailbox:
    """A bounded mailbox of one edge: who may say what to whom. `tell` is the only way in."""

    name: str
    lane: int
    capacity: int
    offered: int
    refused: int
    conflated: int
    depth: int
    depth_peak: int
    def tell(self, message: Any) -> int:
        """Put a message in; returns ACCEPTED, CONFLATED or REFUSED."""

class Dispatcher:
    handled: int
    def __init__(self) -> None: ...
    def mailbox(
        self, name: str, handlers: dict[type, Callable[[Any], None]], lane: int, capacity: int, full: int
    ) -> Mailbox: ...
