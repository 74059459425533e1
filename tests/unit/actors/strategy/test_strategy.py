"""What a strategy can do and is told, tried without an engine."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from engine.errors import UsageError
from engine.messages.control import Action
from engine.messages.orders import AmendIntent, OrderIntent, OrderType
from tiercel import (
    DenialReason,
    Depth,
    FeedGap,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderDenied,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderState,
    OrderUnknown,
    Quote,
    Side,
    StateChanged,
    Strategy,
    StrategyParams,
    TimeInForce,
    Trade,
    TradesMissed,
    TradingState,
)
from tiercel.testing import StrategyHarness


class JoinTheBid(Strategy):
    """Keep one post-only buy at the best bid."""

    class Params(StrategyParams):
        quantity: Decimal = Decimal("0.001")

    def on_quote(self, quote: Quote) -> None:
        mine = self.working(quote.instrument, Side.BUY)  # newest in flight or open, not being cancelled
        if mine is None:
            self.buy(quote.instrument, self.params.quantity, price=quote.bid, post_only=True)
        elif mine.price_ticks != quote.bid_ticks:
            self.cancel(mine)  # the next quote places the new one


class Listener(Strategy):
    """Notes every callback."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.name_at_birth = self.name

    def on_start(self) -> None:
        self.heard.append("start")

    def on_quote(self, quote: Quote) -> None:
        self.heard.append(f"quote {quote.bid}")

    def on_depth(self, depth: Depth) -> None:
        self.heard.append(f"depth {len(depth.bid_levels)}")

    def on_trade(self, trade: Trade) -> None:
        self.heard.append(f"trade {trade.price}")

    def on_trades_missed(self, missed: TradesMissed) -> None:
        self.heard.append(f"missed {missed.count}")

    def on_gap(self, gap: FeedGap) -> None:
        self.heard.append(f"gap {self.synchronised(gap.instrument)}")

    def on_accepted(self, report: OrderAccepted) -> None:
        self.note("accepted", report)

    def on_filled(self, fill: OrderFilled) -> None:
        self.note("filled", fill)

    def on_canceled(self, report: OrderCanceled) -> None:
        self.note("canceled", report)

    def on_expired(self, report: OrderExpired) -> None:
        self.note("expired", report)

    def on_rejected(self, report: OrderRejected) -> None:
        self.note("rejected", report)

    def on_denied(self, denial: OrderDenied) -> None:
        self.heard.append(f"denied {denial.reason.name}")

    def on_amended(self, report: OrderAmended) -> None:
        self.note("amended", report)

    def on_unknown(self, report: OrderUnknown) -> None:
        self.note("unknown", report)

    def on_state(self, change: StateChanged) -> None:
        self.heard.append(f"state {change.state.name}")

    def on_stop(self) -> None:
        self.heard.append("stop")

    def note(self, word: str, report: Any) -> None:
        order = self.order_of(report)
        self.heard.append(f"{word} {order.state.name if order else None}")


@pytest.fixture
def listener() -> StrategyHarness[Listener]:
    harness = StrategyHarness(Listener)
    harness.quote("60000.00", "60000.01")
    harness.strategy.heard.clear()
    return harness


def test_the_example_of_the_design_joins_the_bid_and_follows_it() -> None:
    harness = StrategyHarness(JoinTheBid, params={"quantity": "0.002"})
    harness.quote("60000.00", "60000.01")
    first = harness.orders[0]
    assert (first.price, first.quantity, first.side) == (Decimal("60000.00"), Decimal("0.002"), Side.BUY)
    assert harness.intents[0].post_only
    harness.quote("60000.00", "60000.02")
    harness.quote("59999.99", "60000.01")
    assert [cancel.intent for cancel in harness.cancels] == [first.intent]
    harness.quote("59999.98", "60000.01")
    assert [order.price for order in harness.orders] == [Decimal("60000.00"), Decimal("59999.98")]


