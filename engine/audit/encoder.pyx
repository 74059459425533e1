"""Events as the bytes of the trail, for one run of one node.

A kind of record, an action of a subject's type, is a line with places; what stands in them is rendered by others. Six
lines or more belong to each order, and their lane must not keep the next quote waiting: it is compiled. The first line
of each kind is read back, compared with its own encoding and checked against the table of keys.
"""

import re

from cython cimport final

from hotpath.core.text import timestamp_text

from engine.audit.record import AS_RENDERED, GENESIS, decode, encode, given, quoted, require
from engine.errors import AuditError

cdef enum:
    ACTORS_MAX = 1_024

cdef tuple HEADER = ("seq", "timestamp", "actor", "cause", "prev_hash")
cdef object PLACE = re.compile("<([a-z_]+)>")


@final
cdef class Plan:
    """How records of a kind are made."""


@final
cdef class Encoder:
    """Makes the bytes that the chain hashes."""

    def __init__(self, str node not None, int epoch, rendering_of not None):
        self.node = f"{node}-{epoch}-"
        self.session = quoted(f"{node}-{epoch}")
        self.rendering_of = rendering_of
        self.plans = {}
        self.actors = {}
        self.time_ns = -1
        self.timestamp = ""

    cpdef bytes body(self, AuditEvent event, str prev_hash):
        """Return the line of `event` up to and not including `,"hash":`. AuditError when a required key is missing."""
        cdef Plan plan
        cdef object cause
        if event is None:
            raise TypeError("an event is None; expected an AuditEvent")
        plan = self.plans.get((event.action, type(event.subject)))
        cause = event.cause
        if plan is None:
            return self.first(event, prev_hash)
        if event.time_ns != self.time_ns:
            self.timestamp = timestamp_text(event.time_ns)
            self.time_ns = event.time_ns
        if not cause or isinstance(cause, str):
            cause = quoted(cause or f"step:{event.step}")
        return plan.line.fill(
            (event.seq, self.timestamp, self.actors.get(event.actor) or self.actor(event.actor), cause, prev_hash),
            plan.render(event),
        )

    cdef bytes first(self, AuditEvent event, str prev_hash):
        """Make the first record of an action and a subject's type, and check all that its successors will share."""
        cdef Plan plan = Plan()
        cdef bytes body, line
        cdef tuple kind = (event.action, type(event.subject))
        words, plan.render = (AS_RENDERED, given) if event.subject is None else self.rendering_of(*kind)
        plan.line = self.template(event.action, words)
        self.plans[kind] = plan
        try:
            body = self.body(event, prev_hash)
            line = body + b',"hash":"' + GENESIS.encode() + b'"}'
            record = decode(line)
            if encode(record) != line:
                raise AuditError(f"{event.action} of {kind[1].__name__} is not canonical: {line.decode()}")
            require(event.action, record.resource_type, record.before_state, record.after_state, record.metadata)
        except BaseException:
            del self.plans[kind]
            raise
        return body

    cdef Template template(self, object action, object words):
        """Return the whole line of a kind of record as pieces and places."""
        text = (
            f'{{"seq":<seq>,"id":"{self.node}<seq>","timestamp":"<timestamp>","action":"{action.value}",'
            f'"description":{words.description},<actor>,{words.resource},"before_state":{words.before},'
            f'"after_state":{words.after},"reason":{words.reason},"ip_address":null,"session_id":{self.session},'
            f'"correlation_id":{words.correlation_id},"cause":<cause>,"metadata":{words.metadata},'
            f'"prev_hash":"<prev_hash>"'
        )
        names = [*HEADER, *words.values.split()]
        pieces = PLACE.split(text)
        return Template([piece.encode() for piece in pieces[::2]], [names.index(name) for name in pieces[1::2]])

    cdef str actor(self, str name):
        """Return the fields actor and actor_type; whoever is no person, strategy or agent is part of the system."""
        kind, _, rest = name.partition(":")
        types = {"user": "human", "agent": "ai_agent", "strategy": "system"}
        actor, actor_type = (name, types[kind]) if rest and kind in types else ("system", "system")
        text = f'"actor":{quoted(actor)},"actor_type":"{actor_type}"'
        if len(self.actors) < ACTORS_MAX:
            self.actors[name] = text
        return text
