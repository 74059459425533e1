"""The yes of risk: an intent is judged, reserved, recorded and passed on, in one call.

Every intent passes here, and every quote that intents are judged by, so it is compiled: fields are read where they lie.
It words no denial: a code goes back to whoever called, and with it the matter.
"""

from cython cimport final
from libc.stdint cimport int64_t

from engine.messages.approved cimport ApprovedOrder
from hotpath.core.fields cimport enum_at, expect, int_at, object_at, place_of, true_at
from hotpath.core.mailbox cimport C_ACCEPTED, tell_ref
from hotpath.core.moment cimport audit_by, next_seq_of, now_of
from hotpath.orders.limits cimport Limits
from hotpath.orders.seal cimport Leaving, sealed

from engine.messages.control import Action
from engine.messages.market import Quote
from engine.messages.orders import DenialReason, OrderIntent, OrderTerms, OrderType, TimeInForce

cdef object Intent = OrderIntent
cdef object Quoted = Quote
cdef object ORDER_APPROVE = Action.ORDER_APPROVE
cdef object Terms = OrderTerms
cdef int BUSY = DenialReason.BUSY
cdef int MARKET = OrderType.MARKET
cdef int IOC = TimeInForce.IOC
cdef int FOK = TimeInForce.FOK
cdef int GTC = TimeInForce.GTC

cdef Py_ssize_t STRATEGY = place_of(OrderIntent, "strategy")
cdef Py_ssize_t NUMBER = place_of(OrderIntent, "intent")
cdef Py_ssize_t INSTRUMENT = place_of(OrderIntent, "instrument")
cdef Py_ssize_t SIDE = place_of(OrderIntent, "side")
cdef Py_ssize_t TYPE = place_of(OrderIntent, "type")
cdef Py_ssize_t TIME_IN_FORCE = place_of(OrderIntent, "time_in_force")
cdef Py_ssize_t POST_ONLY = place_of(OrderIntent, "post_only")
cdef Py_ssize_t REDUCE_ONLY = place_of(OrderIntent, "reduce_only")
cdef Py_ssize_t PRICE_TICKS = place_of(OrderIntent, "price_ticks")
cdef Py_ssize_t LOTS = place_of(OrderIntent, "lots")
cdef Py_ssize_t DECISION = place_of(OrderIntent, "decision")
cdef Py_ssize_t TERMS = place_of(OrderIntent, "terms")
cdef Py_ssize_t PARENT = place_of(OrderTerms, "parent")
cdef Py_ssize_t EDGE_BPS = place_of(OrderTerms, "edge_bps")
cdef Py_ssize_t Q_INSTRUMENT = place_of(Quote, "instrument")
cdef Py_ssize_t Q_BID_TICKS = place_of(Quote, "bid_ticks")
cdef Py_ssize_t Q_ASK_TICKS = place_of(Quote, "ask_ticks")
cdef Py_ssize_t Q_TIME_NS = place_of(Quote, "time_ns")


