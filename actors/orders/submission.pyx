"""From an approval to the order that leaves: number, slot, record, and the message to the gateway.

Every order passes here, so it is compiled: fields are read where they lie, and nothing is looked up. It decides
nothing: when something may hold an order, or its gateway cannot take it, orders says what follows.
"""

cimport cython
from actors.orders.slot cimport Slot
from engine.ids cimport OrderIds
from engine.messages.approved cimport ApprovedOrder
from hotpath.core.fields cimport enum_at, expect, int_at, object_at, place_of, true_at
from hotpath.core.mailbox cimport C_ACCEPTED, tell_ref
from hotpath.core.moment cimport audit_by, now_of
from hotpath.orders.seal cimport Leaving, Seal

from engine.messages.control import Action, OpenOrders
from engine.messages.orders import OrderIntent, OrderTerms, OrderType, SubmitOrder, TimeInForce

cdef enum:
    WORKING = 0             # of the counts of open orders
    UNKNOWN = 1

cdef object Intent = OrderIntent
cdef object Terms = OrderTerms
cdef object make_submit = SubmitOrder
cdef object make_open = OpenOrders
cdef object LIMIT = OrderType.LIMIT
cdef object MARKET = OrderType.MARKET
cdef object IOC = TimeInForce.IOC
cdef int GTC = TimeInForce.GTC
cdef object FOK = TimeInForce.FOK
cdef int IMMEDIATE = TimeInForce.IOC
cdef object ORDER_SUBMIT = Action.ORDER_SUBMIT

cdef Py_ssize_t STRATEGY = place_of(OrderIntent, "strategy")
cdef Py_ssize_t NUMBER = place_of(OrderIntent, "intent")
cdef Py_ssize_t INSTRUMENT = place_of(OrderIntent, "instrument")
cdef Py_ssize_t SIDE = place_of(OrderIntent, "side")
cdef Py_ssize_t TYPE = place_of(OrderIntent, "type")
cdef Py_ssize_t TIME_IN_FORCE = place_of(OrderIntent, "time_in_force")
cdef Py_ssize_t POST_ONLY = place_of(OrderIntent, "post_only")
cdef Py_ssize_t LOTS = place_of(OrderIntent, "lots")
cdef Py_ssize_t TERMS = place_of(OrderIntent, "terms")
cdef Py_ssize_t FIRED_BY = place_of(OrderTerms, "fired_by")


