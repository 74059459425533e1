"""What the simulated venue allows: its instruments, filters and rate limits, and the words of its refusals.

Filters are checked in the order in which the venue names them in its exchange information, and the first that fails is
reported. Prices, quantities and amounts are printed with eight decimals, as the venue prints them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.errors import UsageError
from engine.instruments import Instrument
from gateways.simulator.orders import NewOrder, Refusal
from gateways.simulator.rates import RateWindow
from hotpath.core.units import MONEY_DECIMALS, Scale, money, proceeds
from hotpath.market.matching import Kind

UNIT = 10**MONEY_DECIMALS
MINUTE_NS = 60 * NS_PER_SECOND
DAY_NS = 86_400 * NS_PER_SECOND
PRICE_TIMES_MAX = 5
PRICE_TIMES_TEXT = "5"
PRICE_PART_TEXT = "0.2"
NOTIONAL_MAX = 9_000_000 * UNIT
ORDER_TYPES = ("LIMIT", "LIMIT_MAKER", "MARKET")


class RequestError(Exception):
    """The venue refuses a request; `data` goes beside code and text where the venue has more to say."""

    def __init__(self, code: int, text: str, status: int = 400, data: dict[str, Any] | None = None) -> None:
        """Keep the venue's code, its text and the HTTP-like status."""
        super().__init__(f"{code} {text}")
        self.code = code
        self.text = text
        self.status = status
        self.data = data

    def content(self) -> dict[str, Any]:
        """Return the error as the venue writes it."""
        return {"code": self.code, "msg": self.text} | ({"data": self.data} if self.data else {})


REFUSALS = {
    Refusal.CLOSED: "Market is closed.",
    Refusal.DUPLICATE: "Duplicate order sent.",
    Refusal.FUNDS: "Account has insufficient balance for requested action.",
    Refusal.TOO_MANY: "This action is disabled on this account.",
    Refusal.WOULD_TAKE: "Order would immediately match and take.",
}
"""The venue's text for each refusal of a new order (code -2010)."""


class Limits(Struct, frozen=True):
    """How much the venue takes of one client."""

    weight_minute_max: int = 6_000
    orders_10s_max: int = 100
    orders_day_max: int = 200_000
    open_orders_max: int = 200


class RateLimits:
    """The use of the limits, for all connections together."""

    def __init__(self, limits: Limits) -> None:
        """Begin with nothing used."""
        self.weight = RateWindow(limits.weight_minute_max, MINUTE_NS)
        self.orders = (
            RateWindow(limits.orders_10s_max, 10 * NS_PER_SECOND),
            RateWindow(limits.orders_day_max, DAY_NS),
        )

    def use_weight(self, weight: int, now_ns: int) -> None:
        """Count the weight of a request. RequestError 429 when the minute is used up."""
        if not self.weight.has_room(weight, now_ns):
            text = (
                f"Too much request weight used; current limit is {self.weight.limit} request weight per 1 MINUTE. "
                "Please use WebSocket Streams for live updates to avoid polling the API."
            )
            raise RequestError(-1003, text, 429, self._retry(self.weight, now_ns))
        self.weight.add(weight, now_ns)

    def use_order(self, now_ns: int) -> None:
        """Count a new order. RequestError 429 when an interval is used up."""
        for window, interval in zip(self.orders, ("10 SECOND", "1 DAY"), strict=True):
            if not window.has_room(1, now_ns):
                text = f"Too many new orders; current limit is {window.limit} orders per {interval}."
                raise RequestError(-1015, text, 429, self._retry(window, now_ns))
        for window in self.orders:
            window.add(1, now_ns)

    def order_filled(self, now_ns: int) -> None:
        """Give an order back: one that trades does not count."""
        for window in self.orders:
            window.add(-1, now_ns)

    def content(self, now_ns: int, *, of_order: bool) -> list[dict[str, Any]]:
        """Return the limits that a request touched, as the venue writes them."""
        used = [
            *((("ORDERS", "SECOND", 10, self.orders[0]), ("ORDERS", "DAY", 1, self.orders[1])) if of_order else ()),
            ("REQUEST_WEIGHT", "MINUTE", 1, self.weight),
        ]
        return [
            {
                "rateLimitType": kind,
                "interval": interval,
                "intervalNum": number,
                "limit": window.limit,
                "count": window.count(now_ns),
            }
            for kind, interval, number, window in used
        ]

    def _retry(self, window: RateWindow, now_ns: int) -> dict[str, Any]:
        return {"serverTime": milliseconds(now_ns), "retryAfter": milliseconds(window.ends_ns(now_ns))}


