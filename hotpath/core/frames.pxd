"""Tape frames, gathered in one buffer until they are written."""

cimport cython
from libc.stdint cimport int64_t, uint32_t

cdef enum:
    FRAME_HEADER_BYTES = 28


@cython.final
cdef class FrameBuffer:
    cdef unsigned char* data
    cdef Py_ssize_t length           # bytes in use
    cdef Py_ssize_t sealed           # bytes whose checksums are in place
    cdef Py_ssize_t allocated
    cdef readonly Py_ssize_t capacity_bytes
    cdef readonly long long frames_count    # since the buffer was made
    cdef int views                   # memoryviews that look at data

    cdef int grow(self, Py_ssize_t needed) except -1
    cdef int put(
        self, int64_t step, int64_t time_ns, uint32_t port, uint32_t kind,
        const unsigned char* payload, Py_ssize_t length,
    ) except -1
