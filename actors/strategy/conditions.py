"""What an order may wait for, in words a trader uses, and the terms that they come to.

Words that contradict each other, or say what cannot be meant, are refused here with what to write instead; whether an
order that makes sense may live is for risk. Prices are Decimal or text like everywhere at this face, moments are
datetimes with a time zone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple, TypedDict

from actors.strategy.order import WorkingOrder
from actors.strategy.params import exact
from engine.clock import NS_PER_DAY
from engine.errors import UsageError
from engine.messages.market import Quote, Side
from engine.messages.orders import IS_ENTRY, OrderTerms, OrderType, TimeInForce, TriggerBy

if TYPE_CHECKING:
    from actors.strategy.actor import StrategyActor
    from actors.strategy.market import Market
    from engine.instruments import Instrument

Number = Decimal | str | int
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
PPM_PER_PCT = 10_000
WAITS = frozenset({OrderType.STOP, OrderType.MARKET_IF_TOUCHED, OrderType.TRAILING_STOP})
"""Types that leave as market orders."""


class Conditions(TypedDict, total=False):
    """What `buy` and `sell` understand beyond price and quantity; see docs/orders.md."""

    stop: Number
    """Wait until the market has moved against the position, to this price: a rise for a buy, a fall for a sell."""
    touch: Number
    """Wait until the market has come to this price: a fall for a buy, a rise for a sell."""
    trail: Number
    """Follow the market at this distance, in quote currency, and never move away from it again."""
    trail_pct: Number
    """The same, at so many percent of the price."""
    trigger_by: TriggerBy
    """What is compared: BID_ASK (what it could trade at), LAST (trades) or MID."""
    good_till: datetime
    """The engine cancels it then; with a time zone."""
    edge_bps: int
    """What the strategy expects to earn, in basis points; checked against the cost."""
    leads: bool
    """Others may wait for its fills: give it as their `after`."""
    after: WorkingOrder
    """Exist from the first fill of that order on, for as much of it as is filled."""


class Wish(NamedTuple):
    """An order as it was asked for, in the numbers of the desk."""

    kind: OrderType
    time_in_force: TimeInForce
    terms: OrderTerms


def place(
    host: StrategyActor,
    side: Side,
    instrument: int | str | Instrument,
    quantity: Number,
    price: Number | None,
    post_only: bool,
    time_in_force: TimeInForce,
    reduce_only: bool,
    words: Conditions,
    group: int = 0,
) -> WorkingOrder:
    """Turn a wish of a strategy into an order; one without conditions takes the short way."""
    market = host.market(instrument)
    lots = exact(market.scale.lots, quantity, "quantity")
    ticks = 0 if price is None else exact(market.scale.price_ticks, price, "price")
    if price is not None and not ticks:
        raise UsageError("a limit price of 0 is no price: leave `price` out for a market order")
    if not words and time_in_force is not TimeInForce.DAY and time_in_force is not TimeInForce.GTD:
        return host.submit(instrument, side, lots, ticks, post_only, time_in_force, reduce_only)
    unknown = [word for word in words if word not in Conditions.__annotations__]
    if unknown:
        raise TypeError(
            f"unknown argument {unknown[0]!r}; an order understands {', '.join(Conditions.__annotations__)}"
        )
    now_ns = host.context.now_ns
    wish = understand(words, market, side, ticks, time_in_force, post_only, now_ns, group)
    return host.submit(instrument, side, lots, ticks, post_only, wish.time_in_force, reduce_only, wish.kind, wish.terms)


def understand(
    words: Conditions,
    market: Market,
    side: Side,
    price_ticks: int,
    time_in_force: TimeInForce,
    post_only: bool,
    now_ns: int,
    group: int = 0,
) -> Wish:
    """Return type, time in force and terms of an order.

    Raises:
        TypeError: a float was given, or a moment without a time zone.
        UsageError: the words contradict each other, or the market, or the clock.
    """
    scale = market.scale
    given = [word for word in ("stop", "touch", "trail", "trail_pct") if word in words]
    if len(given) > 1 and not (len(given) == 2 and given[0] == "stop" and given[1] in ("trail", "trail_pct")):
        raise UsageError(f"an order waits for one thing, and {' and '.join(given)} are {len(given)}: give one of them")
    kind = _kind(given, price_ticks)
    trigger = words.get("stop", words.get("touch"))
    trigger_ticks = 0 if trigger is None else exact(scale.price_ticks, trigger, given[0])
    if trigger is not None:
        quote = market.quote if "after" not in words else None  # the market of then is not that of now
        _refuse_wrong_side(kind, side, trigger_ticks, quote, trigger)
    if kind in WAITS and (post_only or time_in_force is TimeInForce.FOK):
        raise UsageError(f"{kind.name} leaves as a market order, which is neither post-only nor FOK: give it a `price`")
    time_in_force, good_till_ns = _end(words, kind, time_in_force, now_ns)
    after = words.get("after")
    if after is not None and (after.request.terms is None or after.request.terms.entry != IS_ENTRY):
        raise UsageError("`after` needs an order that was placed with leads=True: only such an order has followers")
    if after is not None and words.get("leads"):
        raise UsageError("an order that waits for another one cannot lead: chains have two links")
    if "trigger_by" in words and not isinstance(words["trigger_by"], TriggerBy):
        raise TypeError(f"trigger_by is {words['trigger_by']!r}; expected one of {', '.join(map(str, TriggerBy))}")
    terms = OrderTerms(
        trigger_ticks=trigger_ticks,
        trigger_by=words.get("trigger_by", TriggerBy.BID_ASK),
        trail_ticks=_distance(exact(scale.price_ticks, words["trail"], "trail"), "trail") if "trail" in words else 0,
        trail_ppm=_ppm(words["trail_pct"]) if "trail_pct" in words else 0,
        good_till_ns=good_till_ns,
        group=group,
        entry=IS_ENTRY if words.get("leads") else after.intent if after is not None else 0,
        edge_bps=words.get("edge_bps"),
    )
    return Wish(kind, time_in_force, terms)


def _kind(given: Sequence[str], price_ticks: int) -> OrderType:
    """Return the type that the words come to."""
    if any(word in given for word in ("trail", "trail_pct")):
        if price_ticks:
            raise UsageError("a trailing stop leaves as a market order: leave `price` out, or use stop=… with price=…")
        return OrderType.TRAILING_STOP
    if "stop" in given:
        return OrderType.STOP_LIMIT if price_ticks else OrderType.STOP
    if "touch" in given:
        return OrderType.LIMIT_IF_TOUCHED if price_ticks else OrderType.MARKET_IF_TOUCHED
    return OrderType.LIMIT if price_ticks else OrderType.MARKET


def _refuse_wrong_side(kind: OrderType, side: Side, ticks: int, quote: Quote | None, price: Number) -> None:
    """Refuse a price that the market has reached already: nothing would be waited for."""
    if ticks <= 0:
        raise UsageError(f"a price of {price} is never reached: give one above 0")
    if quote is None:
        return
    touched = kind in (OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED)
    above = (side is Side.BUY) is not touched
    best_ticks = quote.ask_ticks if side is Side.BUY else quote.bid_ticks
    if best_ticks and (ticks <= best_ticks if above else ticks >= best_ticks):
        best = quote.scale.price_text(best_ticks)
        word, other = ("touch", "stop") if touched else ("stop", "touch")
        need = "above" if above else "below"
        raise UsageError(
            f"a {side.name.lower()} with {word}={price} waits for a price {need} the market, which is at {best}: "
            f"it would leave at once; did you mean {other}={price}, or no condition?"
        )


def _end(words: Conditions, kind: OrderType, time_in_force: TimeInForce, now_ns: int) -> tuple[TimeInForce, int]:
    """Return the time in force and when it ends; 0 is never."""
    if "good_till" in words:
        if time_in_force not in (TimeInForce.GTC, TimeInForce.GTD):
            raise UsageError(f"good_till contradicts {time_in_force.name}: leave time_in_force out, or say GTD")
        moment: object = words["good_till"]
        if not isinstance(moment, datetime) or moment.tzinfo is None:
            raise TypeError(f"good_till is {moment!r}; expected a datetime with a time zone, such as self.now + …")
        time_in_force = TimeInForce.GTD
        good_till_ns = (moment - EPOCH) // timedelta(microseconds=1) * 1_000
        if good_till_ns <= now_ns:
            raise UsageError(f"good_till {moment.isoformat()} is not in the future")
    elif time_in_force is TimeInForce.GTD:
        raise UsageError("GTD needs the moment: good_till=self.now + timedelta(…)")
    elif time_in_force is TimeInForce.DAY:
        good_till_ns = (now_ns // NS_PER_DAY + 1) * NS_PER_DAY
    else:
        return time_in_force, 0
    if kind is OrderType.MARKET:
        raise UsageError(f"a market order does not stay, so {time_in_force.name} says nothing: give it a price")
    return time_in_force, good_till_ns


def _distance(ticks: int, word: str) -> int:
    if ticks <= 0:
        raise UsageError(f"{word} must be above 0: a stop at no distance is reached at once")
    return ticks


def _ppm(percent: Number) -> int:
    """Return percents as millionths."""
    ppm = exact(lambda value: int(Decimal(value) * PPM_PER_PCT), percent, "trail_pct")
    if not 0 < ppm < 100 * PPM_PER_PCT:
        raise UsageError(f"trail_pct {percent} is not between 0.0001 and 100 percent")
    return ppm
