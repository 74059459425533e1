"""The second half of the table of the checks: rates, losses, health, parents, turnover and Greeks.

As in tests.models.limit_cases: what is allowed, what is at the limit, what is over it, and every input that cannot be
used. Equity of the small desk is 300,000; the mid is 100.00, and LOT is worth 105 at the collar's edge.
"""

from __future__ import annotations

from functools import partial

from engine.messages.orders import DenialReason as D
from tests.models.desk import CAUTIOUS, LOT, NOW_NS, PERSON, QUOTE, UNIT
from tests.models.limit_cases import balance, bound, case, position, quote, send, state
from tests.models.trip_steps import (
    NAN,
    SECOND,
    USELESS,
    audit,
    cancels,
    clock,
    crash,
    day_equity,
    depth,
    each,
    edge,
    fell,
    fills,
    forgive,
    greek_limits,
    greeks,
    held,
    lost,
    only,
    option,
    own,
    pace,
    parent,
    peak_equity,
    rejects,
    result,
    sends,
    streak,
    terms,
    traded,
    unknown,
)

OUT = {"reduce_only": True, "strategy": PERSON}

STATES = [
    case("cautious: an instrument without position or order", D.MODE_GATE, state(CAUTIOUS), send()),
    case("cautious: an instrument with a position", 0, position(LOT), state(CAUTIOUS), send()),
    case("cautious: an instrument with a working order", 0, own(1, 90_00), state(CAUTIOUS), send()),
    case("cautious: the other instrument has them", D.MODE_GATE, own(1, 90_00, 1), state(CAUTIOUS), send()),
    case("cautious: a position that came later is left", 0, state(CAUTIOUS), position(LOT), send(-1)),
    case("cautious: after a crash every instrument is known", 0, crash(), send()),
    case("cautious: a quarter of an order's value", 0, bound(order_value=420 * UNIT), crash(), send()),
    case("cautious: one unit over it", D.MAX_ORDER_VALUE, bound(order_value=420 * UNIT - 1), crash(), send()),
    case("cautious: a quarter of a position", 0, bound(position_value=420 * UNIT), crash(), send()),
    case("cautious: one unit over it", D.POSITION_LIMIT, bound(position_value=420 * UNIT - 1), crash(), send()),
    case("cautious: a quarter of equity", D.GROSS_EXPOSURE, bound(gross_ppm=1_399), crash(), send()),
    case("cautious: half the age", 0, crash(), send(now_ns=NOW_NS + SECOND // 2)),
    case("cautious: a nanosecond older", D.MARKET_DATA_FRESH, crash(), send(now_ns=NOW_NS + SECOND // 2 + 1)),
    case("cautious: one open order is always left", 0, bound(open_instrument=3, open_all=3), crash(), send()),
    case("mode: a state above every other", D.MODE_GATE, state(9), send()),
]

SIZES = [
    case("quantity: a tenth of what stands on the other side", 0, depth(0, 10 * LOT), send()),
    case("quantity: a step more", D.MAX_ORDER_QUANTITY, depth(10**9, 10 * LOT), send(lots=LOT + 10)),
    case("quantity: a sale looks at the bids", 0, depth(10 * LOT, 0), send(-1)),
    case("quantity: nothing there", D.MAX_ORDER_QUANTITY, depth(0, 0), send()),
    case("quantity: a person gets out of a thin book", 0, position(LOT), depth(0, 0), send(-1, **OUT)),
    case("quantity: of this moment", 0, depth(10**9, 10**9, NOW_NS - SECOND), send()),
    case(
        "quantity: older than the quote", D.MAX_ORDER_QUANTITY_INPUT, depth(10**9, 10**9, NOW_NS - SECOND - 1), send()
    ),
    case("quantity: from the future", D.MAX_ORDER_QUANTITY_INPUT, depth(10**9, 10**9, NOW_NS + 1), send()),
    *each("quantity: bids of", D.MAX_ORDER_QUANTITY_INPUT, (*USELESS, -1), lambda value: depth(value, 10**9), send()),
    *each("quantity: asks of", D.MAX_ORDER_QUANTITY_INPUT, (*USELESS, -1), lambda value: depth(10**9, value), send()),
    *each("quantity: at", D.MAX_ORDER_QUANTITY_INPUT, (*USELESS, -1), lambda value: depth(1, 1, value), send()),
]

RATES = [
    case("messages: ten new orders at once", 0, sends(9), send()),
    case("messages: the eleventh", D.MAX_MESSAGES, sends(10), send()),
    case("messages: a tenth of a second later", 0, sends(10), send(now_ns=NOW_NS + SECOND // 10)),
    case("messages: a nanosecond before", D.MAX_MESSAGES, sends(10), send(now_ns=NOW_NS + SECOND // 10 - 1)),
    case("messages: of another strategy", 0, sends(10), send(strategy=1)),
    case("messages: thirty with cancels", 0, cancels(29), send()),
    case("messages: the thirty-first", D.MAX_MESSAGES, cancels(30), send()),
    case("messages: a person getting out", 0, position(LOT), cancels(50, PERSON), send(-1, **OUT)),
    case("messages: what waits with us is none", 0, sends(10), send(park=True)),
    case(
        "messages: the venue's, with a fifth for cancels",
        0,
        lambda d: d.limits.rates.set_venue_limit(0, 10, SECOND),
        sends(5),
        send(),
    ),
    case(
        "messages: one more for the venue",
        D.MAX_MESSAGES,
        lambda d: d.limits.rates.set_venue_limit(0, 10, SECOND),
        sends(6),
        send(),
    ),
    case("messages: a clock that steps back", D.MAX_MESSAGES_INPUT, send(now_ns=NOW_NS + 1), send(lots=2 * LOT)),
    case("fills: twenty", 0, fills(20), send()),
    case("fills: twenty-one", D.EXECUTION_THROTTLE, fills(21), send()),
    case("fills: twenty of each side", 0, fills(20), fills(20, -1), send()),
    case(
        "fills: twenty, and one when the window has passed", 0, fills(20), fills(1, now_ns=NOW_NS + 62 * SECOND), send()
    ),
    case(
        "fills: it does not end by itself",
        D.EXECUTION_THROTTLE,
        fills(21),
        quote(0, time_ns=NOW_NS + 999 * SECOND),
        send(now_ns=NOW_NS + 999 * SECOND),
    ),
    case("fills: a person enables it again", 0, fills(21), forgive(), send()),
    case("fills: and counts anew", 0, fills(21), forgive(), fills(20), send()),
    case("rejects: four in a row", 0, rejects(0, 1, 2, 3), send()),
    case("rejects: five within ten seconds", D.REJECT_STREAK, rejects(0, 1, 2, 3, 10), send()),
    case("rejects: five within more", 0, rejects(0, 1, 2, 3, 11), send()),
    case("rejects: the last five of many", D.REJECT_STREAK, rejects(0, 20, 21, 22, 23, 24), send()),
    case("rejects: a person enables it again", 0, rejects(0, 1, 2, 3, 4), forgive(), send()),
    case(
        "rejects: a row that was broken",
        0,
        rejects(0, 1, 2, 3),
        lambda d: d.limits.rates.note_accept(0),
        rejects(4),
        send(),
    ),
    case("trades: few messages are never too many", 0, pace(trade_from=3, trade_ratio=1), cancels(1), send()),
    case("trades: too many without a fill", D.ORDER_TO_TRADE, pace(trade_from=3, trade_ratio=2), cancels(2), send()),
    case("trades: as many as the fills allow", 0, pace(trade_from=3, trade_ratio=2), cancels(3), fills(2), send()),
    case("trades: one more", D.ORDER_TO_TRADE, pace(trade_from=3, trade_ratio=2), cancels(4), fills(2), send()),
    case(
        "trades: of more than ten minutes ago",
        0,
        pace(trade_from=3, trade_ratio=1),
        cancels(5, 1, NOW_NS - 620 * SECOND),
        send(),
    ),
    case(
        "trades: a person getting out",
        0,
        position(LOT),
        pace(trade_from=3, trade_ratio=1),
        cancels(5, 1),
        send(-1, **OUT),
    ),
]

LOST = [
    case("day: less than half of the limit", 0, lost(249.99), send()),
    case("day: half of it", D.DAILY_LOSS, lost(250), send()),
    case("day: half of it, and reducing", 0, position(LOT), lost(499.99), send(-1, reduce_only=True)),
    case("day: half of it, and reducing without saying so", D.DAILY_LOSS, position(LOT), lost(250), send(-1)),
    case("day: all of it, and reducing", D.DAILY_LOSS, position(LOT), lost(500), send(-1, reduce_only=True)),
    case("day: all of it, and a person gets out", 0, position(LOT), lost(500), send(-1, **OUT)),
    case("day: the part of equity is tighter", D.DAILY_LOSS, lost(150.1, day_ppm=1_000), send()),
    case("day: the part of equity is not reached", 0, lost(150.0, day_ppm=1_000), send()),
    case("day: a gain", 0, lost(-10_000), send()),
    case(
        "day: more than is counted",
        D.DAILY_LOSS,
        day_equity(2**63 - 1),
        lambda d: d.account.set_balance(1, -(2**62)),
        position(LOT),
        send(-1, reduce_only=True),
    ),
    *each("day: equity of", D.DAILY_LOSS_INPUT, (*USELESS, 0, -1), day_equity, send()),
    *each("day: reducing with equity of", 0, (None, 0), day_equity, position(LOT), send(-1)),
    case("day: told anew", 0, day_equity(None), day_equity(300_000 * UNIT), send()),
    case("day: the result decides, not equity", 0, result(-249.99), balance(QUOTE, 90_000 * UNIT), send()),
    case("day: half of it by the result", D.DAILY_LOSS, result(-250.0), send()),
    case("day: all of it by the result", D.DAILY_LOSS, position(LOT), result(-500.0), send(-1, reduce_only=True)),
    *each("day: result of", D.DAILY_LOSS_INPUT, (None, NAN, "1", 2**63, -(2**63)), result, send()),
    case("peak: less than half of the limit", 0, fell(499.99), send()),
    case("peak: half of it", D.DRAWDOWN, fell(500), send()),
    case("peak: half of it, and reducing", 0, position(LOT), fell(999.99), send(-1, reduce_only=True)),
    case("peak: all of it, and reducing", D.DRAWDOWN, position(LOT), fell(1_000), send(-1, reduce_only=True)),
    case("peak: all of it, and a person gets out", 0, position(LOT), fell(1_000), send(-1, **OUT)),
    case("peak: the part of equity is tighter", D.DRAWDOWN, fell(150.1, peak_ppm=1_000), send()),
    *each("peak: equity of", D.DRAWDOWN_INPUT, (*USELESS, 0, -1), peak_equity, send()),
    case("row: four", 0, streak(4), send()),
    case("row: five", D.CONSECUTIVE_LOSSES, streak(5), send()),
    case("row: five, and reducing", 0, position(LOT), streak(5), send(-1, reduce_only=True)),
    case("row: ended", 0, streak(5), streak(0), send()),
    *each("row: of", D.CONSECUTIVE_LOSSES_INPUT, (*USELESS, -1), streak, send()),
    case("row: unusable, and reducing", 0, position(LOT), streak(None), send(-1)),
]

OWN = [
    case("own: a buy below our sell", 0, own(-1, 100_01), send()),
    case("own: a buy at our sell", D.SELF_TRADE, own(-1, 100_00), send()),
    case("own: a sale above our buy", 0, own(1, 99_99), send(-1)),
    case("own: a sale at our buy", D.SELF_TRADE, own(1, 100_00), send(-1)),
    case("own: a market order that reaches it", D.SELF_TRADE, own(-1, 104_00), send(price=0, kind=2)),
    case("own: in another instrument", 0, own(-1, 100_00, 1), send()),
    case("own: one that cannot rest", 0, send(-1, time_in_force=2), send()),
    case("own: one of another strategy", D.SELF_TRADE, send(-1, strategy=1), send()),
    case("own: one that waits with us", 0, send(-1, park=True), send()),
    case("own: what waits with us reaches nobody", 0, own(-1, 100_00), send(park=True)),
    case("own: a person gets out", 0, position(LOT), own(1, 100_00), send(-1, **OUT)),
]

HEALTHY = [
    case("clock: as far as allowed", 0, clock(250_000_000), send()),
    case("clock: a nanosecond further", D.CLOCK_HEALTHY, clock(250_000_001), send()),
    case("clock: behind", D.CLOCK_HEALTHY, clock(-250_000_001), send()),
    case("clock: behind as far as allowed", 0, clock(-250_000_000), send()),
    case("clock: it jumped", D.CLOCK_HEALTHY, clock(-200_000_000), clock(200_000_000), send()),
    case("clock: it jumped and stays", 0, clock(-200_000_000), clock(200_000_000), clock(200_000_000), send()),
    case("clock: as old as allowed", 0, clock(0, NOW_NS - 120 * SECOND), send()),
    case("clock: older", D.CLOCK_HEALTHY_INPUT, clock(0, NOW_NS - 120 * SECOND - 1), send()),
    case("clock: from the future", D.CLOCK_HEALTHY_INPUT, clock(0, NOW_NS + 1), send()),
    *each("clock: off by", D.CLOCK_HEALTHY_INPUT, USELESS, clock, send()),
    *each("clock: at", D.CLOCK_HEALTHY_INPUT, (*USELESS, -1), lambda value: clock(0, value), send()),
    case("clock: far beyond", D.CLOCK_HEALTHY, clock(2**63 - 1), send()),
    case("clock: ill, and a person gets out", 0, position(LOT), clock(None), send(-1, **OUT)),
    case("audit: as late as allowed", 0, audit(lag_ns=250_000_000), send()),
    case("audit: a nanosecond later", D.AUDIT_HEALTHY, audit(lag_ns=250_000_001), send()),
    case("audit: nearly full", 0, audit(backlog_pct=79), send()),
    case("audit: full", D.AUDIT_HEALTHY, audit(backlog_pct=80), send()),
    case("audit: not durable", D.AUDIT_HEALTHY, audit(False), send()),
    case("audit: as old as allowed", 0, audit(time_ns=NOW_NS - 5 * SECOND), send()),
    case("audit: older", D.AUDIT_HEALTHY_INPUT, audit(time_ns=NOW_NS - 5 * SECOND - 1), send()),
    case("audit: from the future", D.AUDIT_HEALTHY_INPUT, audit(time_ns=NOW_NS + 1), send()),
    *each("audit: durable", D.AUDIT_HEALTHY_INPUT, (None, 1, "yes"), audit, send()),
    *each("audit: late by", D.AUDIT_HEALTHY_INPUT, (*USELESS, -1), lambda value: audit(True, value), send()),
    *each("audit: full to", D.AUDIT_HEALTHY_INPUT, (*USELESS, -1), lambda value: audit(True, 0, value), send()),
    *each("audit: at", D.AUDIT_HEALTHY_INPUT, (*USELESS, -1), lambda value: audit(True, 0, 0, value), send()),
    case("audit: ill, and a person gets out", 0, position(LOT), audit(None), send(-1, **OUT)),
    case("unknown: one in the instrument", 0, unknown(0), send()),
    case("unknown: two in the instrument", D.UNKNOWN_ORDERS, unknown(0, 0), send()),
    case("unknown: two in the other one", 0, unknown(1, 1), send()),
    case("unknown: three in all", 0, unknown(0, 1, 1), send()),
    case("unknown: four in all", D.UNKNOWN_ORDERS, unknown(0, 1, 1, 1), send()),
    case("unknown: two, and reducing", 0, position(LOT), unknown(0, 0), send(-1, reduce_only=True)),
    case("unknown: two, and one was found", 0, unknown(0, 0), lambda d: d.exposure.set_unknown(65_536, False), send()),
    case("unknown: two, and one is over", 0, unknown(0, 0), lambda d: d.exposure.release(65_536), send()),
]

PARTS = [
    case("parent: all of it", 0, parent(LOT), send()),
    case("parent: a lot more", D.PARENT_CHILD_CAP, parent(LOT - 1), send()),
    case("parent: what is filled counts", D.PARENT_CHILD_CAP, parent(2 * LOT, LOT + 1), send()),
    case("parent: what lives counts", D.PARENT_CHILD_CAP, parent(3 * LOT), send(), send(lots=2 * LOT + 10)),
    case("parent: both together", 0, parent(3 * LOT), send(), send(lots=2 * LOT)),
    case("parent: nobody opened it", D.PARENT_CHILD_CAP_INPUT, terms(parent=7), send()),
    case("parent: of another strategy", D.PARENT_CHILD_CAP_INPUT, parent(LOT), send(strategy=1)),
    case("parent: closed", D.PARENT_CHILD_CAP_INPUT, parent(LOT), lambda d: d.limits.parents.close(0, 7), send()),
    *each("parent: intent", D.PARENT_CHILD_CAP_INPUT, (-1, 2**62), lambda value: terms(parent=value), send()),
    case("hold: off", 0, held(1, 0), send()),
    case("hold: as long as allowed", 0, held(NOW_NS - SECOND), send()),
    case("hold: longer", D.HOLD_TIME, held(NOW_NS - SECOND - 1), send()),
    case("hold: longer, and reducing", 0, position(LOT), held(1), send(-1)),
    case("hold: nothing held", 0, held(0), send()),
    case("turnover: as much as allowed", 0, traded(2_999_895 * UNIT), send()),
    case("turnover: a unit more", D.TURNOVER, traded(2_999_895 * UNIT + 1), send()),
    case("turnover: more, and reducing", 0, position(LOT), traded(2**62), send(-1)),
    case("turnover: a sum that overflows", D.TURNOVER_INPUT, traded(2**63 - 1), send()),
    *each("turnover: of", D.TURNOVER_INPUT, (*USELESS, -1), traded, send()),
    case("edge: as much as it takes", 0, terms(edge_bps=20), send(price=100_10)),
    case("edge: less", D.EDGE_TO_COST, terms(edge_bps=19), send(price=100_10)),
    case("edge: a market order pays the spread", D.EDGE_TO_COST, terms(edge_bps=19), send(price=0, kind=2)),
    case("edge: a sale pays it as well", D.EDGE_TO_COST, terms(edge_bps=19), send(-1, price=99_90)),
    case("edge: a market sale", 0, terms(edge_bps=20), send(-1, price=0, kind=2)),
    case("edge: an order at the mid costs a fee alone", 0, terms(edge_bps=0), send()),
    case("edge: not said", 0, terms(edge_bps=None, parent=0), send(price=100_10)),
    case("edge: no ratio asked for", 0, edge(0), terms(edge_bps=0), send(price=100_10)),
    case("edge: reducing", 0, position(LOT), terms(edge_bps=0), send(-1, price=99_90)),
    *each("edge: of", D.EDGE_TO_COST_INPUT, (-1, 10**6 + 1, 2**62), lambda value: terms(edge_bps=value), send()),
]

CURVED = [
    case("greeks: no option", 0, option(True, 1), greeks(9e9, 9e9, 9e9, instrument=1), send()),
    case("greeks: no option and nothing told", 0, option(False), send()),
    case("greeks: nothing told", D.GREEKS_INPUT, option(), send()),
    case("greeks: nothing told, and reducing", 0, position(LOT), option(), send(-1)),
    case("greeks: nothing told, and a person gets out", 0, position(LOT), option(), send(-1, **OUT)),
    case(
        "greeks: nothing told of another one that is held",
        D.GREEKS_INPUT,
        option(),
        greeks(0, 0, 0),
        option(True, 1),
        position(1, 1),
        send(),
    ),
    case("greeks: as old as allowed", 0, option(), greeks(1, 1, 1, time_ns=NOW_NS - 60 * SECOND), send()),
    case("greeks: older", D.GREEKS_INPUT, option(), greeks(1, 1, 1, time_ns=NOW_NS - 60 * SECOND - 1), send()),
    case("greeks: from the future", D.GREEKS_INPUT, option(), greeks(1, 1, 1, time_ns=NOW_NS + 1), send()),
    case(
        "greeks: a sum that overflows",
        D.GREEKS_INPUT,
        option(True, 1),
        greeks(6e9, 0, 0, instrument=1),
        position(2**40, 1),
        bound(gross_ppm=10**11, net_ppm=10**11),
        option(),
        greeks(1, 0, 0),
        send(),
    ),
    *[
        found
        for number, name, code in ((0, "delta", D.DELTA_LIMIT), (1, "gamma", D.GAMMA_LIMIT), (2, "vega", D.VEGA_LIMIT))
        for one in [tuple(100.5 if number == place else 0 for place in range(3))]
        for found in (
            case(
                f"{name}: at the limit",
                0,
                greek_limits(10_050_000_000),
                option(),
                greeks(one[0], one[1], one[2]),
                send(),
            ),
            case(
                f"{name}: over it", code, greek_limits(10_049_999_999), option(), greeks(one[0], one[1], one[2]), send()
            ),
            case(
                f"{name}: short", code, greek_limits(10_049_999_999), option(), greeks(one[0], one[1], one[2]), send(-1)
            ),
            case(
                f"{name}: over all",
                code,
                greek_limits(10**15, 10_049_999_999),
                option(),
                greeks(one[0], one[1], one[2]),
                send(),
            ),
            case(
                f"{name}: over it, and smaller with it",
                0,
                greek_limits(10_049_999_999),
                position(-3 * LOT),
                option(),
                greeks(one[0], one[1], one[2]),
                send(),
            ),
            case(
                f"{name}: a quarter in CAUTIOUS",
                code,
                greek_limits(4 * 10_050_000_000 - 4),
                option(),
                greeks(one[0], one[1], one[2]),
                crash(),
                send(),
            ),
            *each(
                f"{name}: of",
                D.GREEKS_INPUT,
                (None, NAN, float("inf"), 1e300, 10**400, "1"),
                partial(only, number),
                send(),
            ),
        )
    ],
]
CURVED = [
    found._replace(steps=(option(), *found.steps)) if found.code == D.GREEKS_INPUT and ": of" in found.name else found
    for found in CURVED
]

TRIPS = [*STATES, *SIZES, *RATES, *LOST, *OWN, *HEALTHY, *PARTS, *CURVED]
