from collections.abc import Callable

from gateways.transport.link import Sent

class Sender:
    """The way out of one link; a base class."""

    name: str
    """The port's, under which what is sent is counted."""
    on_sent: Callable[[], None] | None
    """Called right before an order is handed to the transport: the end of tick to order."""

    def __init__(self, name: str, sent: Sent, transmit: Callable[[bytes], None]) -> None:
        """Add what is sent to `sent` under `name`, then give it to `transmit`."""
    def send(self, payload: bytes, masked: bytes | None = None) -> None:
        """Hand one message to the transport. `masked` is what the digest sees when `payload` holds a secret."""
    def send_order(self, payload: bytes, masked: bytes | None = None) -> None:
        """Hand over an order, or an amend: as `send`, with the `on_sent` hook called in between."""
