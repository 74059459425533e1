"""Whether a price is reached, and where a trailing stop stands: arithmetic in ticks, and nothing else.

Prices of the market come doubled, so that the middle of bid and ask is a whole number like the others. A trailing stop
is moved towards the market alone; `trailed` cannot loosen it whatever it is given.
"""

from __future__ import annotations

from engine.messages.market import Side
from engine.messages.orders import OrderType, TriggerBy

MILLION = 1_000_000

BUY = Side.BUY
MARKET_IF_TOUCHED, LIMIT_IF_TOUCHED = OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED
MID = TriggerBy.MID
AT_MARKET = frozenset({OrderType.MARKET, OrderType.STOP, OrderType.TRAILING_STOP, OrderType.MARKET_IF_TOUCHED})
"""Types whose order leaves as a market order."""


def usable(bid_ticks: int, ask_ticks: int) -> bool:
    """Return whether a best bid and ask may set anything off: both are there, and they are not crossed."""
    return 0 < bid_ticks < ask_ticks


def seen_twice(side: Side, by: TriggerBy, bid_ticks: int, ask_ticks: int) -> int:
    """Return twice the price that an order of this side looks at, of a quote."""
    if by is MID:
        return bid_ticks + ask_ticks
    return 2 * (ask_ticks if side is BUY else bid_ticks)


def reached(kind: OrderType, side: Side, twice: int, trigger_ticks: int) -> bool:
    """Return whether the market is where the order waits for it.

    A stop waits for the market to turn against it: a buy for a rise, a sell for a fall. What is to be touched waits for
    the market to come to it: a buy for a fall, a sell for a rise.
    """
    if (side is BUY) is (kind is MARKET_IF_TOUCHED or kind is LIMIT_IF_TOUCHED):
        return twice <= 2 * trigger_ticks
    return twice >= 2 * trigger_ticks


def trailed(side: Side, level_ticks: int, twice: int, trail_ticks: int, trail_ppm: int) -> int:
    """Return where a trailing stop stands after the market was seen at `twice` / 2; at 0 it stands nowhere yet.

    The distance is `trail_ticks`, or `trail_ppm` millionths of the price, rounded down but one tick at least.
    """
    if side is BUY:
        price_ticks = -(-twice // 2)
        wanted = price_ticks + (trail_ticks or max(price_ticks * trail_ppm // MILLION, 1))
        return min(level_ticks, wanted) if level_ticks else wanted
    price_ticks = twice // 2
    return max(level_ticks, price_ticks - (trail_ticks or max(price_ticks * trail_ppm // MILLION, 1)), 1)
