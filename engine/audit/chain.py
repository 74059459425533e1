"""The chain: each record's hash covers the hash before it, so no record can change, vanish or move unseen.

It owns the head and nothing else. The hash is SHA-256 over the bytes of the line up to and not including `,"hash":`;
whoever reads hashes the bytes that were read, never a decoded form of them.
"""

from __future__ import annotations

from hashlib import sha256

from engine.audit.record import GENESIS

HASH_MARK = b',"hash":"'
TAIL_BYTES = len(HASH_MARK) + 64 + len(b'"}')
"""How many bytes of a line are not hashed, its line feed left out."""


class Chain:
    """Where the trail stands: the seq and hash of its last record."""

    __slots__ = ("head", "seq")

    def __init__(self, seq: int = 0, head: str = GENESIS) -> None:
        """Continue after record `seq`, whose hash is `head`."""
        self.seq = seq
        self.head = head

    def seal(self, body: bytes) -> bytes:
        """Return the whole line of the next record, line feed included, and become its head."""
        self.head = head = sha256(body).hexdigest()
        self.seq += 1
        return b"".join((body, HASH_MARK, head.encode(), b'"}\n'))


def hash_of(line: bytes) -> str:
    """Return the hash that a line, read without its line feed, ought to carry."""
    return sha256(line[:-TAIL_BYTES]).hexdigest()
