"""What the checks allocate for a desk is given back to the byte when the desk is gone."""

from __future__ import annotations

import ctypes
import gc

import pytest

from tests.models.desk import Desk

LIBC = ctypes.CDLL(None)
DESKS, SMALLEST = 200, 16
"""Of an allocation in bytes: one that were kept for each desk would show."""


class Allocated(ctypes.Structure):
    """What mallinfo2 of the C library fills in."""

    _fields_ = tuple(
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
        )
    )  # fmt: skip


def in_use() -> int:
    """Return the bytes that the C library has given out."""
    gc.collect()
    told = LIBC.mallinfo2()
    return int(told.uordblks + told.hblkhd)


@pytest.mark.skipif(not hasattr(LIBC, "mallinfo2"), reason="this C library does not count what it gives out")
def test_a_desk_that_is_gone_holds_nothing() -> None:
    LIBC.mallinfo2.restype = Allocated
    for _ in range(20):
        Desk()
    before = in_use()
    for _ in range(DESKS):
        Desk()
    assert in_use() - before < DESKS * SMALLEST
