"""Loops over what fills cost, in compiled code: nothing of Python stands between two operations."""

from libc.stdint cimport int64_t

from hotpath.market.book cimport Book
from hotpath.orders.fills cimport Average, expected_fill
from hotpath.orders.limits cimport Limits
from hotpath.orders.position cimport Position


def average_fill(Average average not None, int64_t price_ticks, Py_ssize_t count):
    """Count `count` fills of one lot in, at this price and one tick above in turn."""
    cdef Py_ssize_t i
    for i in range(count):
        average.add_fill(price_ticks + (i & 1), 1)


def position_update(Position position not None, int64_t price_ticks, int64_t fee, str fee_currency, Py_ssize_t count):
    """Count `count` fills in: three that open a lot each, then one that closes the three.

    The price moves with each fill; the fee is the same.
    """
    cdef Py_ssize_t i
    for i in range(count):
        if i & 3 == 3:
            position.add_fill(-1, price_ticks + i, 3, fee, fee_currency)
        else:
            position.add_fill(1, price_ticks + i, 1, fee, fee_currency)


def sweep(Book book not None, int64_t lots, Py_ssize_t count):
    """Ask `count` times what buying or selling `lots` would cost, in turn; returns the lots that there were."""
    cdef int64_t filled = 0
    cdef Py_ssize_t i
    for i in range(count):
        filled += expected_fill(book, 1 if i & 1 else -1, lots).lots
    return filled


def risk_checks(Limits limits not None, int64_t first, int64_t start_ns, int64_t step_ns, Py_ssize_t count):
    """Have `count` orders judged by every check and reserved, a step of time apart, and give each back at once.

    Their intents are numbered from `first` on; returns how many were approved.
    """
    cdef int64_t approved = 0
    cdef Py_ssize_t i
    for i in range(count):
        limits.expect_terms(1, 50, True)
        if limits.check_and_reserve(
            i & 3, first + i, i & 7, 1 if i & 1 else -1, 1, 1, False, False, 100_00 - 10 * (i & 1), 10_000,
            start_ns + step_ns * i,
        ) == 0:
            approved += 1
            limits.exposure.drop(limits.exposure.slots.find(limits.handle))
    return approved
