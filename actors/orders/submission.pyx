"""From an approval to the order that leaves: number, slot, record, and the message to the gateway.

Every order passes here, so it is compiled: fields are read where they lie, and nothing is looked up. It decides
nothing: whoever calls it has seen that trading goes on and that there is room, and says what follows when the gateway
cannot take the order.
"""

cimport cython
from hotpath.core.fields cimport expect, object_at, place_of
from hotpath.core.mailbox cimport tell_ref
from hotpath.core.moment cimport audit_by, now_of

from actors.orders.slot import Slot
from engine.messages.control import Action
from engine.messages.orders import ApprovedOrder, OrderIntent, OrderType, SubmitOrder, TimeInForce

cdef enum:
    ACCEPTED = 0

cdef object Approved = ApprovedOrder
cdef object make_slot = Slot
cdef object make_submit = SubmitOrder
cdef object LIMIT = OrderType.LIMIT
cdef object MARKET = OrderType.MARKET
cdef object IOC = TimeInForce.IOC
cdef object FOK = TimeInForce.FOK
cdef object ORDER_SUBMIT = Action.ORDER_SUBMIT

cdef Py_ssize_t INTENT = place_of(ApprovedOrder, "intent")
cdef Py_ssize_t APPROVAL = place_of(ApprovedOrder, "approval")
cdef Py_ssize_t PRICE_TICKS = place_of(ApprovedOrder, "price_ticks")
cdef Py_ssize_t SHRINKS = place_of(ApprovedOrder, "shrinks")
cdef Py_ssize_t AUDIT_SEQ = place_of(ApprovedOrder, "audit_seq")
cdef Py_ssize_t STRATEGY = place_of(OrderIntent, "strategy")
cdef Py_ssize_t NUMBER = place_of(OrderIntent, "intent")
cdef Py_ssize_t INSTRUMENT = place_of(OrderIntent, "instrument")
cdef Py_ssize_t SIDE = place_of(OrderIntent, "side")
cdef Py_ssize_t TYPE = place_of(OrderIntent, "type")
cdef Py_ssize_t TIME_IN_FORCE = place_of(OrderIntent, "time_in_force")
cdef Py_ssize_t POST_ONLY = place_of(OrderIntent, "post_only")
cdef Py_ssize_t LOTS = place_of(OrderIntent, "lots")
cdef Py_ssize_t S_NUMBER = place_of(Slot, "number")
cdef Py_ssize_t S_NAME = place_of(Slot, "client_order_id")
cdef Py_ssize_t S_TIME_IN_FORCE = place_of(Slot, "time_in_force")


@cython.final
cdef class Submission:
    """Makes the slot of an approval with `take`, or sends its order as well with `send`."""

    def __init__(self, context, next_id, dict live, dict by_id, dict by_intent, scales, gateways):
        self.context = context
        self.next_id = next_id
        self.live = live
        self.by_id = by_id
        self.by_intent = by_intent
        self.scales = list(scales)
        self.gateways = list(gateways)
        self.count = 0

    def take(self, approved):
        """Number the order of an approval; returns its slot, which is in no book."""
        expect(approved, Approved)
        return self.slot_of(approved, object_at(approved, INTENT))

    @cython.boundscheck(True)
    def send(self, approved):
        """Number the order, record it, put it into the book and give it to its gateway.

        Returns None, or its slot when the gateway could not take it.
        """
        expect(approved, Approved)
        cdef object intent = object_at(approved, INTENT)
        cdef object instrument = object_at(intent, INSTRUMENT)
        cdef object slot = self.slot_of(approved, intent)
        cdef object submit = make_submit(
            object_at(slot, S_NUMBER), object_at(slot, S_NAME), instrument, object_at(intent, SIDE), LIMIT,
            object_at(slot, S_TIME_IN_FORCE), object_at(intent, POST_ONLY), object_at(approved, PRICE_TICKS),
            object_at(intent, LOTS), object_at(approved, SHRINKS),
        )
        slot.cause = audit_by(self.context, ORDER_SUBMIT, submit, object_at(approved, AUDIT_SEQ))
        self.live[object_at(slot, S_NUMBER)] = slot
        self.by_id[object_at(slot, S_NAME)] = slot
        self.by_intent[object_at(intent, STRATEGY), object_at(intent, NUMBER)] = slot
        self.count += 1
        if tell_ref(self.gateways[<Py_ssize_t>instrument], submit) == ACCEPTED:
            return None
        return slot

    @cython.boundscheck(True)
    cdef object slot_of(self, object approved, object intent):
        """Number an order and make its slot; what is no limit order leaves as IOC."""
        cdef tuple named = self.next_id()
        cdef object time_in_force = object_at(intent, TIME_IN_FORCE)
        if object_at(intent, TYPE) is MARKET and time_in_force is not FOK:
            time_in_force = IOC
        return make_slot(
            named[0], named[1], object_at(intent, STRATEGY), object_at(intent, NUMBER), object_at(intent, INSTRUMENT),
            object_at(intent, SIDE), time_in_force, object_at(intent, POST_ONLY), object_at(approved, SHRINKS),
            object_at(approved, PRICE_TICKS), object_at(intent, LOTS), object_at(approved, APPROVAL),
            self.scales[<Py_ssize_t>object_at(intent, INSTRUMENT)], now_of(self.context),
            object_at(approved, AUDIT_SEQ),
        )
