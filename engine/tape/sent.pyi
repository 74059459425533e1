from typing import final

WAITING_MAX: int

@final
class SentDigest:
    """A running SHA-256 over link names and payloads, each with its length before it."""

    payloads: int

    def __init__(self) -> None:
        """Begin with nothing sent."""
    def add(self, link_name: str, payload: bytes) -> None:
        """Count a payload in that is being handed to the transport of a link."""
    def flush(self) -> None:
        """Hash what waits."""
    def hexdigest(self) -> str:
        """Return the digest of everything added so far."""
