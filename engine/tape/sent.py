"""What left the engine, as one digest: the payloads handed to a transport, in order, before framing and masking.

Replay must reproduce it. It owns the digest and holds no payload longer than until `flush`: adding is a list
append, and the hashing waits for the end of the turn. Whoever adds has masked the values of signature and apiKey.
"""

from __future__ import annotations

from hashlib import sha256

WAITING_MAX = 4_096
"""Payloads that wait for a flush before adding hashes in place."""


class SentDigest:
    """A running SHA-256 over link names and payloads, each with its length before it."""

    __slots__ = ("_hash", "_waiting", "payloads")

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._hash = sha256()
        self._waiting: list[tuple[str, bytes]] = []
        self.payloads = 0

    def add(self, link_name: str, payload: bytes) -> None:
        """Count a payload in that is being handed to the transport of a link."""
        self.payloads += 1
        self._waiting.append((link_name, payload))
        if len(self._waiting) >= WAITING_MAX:
            self.flush()

    def flush(self) -> None:
        """Hash what waits."""
        for link_name, payload in self._waiting:
            name = link_name.encode()
            self._hash.update(b"%d:%b%d:" % (len(name), name, len(payload)))
            self._hash.update(payload)
        self._waiting.clear()

    def hexdigest(self) -> str:
        """Return the digest of everything added so far."""
        self.flush()
        return self._hash.hexdigest()
