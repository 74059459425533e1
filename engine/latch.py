"""The kill latch and the code that takes it off: two small durable files in state/.

While state/kill.latch exists, every start is EMERGENCY and nothing is approved. A latch that cannot be read is a latch.
The code of `tiercel rearm` lives in state/rearm.json for 60 s, for the very latch that stood there when it was given:
a kill in between makes it worthless. Who may call this and when is decided by the callers.
"""

from __future__ import annotations

import hmac
from pathlib import Path

import msgspec

from engine.clock import NS_PER_SECOND
from engine.durable import add_file, replace_file, sync_directory

CODE_LIFE_NS = 60 * NS_PER_SECOND


class Latch(msgspec.Struct, frozen=True):
    """Who killed trading, when and why. `time_ns` is 0 when the file could not be read."""

    time_ns: int
    user: str
    reason: str


class RearmCode(msgspec.Struct, frozen=True):
    """A code as it was given: until when it counts, and for which latch (its time)."""

    code: str
    expires_ns: int
    latch_time_ns: int


def set_latch(path: Path, latch: Latch) -> None:
    """Put the latch on and return once it is on disk; it takes the place of an older one, whose code is then void."""
    replace_file(path, msgspec.json.encode(latch))


def add_latch(path: Path, latch: Latch) -> bool:
    """Put the latch on where there is none, and return once it is on disk; False when somebody else has put one on."""
    return add_file(path, msgspec.json.encode(latch))


def read_latch(path: Path) -> Latch | None:
    """Return the latch, or None when there is none; one that cannot be read still counts."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Latch)
    except FileNotFoundError:  # expected: no latch is set
        return None
    except (OSError, msgspec.DecodeError) as problem:
        return Latch(0, "unknown", f"the latch cannot be read: {problem}")


def clear_latch(path: Path) -> None:
    """Take the latch off and return once that is on disk."""
    path.unlink(missing_ok=True)
    sync_directory(path.parent)


def issue_code(path: Path, code: str, latch: Latch | None, now_ns: int) -> None:
    """Write down a code that may take off this latch until 60 s from now."""
    issued = RearmCode(code, now_ns + CODE_LIFE_NS, latch.time_ns if latch else 0)
    replace_file(path, msgspec.json.encode(issued))


def spend_code(path: Path, code: str, latch: Latch | None, now_ns: int) -> str:
    """Use a code up. Returns an empty text when it was right, otherwise what is wrong with it."""
    try:
        issued = msgspec.json.decode(path.read_bytes(), type=RearmCode)
    except (OSError, msgspec.DecodeError):  # expected: the words say it
        return "no code was given out; 'tiercel rearm' prints one"
    if not hmac.compare_digest(issued.code.encode(), code.strip().upper().encode()):
        return "the code is not the one that was given out; 'tiercel rearm' prints a new one"
    path.unlink(missing_ok=True)
    if not issued.expires_ns - CODE_LIFE_NS <= now_ns <= issued.expires_ns:
        return "the code is older than 60 s; 'tiercel rearm' prints a new one"
    if issued.latch_time_ns != (latch.time_ns if latch else 0):
        return "trading was killed again after the code was given out; 'tiercel rearm' prints a new one"
    return ""
