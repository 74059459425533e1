"""Signed checkpoints: a promise, every 60 s, every 4,096 records and at the stop, of what the trail was.

It owns state/audit.key (Ed25519, made at the first start) and state/checkpoints.jsonl. A checkpoint line signs itself:
the signature covers its bytes up to and not including `,"signature":`. A line is written only when the record it names
is durable, so a trail that is shorter than its checkpoints was cut by somebody, never by a crash. Who holds the key and
both files can forge both: against that, keep a checkpoint elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from msgspec import Struct

from engine.clock import NS_PER_SECOND
from engine.durable import DurableFile, Syncer, replace_file
from engine.errors import AuditError
from hotpath.core.text import timestamp_text

PERIOD_NS = 60 * NS_PER_SECOND
RECORDS_MAX = 4_096
"""Records between two checkpoints: with PERIOD_NS the window in which a cut of trail and checkpoints goes unseen."""

SIGNATURE_MARK = b',"signature":"'


class Checkpoint(Struct, frozen=True, forbid_unknown_fields=True):
    """One line of state/checkpoints.jsonl; `signature` is 64 bytes in hexadecimal."""

    seq: int
    hash: str
    time: str
    signature: str


_decode = msgspec.json.Decoder(Checkpoint).decode


def checkpoints_path(data_dir: Path) -> Path:
    """Return where the checkpoints of a data directory stand."""
    return data_dir / "state" / "checkpoints.jsonl"


def key_path(data_dir: Path) -> Path:
    """Return where the key of a data directory stands."""
    return data_dir / "state" / "audit.key"


def decode(line: bytes) -> Checkpoint:
    """Read one line. AuditError when it is no checkpoint or not in its one form."""
    try:
        checkpoint = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise AuditError(f"no checkpoint: {error}; expected seq, hash, time and signature") from error
    if msgspec.json.encode(checkpoint) != line:
        raise AuditError("no checkpoint: the line would not encode to itself")
    return checkpoint


def signed_by(line: bytes, checkpoint: Checkpoint, key: Ed25519PublicKey) -> bool:
    """Say whether the line was signed with the private half of `key`."""
    try:
        signature = bytes.fromhex(checkpoint.signature)
        key.verify(signature, line[: line.rindex(SIGNATURE_MARK)])
    except (InvalidSignature, ValueError):  # expected: the answer is no
        return False
    return signature.hex() == checkpoint.signature


def load_key(data_dir: Path) -> Ed25519PrivateKey:
    """Read the key, or make it at the first start. AuditError when it is no Ed25519 key."""
    path = key_path(data_dir)
    if not path.exists():
        key = Ed25519PrivateKey.generate()
        replace_file(path, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return key
    try:
        loaded = load_pem_private_key(path.read_bytes(), None)
    except ValueError as error:
        raise AuditError(
            f"{path} is no Ed25519 key in PEM: {error}; restore it, or move it away to begin anew"
        ) from error
    if not isinstance(loaded, Ed25519PrivateKey):
        raise AuditError(f"{path} holds another kind of key than Ed25519; restore it, or move it away to begin anew")
    return loaded


def public_key_of(data_dir: Path) -> Ed25519PublicKey | None:
    """Return the public half of the key without making one; None when there is no key."""
    return load_key(data_dir).public_key() if key_path(data_dir).exists() else None


class Checkpoints:
    """Signs where the trail stands, and writes it down once that is durable."""

    def __init__(self, data_dir: Path, durable_seq: Callable[[], int], syncer: Syncer | None = None) -> None:
        """Make or read the key; `durable_seq` says how far the trail is on disk."""
        self._key = load_key(data_dir)
        self._durable_seq = durable_seq
        self._waiting: list[tuple[int, bytes]] = []
        self._file = DurableFile(AuditError)
        self._file.open(checkpoints_path(data_dir), 0)
        self.count = 0
        if syncer is not None:
            self._file.helped = True
            syncer.add(self.write_durable)

    @property
    def helped(self) -> bool:
        """Whether a syncer writes checkpoints down; without one the trail must be synced before `add`."""
        return self._file.helped

    @property
    def public_key(self) -> str:
        """The public half of the key in hexadecimal."""
        return self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw).hex()

    def add(self, seq: int, head: str, time_ns: int) -> None:
        """Sign that record `seq` has the hash `head`. AuditError when an earlier one could not be written."""
        self._file.tell_death()
        body = f'{{"seq":{seq},"hash":"{head}","time":"{timestamp_text(time_ns)}"'.encode()
        line = b'%b%b%b"}\n' % (body, SIGNATURE_MARK, self._key.sign(body).hex().encode())
        self._waiting.append((seq, line))
        self.count += 1
        if not self._file.helped:
            self.write_durable()

    def write_durable(self) -> None:
        """Write down every checkpoint whose record is on disk; a failure is told by the next `add` or `close`."""
        durable_seq = self._durable_seq()
        while self._waiting and self._waiting[0][0] <= durable_seq and not self._file.dead:
            seq, line = self._waiting.pop(0)
            self._file.write_later_told(line, seq)
            self._file.help()

    def close(self) -> None:
        """Write what waits and close; the trail must be synced and the syncer stopped."""
        self.write_durable()
        self._file.tell_death()
        self._file.close()
