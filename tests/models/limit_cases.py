"""The table of the checks: what is done to the small desk, and how the last order of it is answered.

A case is a name, the expected DenialReason (0: approved) and the steps; for each check there is one that is allowed,
one at the limit, one over it, and one for each input that is missing, stale, negative or overflowing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from engine.messages.orders import DenialReason as D
from tests.models.desk import (
    BASE,
    EMERGENCY,
    LOT,
    NOW_NS,
    OTHER,
    PERSON,
    PROTECTIVE,
    QUOTE,
    THIRD,
    UNIT,
    Desk,
)

INT64_MAX = 2**63 - 1
MIDNIGHT_NS = NOW_NS // 86_400_000_000_000 * 86_400_000_000_000

type_of_step = Callable[[Desk], Any]


class Case(NamedTuple):
    """What is done to a desk, and the code of the last step."""

    name: str
    code: int
    steps: tuple[type_of_step, ...]


def case(name: str, code: int, *steps: type_of_step) -> Case:
    """Make a case."""
    return Case(name, code, steps)


def send(*arguments: int, **more: Any) -> type_of_step:
    """Have an order judged."""
    return lambda desk: desk.send(*arguments, **more)


def quote(*arguments: int, **more: int) -> type_of_step:
    """Bring a quote."""
    return lambda desk: desk.quote(*arguments, **more)


def bound(**bounds: int) -> type_of_step:
    """Change limits."""
    return lambda desk: desk.bound(**bounds)


def rules(**changed: Any) -> type_of_step:
    """Change the venue's rules of instrument 0."""
    return lambda desk: desk.filter(0, **changed)


def ready(word: bool | None) -> type_of_step:
    """Say whether the venue takes orders of instrument 0."""
    return lambda desk: desk.filters.set_ready(0, word)


def state(trading_state: int) -> type_of_step:
    """Change the trading state."""
    return lambda desk: desk.limits.set_state(trading_state)


def position(lots: int, instrument: int = 0) -> type_of_step:
    """Start with a position."""
    return lambda desk: desk.exposure.move(instrument, lots)


def balance(asset: int, money: int) -> type_of_step:
    """Own this much of an asset."""
    return lambda desk: desk.account.set_balance(asset, money)


def balances(money: int, *assets: int) -> type_of_step:
    """Own this much of each asset."""

    def step(desk: Desk) -> None:
        for asset in assets:
            desk.account.set_balance(asset, money)

    return step


def rate(*arguments: int) -> type_of_step:
    """Change the rate of an instrument's quote currency."""
    return lambda desk: desk.exposure.rate(*arguments)


def daily(now_ns: int, count: int) -> type_of_step:
    """Have approved so many orders on a day."""
    return lambda desk: desk.limits.set_daily_count(now_ns, count)


def stale() -> type_of_step:
    """Lose the book of instrument 0."""
    return lambda desk: desk.marks.on_status(0, False)


def slippage(spent: int = 0, instrument: int = 0, **bounds: int) -> type_of_step:
    """Change the slippage budgets, of which some is spent; half a spread costs 0.10, a thousand ppm."""

    def step(desk: Desk) -> None:
        desk.limits.slippage.set_bounds(**({"trade_ppm": 5_000, "alert_ppm": 3_000, "session": 10 * UNIT} | bounds))
        desk.limits.slippage.spend(instrument, spent, NOW_NS)

    return step


def take(side: int = 1, **more: Any) -> type_of_step:
    """Have an order judged that trades at once."""
    return send(side, LOT, 100_10 if side > 0 else 99_90, **more)


