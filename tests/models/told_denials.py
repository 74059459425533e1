"""What each denial tells of what it saw and what it compared with, on the small desk of tests.models.desk.

The first table is that of a sale of LOT at 100.00 after what spoils it in test_limits.py, with a fee of a thousandth;
the second is that of cases of tests.models.{limit,trip}_cases whose input cannot be used, by their names.
"""

from __future__ import annotations

from engine.messages.orders import DenialReason as D
from tests.models.desk import LOT, NOW_NS, UNIT

SECOND = 10**9
EQUITY = 300_000 * UNIT
WORTH = 105 * UNIT  # of LOT at the collar's edge
INT64_MAX = 2**63 - 1

TOLD = {
    D.MODE_GATE: (0, 1),
    D.STRATEGY_AUTHORISED: (0, 1),
    D.INSTRUMENT_PERMITTED: (0, 1),
    D.VENUE_READY: (0, 1),
    D.MARKET_DATA_FRESH: (0, SECOND),
    D.ORDER_WELL_FORMED: (LOT, 100_00),
    D.PRICE_COLLAR: (100_00, 52_50),
    D.MAX_ORDER_VALUE: (WORTH, 1),
    D.MAX_ORDER_QUANTITY: (LOT, 0),
    D.MAX_MESSAGES: (31, 30),
    D.EXECUTION_THROTTLE: (21, 20),
    D.DUPLICATE_ORDER: (1, 10**6),
    D.MAX_OPEN_ORDERS: (1, 0),
    D.MAX_DAILY_ORDERS: (1, 0),
    D.POSITION_LIMIT: (WORTH, 1),
    D.GROSS_EXPOSURE: (WORTH, EQUITY // 10**6),
    D.NET_EXPOSURE: (WORTH, EQUITY // 10**6),
    D.FUNDS_RESERVED: (UNIT, 1),
    D.DAILY_LOSS: (600 * UNIT, 500 * UNIT),
    D.DRAWDOWN: (1_000 * UNIT, 1_000 * UNIT),
    D.CONSECUTIVE_LOSSES: (5, 5),
    D.REJECT_STREAK: (5, 5),
    D.SELF_TRADE: (100_00, 100_00),
    D.ORDER_TO_TRADE: (1_001, 500),
    D.REDUCE_ONLY: (LOT, 0),
    D.CLOCK_HEALTHY: (10**12, 250_000_000),
    D.AUDIT_HEALTHY: (250_000_001, 250_000_000),
    D.UNKNOWN_ORDERS: (2, 1),
    D.PARENT_CHILD_CAP: (LOT, 1),
    D.HOLD_TIME: (NOW_NS - 1, SECOND),
    D.TURNOVER: (10**17 + WORTH, 10 * EQUITY),
    D.EDGE_TO_COST: (0, 20),
    D.DELTA_LIMIT: (10**6 * UNIT, 10_000 * UNIT),
    D.GAMMA_LIMIT: (10**6 * UNIT, 10_000 * UNIT),
    D.VEGA_LIMIT: (10**6 * UNIT, 10_000 * UNIT),
}

TOLD_OF_INPUTS = {
    "venue: nobody said anything about it": (0, 1),
    "data: no bid": (NOW_NS, NOW_NS),
    "data: from the future": (NOW_NS, NOW_NS - 1),
    "collar: a mid that overflows": (0, 0),
    "value: no rate of the quote currency": (LOT, 105_00),
    "position: equity without a mark": (0, 0),
    "position: lots that overflow": (EQUITY, 0),
    "gross: a position without a mark": (WORTH, 0),
    "net: closing one leg of a hedge without equity": (2 * WORTH, 0),
    "net: a limit that overflows": (WORTH, 0),
    "funds: reservations that overflow": (0, 1_000 * UNIT),
    "funds: a negative balance": (UNIT, -1),
    "slippage: spent in a currency without a rate": (UNIT // 10, UNIT // 2),
    "quantity: older than the quote": (LOT, 10**9),
    "quantity: from the future": (LOT, 10**9),
    "messages: a clock that steps back": (NOW_NS, NOW_NS + 1),
    "day: equity of None": (EQUITY, 0),
    "day: result of None": (EQUITY, EQUITY),
    "peak: equity of None": (EQUITY, 0),
    "row: of None": (0, 5),
    "clock: older": (120 * SECOND + 1, 120 * SECOND),
    "clock: from the future": (-1, 120 * SECOND),
    "audit: older": (5 * SECOND + 1, 5 * SECOND),
    "audit: from the future": (-1, 5 * SECOND),
    "parent: nobody opened it": (LOT, 0),
    "turnover: of None": (0, EQUITY),
    "turnover: a sum that overflows": (INT64_MAX, EQUITY),
    "edge: of -1": (-1, 10**6),
    "greeks: nothing told of another one that is held": (1, 0),
    "greeks: older": (60 * SECOND + 1, 60 * SECOND),
    "greeks: from the future": (-1, 60 * SECOND),
    "greeks: a sum that overflows": (0, 10_000 * UNIT),
}
