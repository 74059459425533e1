"""One order as orders knows it: what was asked for, where it stands, and what is on its way.

It is written thousands of times a second and mostly short-lived, so it is compiled. It knows nothing of messages and
never decides what a state becomes. Times are of the engine's clock.
"""

cimport cython
from libc.stdint cimport int64_t

from hotpath.orders.lifecycle import is_terminal
from hotpath.orders.transitions import OrderState

TRADES_MAX = 1_024
"""Trade ids remembered of one order. Venues number trades upwards: what falls out is the oldest, and is known still."""

NO_STRATEGY = -1
"""Whose an order is that no strategy of this run asked for."""

cdef int64_t IN_FLIGHT = int(OrderState.IN_FLIGHT)


@cython.final
@cython.no_gc  # it holds text, numbers, a scale and dictionaries of numbers: nothing that leads back to it
@cython.freelist(64)
cdef class Slot:
    """One order; compare two of them with `is`."""

    def __init__(
        self, int64_t number, str client_order_id not None, int64_t strategy, int64_t intent, int64_t instrument, side,
        time_in_force, bint post_only, bint shrinks, int64_t price_ticks, int64_t lots, int64_t approval, scale,
        int64_t sent_ns, int64_t cause, int64_t state=IN_FLIGHT, int64_t filled_lots=0, bint accepted=False,
        str next_id not None="", tuple ids not None=(), dict trade_ids=None, bint for_waiting=False,
    ):
        self.begin()
        self.number = number
        self.client_order_id = client_order_id
        self.strategy = strategy
        self.intent = intent
        self.instrument = instrument
        self.side = side
        self.time_in_force = time_in_force
        self.post_only = post_only
        self.shrinks = shrinks
        self.price_ticks = price_ticks
        self.lots = lots
        self.approval = approval
        self.scale = scale
        self.sent_ns = sent_ns
        self.cause = cause
        self.state = state
        self.filled_lots = filled_lots
        self.accepted = accepted
        self.next_id = next_id
        self.ids = ids
        self.trade_ids = trade_ids
        self.for_waiting = for_waiting

    cdef int begin(self) except -1:
        """Set what is not zero at the beginning."""
        self.state = IN_FLIGHT
        self.next_id = ""
        self.ids = ()
        self.forgotten_trade_id = -1
        return 0

    @property
    def leaves_lots(self):
        """What is still to be filled while the order works."""
        return max(self.lots - self.filled_lots, 0)

    @property
    def over(self):
        """Whether the order is in a terminal state."""
        return is_terminal(self.state)

    def knows(self, int64_t trade_id):
        """Return whether this execution was applied already."""
        return self.trade_ids is not None and (trade_id in self.trade_ids or trade_id <= self.forgotten_trade_id)

    def remember(self, int64_t trade_id):
        """Note an execution."""
        if self.trade_ids is None:
            self.trade_ids = {}
        elif len(self.trade_ids) >= TRADES_MAX:
            oldest = next(iter(self.trade_ids))
            del self.trade_ids[oldest]
            self.forgotten_trade_id = max(self.forgotten_trade_id, <int64_t>oldest)
        self.trade_ids[trade_id] = None

    def replace_id(self):
        """Go on under the id, price and quantity of the replacement, which is proved to be in the book."""
        self.ids = (*self.ids, self.client_order_id)
        self.client_order_id = self.next_id
        self.price_ticks = self.next_price_ticks or self.price_ticks
        self.lots = self.filled_lots + (self.next_lots or max(self.lots - self.filled_lots, 0))
        self.earlier_lots = self.filled_lots
        self.settle()

    def drop_replacement(self):
        """Go on as before the amend; its id stays known for as long as the order is."""
        if self.next_id:
            self.ids = (*self.ids, self.next_id)
        self.settle()

    cdef int settle(self) except -1:
        """Begin to wait for no replacement."""
        self.next_id = ""
        self.gone = False
        self.next_absent = False
        return 0
