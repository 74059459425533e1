# The innermost loop. A lane is one ring for all of its mailboxes, with one entry a message, so the order of arrival
# is exact; a mailbox is the bound, the full rule and the counters of one edge.

from cpython.object cimport PyObject

cdef enum:
    LANES = 4
    # what `tell` returns
    C_ACCEPTED = 0
    C_CONFLATED = 1
    C_REFUSED = 2
    C_CLOSED = 3

cdef struct Entry:
    PyObject* mailbox   # borrowed: the dispatcher keeps every mailbox alive
    PyObject* message   # owned; NULL is a tombstone left by conflation

cdef struct Lane:
    Entry* entries
    size_t mask
    size_t head
    size_t tail

cdef class Dispatcher:
    cdef Lane lanes[LANES]
    cdef size_t lane_capacity[LANES]
    cdef list mailboxes
    cdef readonly long long handled
    cdef readonly bint running
    cdef readonly Mailbox current
    cdef readonly object message
    cdef public object on_error
    cdef public object on_dead_letter
    cdef public object on_overflow
    cdef public object histograms

    cdef int push(self, Mailbox mailbox, object message) except -1
    cdef int grow(self, int lane, size_t capacity) except -1
    cdef int conflate(self, Mailbox mailbox, object message) except -1
    cdef int handle(self, Mailbox mailbox, object message) except -1
    cpdef int drain(self, long long market_max, long long audit_max, long long stop_at) except -1

cdef class Mailbox:
    cdef Dispatcher dispatcher
    cdef dict handlers
    cdef readonly str name
    cdef readonly object owner
    cdef readonly int lane
    cdef readonly int full
    cdef readonly int index
    cdef readonly bint closed
    cdef readonly Py_ssize_t capacity
    cdef readonly Py_ssize_t depth
    cdef readonly Py_ssize_t depth_peak
    cdef readonly long long offered
    cdef readonly long long refused
    cdef readonly long long conflated
    cdef readonly long long discarded

    cpdef int tell(self, object message) except -1


cdef inline int tell_ref(object ref, object message) except -1:
    """Tell through any Ref: straight into a Mailbox, else by its method."""
    if type(ref) is Mailbox:
        return (<Mailbox>ref).tell(message)
    return ref.tell(message)
