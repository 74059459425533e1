from typing import final

@final
class FrameBuffer:
    """Tape frames in one growing buffer: append copies, seal fills in the checksums, clear begins anew.

    A frame is, little endian: u32 payload_length, u64 step, i64 time_ns, u16 port, u16 kind, u32 crc32, then the
    payload; crc32 (as zlib's) covers the header with its crc32 field zero, and the payload.
    """

    def __init__(self, capacity_bytes: int) -> None:
        """Take the most bytes that may wait at once; memory is taken as it is needed."""
    @property
    def capacity_bytes(self) -> int:
        """The most bytes that may wait at once."""
    @property
    def frames_count(self) -> int:
        """How many frames were ever put in."""
    def append(self, step: int, time_ns: int, port: int, kind: int, payload: bytes) -> None:
        """Copy one frame to the end. OverflowError when the buffer is full or a field does not fit."""
    def seal(self) -> memoryview:
        """Return all frames since the last clear, checksums in place. Release it before clear."""
    def clear(self) -> None:
        """Forget every frame; the memory stays. BufferError while a view of it lives."""
    def check(self) -> None:
        """Raise AssertionError unless the frames fill the buffer exactly."""
    def __len__(self) -> int: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
