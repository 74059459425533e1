"""Bounded mailboxes and the dispatcher that serves them: four lanes, strictly in order.

A Mailbox is one edge of the topology: its bound, what happens when it is full, and its counters. The messages
themselves stand in the ring of the mailbox's lane, one entry each, so that "in order of arrival over all mailboxes"
is literally true and conflation can put the newest message in the older one's place. The dispatcher takes one entry
at a time from the highest lane that has any; it never looks at a clock to choose, so a replay chooses the same.
It knows no actor: what to do about an exception, a dead letter or an overflow is a callback.
"""

from cpython.dict cimport PyDict_GetItem
from cpython.object cimport PyObject, Py_TYPE
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdint cimport INT64_MAX, int64_t
from libc.stdlib cimport calloc, free
from cython cimport final

from hotpath.core.histogram cimport Histogram, monotonic_ns

ACCEPTED, CONFLATED, REFUSED, CLOSED = range(4)
SIGNALS, ORDERS, MARKET, AUDIT = range(4)
REFUSE, CONFLATE, HALT = range(3)
ALL = INT64_MAX

cdef enum:
    C_MARKET = 2
    C_AUDIT = 3
    C_CONFLATE = 1
    C_HALT = 2
    # One handler call in this many is timed: a stamp costs as much as a fifth of a hop.
    TIMED_ONE_IN = 16


@final
cdef class Mailbox:
    """One edge: who may say what to whom. `tell` is the only way in; made by Dispatcher.mailbox."""

    def __init__(self):
        raise TypeError("a Mailbox is made by Dispatcher.mailbox(...)")

    cpdef int tell(self, object message) except -1:
        """Put a message in; returns ACCEPTED, CONFLATED, REFUSED (full) or CLOSED (its owner was stopped)."""
        self.offered += 1
        if self.closed:
            self.discarded += 1
            return C_CLOSED
        if self.depth < self.capacity:
            self.dispatcher.push(self, message)
            self.depth += 1
            if self.depth > self.depth_peak:
                self.depth_peak = self.depth
            return C_ACCEPTED
        if self.full == C_CONFLATE:
            self.conflated += 1
            self.dispatcher.conflate(self, message)
            return C_CONFLATED
        self.refused += 1
        if self.full == C_HALT and self.dispatcher.on_overflow is not None:
            self.dispatcher.on_overflow(self, message)
        return C_REFUSED

    def close(self):
        """Stop taking messages; those that wait are discarded and counted. For an owner that was stopped."""
        self.closed = True

    def bind(self, object owner, dict handlers):
        """Give the mailbox to a new owner, and open it: after a restart."""
        self.owner = owner
        self.handlers = handlers
        self.closed = False

    def check(self):
        """Raise AssertionError when the counters contradict the ring."""
        cdef Lane* lane = &self.dispatcher.lanes[self.lane]
        cdef size_t position = lane.head
        cdef Py_ssize_t found = 0
        while position != lane.tail:
            if lane.entries[position & lane.mask].message != NULL:
                found += lane.entries[position & lane.mask].mailbox == <PyObject*>self
            position += 1
        assert found == self.depth, f"mailbox {self.name!r} counts {self.depth} messages, its lane holds {found}"
        assert 0 <= self.depth <= self.capacity and self.depth <= self.depth_peak <= self.capacity

    def __repr__(self):
        return f"<Mailbox {self.name} {self.depth}/{self.capacity}>"