def test_every_callback_is_called(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    listener.depth([("60000.00", 1), ("59999.99", 1)], [("60000.01", 1)])
    listener.trade("60000.01", "0.5")
    listener.trades_missed(7, "0.5")
    listener.synchronised()
    assert strategy.synchronised("BTCUSDT")
    listener.gap()
    listener.state(TradingState.EMERGENCY)
    listener.stop()
    assert strategy.heard == [
        "depth 2", "trade 60000.01", "missed 7", "gap False", "state EMERGENCY", "stop",
    ]  # fmt: skip


def test_the_life_of_an_order_is_followed(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    order = strategy.buy(0, "1", "60000")
    assert order.state is OrderState.IN_FLIGHT
    listener.accept(order)
    assert (order.state, order.client_order_id) == (OrderState.OPEN, f"t1-1-{order.intent}")
    listener.fill(order, "0.25")
    assert (order.state, order.filled, order.leaves) == (OrderState.PARTIAL, Decimal("0.25"), Decimal("0.75"))
    listener.unknown(order)
    assert strategy.heard[-1] == "unknown UNKNOWN"
    assert strategy.working(0, Side.BUY) is order
    listener.accept(order)
    listener.fill(order)
    assert (order.state, order.done, order.leaves_lots) == (OrderState.FILLED, True, 0)
    assert strategy.working(0, Side.BUY) is None
    assert strategy.heard == ["accepted OPEN", "filled PARTIAL", "unknown UNKNOWN", "accepted PARTIAL", "filled FILLED"]


@pytest.mark.parametrize("end", ["canceled", "expired", "rejected"])
def test_an_ended_order_is_forgotten_after_its_last_callback(listener: StrategyHarness[Listener], end: str) -> None:
    strategy = listener.strategy
    order = strategy.sell(0, "1", "60001")
    getattr(listener, end)(order)
    assert strategy.heard == [f"{end} {end.upper()}"]
    assert strategy.orders() == []
    assert strategy.working(0, Side.SELL) is None
    assert not strategy.cancel(order)


def test_an_order_that_never_left_is_failed(listener: StrategyHarness[Listener]) -> None:
    order = listener.strategy.sell(0, "1", "60001")
    listener.rejected(order, sent=False)
    assert order.state is OrderState.FAILED


def test_a_late_fill_moves_the_position_of_an_order_that_is_over(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    order = strategy.buy(0, "1", "60000")
    listener.accept(order)
    listener.canceled(order)
    listener.fill(order, "0.4")
    assert order.state is OrderState.CANCELED
    assert strategy.position(0) == Decimal("0.4")


def test_the_position_is_net_of_base_fees(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    listener.fill(strategy.buy(0, "1", "60000"), fee="0.001", fee_currency="BTC")
    assert strategy.position("BTCUSDT") == Decimal("0.999")
    listener.fill(strategy.sell(0, "0.5", "60000"), fee="30", fee_currency="USDT")
    assert strategy.position("binance_spot:BTCUSDT") == Decimal("0.499")
    assert strategy.position_lots(0) == 49_900_000
    listener.fill(strategy.sell(0, "1", "60000"))
    assert strategy.position_lots(strategy.instruments[0]) == -50_100_000


def test_the_intent_carries_the_decision_and_what_was_seen(listener: StrategyHarness[Listener]) -> None:
    quote = listener.quote("60000.00", "60000.05")
    seq = listener.context.next_seq
    listener.strategy.buy_lots(0, 100_000, 6_000_000, True)
    intent = listener.intents[0]
    assert (intent.decision, intent.intent, intent.quote) == (seq, seq, quote)
    assert listener.context.audited == [(Action.TRADE_DECISION, intent, 0)]
    assert (intent.price_ticks, intent.lots, intent.type) == (6_000_000, 100_000, OrderType.LIMIT)


def test_both_forms_ask_for_the_same(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    strategy.sell("BTCUSDT", Decimal("0.001"), price="60000.5", time_in_force=TimeInForce.FOK, reduce_only=True)
    strategy.sell_lots(0, 100_000, 6_000_050, False, TimeInForce.FOK, True)
    first, second = (
        [getattr(intent, field) for field in OrderIntent.__struct_fields__ if field not in ("intent", "decision")]
        for intent in listener.intents
    )
    assert first == second


def test_a_market_order_has_no_price_and_does_not_stay(listener: StrategyHarness[Listener]) -> None:
    listener.strategy.buy(0, 1)
    listener.strategy.buy(0, 1, time_in_force=TimeInForce.FOK)
    assert [(each.type, each.price_ticks, each.time_in_force) for each in listener.intents] == [
        (OrderType.MARKET, 0, TimeInForce.IOC),
        (OrderType.MARKET, 0, TimeInForce.FOK),
    ]


def test_what_is_no_order_is_refused_before_anybody_hears_of_it(listener: StrategyHarness[Listener]) -> None:
    for strange in (0.5, "5", True, Decimal(5), None):
        with pytest.raises(TypeError, match="whole numbers"):
            listener.strategy.buy_lots(0, strange, 5)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="whole numbers"):
            listener.strategy.sell_lots(0, 5, strange)  # type: ignore[arg-type]
    for lots, ticks in ((2**63, 5), (5, -(2**63) - 1)):
        with pytest.raises(OverflowError):
            listener.strategy.buy_lots(0, lots, ticks)
    for flag in ({"post_only": None}, {"reduce_only": 1}):
        with pytest.raises(TypeError, match="True or False"):
            listener.strategy.buy_lots(0, 5, 5, **flag)
    with pytest.raises(TypeError, match="time_in_force is 'IOC'; expected one of"):
        listener.strategy.buy(0, "1", time_in_force="IOC")  # type: ignore[arg-type]
    assert listener.strategy.orders() == []
    assert listener.intents == []


def test_floats_are_refused_with_what_to_write(listener: StrategyHarness[Listener]) -> None:
    with pytest.raises(TypeError, match=r"quantity 0\.001 is a float.*write Decimal\('0\.001'\) or '0\.001'"):
        listener.strategy.buy(0, 0.001)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="price"):
        listener.strategy.buy(0, "0.001", price=60000.5)  # type: ignore[arg-type]
    assert listener.risk.messages == []


def test_numbers_finer_than_the_venue_prints_are_refused_with_a_way_out(listener: StrategyHarness[Listener]) -> None:
    with pytest.raises(UsageError, match=r"finer than the venue prints.*round_price"):
        listener.strategy.buy(0, "1", price="60000.001")
    with pytest.raises(UsageError, match="'much'"):
        listener.strategy.buy(0, "much")
    with pytest.raises(UsageError, match="leave `price` out"):
        listener.strategy.buy(0, "1", price=0)


def test_prices_and_quantities_are_rounded_to_what_the_venue_accepts(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    assert strategy.round_price(0, Decimal("60000.019"), Side.BUY) == Decimal("60000.01")
    assert strategy.round_price(0, Decimal("60000.011"), Side.SELL) == Decimal("60000.02")
    assert strategy.round_price(0, Decimal("60000.01"), Side.SELL) == Decimal("60000.01")
    assert strategy.round_quantity(0, Decimal("0.123456789")) == Decimal("0.12345")


@pytest.mark.parametrize("instrument", [1, -1, "ETHUSDT", "kraken:BTCUSDT"])
def test_an_instrument_that_was_not_configured_is_refused(
    listener: StrategyHarness[Listener], instrument: int | str
) -> None:
    with pytest.raises(UsageError, match="not one of strategy 'tested'; it has 0 = binance_spot:BTCUSDT"):
        listener.strategy.buy_lots(instrument, 1)


def test_a_full_risk_denies_as_busy_after_the_callback(listener: StrategyHarness[Listener]) -> None:
    listener.risk.full = True
    order = listener.strategy.buy(0, "1", "60000")
    assert listener.strategy.heard == []
    listener.advance(0)
    assert listener.strategy.heard == ["denied BUSY"]
    assert order.state is OrderState.FAILED
    assert listener.orders == []


def test_a_full_risk_does_not_take_a_cancel(listener: StrategyHarness[Listener]) -> None:
    order = listener.strategy.buy(0, "1", "60000")
    listener.risk.full = True
    assert not listener.strategy.cancel(order)
    listener.risk.full = False
    assert listener.strategy.cancel(order)
    assert not listener.strategy.cancel(order)
    assert listener.strategy.working(0, Side.BUY) is None


def test_a_refused_cancel_can_be_asked_for_again(listener: StrategyHarness[Listener]) -> None:
    order = listener.strategy.buy(0, "1", "60000")
    listener.strategy.cancel(order)
    listener.cancel_rejected(order)
    assert listener.strategy.cancel(order)


def test_an_amend_changes_the_order_when_it_is_settled(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    order = strategy.buy(0, "1", "60000")
    assert not strategy.amend(order, price="59999")
    listener.accept(order)
    assert strategy.amend(order, price="59999")
    assert not strategy.amend(order, quantity="2")
    wish = listener.amends[0]
    assert (wish.intent, wish.price_ticks, wish.lots) == (order.intent, 5_999_900, 100_000_000)
    assert wish.amendment > order.intent
    assert isinstance(listener.context.audited[-1][1], AmendIntent)
    assert order.price == Decimal("60000.00")
    listener.amended(order)
    assert order.price == Decimal("59999.00")
    assert strategy.amend_lots(order, 5_999_800, 50_000_000)
    listener.amended(order, accepted=False)
    assert (order.price, order.amendment) == (Decimal("59999.00"), 0)


@pytest.mark.parametrize("accepted", [False, True])
def test_an_order_that_was_lost_in_an_amend_works_when_that_is_settled(
    listener: StrategyHarness[Listener], accepted: bool
) -> None:
    order = listener.strategy.buy(0, "1", "60000")
    listener.accept(order)
    listener.strategy.amend(order, price="59999")
    listener.unknown(order)
    listener.amended(order, accepted=accepted)
    assert order.state is OrderState.OPEN
    assert listener.strategy.amend(order, price="59998")


def test_an_order_that_is_unknown_still_does_not_work_when_its_amend_was_refused(
    listener: StrategyHarness[Listener],
) -> None:
    order = listener.strategy.buy(0, "1", "60000")
    listener.accept(order)
    listener.strategy.amend(order, price="59999")
    listener.unknown(order)
    listener.amended(order, accepted=False, unknown=True)
    assert (order.amendment, order.state) == (0, OrderState.UNKNOWN)
    assert not listener.strategy.amend(order, price="59998")


@pytest.mark.parametrize("full", [False, True])
def test_a_denied_amend_leaves_the_order_working(listener: StrategyHarness[Listener], full: bool) -> None:
    order = listener.strategy.buy(0, "1", "60000")
    listener.accept(order)
    listener.risk.full = full
    listener.strategy.amend(order, price="59999")
    if full:
        listener.advance(0)
    else:
        listener.denied(order, DenialReason.POSITION_LIMIT)
    assert (order.amendment, order.state) == (0, OrderState.OPEN)
    assert listener.orders == [order]


def test_a_denied_order_is_over(listener: StrategyHarness[Listener]) -> None:
    order = listener.strategy.buy(0, "1", "60000")
    listener.denied(order, DenialReason.UNKNOWN_ORDER)
    assert listener.orders == [order]
    listener.denied(order, DenialReason.MAX_ORDER_VALUE)
    assert order.state is OrderState.FAILED
    assert listener.strategy.heard == ["denied UNKNOWN_ORDER", "denied MAX_ORDER_VALUE"]


def test_timers_fire_at_their_time(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    fired: list[datetime] = []
    strategy.after(1.5, lambda: fired.append(strategy.now))
    again = strategy.every(Decimal(2), lambda: fired.append(strategy.now))
    listener.advance(5)
    strategy.stop_timer(again)
    listener.advance(5)
    assert [(when - datetime(2024, 8, 9, tzinfo=UTC)).total_seconds() for when in fired] == [1.5, 2, 4]
    assert strategy.now_ns == listener.context.now_ns


def test_equity_words_and_names_are_there(listener: StrategyHarness[Listener]) -> None:
    strategy = listener.strategy
    assert strategy.equity == 0
    listener.equity("1000.5")
    strategy.log("hello")
    assert strategy.equity == Decimal("1000.5")
    assert listener.logged == ["hello"]
    assert strategy.name == strategy.name_at_birth == "tested"
    assert strategy.random.random() == StrategyHarness(Listener).strategy.random.random()
    assert strategy.quote("BTCUSDT") is not None


def test_callbacks_that_nobody_overrides_are_not_asked_for() -> None:
    quoter = StrategyHarness(JoinTheBid)
    assert not quoter._actor.wants_depth
    assert not quoter._actor.wants_trades
    listener = StrategyHarness(Listener)
    assert listener._actor.wants_depth
    assert listener._actor.wants_trades
    quiet = StrategyHarness(Strategy)
    assert quiet.quote("1.00", "2.00") == quiet.strategy.quote(0)
    quiet.trade("1.00", 1)
    quiet.advance(1)


def test_an_exception_comes_out_after_the_state_is_kept() -> None:
    class Raises(Strategy):
        def on_filled(self, fill: OrderFilled) -> None:
            raise RuntimeError(f"position {self.position(fill.instrument)}")

    harness = StrategyHarness(Raises)
    order = harness.strategy.buy(0, "1", "60000")
    with pytest.raises(RuntimeError, match="position 1"):
        harness.fill(order)
    assert harness.orders == []