CASES = [
    case("an ordinary order", 0, send()),
    case("an ordinary sale", 0, send(-1)),
    # C01
    case("mode: EMERGENCY", D.MODE_GATE, state(EMERGENCY), send()),
    case("mode: a state that nobody knows", D.MODE_GATE, state(-1), send()),
    case(
        "mode: EMERGENCY and a strategy that reduces",
        D.MODE_GATE,
        position(LOT),
        state(EMERGENCY),
        send(-1, reduce_only=True),
    ),
    case(
        "mode: EMERGENCY and a person who reduces",
        0,
        position(LOT),
        state(EMERGENCY),
        send(-1, reduce_only=True, strategy=PERSON),
    ),
    case(
        "mode: EMERGENCY and a person who reduces one lot too many",
        D.MODE_GATE,
        position(LOT),
        state(EMERGENCY),
        send(-1, LOT + 10, reduce_only=True, strategy=PERSON),
    ),
    # C02
    case("strategy: enabled", 0, send(strategy=1)),
    case("strategy: not enabled", D.STRATEGY_AUTHORISED, send(strategy=2)),
    case("strategy: unknown", D.STRATEGY_AUTHORISED, send(strategy=3)),
    case("strategy: negative", D.STRATEGY_AUTHORISED, send(strategy=-2)),
    case("strategy: overflowing", D.STRATEGY_AUTHORISED, send(strategy=INT64_MAX)),
    # C03
    case("instrument: the other one", 0, send(instrument=1)),
    case("instrument: blocked", D.INSTRUMENT_PERMITTED, rules(permitted=False), send()),
    case("instrument: unknown", D.INSTRUMENT_PERMITTED, send(instrument=2)),
    case("instrument: negative", D.INSTRUMENT_PERMITTED, send(instrument=-1)),
    # C04
    case("venue: ready again", 0, ready(False), ready(True), send()),
    case("venue: not ready", D.VENUE_READY, ready(False), send()),
    case("venue: nobody said anything about it", D.VENUE_READY_INPUT, ready(None), send()),
    # C05
    case("data: as old as allowed", 0, send(now_ns=NOW_NS + 10**9)),
    case("data: one nanosecond too old", D.MARKET_DATA_FRESH, send(now_ns=NOW_NS + 10**9 + 1)),
    case("data: STALE", D.MARKET_DATA_FRESH, stale(), send()),
    case("data: crossed", D.MARKET_DATA_FRESH, quote(0, 100_10, 99_90), send()),
    case("data: locked", D.MARKET_DATA_FRESH, quote(0, 100_00, 100_00), send()),
    case("data: one tick apart", 0, quote(0, 100_00, 100_01), send()),
    case("data: no bid", D.MARKET_DATA_FRESH_INPUT, quote(0, 0, 100_10), send()),
    case("data: no ask", D.MARKET_DATA_FRESH_INPUT, quote(0, 99_90, 0), send()),
    case("data: negative", D.MARKET_DATA_FRESH_INPUT, quote(0, -1, 100_10), send()),
    case("data: from the future", D.MARKET_DATA_FRESH_INPUT, send(now_ns=NOW_NS - 1)),
    case("data: the oldest that is counted", D.MARKET_DATA_FRESH, quote(0, time_ns=0), send(now_ns=INT64_MAX)),
    case(
        "data: an age that overflows", D.MARKET_DATA_FRESH_INPUT, quote(0, time_ns=-INT64_MAX), send(now_ns=INT64_MAX)
    ),
    # C06: the rest in test_filters.py
    case("form: off the step", D.ORDER_WELL_FORMED, send(lots=LOT + 1)),
    case("form: no lots", D.ORDER_WELL_FORMED, send(lots=0)),
    case("form: no side", D.ORDER_WELL_FORMED, send(0)),
    # C07: 95.00 to 105.00
    case("collar: at the upper edge", 0, send(price=105_00)),
    case("collar: one above", D.PRICE_COLLAR, send(price=105_01)),
    case("collar: at the lower edge", 0, send(-1, price=95_00)),
    case("collar: one below", D.PRICE_COLLAR, send(-1, price=94_99)),
    case("collar: far away on the passive side", D.PRICE_COLLAR, send(price=94_99)),
    case("collar: a market order", 0, send(price=0, kind=2)),
    case(
        "collar: a market order without a legal price inside",
        D.PRICE_COLLAR,
        rules(price_step_ticks=200_00),
        send(price=0, kind=2),
    ),
    case("collar: of a single tick", D.PRICE_COLLAR, rules(notional_min=0), quote(0, 1, 2), send(price=1)),
    case("collar: a mid that overflows", D.PRICE_COLLAR_INPUT, quote(0, INT64_MAX - 1, INT64_MAX), send()),
    # C08
    case("value: at the limit", 0, bound(order_value=105 * UNIT), send()),
    case("value: one unit over", D.MAX_ORDER_VALUE, bound(order_value=105 * UNIT - 1), send()),
    case(
        "value: a tenth in PROTECTIVE",
        D.MAX_ORDER_VALUE,
        position(100 * LOT),
        state(PROTECTIVE),
        send(-1, 50 * LOT, reduce_only=True),
    ),
    case("value: no rate of the quote currency", D.MAX_ORDER_VALUE_INPUT, rate(0, 0, 0), send()),
    case(
        "value: a price that makes it overflow",
        D.MAX_ORDER_VALUE_INPUT,
        rules(price_ticks_max=0),
        quote(0, 1, INT64_MAX - 1),
        send(lots=10, price=0, kind=2),
    ),
    case(
        "value: lots that make it overflow", D.MAX_ORDER_VALUE_INPUT, rules(lots_max=0), send(lots=INT64_MAX // 10 * 10)
    ),
    # C12: the rest in test_recents.py
    case("duplicate: the next number", 0, send(intent=7), send(intent=8, lots=20 * LOT)),
    case("duplicate: the same number", D.DUPLICATE_ORDER, send(intent=7), send(intent=7, lots=2 * LOT)),
    case("duplicate: a negative number", D.DUPLICATE_ORDER, send(intent=-1)),
    case("duplicate: a number that was denied", D.DUPLICATE_ORDER, send(intent=7, lots=0), send(intent=7)),
    case("duplicate: the same order again", D.DUPLICATE_ORDER, send(), send()),
    case("duplicate: the same order when the window has passed", 0, send(), send(now_ns=NOW_NS + 500_000_000)),
    case("duplicate: one nanosecond before", D.DUPLICATE_ORDER, send(), send(now_ns=NOW_NS + 499_999_999)),
    # C13
    case("open: at the limit of the instrument", 0, bound(open_instrument=2), send(), send(lots=2 * LOT)),
    case("open: one over in the instrument", D.MAX_OPEN_ORDERS, bound(open_instrument=1), send(), send(lots=2 * LOT)),
    case("open: one over in all", D.MAX_OPEN_ORDERS, bound(open_all=1), send(), send(instrument=1)),
    case("daily: at the limit", 0, daily(NOW_NS, 99), send()),
    case("daily: one over", D.MAX_DAILY_ORDERS, daily(NOW_NS, 100), send()),
    case("daily: yesterday's", 0, daily(MIDNIGHT_NS - 1, 100), send()),
    case(
        "daily: a person getting out", 0, position(LOT), daily(NOW_NS, 100), send(-1, reduce_only=True, strategy=PERSON)
    ),
    case("daily: a person who does not", D.MAX_DAILY_ORDERS, daily(NOW_NS, 100), send(strategy=PERSON)),
    case(
        "daily: a strategy getting out",
        D.MAX_DAILY_ORDERS,
        position(LOT),
        daily(NOW_NS, 100),
        send(-1, reduce_only=True),
    ),
    # C14
    case("position: at the limit", 0, bound(position_value=105 * UNIT), send()),
    case("position: one unit over", D.POSITION_LIMIT, bound(position_value=105 * UNIT - 1), send()),
    case("position: at the relative limit", 0, bound(position_ppm=350), send()),
    case("position: over the relative limit", D.POSITION_LIMIT, bound(position_ppm=349), send()),
    case(
        "position: what is open counts",
        D.POSITION_LIMIT,
        bound(position_value=314 * UNIT),
        position(LOT),
        send(),
        send(price=100_01),
    ),
    case(
        "position: a sale from a long position does not count as short",
        0,
        bound(position_value=1),
        position(LOT),
        send(-1),
    ),
    case(
        "position: a flip counts with what is short",
        D.POSITION_LIMIT,
        bound(position_value=105 * UNIT - 1),
        position(LOT),
        send(-1, 2 * LOT),
    ),
    case(
        "position: a limit that overflows",
        D.POSITION_LIMIT_INPUT,
        balance(QUOTE, INT64_MAX // 2),
        bound(position_ppm=10**7),
        send(),
    ),
    case("position: equity without a mark", D.POSITION_LIMIT_INPUT, balance(THIRD, 1), send()),
    case("position: equity that overflows", D.POSITION_LIMIT_INPUT, balance(QUOTE, INT64_MAX), send()),
    case("position: no equity", D.POSITION_LIMIT, balances(0, BASE, QUOTE, OTHER), send()),
    case(
        "position: lots that overflow",
        D.POSITION_LIMIT_INPUT,
        bound(order_value=INT64_MAX),
        rules(lots_max=0),
        position(INT64_MAX // 2),
        send(lots=10**11),
    ),
    # C15
    case("gross: at the limit", 0, bound(gross_ppm=350), send()),
    case("gross: over the limit", D.GROSS_EXPOSURE, bound(gross_ppm=349), send()),
    case("gross: what is there counts once", 0, bound(gross_ppm=700), send(), send(price=100_01)),
    case("gross: and over it", D.GROSS_EXPOSURE, bound(gross_ppm=699), send(), send(price=100_01)),
    case("gross: all instruments count", D.GROSS_EXPOSURE, bound(gross_ppm=699), send(instrument=1), send()),
    case(
        "gross: an order that leaves the worst case as it is",
        0,
        bound(gross_ppm=1, net_ppm=10**6),
        position(2 * LOT),
        send(-1, 3 * LOT),
    ),
    case(
        "gross: a buy that leaves the worst case as it is",
        0,
        bound(gross_ppm=1, net_ppm=10**6),
        position(-2 * LOT),
        send(1, 3 * LOT),
    ),
    case("gross: a position without a mark", D.GROSS_EXPOSURE_INPUT, position(LOT, 1), rate(1, 0, 0), send()),
    case(
        "gross: a limit that overflows",
        D.GROSS_EXPOSURE_INPUT,
        balance(QUOTE, INT64_MAX // 2),
        bound(gross_ppm=10**7),
        send(),
    ),
    case("net: at the limit", 0, bound(net_ppm=350), send()),
    case("net: over the limit", D.NET_EXPOSURE, bound(net_ppm=349), send()),
    case("net: what is long counts once", 0, bound(net_ppm=700), send(), send(price=100_01)),
    case("net: what is short counts once", 0, bound(net_ppm=700), send(-1), send(-1, price=100_01)),
    case("net: a person over the limit", D.NET_EXPOSURE, bound(net_ppm=349), send(strategy=PERSON)),
    case("net: over the limit on the short side", D.NET_EXPOSURE, bound(net_ppm=349), send(-1)),
    case("net: a short position elsewhere offsets, at the low edge", 0, bound(net_ppm=34), position(-LOT, 1), send()),
    case(
        "net: closing one leg of a hedge",
        D.NET_EXPOSURE,
        bound(net_ppm=349),
        position(LOT),
        position(-2 * LOT, 1),
        send(-1),
    ),
    case(
        "net: a person closing one leg of a hedge",
        0,
        bound(net_ppm=349),
        position(LOT),
        position(-2 * LOT, 1),
        send(-1, reduce_only=True, strategy=PERSON),
    ),
    case(
        "net: closing one leg of a hedge without equity",
        D.NET_EXPOSURE_INPUT,
        position(LOT),
        position(-2 * LOT, 1),
        balance(THIRD, 1),
        send(-1),
    ),
    case(
        "net: closing one leg of a hedge beside a position without a mark",
        D.NET_EXPOSURE_INPUT,
        position(2 * LOT),
        position(LOT, 1),
        rate(1, 0, 0),
        send(-1),
    ),
    case(
        "net: a limit that overflows",
        D.NET_EXPOSURE_INPUT,
        balance(QUOTE, INT64_MAX // 2),
        bound(net_ppm=10**7),
        send(),
    ),
    # C16
    case("funds: exactly enough", 0, bound(position_ppm=10**6), balance(QUOTE, 100 * UNIT), send()),
    case("funds: one unit short", D.FUNDS_RESERVED, bound(position_ppm=10**6), balance(QUOTE, 100 * UNIT - 1), send()),
    case("funds: a sale of what we have", 0, balance(BASE, UNIT), send(-1)),
    case("funds: a sale of one lot more", D.FUNDS_RESERVED, balance(BASE, UNIT), send(-1, LOT + 10)),
    case(
        "funds: what is reserved is not there twice", D.FUNDS_RESERVED, balance(BASE, UNIT), send(-1), send(-1, 10**3)
    ),
    case(
        "funds: reservations that overflow",
        D.FUNDS_RESERVED_INPUT,
        bound(order_value=INT64_MAX),
        position(10**15),
        lambda desk: desk.exposure.reserve(0, -1, 1, INT64_MAX // 10_000 - 10**6),
        send(-1, 10**8, reduce_only=True, strategy=PERSON),
    ),
    case("funds: no account in the asset", D.FUNDS_RESERVED, balance(BASE, 0), send(-1)),
    case("funds: a negative balance", D.FUNDS_RESERVED_INPUT, balance(BASE, -1), send(-1)),
    # C22
    case("reduce: at most what is held", 0, position(LOT), send(-1, reduce_only=True)),
    case("reduce: one step more", D.REDUCE_ONLY, position(LOT), send(-1, LOT + 10, reduce_only=True)),
    case("reduce: nothing held", D.REDUCE_ONLY, send(reduce_only=True)),
    case(
        "reduce: what other orders reduce already",
        D.REDUCE_ONLY,
        position(LOT),
        send(-1, reduce_only=True),
        send(-1, 1_000, reduce_only=True),
    ),
    case("reduce: a short position", 0, position(-LOT), send(1, reduce_only=True)),
    case(
        "reduce: what other orders buy back already",
        D.REDUCE_ONLY,
        position(-LOT),
        send(1, reduce_only=True),
        send(1, 1_000, reduce_only=True),
    ),
    case("reduce: required in PROTECTIVE", D.REDUCE_ONLY, position(LOT), state(PROTECTIVE), send(-1)),
    case("reduce: done in PROTECTIVE", 0, position(LOT), state(PROTECTIVE), send(-1, reduce_only=True)),
    case("reduce: required without equity", D.REDUCE_ONLY, position(LOT), balance(QUOTE, -200_000 * UNIT), send(-1)),
    case(
        "reduce: required where equity is nothing",
        D.REDUCE_ONLY,
        position(LOT),
        balances(UNIT, BASE),
        balances(0, OTHER),
        balance(QUOTE, -100 * UNIT),
        send(-1),
    ),
    case(
        "reduce: not where it is the least there can be",
        0,
        position(LOT),
        balances(UNIT, BASE),
        balances(0, OTHER),
        balance(QUOTE, -100 * UNIT + 1),
        send(-1),
    ),
    case(
        "reduce: equity that nobody knows does not keep us in",
        0,
        position(LOT),
        balance(THIRD, 1),
        send(-1, reduce_only=True),
    ),
    # after C29
    case("slippage: within the budgets", 0, slippage(), take()),
    case("slippage: of a trade at its limit", 0, slippage(trade_ppm=1_000), take()),
    case("slippage: of a trade over it", D.SLIPPAGE_BUDGET, slippage(trade_ppm=999), take()),
    case("slippage: of a sale over it", D.SLIPPAGE_BUDGET, slippage(trade_ppm=999), take(-1)),
    case("slippage: an order that rests", 0, slippage(trade_ppm=1), send()),
    case("slippage: a post-only order", 0, slippage(trade_ppm=1), take(post_only=True)),
    case("slippage: of the day at its limit", 0, slippage(99 * UNIT // 10), take()),
    case("slippage: of the day over it", D.SLIPPAGE_BUDGET, slippage(99 * UNIT // 10 + 1), take()),
    case("slippage: what only reduces", 0, position(LOT), slippage(11 * UNIT, trade_ppm=1), take(-1)),
    case(
        "slippage: spent in a currency without a rate", D.SLIPPAGE_BUDGET_INPUT, slippage(1, 1), rate(1, 0, 0), take()
    ),
    case("slippage: spent beyond counting", D.SLIPPAGE_BUDGET, slippage(INT64_MAX), take()),
]
