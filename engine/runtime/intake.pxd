"""The way of one input up to its receiver: the moment, the tape, the port."""

from libc.stdint cimport int64_t

from hotpath.core.frames cimport FrameBuffer
from hotpath.core.mailbox cimport Dispatcher
from hotpath.core.moment cimport Moment


cdef class Intake:
    cdef Dispatcher dispatcher
    cdef Moment moment
    cdef object recorder
    cdef FrameBuffer buffer     # of the recorder, where it has one
    cdef object halt
    cdef object port_failed

    cdef int record(self, int port, int kind, bytes payload) except -1
