"""From a strategy's decision to the intent that risk judges, in one call; and from a quote to the strategy.

Every order begins here, so it is compiled. The decision is recorded before risk hears of it, and an intent's number is
that record's. What the arguments of a person's code may be is checked here, with words that he understands.
"""

from cython cimport final

from actors.strategy.market cimport Market
from hotpath.core.fields cimport expect, object_at, place_of
from hotpath.core.mailbox cimport C_ACCEPTED, tell_ref
from hotpath.core.moment cimport audit_by, next_seq_of, now_of
from hotpath.orders.filters cimport refuse_arguments

from actors.strategy.order import WorkingOrder
from engine.errors import UsageError
from engine.messages.control import Action
from engine.messages.market import Quote
from engine.messages.orders import OrderIntent, OrderTerms, OrderType, TimeInForce

cdef enum:
    WORKING_MAX = 4_096     # orders of one strategy that are not over: as many as the desk has slots; beyond it BUSY

cdef object Quoted = Quote
cdef object make_intent = OrderIntent
cdef object make_order = WorkingOrder
cdef object Times = TimeInForce
cdef object Types = OrderType
cdef object Terms = OrderTerms
cdef object LIMIT = OrderType.LIMIT
cdef object MARKET = OrderType.MARKET
cdef object GTC = TimeInForce.GTC
cdef object IOC = TimeInForce.IOC
cdef object TRADE_DECISION = Action.TRADE_DECISION

cdef Py_ssize_t Q_INSTRUMENT = place_of(Quote, "instrument")


@final
cdef class Decision:
    """Makes the intents of one strategy."""

    def __init__(self, strategy, dict markets not None, dict orders not None, callback, find, busy):
        self.strategy = strategy
        self.markets = markets
        self.orders = orders
        self.callback = callback
        self.find = find
        self.busy = busy

    def connect(self, context, risk):
        """Tell intents to `risk`, and decisions to the trail through `context`."""
        self.context = context
        self.risk = risk

    def on_quote(self, quote):
        """Keep the quote, which the next intent carries as what was seen, and tell the strategy."""
        expect(quote, Quoted)
        (<Market>self.markets[object_at(quote, Q_INSTRUMENT)]).quote = quote
        self.callback(quote)

    def submit(
        self, instrument, side, lots, price_ticks, post_only, time_in_force, reduce_only, asked=None, terms=None,
    ):
        """Record the decision, then tell risk; when risk cannot listen the denial comes back as BUSY.

        `asked` is the type of an order with `terms`; without them the price says it.
        """
        cdef Market market = self.market_of(instrument)
        cdef object kind = LIMIT
        cdef object context = self.context
        cdef object seq, intent, order
        if context is None:
            raise UsageError("a strategy asked for an order before the run began; ask in on_start or in a callback")
        refuse_arguments(lots, price_ticks, post_only, reduce_only)
        if time_in_force is not GTC and type(time_in_force) is not Times:
            raise TypeError(f"time_in_force is {time_in_force!r}; expected one of {', '.join(map(str, TimeInForce))}")
        if asked is not None or terms is not None:
            if type(asked) is not Types or type(terms) is not Terms:
                raise TypeError(f"kind is {asked!r} and terms are {terms!r}; expected an OrderType and OrderTerms")
            kind = asked
        elif not price_ticks:
            kind = MARKET
            if time_in_force is GTC:
                time_in_force = IOC
        seq = next_seq_of(context)
        intent = make_intent(
            self.strategy, seq, market.index, side, kind, time_in_force, post_only, reduce_only, price_ticks, lots, seq,
            market.quote, now_of(context), terms,
        )
        order = make_order(intent, market.scale, price_ticks, lots)
        self.orders[seq] = order
        market.add(order, side)
        audit_by(context, TRADE_DECISION, intent, 0)
        if len(self.orders) > WORKING_MAX or tell_ref(self.risk, intent) != C_ACCEPTED:
            self.busy(seq, market.index)
        return order

    cdef Market market_of(self, object instrument):
        """Return the market of an instrument: by index at once, by anything else or with an error through `find`."""
        if type(instrument) is int:
            market = self.markets.get(instrument)
            if market is not None:
                return <Market>market
        return self.find(instrument)
