"""An order on its way out: session, budget, request, bytes, gate and hand-over in one call: nothing slips in between.

Every order passes here last, so it is compiled: its fields are read where they lie and its text is a template with
holes. What follows when an order cannot leave is the gateway's.
"""

cimport cython
from libc.stdint cimport int64_t

from gateways.binance.requests cimport Requests
from gateways.gate cimport Gate
from hotpath.core.buckets cimport RateBuckets
from hotpath.core.encode cimport OrderTemplate
from hotpath.core.fields cimport enum_at, expect, int_at, object_at, place_of, true_at
from hotpath.core.moment cimport now_of
from hotpath.orders.seal cimport Leaving, Seal

from engine.messages.market import Side
from engine.messages.orders import OrderType, SubmitOrder, TimeInForce
from gateways.binance.requests import RequestKind
from gateways.session import SessionState

cdef enum:
    NS_PER_MS = 1_000_000
    IOC = 1                 # the templates of an instrument and side, in this order behind that of GTC
    FOK = 2
    POST_ONLY = 3

cdef object Submit = SubmitOrder
cdef object PLACE = RequestKind.PLACE
cdef object READY = SessionState.READY
cdef object BUY = Side.BUY
cdef object MARKET = OrderType.MARKET
cdef object FILL_OR_KILL = TimeInForce.FOK

cdef Py_ssize_t NAME = place_of(SubmitOrder, "client_order_id")
cdef Py_ssize_t INSTRUMENT = place_of(SubmitOrder, "instrument")
cdef Py_ssize_t SIDE = place_of(SubmitOrder, "side")
cdef Py_ssize_t TYPE = place_of(SubmitOrder, "type")
cdef Py_ssize_t TIME_IN_FORCE = place_of(SubmitOrder, "time_in_force")
cdef Py_ssize_t IS_POST_ONLY = place_of(SubmitOrder, "post_only")
cdef Py_ssize_t PRICE_TICKS = place_of(SubmitOrder, "price_ticks")
cdef Py_ssize_t LOTS = place_of(SubmitOrder, "lots")
cdef Py_ssize_t SHRINKS = place_of(SubmitOrder, "shrinks")
cdef Py_ssize_t SEAL = place_of(SubmitOrder, "seal")


cdef int kind_of(object order) except -1:
    """Return which template an order takes: what is no limit order leaves as IOC, or as FOK if it says so."""
    if true_at(order, IS_POST_ONLY):
        return POST_ONLY
    if object_at(order, TYPE) is MARKET:
        return FOK if object_at(order, TIME_IN_FORCE) is FILL_OR_KILL else IOC
    cdef int kind = enum_at(order, TIME_IN_FORCE) - 1
    if not 0 <= kind < POST_ONLY:
        raise ValueError(f"time_in_force {kind + 1} of an order; expected GTC, IOC or FOK")
    return kind


@cython.final
cdef class OrderTemplates:
    """The text of every order that needs no signature: a template for each instrument, side and kind."""

    def __init__(self, dict by_instrument_and_side not None):
        cdef Py_ssize_t count = 1 + max((index for index, _side in by_instrument_and_side), default=-1)
        self.buys = [by_instrument_and_side.get((index, Side.BUY)) for index in range(count)]
        self.sells = [by_instrument_and_side.get((index, Side.SELL)) for index in range(count)]

    def fill(self, int64_t request_id, order, int64_t now_ns):
        """Return the bytes of an order. IndexError for an instrument without templates."""
        expect(order, Submit)
        return self.filled(request_id, order, now_ns)

    cdef bytes filled(self, int64_t request_id, object order, int64_t now_ns):
        """Return the bytes of a SubmitOrder."""
        cdef list side = self.buys if object_at(order, SIDE) is BUY else self.sells
        cdef int64_t index = int_at(order, INSTRUMENT)
        cdef int kind = kind_of(order)
        if not 0 <= index < len(side) or side[index] is None:
            raise IndexError(f"instrument {index} has no templates: it is none of this venue's")
        return (<OrderTemplate?>(<list>side[index])[kind]).filled(
            request_id, int_at(order, PRICE_TICKS), int_at(order, LOTS), object_at(order, NAME), now_ns // NS_PER_MS
        )


@cython.final
cdef class Placement:
    """Places the orders of one session."""

    def __init__(
        self, RateBuckets buckets not None, Requests requests not None, Gate gate not None,
        OrderTemplates templates not None, sign,
    ):
        self.buckets = buckets
        self.requests = requests
        self.gate = gate
        self.templates = templates
        self.sign = sign

    def connect(self, context not None, session not None, arm not None, refuse not None):
        """Send over the link of `session` while it is READY; `refuse(order, reason)` hears of what did not leave."""
        self.context = context
        self.session = session
        self.send = session.link.send_order
        self.arm = arm
        self.refuse = refuse

    def on_submit(self, order):
        """Send an order, or report why it did not leave."""
        cdef object state = self.session.state
        cdef object reason
        if state is READY:
            reason = self.place(order)
            if reason is None:
                if not self.requests.watched:
                    self.arm(self.requests.deadline_ns)
                return
        else:
            reason = f"the session is {state.name}"
        self.refuse(order, reason)

    cdef object place(self, object order):
        """Send an order; returns None, or why it did not leave."""
        expect(order, Submit)
        cdef int64_t now_ns = now_of(self.context)
        cdef int64_t request_id
        cdef object payload
        cdef object masked = None
        if not self.bound(order, now_ns):
            return f"APPROVAL_BINDING: {object_at(order, SEAL)!r} is not of this order and this moment"
        if not self.buckets.order_fits(now_ns, ORDER_WEIGHT):
            return "the venue's rate budget is spent"
        request_id = self.requests.add(PLACE, order, object_at(order, NAME), now_ns)
        if self.sign is None:
            payload = self.templates.filled(request_id, order, now_ns)
        else:
            payload, masked = self.sign(request_id, order, now_ns)
        if self.gate.lets_pass(true_at(order, SHRINKS)):
            self.send(payload, masked)
            return None
        self.requests.cancel(request_id)
        return f"the gate is {self.gate.word.name}"

    cdef bint bound(self, object order, int64_t now_ns) except -1:
        """Whether the approval's seal is of what leaves, is not over, and is not older than one that was seen."""
        cdef Leaving leaving
        cdef Seal seal
        if type(object_at(order, SEAL)) is not Seal:
            return False
        seal = <Seal>object_at(order, SEAL)
        leaving.instrument = int_at(order, INSTRUMENT)
        leaving.price_ticks, leaving.lots = int_at(order, PRICE_TICKS), int_at(order, LOTS)
        leaving.side, leaving.time_in_force = enum_at(order, SIDE), enum_at(order, TIME_IN_FORCE)
        leaving.post_only, leaving.shrinks = true_at(order, IS_POST_ONLY), true_at(order, SHRINKS)
        self.epoch = max(self.epoch, seal.epoch)
        self.limits_version = max(self.limits_version, seal.limits_version)
        return (
            seal.fits(&leaving) and now_ns <= seal.expires_ns and seal.epoch == self.epoch
            and seal.limits_version == self.limits_version
        )
