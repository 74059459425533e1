"""One fact for the trail, told before the act that it records.

Hot facts name only a `subject` message, which the audit writer turns into text later, in its own lane; rare ones bring
`before`, `after` and `metadata` ready made (decimal text for money, plain values otherwise). Three facts stand on the
way of every order, which is why this one message is compiled. It knows no action and no subject.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.core.integers cimport int64_of


@cython.final
@cython.no_gc
@cython.freelist(64)
cdef class AuditEvent:
    """A fact. No garbage collector looks at it: nothing that it holds leads back to it."""

    def __init__(
        self, seq, time_ns, step, object action, str actor not None, object cause, object subject=None,
        str resource_type not None="", str resource_id not None="", str correlation_id not None="", dict before=None,
        dict after=None, str reason not None="", dict metadata=None, object reply_to=None,
    ):
        self.seq = int64_of(seq, "seq")
        self.time_ns = int64_of(time_ns, "time_ns")
        self.step = int64_of(step, "step")
        self.action = action
        self.actor = actor
        self.cause = cause
        self.subject = subject
        self.resource_type = resource_type
        self.resource_id = resource_id
        self.correlation_id = correlation_id
        self.before = before
        self.after = after
        self.reason = reason
        self.metadata = metadata
        self.reply_to = reply_to

    def __repr__(self):
        return f"AuditEvent(seq={self.seq}, action={self.action!r}, actor={self.actor!r}, subject={self.subject!r})"


cdef AuditEvent hot_fact(
    int64_t seq, int64_t time_ns, int64_t step, object action, str actor, object cause, object subject,
):
    """Return a fact of a subject: what the constructor makes of seven values, in a sixth of its time."""
    cdef AuditEvent event = AuditEvent.__new__(AuditEvent)
    event.seq = seq
    event.time_ns = time_ns
    event.step = step
    event.action = action
    event.actor = actor
    event.cause = cause
    event.subject = subject
    event.resource_type = event.resource_id = event.correlation_id = event.reason = ""
    return event
