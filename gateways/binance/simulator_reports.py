"""What the simulated venue says about orders and money, in the venue's own fields, in its own order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.instruments import Instrument
from gateways.binance.simulator_rules import UNIT, amount_text, milliseconds, price_text, quantity_text
from gateways.simulator.accounts import PPM, PPM_OF_BPS, Account, Fees
from gateways.simulator.exchange import OrderEvent
from gateways.simulator.orders import ClientOrder, Fill, OrderStatus
from hotpath.market.matching import Kind

ZERO = amount_text(0)
EXECUTION_TYPES = {
    OrderEvent.NEW: "NEW",
    OrderEvent.TRADE: "TRADE",
    OrderEvent.CANCELED: "CANCELED",
    OrderEvent.EXPIRED: "EXPIRED",
}
EXPIRY_REASONS = {
    Kind.IOC: "UNFILLED_IOC_QUANTITY_EXPIRED",
    Kind.FOK: "UNFILLED_FOK_ORDER_EXPIRED",
    Kind.MARKET: "INSUFFICIENT_LIQUIDITY",
}
TYPES = {
    Kind.LIMIT: ("LIMIT", "GTC"),
    Kind.IOC: ("LIMIT", "IOC"),
    Kind.FOK: ("LIMIT", "FOK"),
    Kind.POST_ONLY: ("LIMIT_MAKER", "GTC"),
    Kind.MARKET: ("MARKET", "GTC"),
}

Content = dict[str, Any]


def _amounts(instrument: Instrument, order: ClientOrder) -> Content:
    order_type, time_in_force = TYPES[order.kind]
    return {
        "price": price_text(instrument, order.price_ticks),
        "origQty": quantity_text(instrument, order.lots),
        "executedQty": quantity_text(instrument, order.filled_lots),
        "origQuoteOrderQty": ZERO,
        "cummulativeQuoteQty": amount_text(order.filled_quote),
        "status": order.status.value,
        "timeInForce": time_in_force,
        "type": order_type,
        "side": order.side.name,
    }


def _expiry(order: ClientOrder) -> Content:
    return {"expiryReason": EXPIRY_REASONS[order.kind]} if order.status is OrderStatus.EXPIRED else {}


def placed(instrument: Instrument, order: ClientOrder, fills: Iterable[Fill], detail: str) -> Content:
    """Return the answer to a new order: ACK, RESULT or FULL."""
    content: Content = {
        "symbol": instrument.symbol,
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        "transactTime": milliseconds(order.created_ns),
    }
    if detail == "ACK":
        return content
    content |= _amounts(instrument, order)
    content |= {"workingTime": milliseconds(order.created_ns), **_expiry(order)}
    if detail == "FULL":
        content["fills"] = [
            {
                "price": price_text(instrument, fill.price_ticks),
                "qty": quantity_text(instrument, fill.lots),
                "commission": amount_text(fill.fee),
                "commissionAsset": fill.fee_asset,
                "tradeId": fill.trade_id,
            }
            for fill in fills
        ]
    return content | {"selfTradePreventionMode": "NONE"}


def canceled(instrument: Instrument, order: ClientOrder, cancel_id: str) -> Content:
    """Return the answer to a cancel that carried `cancel_id`."""
    return {
        "symbol": instrument.symbol,
        "origClientOrderId": order.client_order_id,
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": cancel_id,
        "transactTime": milliseconds(order.updated_ns),
        **_amounts(instrument, order),
        "selfTradePreventionMode": "NONE",
    }


def state(instrument: Instrument, order: ClientOrder) -> Content:
    """Return what `order.status` says of an order."""
    amounts = _amounts(instrument, order)
    amounts.pop("origQuoteOrderQty")
    return {
        "symbol": instrument.symbol,
        "orderId": order.number,
        "orderListId": -1,
        "clientOrderId": order.client_order_id,
        **amounts,
        "stopPrice": ZERO,
        "icebergQty": ZERO,
        "time": milliseconds(order.created_ns),
        "updateTime": milliseconds(order.updated_ns),
        "isWorking": True,
        "workingTime": milliseconds(order.created_ns),
        "origQuoteOrderQty": ZERO,
        **_expiry(order),
        "selfTradePreventionMode": "NONE",
    }


def trade(instrument: Instrument, fill: Fill) -> Content:
    """Return one element of `myTrades`."""
    return {
        "symbol": instrument.symbol,
        "id": fill.trade_id,
        "orderId": fill.number,
        "orderListId": -1,
        "price": price_text(instrument, fill.price_ticks),
        "qty": quantity_text(instrument, fill.lots),
        "quoteQty": amount_text(fill.quote),
        "commission": amount_text(fill.fee),
        "commissionAsset": fill.fee_asset,
        "time": milliseconds(fill.time_ns),
        "isBuyer": fill.side > 0,
        "isMaker": fill.is_maker,
        "isBestMatch": True,
    }


def execution_report(
    instrument: Instrument, order: ClientOrder, event: OrderEvent, fill: Fill | None, cancel_id: str, number: int
) -> Content:
    """Return an `executionReport`. A cancel goes by `cancel_id` and names the order's own id beside it."""
    order_type, time_in_force = TYPES[order.kind]
    is_cancel = event is OrderEvent.CANCELED
    time_ms = milliseconds(order.updated_ns)
    content: Content = {
        "e": "executionReport",
        "E": time_ms,
        "s": instrument.symbol,
        "c": cancel_id if is_cancel else order.client_order_id,
        "S": order.side.name,
        "o": order_type,
        "f": time_in_force,
        "q": quantity_text(instrument, order.lots),
        "p": price_text(instrument, order.price_ticks),
        "P": ZERO,
        "F": ZERO,
        "g": -1,
        "C": order.client_order_id if is_cancel else "",
        "x": EXECUTION_TYPES[event],
        "X": order.status.value,
        "r": "NONE",
        "i": order.number,
        "l": quantity_text(instrument, fill.lots) if fill else ZERO,
        "z": quantity_text(instrument, order.filled_lots),
        "L": price_text(instrument, fill.price_ticks) if fill else ZERO,
        "n": amount_text(fill.fee) if fill else "0",
        "N": fill.fee_asset if fill else None,
        "T": time_ms,
        "t": fill.trade_id if fill else -1,
        "I": number,
        "w": order.is_open,
        "m": fill.is_maker if fill else False,
        "M": False,
        "O": milliseconds(order.created_ns),
        "Z": amount_text(order.filled_quote),
        "Y": amount_text(fill.quote) if fill else ZERO,
        "Q": ZERO,
        "W": milliseconds(order.created_ns),
        "V": "NONE",
    }
    if event is OrderEvent.EXPIRED:
        content["eR"] = EXPIRY_REASONS[order.kind]
    return content


