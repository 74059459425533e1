"""What left the engine, as one digest: the payloads handed to a transport, in order, before framing and masking.

Replay must reproduce it. It owns the digest and holds no payload longer than until `flush`: adding is a list
append, and the hashing waits for the end of the turn. Whoever adds has masked the values of signature and apiKey.
"""

from cython cimport final

from hashlib import sha256

WAITING_MAX = 4_096
"""Payloads that wait for a flush before adding hashes in place."""


@final
cdef class SentDigest:
    """A running SHA-256 over link names and payloads, each with its length before it."""

    def __init__(self):
        self.digest = sha256()
        self.waiting = []
        self.payloads = 0

    def add(self, str link_name not None, bytes payload not None):
        """Count a payload in that is being handed to the transport of a link."""
        self.put(link_name, payload)

    cdef int put(self, str link_name, bytes payload) except -1:
        """Count a payload in: `add` for compiled callers."""
        self.payloads += 1
        self.waiting.append((link_name, payload))
        if len(self.waiting) >= WAITING_MAX:
            self.flush()
        return 0

    def flush(self):
        """Hash what waits."""
        for link_name, payload in self.waiting:
            name = (<str>link_name).encode()
            self.digest.update(b"%d:%b%d:" % (len(name), name, len(payload)))
            self.digest.update(payload)
        self.waiting.clear()

    def hexdigest(self):
        """Return the digest of everything added so far."""
        self.flush()
        return self.digest.hexdigest()