@cython.final
cdef class Submission:
    """Makes orders of approvals, and sends them."""

    def __init__(
        self, OrderIds ids not None, dict live not None, dict by_id not None, dict by_intent not None, scales,
        list stopped not None, list counts not None, Py_ssize_t capacity,
    ):
        self.ids = ids
        self.live = live
        self.by_id = by_id
        self.by_intent = by_intent
        self.scales = list(scales)
        self.stopped = stopped
        self.counts = counts
        self.capacity = capacity
        self.gateways = []
        self.count = 0
        self.epoch = self.limits_version = 0

    def connect(self, context, gateways, safety not None, hold not None, lost not None):
        """Give orders to the gateway of their instrument, and tell the trail through `context`."""
        self.context = context
        self.gateways = list(gateways)
        self.hold = hold
        self.safety = safety
        self.lost = lost

    def on_limits_changed(self, change):
        """Send nothing any more that was approved under other limits."""
        self.limits_version = change.version

    def take(self, ApprovedOrder approved not None):
        """Number the order of an approval; returns its slot, which is in no book."""
        return self.slot_of(approved, approved.intent)

    @cython.boundscheck(True)
    def on_approved(self, ApprovedOrder approved not None):
        """Number the order, record it, mark it in flight, then give it to its gateway; unless something holds it."""
        cdef object intent, number, submit, working
        cdef Slot slot
        cdef bint left
        intent = approved.intent
        expect(intent, Intent)
        if (self.doubtful(int_at(intent, STRATEGY)) or not self.binds(approved, intent)) and self.hold(approved):
            return
        slot = self.slot_of(approved, intent)
        number = slot.number
        submit = make_submit(
            number, slot.client_order_id, object_at(intent, INSTRUMENT), slot.side, LIMIT, slot.time_in_force,
            object_at(intent, POST_ONLY), approved.price_ticks, object_at(intent, LOTS), approved.shrinks,
            approved.seal,
        )
        slot.cause = audit_by(self.context, ORDER_SUBMIT, submit, approved.audit_seq)
        self.live[number] = slot
        self.by_id[slot.client_order_id] = slot
        self.by_intent[object_at(intent, STRATEGY), object_at(intent, NUMBER)] = slot
        self.count += 1
        left = tell_ref(self.gateways[<Py_ssize_t>slot.instrument], submit) == C_ACCEPTED
        working = self.counts[WORKING] + 1
        self.counts[WORKING] = working
        if not left:
            self.lost(slot)
        elif working == 1 and tell_ref(self.safety, make_open(working, self.counts[UNKNOWN])) != C_ACCEPTED:
            self.context.halt("safety does not hear how many orders are open")

    @cython.boundscheck(True)
    cdef bint doubtful(self, int64_t strategy) except -1:
        """Whether something may hold an order: trading stops, its strategy was stopped, or there is no room."""
        if self.halting or len(self.live) >= self.capacity:
            return True
        return strategy >= 0 and self.stopped[<Py_ssize_t>strategy]

    cdef bint binds(self, ApprovedOrder approved, object intent) except -1:
        """Whether an approval is of this order, is not over, and was given under the state and limits of now."""
        cdef Leaving leaving
        cdef Seal seal
        if type(approved.seal) is not Seal:
            return False
        seal = <Seal>approved.seal
        leaving.instrument = int_at(intent, INSTRUMENT)
        leaving.price_ticks, leaving.lots = approved.price_ticks, int_at(intent, LOTS)
        leaving.side, leaving.time_in_force = enum_at(intent, SIDE), enum_at(intent, TIME_IN_FORCE)
        if object_at(intent, TYPE) is MARKET and object_at(intent, TIME_IN_FORCE) is not FOK:
            leaving.time_in_force = IMMEDIATE
        leaving.post_only, leaving.shrinks = true_at(intent, POST_ONLY), approved.shrinks
        return self.holds(seal, &leaving)

    cdef bint holds(self, Seal seal, Leaving* leaving) except -1:
        """Whether a seal is of this order, is not over, and was given under the state and limits of now."""
        self.limits_version = max(self.limits_version, seal.limits_version)
        return (
            seal.fits(leaving) and now_of(self.context) <= seal.expires_ns and seal.epoch == self.epoch
            and seal.limits_version == self.limits_version
        )

    def unbound_amend(self, approved, Slot slot not None):
        """Return why an approval does not bind this amend of an order, or an empty text."""
        cdef object seal = approved.seal
        cdef Leaving leaving = Leaving(
            slot.instrument, approved.intent.price_ticks, approved.intent.lots, slot.side, GTC, False, False
        )
        if type(seal) is Seal and self.holds(seal, &leaving):
            return ""
        return f"APPROVAL_BINDING: {seal!r} is not of this amend, this moment and this state"

    def unbound(self, ApprovedOrder approved not None):
        """Return why an approval does not bind this order, or an empty text."""
        if self.binds(approved, approved.intent):
            return ""
        return f"APPROVAL_BINDING: {approved.seal!r} is not of this order, this moment and this state"

    cdef Slot slot_of(self, ApprovedOrder approved, object intent):
        """Number an order and make its slot; what is no limit order leaves as IOC."""
        cdef Slot slot = Slot.__new__(Slot)
        cdef object terms
        expect(intent, Intent)
        slot.begin()
        slot.number = self.ids.take()
        slot.client_order_id = self.ids.name_of(slot.number)
        slot.strategy = int_at(intent, STRATEGY)
        slot.intent = int_at(intent, NUMBER)
        slot.instrument = int_at(intent, INSTRUMENT)
        if not 0 <= slot.instrument < len(self.scales):
            raise IndexError(f"instrument {slot.instrument} of an approval; the run has {len(self.scales)}")
        slot.side = object_at(intent, SIDE)
        slot.time_in_force = object_at(intent, TIME_IN_FORCE)
        if object_at(intent, TYPE) is MARKET and slot.time_in_force is not FOK:
            slot.time_in_force = IOC
        slot.post_only = true_at(intent, POST_ONLY)
        slot.shrinks = approved.shrinks
        slot.price_ticks = approved.price_ticks
        slot.lots = int_at(intent, LOTS)
        slot.approval = approved.approval
        slot.scale = self.scales[<Py_ssize_t>slot.instrument]
        slot.sent_ns = now_of(self.context)
        slot.cause = approved.audit_seq
        terms = object_at(intent, TERMS)
        if terms is not None:
            expect(terms, Terms)
            slot.for_waiting = int_at(terms, FIRED_BY) != 0
        return slot
