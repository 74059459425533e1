"""What left the engine, as one digest."""


cdef class SentDigest:
    cdef object digest
    cdef list waiting               # (link name, payload), in order
    cdef readonly long long payloads

    cdef int put(self, str link_name, bytes payload) except -1


cdef inline int add_by(object sent, str link_name, bytes payload) except -1:
    """Count a payload in through any Sent."""
    if type(sent) is SentDigest:
        return (<SentDigest>sent).put(link_name, payload)
    sent.add(link_name, payload)
    return 0
