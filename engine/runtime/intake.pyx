"""The way of one input up to its receiver: it moves the run's time, is written to the tape, and reaches its port.

In this order: the tape has an input before anyone acts on it. What the tape cannot take halts, and the input still
counts: it may be a fill, or the answer to a cancel. What a port cannot receive is told to the supervisor.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cython cimport final
from libc.stdint cimport int64_t, uint32_t

from engine.runtime.port cimport Port
from hotpath.core.frames cimport FRAME_HEADER_BYTES, FrameBuffer
from hotpath.core.mailbox cimport Dispatcher
from hotpath.core.moment cimport Moment

from engine.errors import InvariantError


cdef enum:
    FIELD_MAX = 65_535      # of a frame's kind, and of its port, which Port sees to


@final
cdef class Intake:
    """Takes every input of a run."""

    def __init__(self, Dispatcher dispatcher not None, Moment moment not None, recorder, halt, port_failed):
        self.dispatcher = dispatcher
        self.moment = moment
        self.recorder = recorder
        self.buffer = getattr(recorder, "buffer", None)
        self.halt = halt
        self.port_failed = port_failed

    def take(self, int64_t now_ns, Port port not None, kind, bytes payload not None):
        """Take one input; time never goes back."""
        if now_ns > self.moment.now_ns:
            self.moment.now_ns = now_ns
        try:
            self.record(port.index, <int>kind, payload)
        except InvariantError as error:
            self.halt(str(error))
        try:
            port.receive(kind, payload)
        except Exception as error:  # a venue's bytes may break anything; the supervisor decides what follows
            self.port_failed(port, error)

    def note(self, Port port not None, int kind, bytes payload not None):
        """Record an input that a handler came across itself: a gate's word, an interruption."""
        self.record(port.index, kind, payload)

    cdef int record(self, int port, int kind, bytes payload) except -1:
        """Write an input to the tape: straight into its buffer while that has room."""
        cdef FrameBuffer buffer = self.buffer
        cdef Py_ssize_t length = PyBytes_GET_SIZE(payload)
        cdef bint fits = buffer is not None and 0 <= kind <= FIELD_MAX
        if fits and buffer.length + FRAME_HEADER_BYTES + length <= buffer.capacity_bytes:
            buffer.put(
                self.dispatcher.handled, self.moment.now_ns, <uint32_t>port, <uint32_t>kind,
                <const unsigned char*>PyBytes_AS_STRING(payload), length,
            )
        else:
            self.recorder.append(self.dispatcher.handled, self.moment.now_ns, port, kind, payload)
        return 0
