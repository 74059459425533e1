"""The hot half of what an actor sees of its run: the moment, the step, and the telling of facts to the trail.

Time stands in one Moment for the whole run and changes at inputs only; a fact gets its number when it is told, from one
counter, so the order of telling is the order of the trail. Both are read several times on the way of every order, which
is why they are compiled.
"""

from cython cimport final

from hotpath.core.fact cimport hot_fact
from hotpath.core.mailbox cimport C_ACCEPTED


@final
cdef class Moment:
    """The time of the input that caused this turn, in ns since the Unix epoch."""

    def __init__(self, now_ns=0):
        self.now_ns = now_ns


@final
cdef class Numbers:
    """The next number of the trail."""

    def __init__(self, next_seq):
        self.next_seq = next_seq


cdef class Teller:
    """One actor's view of time and trail."""

    def __init__(
        self, str name not None, Moment moment not None, Dispatcher dispatcher not None, Numbers numbers not None,
    ):
        self.name = name
        self.moment = moment
        self.dispatcher = dispatcher
        self.numbers = numbers
        self.box = None

    def tell_to(self, Mailbox box):
        """Send facts to this mailbox from now on; None drops them."""
        self.box = box

    @property
    def now_ns(self):
        """The time of the input that caused this turn."""
        return self.moment.now_ns

    @property
    def step(self):
        """How many messages the dispatcher has handled, this one included."""
        return self.dispatcher.handled

    @property
    def next_seq(self):
        """The number that the next fact will have."""
        return self.numbers.next_seq

    def audit(self, action, subject, cause=0):
        """Tell a hot fact, to be rendered later from `subject`; returns its number."""
        return self.fact(action, subject, cause)

    def tell_fact(self, event):
        """Tell a fact that carries the next number; one that the trail cannot take keeps the number free."""
        self.put(event)

    cdef int64_t fact(self, object action, object subject, object cause) except -1:
        """Tell a hot fact: `audit` for compiled callers."""
        cdef int64_t seq = self.numbers.next_seq
        self.put(hot_fact(seq, self.moment.now_ns, self.dispatcher.handled, action, self.name, cause, subject))
        return seq

    cdef int put(self, object event) except -1:
        """Tell a fact that carries the next number."""
        if self.box is not None and self.box.tell(event) == C_ACCEPTED:
            self.numbers.next_seq += 1
        return 0
