"""The way of one input: it moves the run's time, is written to the tape, reaches its port, and is answered.

In this order: the tape has an input before anyone acts on it. What the tape cannot take halts, and the input still
counts: it may be a fill, or the answer to a cancel. What a port cannot receive is told to the supervisor.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cython cimport final
from libc.stdint cimport int64_t, uint32_t

from engine.runtime.port cimport Port
from engine.runtime.reaction cimport Reaction
from hotpath.core.frames cimport FRAME_HEADER_BYTES, FrameBuffer
from hotpath.core.histogram cimport monotonic_ns
from hotpath.core.mailbox cimport Dispatcher
from hotpath.core.moment cimport Moment

from engine.errors import InvariantError
from engine.runtime.port import InputKind


cdef enum:
    FIELD_MAX = 65_535      # of a frame's kind, and of its port, which Port sees to

cdef object BYTES = InputKind.BYTES


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
        self.reaction = Reaction()

    def serve(self, clock not None, int64_t market_max, int64_t audit_max, answered not None):
        """Say what `enter` reads the time from, how much it handles, and whom it tells."""
        self.clock = clock
        self.market_max = market_max
        self.audit_max = audit_max
        self.answered = answered

    def enter(self, Port port not None, kind, bytes payload not None):
        """Take one input and answer it before returning: the entrance of every port."""
        cdef int64_t begun_ns = monotonic_ns()
        cdef bint is_market = port.is_market and kind is BYTES
        cdef object clock = self.clock
        self.inputs_count += 1
        self.reaction.begun_ns = begun_ns if is_market else 0
        self.take((<Moment>clock).now_ns if type(clock) is Moment else clock.read_ns(), port, kind, payload)
        self.dispatcher.drain(self.market_max, self.audit_max, -1)
        self.reaction.begun_ns = 0
        self.market_count += is_market
        self.answered(port, is_market, monotonic_ns() - begun_ns)

    cpdef int take(self, int64_t now_ns, Port port, object kind, bytes payload) except -1:
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
        return 0

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
