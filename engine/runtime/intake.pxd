"""The way of one input: the moment, the tape, the port, and everything that follows."""

from libc.stdint cimport int64_t

from engine.runtime.port cimport Port
from engine.runtime.reaction cimport Reaction
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
    cdef readonly Reaction reaction
    cdef readonly int64_t inputs_count
    cdef readonly int64_t market_count
    cdef object clock           # a Moment, or whatever has read_ns()
    cdef int64_t market_max
    cdef int64_t audit_max
    cdef object answered

    cpdef int take(self, int64_t now_ns, Port port, object kind, bytes payload) except -1
    cdef int record(self, int port, int kind, bytes payload) except -1
