#!/usr/bin/env python3
"""Verify an audit trail without trusting the program that wrote it.

    python tools/verify_audit.py DATA_DIR [CHECKPOINT_FILE]

It imports nothing of Tiercel: the rules stand here a second time, from the specification alone, so that a mistake in
one is found by the other. It prints what it found as JSON and ends with 0 when nothing is wrong. Signatures are checked
when the package `cryptography` can be imported and state/audit.key is there; it says when they were not.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FIELDS = [
    "seq", "id", "timestamp", "action", "description", "actor", "actor_type", "resource_type", "resource_id",
    "before_state", "after_state", "reason", "ip_address", "session_id", "correlation_id", "cause", "metadata",
    "prev_hash", "hash",
]  # fmt: skip
TEXTS = {"id", "timestamp", "action", "description", "actor", "actor_type", "prev_hash", "hash"}
OPTIONAL_TEXTS = {"resource_type", "resource_id", "reason", "ip_address", "session_id", "correlation_id"}
OBJECTS = {"before_state", "after_state", "metadata"}
TAIL = re.compile(rb',"hash":"([0-9a-f]{64})"\}')
TAIL_BYTES = len(b',"hash":""}') + 64
PROBLEMS_MAX = 100


class WrongError(Exception):
    """Something is not as the specification says."""


def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a key that stands twice, which json alone would not."""
    found = dict(items)
    if len(found) != len(items):
        raise WrongError("a key stands twice")
    return found


def no_constant(name: str) -> None:
    """Refuse NaN and Infinity, which json alone would not."""
    raise WrongError(f"{name} is no JSON")


def no_float(text: str) -> None:
    """Refuse numbers that programs write in different ways."""
    raise WrongError(f"{text} is no integer")


DECODER = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=no_constant, parse_float=no_float)
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def canonical(value: Any) -> Any:
    """Sort the keys of every object inside a value."""
    if isinstance(value, dict):
        return {key: canonical(value[key]) for key in sorted(value)}
    return [canonical(item) for item in value] if isinstance(value, list) else value


def judge(line: bytes, seq: int, head: str) -> tuple[str, dict[str, Any]]:
    """Return the hash and the record of a line that is the successor of `head`."""
    tail = TAIL.fullmatch(line[-TAIL_BYTES:])
    if tail is None:
        raise WrongError("the line does not end in its hash")
    digest = hashlib.sha256(line[:-TAIL_BYTES]).hexdigest()
    if tail[1].decode() != digest:
        raise WrongError(f"its hash is {tail[1].decode()}, its bytes make {digest}")
    try:
        record = DECODER.decode(line.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WrongError(f"no JSON: {error}") from error
    if not isinstance(record, dict) or list(record) != FIELDS:
        raise WrongError("the fields are not those of the specification, in their order")
    for name, value in record.items():
        fits = (
            (name == "seq" and type(value) is int)
            or (name in TEXTS and type(value) is str)
            or (name in OPTIONAL_TEXTS and (value is None or type(value) is str))
            or (name in OBJECTS and (value is None or type(value) is dict))
            or (name == "cause" and (value is None or type(value) in (int, str)))
        )
        if not fits:
            raise WrongError(f"{name} is of the wrong kind")
    for name in OBJECTS:
        record[name] = canonical(record[name])
    if ENCODER.encode(record).encode() != line:
        raise WrongError("the line would not encode to itself")
    if record["seq"] != seq:
        raise WrongError(f"seq is {record['seq']}, expected {seq}")
    if record["prev_hash"] != head:
        raise WrongError(f"prev_hash is {record['prev_hash']}, expected {head}")
    if not record["id"].endswith(f"-{seq}"):
        raise WrongError(f"id is {record['id']}, expected one that ends in -{seq}")
    return digest, record


def public_key(data_dir: Path) -> Any:
    """Return the key that signed the checkpoints, or None when it cannot be had."""
    path = data_dir / "state" / "audit.key"
    try:
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:  # expected: the report says that signatures were not checked
        return None
    return load_pem_private_key(path.read_bytes(), None).public_key() if path.exists() else None


def checkpoints(path: Path, key: Any) -> Iterator[tuple[int, str]]:
    """Return seq and hash of every checkpoint of a file whose signature holds."""
    *lines, rest = path.read_bytes().split(b"\n")
    if rest:
        raise WrongError(f"{path.name}: the last line is torn")
    for number, line in enumerate(lines, 1):
        try:
            told = DECODER.decode(line.decode("utf-8"))
            body = line[: line.rindex(b',"signature":')]
            if list(told) != ["seq", "hash", "time", "signature"] or ENCODER.encode(told).encode() != line:
                raise WrongError("not in the form of a checkpoint")
            signature = bytes.fromhex(told["signature"])
            if signature.hex() != told["signature"]:
                raise WrongError("the signature is not in lower case")
            if key is not None:
                key.verify(signature, body)
            yield told["seq"], told["hash"]
        except Exception as error:
            raise WrongError(f"{path.name} line {number}: {str(error) or 'the signature does not hold'}") from error


def verify(data_dir: Path, outside: Path | None = None) -> dict[str, Any]:
    """Return what is in the trail and what is wrong with it."""
    problems: list[str] = []
    notes: list[str] = []
    vouched: dict[int, str] = {}
    key = public_key(data_dir)
    own = data_dir / "state" / "checkpoints.jsonl"
    for path in (own, outside):
        if path is None or not path.exists():
            continue
        try:
            for seq, digest in checkpoints(path, key):
                if vouched.setdefault(seq, digest) != digest:
                    problems.append(f"{path.name}: two hashes for record {seq}")
        except WrongError as error:
            problems.append(str(error))
    if key is None:
        notes.append("the signatures of the checkpoints were not checked")
    if outside is None:
        notes.append("without a checkpoint from elsewhere a cut of trail and checkpoints together is not seen")
    seq, head = 0, "0" * 64
    for path in sorted((data_dir / "logs" / "audit").glob("audit_????-??-??.jsonl")):
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                try:
                    if not line.endswith(b"\n"):
                        raise WrongError("the line is torn")
                    head, _ = judge(line[:-1], seq + 1, head)
                    seq += 1
                    if vouched.get(seq, head) != head:
                        raise WrongError(f"record {seq} is not the one that was signed")
                except WrongError as error:
                    problems.append(f"{path.name} line {number}: {error}")
                    if len(problems) >= PROBLEMS_MAX:
                        return {"records": seq, "head": head, "problems": problems, "notes": notes}
    beyond = [number for number in vouched if number > seq]
    if beyond:
        problems.append(f"the trail ends at record {seq}, below the checkpoint of record {max(beyond)}")
    if not seq:
        problems.append("there is no trail")
    return {"records": seq, "head": head, "checkpoints": len(vouched), "problems": problems, "notes": notes}


def main() -> int:
    """Verify what the command line names."""
    if len(sys.argv) not in (2, 3):
        sys.stderr.write("usage: verify_audit.py DATA_DIR [CHECKPOINT_FILE]\n")
        return 2
    report = verify(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) == 3 else None)
    sys.stdout.write(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    return 1 if report["problems"] else 0


if __name__ == "__main__":
    sys.exit(main())
