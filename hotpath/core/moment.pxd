"""The hot half of what an actor sees of its run: the moment, the step, and the telling of facts to the trail."""

from libc.stdint cimport int64_t

from hotpath.core.mailbox cimport Dispatcher, Mailbox


cdef class Moment:
    cdef public int64_t now_ns


cdef class Numbers:
    cdef public int64_t next_seq


cdef class Teller:
    cdef readonly str name
    cdef readonly Moment moment
    cdef readonly Dispatcher dispatcher
    cdef readonly Numbers numbers
    cdef Mailbox box

    cdef int64_t fact(self, object action, object subject, object cause) except -1
    cdef int put(self, object event) except -1


cdef inline int64_t audit_by(object context, object action, object subject, object cause) except -1:
    """Tell a hot fact through any Context."""
    if isinstance(context, Teller):
        return (<Teller>context).fact(action, subject, cause)
    return context.audit(action, subject, cause)


cdef inline int64_t now_of(object context) except? -1:
    """Return the time of the turn from any Context."""
    if isinstance(context, Teller):
        return (<Teller>context).moment.now_ns
    return context.now_ns


cdef inline int64_t next_seq_of(object context) except? -1:
    """Return the number that the next fact will have, from any Context."""
    if isinstance(context, Teller):
        return (<Teller>context).numbers.next_seq
    return context.next_seq
