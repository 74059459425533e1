"""The chain: each record's hash covers the hash before it, so no record can change, vanish or move unseen.

It owns the head and nothing else. The hash is SHA-256 over the bytes of the line up to and not including `,"hash":`;
whoever reads hashes the bytes that were read, never a decoded form of them.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cython cimport final
from libc.string cimport memcpy

from hotpath.core.integers cimport int64_of

from hashlib import sha256

from engine.audit.record import GENESIS

cdef extern from "Python.h":
    const char* PyUnicode_AsUTF8(object text) except NULL

cdef enum:
    MARK_CHARS = 9
    HASH_CHARS = 64
    END_CHARS = 2       # what closes a line, its line feed left out
    TAIL_CHARS = 75     # all three: the bytes of a line that are not hashed

cdef object digest = sha256


@final
cdef class Chain:
    """Where the trail stands: the seq and hash of its last record."""

    def __init__(self, seq=0, str head not None=GENESIS):
        if len(head) != HASH_CHARS or not head.isascii():
            raise ValueError(f"a chain goes on from a hash of {HASH_CHARS} hexadecimal digits, not {head!r}")
        self.seq = int64_of(seq, "seq")
        self.head = head

    cpdef bytes seal(self, bytes body):
        """Return the whole line of the next record, line feed included, and become its head."""
        if body is None:
            raise TypeError("the body of a line is None; expected bytes")
        cdef str head = digest(body).hexdigest()
        cdef Py_ssize_t length = PyBytes_GET_SIZE(body)
        cdef bytes line = PyBytes_FromStringAndSize(NULL, length + TAIL_CHARS + 1)
        cdef char* out = PyBytes_AS_STRING(line)
        memcpy(out, PyBytes_AS_STRING(body), <size_t>length)
        out += length
        memcpy(out, b',"hash":"', MARK_CHARS)
        memcpy(out + MARK_CHARS, PyUnicode_AsUTF8(head), HASH_CHARS)
        memcpy(out + MARK_CHARS + HASH_CHARS, b'"}\n', END_CHARS + 1)
        self.head = head
        self.seq += 1
        return line


def hash_of(bytes line not None):
    """Return the hash that a line, read without its line feed, ought to carry."""
    return sha256(line[:-TAIL_CHARS]).hexdigest()