def _instrument(symbol: str, step_lots: int, lots_max: int, market_lots_max: int) -> Instrument:
    return Instrument(
        index=0,
        venue="binance_spot",
        symbol=symbol,
        base=symbol.removesuffix("USDT"),
        quote="USDT",
        scale=Scale(2, MONEY_DECIMALS),
        price_step_ticks=1,
        quantity_step_lots=step_lots,
        lots_min=step_lots,
        lots_max=lots_max,
        market_lots_max=market_lots_max,
        price_ticks_min=1,
        price_ticks_max=100_000_000,
        notional_min=money("5"),
        trading=True,
    )


INSTRUMENTS = {
    "BTCUSDT": _instrument("BTCUSDT", UNIT // 100_000, 9_000 * UNIT, 120 * UNIT),
    "ETHUSDT": _instrument("ETHUSDT", UNIT // 10_000, 9_000 * UNIT, 2_000 * UNIT),
}
"""What the simulated venue can list, with the venue's own steps and bounds."""


def listed(symbol: str) -> Instrument:
    """Return an instrument of the simulated venue. UsageError when it has none of that name."""
    instrument = INSTRUMENTS.get(symbol)
    if instrument is None:
        raise UsageError(f"the simulated venue has no {symbol!r}; it lists {', '.join(INSTRUMENTS)}")
    return instrument


# ---- text


def milliseconds(time_ns: int) -> int:
    """Return a time as the venue prints it."""
    return time_ns // NS_PER_MS


def amount_text(units: int) -> str:
    """Return 1e-8 units with eight decimals."""
    return f"{units // UNIT}.{units % UNIT:08d}"


def price_text(instrument: Instrument, ticks: int) -> str:
    """Return a price with eight decimals."""
    return amount_text(ticks * 10 ** (MONEY_DECIMALS - instrument.scale.price_decimals))


def quantity_text(instrument: Instrument, lots: int) -> str:
    """Return a quantity with eight decimals."""
    return amount_text(lots * 10 ** (MONEY_DECIMALS - instrument.scale.quantity_decimals))


# ---- filters


def check_filters(instrument: Instrument, new: NewOrder, reference_ticks: int, open_count: int, limits: Limits) -> None:
    """Apply the venue's filters. `reference_ticks` stands for the average price, 0 when there is none.

    Raises:
        RequestError: -1013 with the name of the first filter that fails.
    """
    is_market = new.kind is Kind.MARKET
    price_ticks = reference_ticks if is_market else new.price_ticks
    steps = (new.lots - instrument.lots_min) % instrument.quantity_step_lots == 0
    notional = proceeds(price_ticks, new.lots, instrument.scale) if new.lots <= instrument.lots_max else 0
    failed = {
        "PRICE_FILTER": not is_market
        and not (
            instrument.price_ticks_min <= new.price_ticks <= instrument.price_ticks_max
            and (new.price_ticks - instrument.price_ticks_min) % instrument.price_step_ticks == 0
        ),
        "LOT_SIZE": not (instrument.lots_min <= new.lots <= instrument.lots_max and steps),
        "MARKET_LOT_SIZE": is_market and new.lots > instrument.market_lots_max,
        "PERCENT_PRICE_BY_SIDE": not is_market
        and reference_ticks > 0
        and not reference_ticks <= new.price_ticks * PRICE_TIMES_MAX <= reference_ticks * PRICE_TIMES_MAX**2,
        "NOTIONAL": price_ticks > 0
        and (notional < instrument.notional_min or (not is_market and notional > NOTIONAL_MAX)),
        "MAX_NUM_ORDERS": new.kind in (Kind.LIMIT, Kind.POST_ONLY) and open_count >= limits.open_orders_max,
    }
    for name, fails in failed.items():
        if fails:
            raise RequestError(-1013, f"Filter failure: {name}")


def _filters(instrument: Instrument, limits: Limits) -> list[dict[str, Any]]:
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": price_text(instrument, instrument.price_ticks_min),
            "maxPrice": price_text(instrument, instrument.price_ticks_max),
            "tickSize": price_text(instrument, instrument.price_step_ticks),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": quantity_text(instrument, instrument.lots_min),
            "maxQty": quantity_text(instrument, instrument.lots_max),
            "stepSize": quantity_text(instrument, instrument.quantity_step_lots),
        },
        {
            "filterType": "MARKET_LOT_SIZE",
            "minQty": "0.00000000",
            "maxQty": quantity_text(instrument, instrument.market_lots_max),
            "stepSize": "0.00000000",
        },
        {
            "filterType": "PERCENT_PRICE_BY_SIDE",
            "bidMultiplierUp": PRICE_TIMES_TEXT,
            "bidMultiplierDown": PRICE_PART_TEXT,
            "askMultiplierUp": PRICE_TIMES_TEXT,
            "askMultiplierDown": PRICE_PART_TEXT,
            "avgPriceMins": 5,
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": amount_text(instrument.notional_min),
            "applyMinToMarket": True,
            "maxNotional": amount_text(NOTIONAL_MAX),
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": limits.open_orders_max},
    ]


def _symbol(instrument: Instrument, limits: Limits) -> dict[str, Any]:
    return {
        "symbol": instrument.symbol,
        "status": "TRADING" if instrument.trading else "BREAK",
        "baseAsset": instrument.base,
        "baseAssetPrecision": MONEY_DECIMALS,
        "quoteAsset": instrument.quote,
        "quotePrecision": MONEY_DECIMALS,
        "quoteAssetPrecision": MONEY_DECIMALS,
        "baseCommissionPrecision": MONEY_DECIMALS,
        "quoteCommissionPrecision": MONEY_DECIMALS,
        "orderTypes": list(ORDER_TYPES),
        "icebergAllowed": False,
        "ocoAllowed": False,
        "otoAllowed": False,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": False,
        "allowTrailingStop": False,
        "cancelReplaceAllowed": True,
        "amendAllowed": False,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(instrument, limits),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "NONE",
        "allowedSelfTradePreventionModes": ["NONE"],
    }


def exchange_info(instruments: Sequence[Instrument], limits: Limits, now_ns: int) -> dict[str, Any]:
    """Return the exchange information of `instruments` as the venue writes it."""
    rates = (
        ("REQUEST_WEIGHT", "MINUTE", 1, limits.weight_minute_max),
        ("ORDERS", "SECOND", 10, limits.orders_10s_max),
        ("ORDERS", "DAY", 1, limits.orders_day_max),
    )
    return {
        "timezone": "UTC",
        "serverTime": milliseconds(now_ns),
        "rateLimits": [
            {"rateLimitType": kind, "interval": interval, "intervalNum": number, "limit": limit}
            for kind, interval, number, limit in rates
        ],
        "exchangeFilters": [],
        "symbols": [_symbol(instrument, limits) for instrument in instruments],
    }


def reference_ticks(best: tuple[int, int, int, int]) -> int:
    """Return the middle of the best prices, which stands for the average price of the filters; 0 without both."""
    bid_ticks, _, ask_ticks, _ = best
    return (bid_ticks + ask_ticks) // 2 if bid_ticks and ask_ticks else 0