@final
cdef class Dispatcher:
    """The loop that hands each message to its handler, signals first, then orders, market data and audit."""

    def __cinit__(self):
        self.mailboxes = []
        self.histograms = []
        for lane in range(LANES):
            self.lanes[lane].entries = NULL
            self.grow(lane, 8)

    def __dealloc__(self):
        cdef Lane* lane
        for index in range(LANES):
            lane = &self.lanes[index]
            while lane.entries != NULL and lane.head != lane.tail:
                if lane.entries[lane.head & lane.mask].message != NULL:
                    Py_DECREF(<object>lane.entries[lane.head & lane.mask].message)
                lane.head += 1
            free(lane.entries)

    def mailbox(self, str name, object owner, dict handlers, int lane, Py_ssize_t capacity, int full):
        """Make the mailbox of one edge.

        Args:
            name: "sender -> receiver", for counters and errors.
            owner: whoever is to blame for an exception of its handlers; handed to on_error.
            handlers: message type -> callable of one argument.
            lane: SIGNALS, ORDERS, MARKET or AUDIT.
            capacity: messages, at least 1.
            full: REFUSE, CONFLATE (the newest of an instrument and type takes the older one's place) or HALT.
        """
        if not 0 <= lane < LANES or capacity < 1 or not 0 <= full <= C_HALT:
            raise ValueError(f"mailbox {name!r}: lane {lane}, capacity {capacity}, full rule {full}: out of range")
        cdef Mailbox made = Mailbox.__new__(Mailbox)
        made.dispatcher = self
        made.name = name
        made.owner = owner
        made.handlers = handlers
        made.lane = lane
        made.capacity = capacity
        made.full = full
        made.index = len(self.mailboxes)
        self.mailboxes.append(made)
        self.histograms.append(Histogram())
        self.lane_capacity[lane] += capacity
        self.grow(lane, self.lane_capacity[lane])
        return made

    def all_mailboxes(self):
        """Return every mailbox, in the order in which they were made."""
        return list(self.mailboxes)

    def waiting(self, int lane):
        """Return how many entries a lane holds (tombstones included)."""
        return self.lanes[lane].tail - self.lanes[lane].head

    def capacity(self, int lane):
        """Return how many messages a lane's mailboxes hold together."""
        return self.lane_capacity[lane]

    cdef int grow(self, int lane_index, size_t capacity) except -1:
        # Room for as many tombstones as messages: conflation leaves at most one for each message that waits.
        cdef Lane* lane = &self.lanes[lane_index]
        cdef size_t size = 16
        cdef Entry* entries
        cdef size_t position
        while size < 2 * capacity:
            size *= 2
        if lane.entries != NULL and size == lane.mask + 1:
            return 0
        entries = <Entry*>calloc(size, sizeof(Entry))
        if entries == NULL:
            raise MemoryError(f"no memory for a lane of {size} entries")
        if lane.entries != NULL:
            position = lane.head
            while position != lane.tail:
                entries[position & (size - 1)] = lane.entries[position & lane.mask]
                position += 1
            free(lane.entries)
        lane.entries = entries
        lane.mask = size - 1
        return 0

    cdef int push(self, Mailbox mailbox, object message) except -1:
        cdef Lane* lane = &self.lanes[mailbox.lane]
        cdef Entry* entry
        if lane.tail - lane.head > lane.mask:
            self.squeeze(mailbox.lane)
        entry = &lane.entries[lane.tail & lane.mask]
        Py_INCREF(message)
        entry.mailbox = <PyObject*>mailbox
        entry.message = <PyObject*>message
        lane.tail += 1
        return 0

    def squeeze(self, int lane_index):
        """Remove a lane's tombstones, keeping the order."""
        cdef Lane* lane = &self.lanes[lane_index]
        cdef size_t source = lane.head
        cdef size_t target = lane.head
        while source != lane.tail:
            if lane.entries[source & lane.mask].message != NULL:
                lane.entries[target & lane.mask] = lane.entries[source & lane.mask]
                target += 1
            source += 1
        lane.tail = target

    cdef int conflate(self, Mailbox mailbox, object message) except -1:
        """Put `message` in the place of the newest waiting one of its instrument and type.

        Where none waits, some other instrument and type has two: its older one goes, `message` is appended. A capacity
        of at least the number of (instrument, type) pairs makes one of the two cases certain.
        """
        cdef Lane* lane = &self.lanes[mailbox.lane]
        cdef size_t position = lane.tail
        cdef Entry* entry
        cdef set seen = set()
        cdef Entry* older = NULL
        key = (type(message), message.instrument)
        while position != lane.head:
            position -= 1
            entry = &lane.entries[position & lane.mask]
            if entry.message == NULL or entry.mailbox != <PyObject*>mailbox:
                continue
            waiting = <object>entry.message
            waiting_key = (type(waiting), waiting.instrument)
            if waiting_key == key:
                Py_INCREF(message)
                entry.message = <PyObject*>message
                Py_DECREF(waiting)
                return 0
            if waiting_key in seen:
                older = entry
            seen.add(waiting_key)
        if older == NULL:
            raise AssertionError(
                f"mailbox {mailbox.name!r} holds {mailbox.capacity} messages of different keys; "
                f"its capacity must be at least the number of instruments times the number of types"
            )
        waiting = <object>older.message
        older.message = NULL
        Py_DECREF(waiting)
        self.push(mailbox, message)
        return 0

    cdef int handle(self, Mailbox mailbox, object message) except -1:
        cdef PyObject* handler = PyDict_GetItem(mailbox.handlers, <object>Py_TYPE(message))
        cdef int64_t started = 0
        self.handled += 1
        if handler == NULL:
            if self.on_dead_letter is not None:
                self.on_dead_letter(mailbox, message)
            return 0
        self.current = mailbox
        self.message = message
        self.running = True
        if self.handled % TIMED_ONE_IN == 0:
            started = monotonic_ns()
        try:
            (<object>handler)(message)
        except BaseException as error:  # whatever a handler raises is its owner's failure, even SystemExit
            self.running = False
            if self.on_error is None:
                raise
            self.on_error(mailbox, message, error)
        self.running = False
        if started:
            (<Histogram>self.histograms[mailbox.index]).add(monotonic_ns() - started)
        return 0

    cpdef int drain(self, long long market_max, long long audit_max, long long stop_at) except -1:
        """Handle what waits, highest lane first, until nothing may be taken any more.

        Args:
            market_max: how many market messages may be taken; nothing below them is taken before them.
            audit_max: how many audit messages may be taken.
            stop_at: stop when `handled` has reached this; -1 for never.

        Returns:
            1 when something still waits, else 0.
        """
        cdef Lane* lane
        cdef Entry* entry
        cdef Mailbox mailbox
        cdef int index
        while True:
            index = 0
            while index < LANES and self.lanes[index].head == self.lanes[index].tail:
                index += 1
            if index == LANES:
                return 0
            if self.handled == stop_at:
                return 1
            lane = &self.lanes[index]
            entry = &lane.entries[lane.head & lane.mask]
            if entry.message == NULL:
                lane.head += 1
                continue
            mailbox = <Mailbox>entry.mailbox
            if not mailbox.closed:
                if index == C_MARKET:
                    if market_max <= 0:
                        return 1
                    market_max -= 1
                elif index == C_AUDIT:
                    if audit_max <= 0:
                        return 1
                    audit_max -= 1
            message = <object>entry.message
            entry.message = NULL
            Py_DECREF(message)
            lane.head += 1
            if lane.head == lane.tail:
                lane.head = lane.tail = 0  # an empty ring begins again where the cache is warm
            mailbox.depth -= 1
            if mailbox.closed:
                mailbox.discarded += 1
            else:
                self.handle(mailbox, message)
