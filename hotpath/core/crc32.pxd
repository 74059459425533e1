"""The CRC32 of zlib, for compiled code."""

from libc.stdint cimport uint32_t

cdef uint32_t crc32_of(const unsigned char* p, Py_ssize_t length, uint32_t before) noexcept nogil


# Four bytes, lowest first.
cdef inline uint32_t load32(const unsigned char* p) noexcept nogil:
    return <uint32_t>p[0] | <uint32_t>p[1] << 8 | <uint32_t>p[2] << 16 | <uint32_t>p[3] << 24
