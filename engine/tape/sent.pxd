"""What left the engine, as one digest."""


cdef class SentDigest:
    cdef object digest
    cdef list waiting               # (link name, payload), in order
    cdef readonly long long payloads
