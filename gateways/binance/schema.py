"""The JSON of Binance spot, as far as Tiercel reads it: one Struct and one decoder for each kind of message.

It knows shapes, never meanings. Field names say what the venue's letters stand for. Ids and times are bounded to int64
here, because nothing behind this page takes more. Level arrays stay raw text until hotpath scans them, and prices stay
text until a Scale reads them: no number of money is ever a float.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Raw, Struct, field
from msgspec.json import Decoder

Id = Annotated[int, Meta(ge=0, le=2**63 - 1)]
SignedId = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
Milliseconds = Annotated[int, Meta(ge=0, le=2**63 // 1_000_000 - 1)]
NO_RAW = Raw(b"")


# ---- market streams


class TickerData(Struct, gc=False):
    """`<symbol>@bookTicker`: the best prices at an update id."""

    update_id: Id = field(name="u")
    symbol: str = field(name="s")
    bid: str = field(name="b")
    bid_quantity: str = field(name="B")
    ask: str = field(name="a")
    ask_quantity: str = field(name="A")


class DepthData(Struct, gc=False):
    """`<symbol>@depth@100ms`: absolute quantities of the levels that changed."""

    symbol: str = field(name="s")
    first_id: Id = field(name="U")
    last_id: Id = field(name="u")
    bids: Raw = field(name="b")
    asks: Raw = field(name="a")


class TradeData(Struct, gc=False):
    """`<symbol>@trade`: one trade; the aggressor sold when the buyer was the maker."""

    symbol: str = field(name="s")
    trade_id: Id = field(name="t")
    price: str = field(name="p")
    quantity: str = field(name="q")
    buyer_is_maker: bool = field(name="m")


class TickerFrame(Struct, gc=False):
    """A combined-stream frame; the name of the stream was read before."""

    data: TickerData


class DepthFrame(Struct, gc=False):
    """A combined-stream frame of depth."""

    data: DepthData


class TradeFrame(Struct, gc=False):
    """A combined-stream frame of a trade."""

    data: TradeData


class Snapshot(Struct, gc=False):
    """The answer of `/api/v3/depth`."""

    last_id: Id = field(name="lastUpdateId")
    bids: Raw
    asks: Raw


decode_ticker = Decoder(TickerFrame).decode
decode_depth = Decoder(DepthFrame).decode
decode_trade = Decoder(TradeFrame).decode
decode_snapshot = Decoder(Snapshot).decode


# ---- exchange information


class Filter(Struct, gc=False):
    """One of a symbol's filters; which fields are set depends on its type."""

    type: str = field(name="filterType")
    price_min: str = field(name="minPrice", default="0")
    price_max: str = field(name="maxPrice", default="0")
    price_step: str = field(name="tickSize", default="0")
    quantity_min: str = field(name="minQty", default="0")
    quantity_max: str = field(name="maxQty", default="0")
    quantity_step: str = field(name="stepSize", default="0")
    notional_min: str = field(name="minNotional", default="0")


class SymbolInfo(Struct, gc=False):
    """One symbol of the exchange information."""

    symbol: str
    status: str
    base: str = field(name="baseAsset")
    quote: str = field(name="quoteAsset")
    base_decimals: Annotated[int, Meta(ge=0, le=18)] = field(name="baseAssetPrecision")
    quote_decimals: Annotated[int, Meta(ge=0, le=18)] = field(name="quotePrecision")
    filters: list[Filter]


class RateLimitInfo(Struct, gc=False):
    """One rate limit of the exchange information."""

    type: str = field(name="rateLimitType", default="")
    interval: str = ""
    interval_count: int = field(name="intervalNum", default=1)
    limit: int = 0


class ExchangeInfo(Struct, gc=False):
    """The answer of `/api/v3/exchangeInfo`."""

    rate_limits: list[RateLimitInfo] = field(name="rateLimits")
    symbols: list[SymbolInfo]


decode_exchange_info = Decoder(ExchangeInfo).decode


# ---- WebSocket API: answers


class ApiError(Struct, gc=False):
    """Why a request failed; `data` differs from error to error."""

    code: int
    text: str = field(name="msg", default="")
    data: Raw = NO_RAW


class RateErrorData(Struct, gc=False):
    """The `data` of a 418 or 429."""

    server_time_ms: Milliseconds = field(name="serverTime", default=0)
    retry_after_ms: Milliseconds = field(name="retryAfter", default=0)