def account_position(account: Account, assets: Iterable[str], now_ns: int) -> Content:
    """Return an `outboundAccountPosition` of the assets that may have changed."""
    return {
        "e": "outboundAccountPosition",
        "E": milliseconds(now_ns),
        "u": milliseconds(now_ns),
        "B": [
            {"a": asset, "f": amount_text(account.free(asset)), "l": amount_text(account.locked(asset))}
            for asset in assets
        ],
    }


def balance_update(asset: str, amount: int, now_ns: int) -> Content:
    """Return a `balanceUpdate` of money that came from or went outside."""
    sign = "-" if amount < 0 else ""
    time_ms = milliseconds(now_ns)
    return {"e": "balanceUpdate", "E": time_ms, "a": asset, "d": sign + amount_text(abs(amount)), "T": time_ms}


def account_status(account: Account, fees: Fees, *, omit_zero: bool, now_ns: int) -> Content:
    """Return the result of `account.status`."""
    return {
        "makerCommission": fees.maker_ppm // PPM_OF_BPS,
        "takerCommission": fees.taker_ppm // PPM_OF_BPS,
        "buyerCommission": 0,
        "sellerCommission": 0,
        "canTrade": True,
        "canWithdraw": False,
        "canDeposit": False,
        "commissionRates": {
            "maker": amount_text(fees.maker_ppm * UNIT // PPM),
            "taker": amount_text(fees.taker_ppm * UNIT // PPM),
            "buyer": ZERO,
            "seller": ZERO,
        },
        "brokered": False,
        "requireSelfTradePrevention": False,
        "preventSor": True,
        "updateTime": milliseconds(now_ns),
        "accountType": "SPOT",
        "balances": [
            {"asset": asset, "free": amount_text(free), "locked": amount_text(locked)}
            for asset, free, locked in account
            if free or locked or not omit_zero
        ],
        "permissions": ["SPOT"],
        "uid": 1,
    }
