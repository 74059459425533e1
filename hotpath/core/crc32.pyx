"""CRC32 as zlib computes it, for compiled code: of tape frames, and of the text that a venue makes of a book.

It takes what came before, so that a checksum over many small pieces needs no buffer for the whole.
"""

from libc.stdint cimport uint32_t

# CRC32, eight bytes a step: row k holds the checksum of a byte followed by k zero bytes (Kounavis, Berry: A Systematic
# Approach to Building High Performance Software-Based CRC Generators, 2005). Constant once the module is loaded.
cdef uint32_t CRC_TABLE[8][256]


cdef void fill_table() noexcept nogil:
    """Compute CRC_TABLE for the reflected polynomial 0xEDB88320."""
    cdef uint32_t crc
    cdef int byte, _bit, row
    for byte in range(256):
        crc = <uint32_t>byte
        for _bit in range(8):
            crc = (crc >> 1) ^ (<uint32_t>0xEDB88320 if crc & 1 else 0)
        CRC_TABLE[0][byte] = crc
    for row in range(1, 8):
        for byte in range(256):
            crc = CRC_TABLE[row - 1][byte]
            CRC_TABLE[row][byte] = (crc >> 8) ^ CRC_TABLE[0][crc & 255]


fill_table()


cdef uint32_t crc32_of(const unsigned char* p, Py_ssize_t length, uint32_t before) noexcept nogil:
    """Return zlib's CRC32 of `length` bytes that follow those with the checksum `before`, 0 for none."""
    cdef uint32_t crc = before ^ <uint32_t>0xFFFFFFFF
    cdef uint32_t low, high
    while length >= 8:
        low = load32(p) ^ crc
        high = load32(p + 4)
        crc = (
            CRC_TABLE[7][low & 255] ^ CRC_TABLE[6][low >> 8 & 255]
            ^ CRC_TABLE[5][low >> 16 & 255] ^ CRC_TABLE[4][low >> 24]
            ^ CRC_TABLE[3][high & 255] ^ CRC_TABLE[2][high >> 8 & 255]
            ^ CRC_TABLE[1][high >> 16 & 255] ^ CRC_TABLE[0][high >> 24]
        )
        p += 8
        length -= 8
    while length > 0:
        crc = (crc >> 8) ^ CRC_TABLE[0][(crc ^ p[0]) & 255]
        p += 1
        length -= 1
    return crc ^ <uint32_t>0xFFFFFFFF