@final
cdef class Approval:
    """Approves intents by the limits of a run."""

    def __init__(self, Limits limits not None, dict handles not None, limits_version, int64_t age_ns, arrivals):
        self.arrivals = arrivals
        self.limits = limits
        self.marks = limits.marks
        self.handles = handles
        self.epoch = 0
        self.set_limits(limits_version, age_ns)

    def set_limits(self, int64_t limits_version, int64_t age_ns):
        """Seal from now on with this version of the limits, for this long."""
        self.limits_version = limits_version
        self.age_ns = age_ns

    def set_epoch(self, int64_t epoch):
        """Seal from now on with this epoch of the trading state."""
        self.epoch = epoch

    def connect(self, context, orders, aside not None, tell not None):
        """Tell approvals to `orders`, and to the trail through `context`."""
        self.context = context
        self.orders = orders
        self.aside = aside
        self.tell = tell

    def on_order_intent(self, intent):
        """Approve an intent that needs nobody else: the usual one, of which nothing more is to be said."""
        cdef int code
        expect(intent, Intent)
        if (self.holding or object_at(intent, TERMS) is not None) and self.aside(intent):
            return
        code = self.approve(intent)
        if code != APPROVED or self.limits.warned:
            self.tell(intent, code)

    def on_quote(self, quote):
        """Note a reference price."""
        expect(quote, Quoted)
        self.marks.note(
            int_at(quote, Q_INSTRUMENT), int_at(quote, Q_BID_TICKS), int_at(quote, Q_ASK_TICKS),
            int_at(quote, Q_TIME_NS),
        )

    def take(self, intent):
        """Judge an intent: APPROVED and its approval is on its way, NO_ORDER, or the DenialReason why not.

        BUSY means that orders could not take the approval; its reservation stands.
        """
        expect(intent, Intent)
        return self.approve(intent)

    cdef int approve(self, object intent) except? -1:
        """Judge an OrderIntent, as `take` says."""
        cdef int code
        cdef ApprovedOrder approved
        cdef Limits limits = self.limits
        try:
            code = self.judge(intent)
        except OverflowError:  # expected: whoever called denies it
            return NO_ORDER
        if code:
            return code
        approved = ApprovedOrder.__new__(ApprovedOrder)
        approved.intent, approved.seal = intent, self.seal_of(intent)
        approved.approval, approved.price_ticks = limits.handle, limits.price_ticks
        approved.shrinks, approved.limits_version = limits.shrinks, self.limits_version
        approved.audit_seq, approved.time_ns = next_seq_of(self.context), now_of(self.context)
        self.handles[object_at(intent, STRATEGY), object_at(intent, NUMBER)] = limits.handle
        if limits.slippage.takes:
            self.arrivals.begin(limits.handle, intent)
        audit_by(self.context, ORDER_APPROVE, approved, object_at(intent, DECISION))
        return APPROVED if tell_ref(self.orders, approved) == C_ACCEPTED else BUSY

    cdef object seal_of(self, object intent):
        """Seal what leaves of an intent that was approved: a market order leaves as IOC, or as FOK if it says so."""
        cdef Leaving leaving
        leaving.instrument = int_at(intent, INSTRUMENT)
        leaving.price_ticks, leaving.lots = self.limits.price_ticks, int_at(intent, LOTS)
        leaving.side, leaving.time_in_force = enum_at(intent, SIDE), enum_at(intent, TIME_IN_FORCE)
        if enum_at(intent, TYPE) == MARKET and leaving.time_in_force != FOK:
            leaving.time_in_force = IOC
        leaving.post_only, leaving.shrinks = true_at(intent, POST_ONLY), self.limits.shrinks
        return sealed(&leaving, self.epoch, self.limits_version, now_of(self.context) + self.age_ns)

    def seal_of_amend(self, int64_t instrument, int side, int64_t price_ticks, int64_t lots):
        """Seal an amend that was approved: the whole order as it shall be, which rests."""
        cdef Leaving leaving = Leaving(instrument, price_ticks, lots, side, GTC, False, False)
        return sealed(&leaving, self.epoch, self.limits_version, now_of(self.context) + self.age_ns)

    cdef int judge(self, object intent) except? -1:
        """Run the checks and reserve. OverflowError for a number that fits no order; then nothing was asked."""
        cdef object terms = object_at(intent, TERMS)
        cdef object edge_bps
        if terms is not None:
            expect(terms, Terms)
            edge_bps = object_at(terms, EDGE_BPS)
            self.limits.expect_terms(
                int_at(terms, PARENT), 0 if edge_bps is None else int_at(terms, EDGE_BPS), edge_bps is not None
            )
        return self.limits.check_and_reserve(
            int_at(intent, STRATEGY), int_at(intent, NUMBER), int_at(intent, INSTRUMENT), enum_at(intent, SIDE),
            enum_at(intent, TYPE), enum_at(intent, TIME_IN_FORCE), true_at(intent, POST_ONLY),
            true_at(intent, REDUCE_ONLY), int_at(intent, PRICE_TICKS), int_at(intent, LOTS), now_of(self.context),
        )
