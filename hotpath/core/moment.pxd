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
    cdef object event
    cdef Mailbox box
