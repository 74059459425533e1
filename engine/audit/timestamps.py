"""Moments as the trail writes them, read back: RFC 3339 with nanoseconds and a Z.

They are written by hotpath.core.text; no calendar of the machine has a say here, so what is rebuilt from a trail is
the same everywhere.
"""

from __future__ import annotations

from datetime import date

from engine.clock import NS_PER_DAY, NS_PER_SECOND

_EPOCH_DAY = date(1970, 1, 1).toordinal()


def timestamp_ns(text: str) -> int:
    """Return the moment of a record's timestamp."""
    days = date.fromisoformat(text[:10]).toordinal() - _EPOCH_DAY
    seconds = int(text[11:13]) * 3_600 + int(text[14:16]) * 60 + int(text[17:19])
    return days * NS_PER_DAY + seconds * NS_PER_SECOND + int(text[20:29])
