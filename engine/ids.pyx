"""Order ids that are never used twice: `<node>-<epoch>-<n>`, from blocks that were leased on disk before.

Leasing is done at the end of a turn, a quarter of a block ahead: no fsync stands between a decision and its order. An
id is text on the way of every order, so it is written by compiled code. It knows no order; the lease is in lease.py.
"""

from cython cimport final
from libc.stdint cimport int64_t
from libc.string cimport memcpy

from hotpath.core.text cimport DECIMAL_TEXT_MAX, format_decimal

import re

from engine.errors import UsageError
from engine.lease import BLOCK_COUNT

cdef extern from "Python.h":
    str PyUnicode_FromStringAndSize(const char* text, Py_ssize_t length)

LOW_COUNT = BLOCK_COUNT // 4
NODE_CHARS_MAX = 16
"""Leaves room for 18 digits of epoch and number in the 36 characters that every venue takes."""

NODE_FORM = re.compile(rf"[A-Za-z0-9_-]{{1,{NODE_CHARS_MAX}}}")


@final
cdef class OrderIds:
    """Gives out the ids of one run."""

    def __init__(self, str node not None, lease):
        if not NODE_FORM.fullmatch(node):
            raise UsageError(f"engine.node {node!r} must be 1 to {NODE_CHARS_MAX} characters of A-Z a-z 0-9 - _")
        cdef bytes prefix = f"{node}-{lease.epoch}-".encode()
        if len(prefix) > PREFIX_BYTES_MAX:
            raise UsageError(f"the epoch of {prefix!r} is too long; expected at most {PREFIX_BYTES_MAX} characters")
        self.node = node
        self.lease = lease
        self.prefix_length = len(prefix)
        memcpy(self.prefix, <const char*>prefix, <size_t>self.prefix_length)
        self.last_number = 0
        self.leased_to = lease.leased_to
        self.low = self.leased_to - LOW_COUNT

    def next(self):
        """Return a number and the id that it stands in; renews the lease in place when no number is left."""
        cdef int64_t number = self.take()
        return number, self.name_of(number)

    cdef int64_t take(self) except -1:
        """Return the next number; renews the lease in place when none is left."""
        if self.last_number >= self.leased_to:
            self.renew()
        self.last_number += 1
        return self.last_number

    cdef str name_of(self, int64_t number):
        """Return the id that a number of this run stands in."""
        cdef char[PREFIX_BYTES_MAX + DECIMAL_TEXT_MAX] text
        memcpy(text, self.prefix, <size_t>self.prefix_length)
        return PyUnicode_FromStringAndSize(
            text, self.prefix_length + format_decimal(&text[self.prefix_length], number, 0)
        )

    def renew_if_low(self):
        """Lease the next block when a quarter of one is left. Call it where an fsync hurts nobody."""
        if self.last_number >= self.low:
            self.renew()

    def parse(self, str client_order_id not None):
        """Return epoch and number of an id of this node, or None when it is nobody's or another's."""
        node, _, numbers = client_order_id.rpartition("-")
        node, _, epoch = node.rpartition("-")
        if node != self.node or not (is_number(epoch) and is_number(numbers)):
            return None
        return int(epoch), int(numbers)

    cdef object renew(self):
        """Lease one more block."""
        self.lease.extend()
        self.leased_to = self.lease.leased_to
        self.low = self.leased_to - LOW_COUNT


cdef bint is_number(str text) except -1:
    """Say whether text is a counted number as we write it: ASCII digits, no leading zero."""
    return text.isascii() and text.isdigit() and text[0] != "0"
