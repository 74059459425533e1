"""The tape's frames, gathered until one write at the end of the turn takes them all.

append is on the path of every input, so it copies and counts; the CRC32 waits for seal, after the sends. A frame is,
little endian: u32 payload_length, u64 step, i64 time_ns, u16 port, u16 kind, u32 crc32, payload; the checksum (zlib's)
covers the header with its own field zero, and the payload. It knows no file and no meaning of port or kind.
"""

cimport cython
from cpython.buffer cimport PyBuffer_FillInfo
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport free, realloc
from libc.string cimport memcpy

from hotpath.core.crc32 cimport crc32_of, load32
from hotpath.core.integers cimport int64_of

cdef enum:
    FIRST_BYTES = 65_536            # what the first append allocates
    CRC_OFFSET = 24
    FIELD_MAX = 65_535              # port and kind are u16

cdef inline void store32(unsigned char* p, uint32_t value) noexcept nogil:
    """Write four bytes, lowest first."""
    p[0] = <unsigned char>(value & 255)
    p[1] = <unsigned char>(value >> 8 & 255)
    p[2] = <unsigned char>(value >> 16 & 255)
    p[3] = <unsigned char>(value >> 24)


cdef inline void store64(unsigned char* p, uint64_t value) noexcept nogil:
    """Write eight bytes, lowest first."""
    store32(p, <uint32_t>(value & <uint32_t>0xFFFFFFFF))
    store32(p + 4, <uint32_t>(value >> 32))


@cython.final
cdef class FrameBuffer:
    """Tape frames in one growing buffer: append copies, seal fills in the checksums, clear begins anew.

    A frame is, little endian: u32 payload_length, u64 step, i64 time_ns, u16 port, u16 kind, u32 crc32, then the
    payload; crc32 (as zlib's) covers the header with its crc32 field zero, and the payload.
    """

    def __cinit__(self, capacity_bytes):
        cdef int64_t capacity = int64_of(capacity_bytes, "capacity_bytes")
        self.data = NULL
        self.length = self.sealed = self.allocated = 0
        self.views = 0
        self.frames_count = 0
        if capacity < FRAME_HEADER_BYTES:
            raise ValueError(f"capacity_bytes {capacity}: expected {FRAME_HEADER_BYTES} or more, the size of a header")
        self.capacity_bytes = capacity

    def __dealloc__(self):
        free(self.data)

    def __len__(self):
        return self.length

    cdef int grow(self, Py_ssize_t needed) except -1:
        """Allocate `needed` bytes or more, at least doubling what there is."""
        cdef unsigned char* larger
        cdef Py_ssize_t size = min(max(needed, 2 * self.allocated, <Py_ssize_t>FIRST_BYTES), self.capacity_bytes)
        if needed > self.capacity_bytes:
            raise OverflowError(
                f"tape buffer is full: {self.length} of {self.capacity_bytes} bytes wait and a frame needs "
                f"{needed - self.length}; write and clear it more often or raise its capacity"
            )
        if self.views > 0:
            raise BufferError("tape buffer must grow while a view of it lives; release what seal returned first")
        larger = <unsigned char*>realloc(self.data, <size_t>size)
        if larger == NULL:
            raise MemoryError(f"no memory for {size} bytes of tape")
        self.data = larger
        self.allocated = size
        return 0

    cdef int put(
        self, int64_t step, int64_t time_ns, uint32_t port, uint32_t kind,
        const unsigned char* payload, Py_ssize_t length,
    ) except -1:
        """Copy one frame to the end; port and kind are below 65,536, step is not negative."""
        cdef unsigned char* header
        if self.length + FRAME_HEADER_BYTES + length > self.allocated:
            self.grow(self.length + FRAME_HEADER_BYTES + length)
        header = self.data + self.length
        store32(header, <uint32_t>length)
        store64(header + 4, <uint64_t>step)
        store64(header + 12, <uint64_t>time_ns)
        store32(header + 20, port | kind << 16)
        store32(header + CRC_OFFSET, 0)
        memcpy(header + FRAME_HEADER_BYTES, payload, <size_t>length)
        self.length += FRAME_HEADER_BYTES + length
        self.frames_count += 1
        return 0

    def append(self, step, time_ns, port, kind, bytes payload not None):
        """Copy one frame to the end.

        Raises:
            BufferError: the buffer had to grow while a view of it lives.
            OverflowError: the buffer is full, or a field does not fit.
        """
        cdef int64_t step_number = int64_of(step, "step")
        cdef int64_t port_number = int64_of(port, "port")
        cdef int64_t kind_number = int64_of(kind, "kind")
        cdef Py_ssize_t length = PyBytes_GET_SIZE(payload)
        if step_number < 0 or not 0 <= port_number <= FIELD_MAX or not 0 <= kind_number <= FIELD_MAX:
            raise OverflowError(
                f"frame with step {step_number}, port {port_number}, kind {kind_number}: "
                f"expected step >= 0 and port and kind from 0 to {FIELD_MAX}"
            )
        if length > <uint32_t>0xFFFFFFFF:
            raise OverflowError(f"payload of {length} bytes: a frame holds less than 4 GiB")
        self.put(
            step_number, int64_of(time_ns, "time_ns"), <uint32_t>port_number, <uint32_t>kind_number,
            <const unsigned char*>PyBytes_AS_STRING(payload), length,
        )

    def seal(self):
        """Return all frames since the last clear, checksums in place; release the view before clear."""
        cdef Py_ssize_t frame_bytes
        cdef unsigned char* header
        while self.sealed < self.length:
            header = self.data + self.sealed
            frame_bytes = FRAME_HEADER_BYTES + <Py_ssize_t>load32(header)
            store32(header + CRC_OFFSET, crc32_of(header, frame_bytes, 0))
            self.sealed += frame_bytes
        return memoryview(self)

    def clear(self):
        """Forget every frame; the memory stays. BufferError while a view of it lives."""
        if self.views > 0:
            raise BufferError("tape buffer cannot be cleared while a view of it lives; release it first")
        self.length = self.sealed = 0

    def check(self):
        """Raise AssertionError unless the frames fill the buffer exactly."""
        cdef Py_ssize_t at = 0
        cdef bint seal_fits = self.sealed == 0
        while at < self.length:
            at += FRAME_HEADER_BYTES + <Py_ssize_t>load32(self.data + at)
            seal_fits = seal_fits or at == self.sealed
        if at != self.length or not seal_fits or self.length > self.allocated or self.allocated > self.capacity_bytes:
            raise AssertionError(
                f"frames end at {at}, buffer at {self.length}, seal at {self.sealed}, "
                f"memory at {self.allocated}, capacity {self.capacity_bytes}"
            )

    def __getbuffer__(self, Py_buffer* view, int flags):
        """Lend the sealed bytes, read-only; the buffer cannot move or be cleared meanwhile."""
        PyBuffer_FillInfo(view, self, self.data, self.sealed, True, flags)
        self.views += 1

    def __releasebuffer__(self, Py_buffer* view):
        """Take back what was lent."""
        self.views -= 1