class ReplaceErrorData(Struct, gc=False):
    """The `data` of a cancel-replace that failed wholly or partly; results are SUCCESS, FAILURE or NOT_ATTEMPTED."""

    cancel_result: str = field(name="cancelResult")
    new_order_result: str = field(name="newOrderResult")
    cancel_response: Raw = field(name="cancelResponse", default=NO_RAW)
    new_order_response: Raw = field(name="newOrderResponse", default=NO_RAW)


class ApiFrame(Struct, gc=False):
    """Anything that comes over the WebSocket API: an answer has a status, an event has an event."""

    id: int | str | None = None
    status: int = 0
    result: Raw = NO_RAW
    error: ApiError | None = None
    event: Raw = NO_RAW


class SessionStatus(Struct, gc=False):
    """The result of `session.logon` and `session.status`."""

    api_key: str | None = field(name="apiKey")
    user_data_stream: bool = field(name="userDataStream", default=False)


class ServerTime(Struct, gc=False):
    """The result of `time`."""

    time_ms: Milliseconds = field(name="serverTime")


class OrderInfo(Struct, gc=False):
    """The result of `order.status`, and one element of `openOrders.status`."""

    symbol: str
    order_id: Id = field(name="orderId")
    client_order_id: str = field(name="clientOrderId")
    price: str
    quantity: str = field(name="origQty")
    executed: str = field(name="executedQty")
    status: str
    side: str


class TradeInfo(Struct, gc=False):
    """One element of `myTrades`."""

    symbol: str
    trade_id: Id = field(name="id")
    order_id: Id = field(name="orderId")
    price: str
    quantity: str = field(name="qty")
    commission: str
    commission_asset: str = field(name="commissionAsset")
    time_ms: Milliseconds = field(name="time")
    is_maker: bool = field(name="isMaker")


class BalanceInfo(Struct, gc=False):
    """One balance of `account.status`."""

    asset: str
    free: str
    locked: str


class AccountInfo(Struct, gc=False):
    """The result of `account.status`."""

    balances: list[BalanceInfo]


decode_api = Decoder(ApiFrame).decode
decode_session = Decoder(SessionStatus).decode
decode_time = Decoder(ServerTime).decode
decode_order = Decoder(OrderInfo).decode
decode_orders = Decoder(list[OrderInfo]).decode
decode_trades = Decoder(list[TradeInfo]).decode
decode_account = Decoder(AccountInfo).decode
decode_error = Decoder(ApiError).decode
decode_rate_error = Decoder(RateErrorData).decode
decode_replace_error = Decoder(ReplaceErrorData).decode


# ---- WebSocket API: the user stream


class ServerShutdown(Struct, frozen=True, gc=False):
    """The venue announces that it will end this connection."""


class EventKind(Struct, gc=False):
    """What every event of the user stream says first."""

    kind: str = field(name="e")


class ExecutionReport(Struct, gc=False):
    """`executionReport`: something happened to an order."""

    symbol: str = field(name="s")
    client_order_id: str = field(name="c")
    original_id: str = field(name="C")
    execution: str = field(name="x")
    status: str = field(name="X")
    reject_reason: str = field(name="r")
    order_id: Id = field(name="i")
    last_quantity: str = field(name="l")
    filled_quantity: str = field(name="z")
    last_price: str = field(name="L")
    commission: str = field(name="n")
    commission_asset: str | None = field(name="N")
    trade_id: SignedId = field(name="t")
    is_maker: bool = field(name="m")


class ExecutionFrame(Struct, gc=False):
    """A whole frame that holds an executionReport, read in one pass."""

    event: ExecutionReport


class PositionBalance(Struct, gc=False):
    """One asset of `outboundAccountPosition`."""

    asset: str = field(name="a")
    free: str = field(name="f")
    locked: str = field(name="l")


class AccountPosition(Struct, gc=False):
    """`outboundAccountPosition`: the balances that may have changed."""

    balances: list[PositionBalance] = field(name="B")


decode_kind = Decoder(EventKind).decode
decode_execution = Decoder(ExecutionReport).decode
decode_execution_frame = Decoder(ExecutionFrame).decode
decode_position = Decoder(AccountPosition).decode
