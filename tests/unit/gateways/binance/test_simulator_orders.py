"""Orders at the simulated venue: their life, their money, and every reason to refuse them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateways.binance.simulator import BinanceSimulator, SimulatorOptions
from gateways.binance.simulator_rules import REFUSALS, UNIT, Limits
from gateways.simulator.orders import Refusal
from tests.unit.gateways.binance.simulated import (
    SNAPSHOT,
    SimulatedClient,
    capture,
    depth,
    ticker,
    trade,
)

ILLEGAL = "Illegal characters found in parameter '%s'; legal range is '%s'."
NUMBERS = "^([0-9]{1,20})(\\.[0-9]{1,20})?$"
FUNDS = {"BTC": 10 * UNIT, "USDT": 1_000 * UNIT}


@pytest.fixture
def client(tmp_path: Path) -> SimulatedClient:
    """Return a client whose recorded book is bids 100x5 99x5, asks 102x3 103x4, with more to come."""
    return trading(
        tmp_path,
        trade(1, "100.00", "4.0", buyer_is_maker=True),
        trade(2, "100.00", "2.0", buyer_is_maker=True),
        ticker(11, "101.00", "1.0", "102.00", "3.0"),
    )


def trading(folder: Path, *lines: str, limits: Limits | None = None) -> SimulatedClient:
    """Return a client that trades on a recording of the snapshot and then `lines`, a millisecond each."""
    path = capture(folder / "capture.txt", SNAPSHOT, *lines)
    options = SimulatorOptions(balances=FUNDS, limits=limits or Limits())
    client = SimulatedClient(BinanceSimulator.recorded([path], options))
    client.listen()
    client.log_on()
    client.play(0)
    client.heard.clear()
    return client


def balances(client: SimulatedClient) -> dict[str, tuple[int, int]]:
    """Return free and locked of each asset."""
    client.venue.check()
    return {asset: (free, locked) for asset, free, locked in client.venue.account}


# ---- the life of an order


def test_a_resting_order_is_reported_locked_filled_in_its_turn_and_paid(client: SimulatedClient) -> None:
    answer = client.buy("100.00", "2.0", "t1-1-1", newOrderRespType="ACK")
    assert answer["result"] == {
        "symbol": "BTCUSDT", "orderId": 1, "orderListId": -1, "clientOrderId": "t1-1-1", "transactTime": client.now_ms,
    }  # fmt: skip
    new, position = client.events()
    assert (new["x"], new["X"], new["c"], new["i"], new["t"], new["n"], new["N"]) == (
        "NEW", "NEW", "t1-1-1", 1, -1, "0", None,
    )  # fmt: skip
    assert position["B"] == [{"a": "USDT", "f": "800.00000000", "l": "200.00000000"}]
    client.play(1)
    assert client.events() == []
    client.play(1)
    first, position = client.events()
    assert (first["x"], first["X"], first["l"], first["L"], first["z"], first["m"]) == (
        "TRADE", "PARTIALLY_FILLED", "1.00000000", "100.00000000", "1.00000000", True,
    )  # fmt: skip
    assert (first["n"], first["N"], first["Y"], first["Z"]) == ("0.00100000", "BTC", "100.00000000", "100.00000000")
    assert balances(client) == {"BTC": (10 * UNIT + UNIT * 999 // 1000, 0), "USDT": (800 * UNIT, 100 * UNIT)}
    assert (
        client.order("order.cancel", origClientOrderId="t1-1-1", newClientOrderId="bye")["result"]["status"]
        == "CANCELED"
    )
    canceled, position = client.events()
    assert (canceled["x"], canceled["c"], canceled["C"], canceled["z"]) == ("CANCELED", "bye", "t1-1-1", "1.00000000")
    assert position["B"] == [{"a": "USDT", "f": "900.00000000", "l": "0.00000000"}]


def test_a_taker_is_filled_level_by_level_and_gets_back_what_it_saved(client: SimulatedClient) -> None:
    answer = client.buy("103.00", "4.0", "t1-1-1")["result"]
    assert (answer["status"], answer["executedQty"], answer["cummulativeQuoteQty"]) == (
        "FILLED", "4.00000000", "409.00000000",
    )  # fmt: skip
    assert [(fill["price"], fill["qty"], fill["commission"]) for fill in answer["fills"]] == [
        ("102.00000000", "3.00000000", "0.00300000"),
        ("103.00000000", "1.00000000", "0.00100000"),
    ]
    assert [event["X"] for event in client.events() if event["e"] == "executionReport"] == [
        "NEW", "PARTIALLY_FILLED", "FILLED",
    ]  # fmt: skip
    assert balances(client) == {"BTC": (14 * UNIT - 400_000, 0), "USDT": (591 * UNIT, 0)}


def test_a_seller_pays_its_fee_in_quote(client: SimulatedClient) -> None:
    client.order("order.place", side="SELL", type="MARKET", quantity="1.0")
    fill = next(event for event in client.events() if event.get("x") == "TRADE")
    assert (fill["N"], fill["n"], fill["m"]) == ("USDT", "0.10000000", False)
    assert balances(client) == {"BTC": (9 * UNIT, 0), "USDT": (1_100 * UNIT - UNIT // 10, 0)}


@pytest.mark.parametrize(
    ("params", "filled", "reason"),
    [
        ({"type": "LIMIT", "timeInForce": "IOC", "price": "102.00"}, "3.00000000", "UNFILLED_IOC_QUANTITY_EXPIRED"),
        ({"type": "LIMIT", "timeInForce": "FOK", "price": "102.00"}, "0.00000000", "UNFILLED_FOK_ORDER_EXPIRED"),
        ({"type": "MARKET"}, "7.00000000", "INSUFFICIENT_LIQUIDITY"),
    ],
)
def test_what_cannot_stay_expires(client: SimulatedClient, params: dict[str, str], filled: str, reason: str) -> None:
    answer = client.order("order.place", side="BUY", quantity="8.0", newClientOrderId="t1-1-1", **params)["result"]
    assert (answer["status"], answer["executedQty"], answer["expiryReason"]) == ("EXPIRED", filled, reason)
    reports = [event for event in client.events() if event["e"] == "executionReport"]
    assert (reports[0]["x"], reports[-1]["x"], reports[-1]["eR"]) == ("NEW", "EXPIRED", reason)
    assert balances(client)["USDT"][1] == 0


def test_a_resting_seller_is_lifted_by_a_crossing_bid(client: SimulatedClient) -> None:
    client.order("order.place", side="SELL", type="LIMIT_MAKER", price="101.00", quantity="1.0")
    client.play(3)
    assert [event["X"] for event in client.events() if event["e"] == "executionReport"] == ["NEW", "FILLED"]


# ---- refusals


@pytest.mark.parametrize(
    ("changes", "code", "text"),
    [
        ({"symbol": "NONE"}, -1121, "Invalid symbol."),
        ({"symbol": None}, -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."),
        ({"side": "HOLD"}, -1117, "Invalid side."),
        ({"side": None}, -1102, "Mandatory parameter 'side' was not sent, was empty/null, or malformed."),
        ({"type": "STOP_LOSS"}, -1116, "Invalid orderType."),
        ({"timeInForce": "GTX"}, -1115, "Invalid timeInForce."),
        ({"timeInForce": None}, -1102, "Mandatory parameter 'timeInForce' was not sent, was empty/null, or malformed."),
        ({"type": "LIMIT_MAKER"}, -1106, "Parameter 'timeInForce' sent when not required."),
        ({"type": "MARKET", "timeInForce": None}, -1106, "Parameter 'price' sent when not required."),
        ({"stopPrice": "1"}, -1106, "Parameter 'stopPrice' sent when not required."),
        ({"price": None}, -1102, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."),
        ({"price": "1e2"}, -1100, ILLEGAL % ("price", NUMBERS)),
        ({"price": "-1"}, -1100, ILLEGAL % ("price", NUMBERS)),
        ({"price": "1.000000001"}, -1111, "Parameter 'price' has too much precision."),
        ({"quantity": "1.000000001"}, -1111, "Parameter 'quantity' has too much precision."),
        ({"price": "100.001"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"price": "0"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"price": "1000000.01"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"price": "99999999999999999999"}, -1013, "Filter failure: PRICE_FILTER"),
        ({"quantity": "0.000011"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "0"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "9000.00001"}, -1013, "Filter failure: LOT_SIZE"),
        ({"quantity": "99999999999999999999"}, -1013, "Filter failure: LOT_SIZE"),
        ({"price": "20.19"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        ({"price": "505.01"}, -1013, "Filter failure: PERCENT_PRICE_BY_SIDE"),
        ({"quantity": "0.04"}, -1013, "Filter failure: NOTIONAL"),
        ({"newClientOrderId": "a b"}, -1100, ILLEGAL % ("newClientOrderId", "^[a-zA-Z0-9-_]{1,36}$")),
        ({"newClientOrderId": "a" * 37}, -1100, ILLEGAL % ("newClientOrderId", "^[a-zA-Z0-9-_]{1,36}$")),
        ({"newOrderRespType": "ALL"}, -1130, "Data sent for parameter 'newOrderRespType' is not valid."),
        ({"quantity": "10.00001"}, -2010, REFUSALS[Refusal.FUNDS]),
        ({"newClientOrderId": "taken"}, -2010, REFUSALS[Refusal.DUPLICATE]),
        ({"newClientOrderId": "taken", "quantity": "1000"}, -2010, REFUSALS[Refusal.DUPLICATE]),
        ({"type": "LIMIT_MAKER", "timeInForce": None, "price": "102"}, -2010, REFUSALS[Refusal.WOULD_TAKE]),
    ],
)  # fmt: skip
def test_a_new_order_is_refused_in_the_venue_s_words(
    client: SimulatedClient, changes: dict[str, str | None], code: int, text: str
) -> None:
    client.buy("50.00", "1.0", "taken")
    before = balances(client)
    client.heard.clear()
    params: dict[str, Any] = {
        "symbol": "BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "timeInForce": "GTC",
        "price": "95.00",
    }
    params |= {"quantity": "1.0", "newClientOrderId": "new", "timestamp": client.now_ms} | changes
    answer = client.call("order.place", **{name: value for name, value in params.items() if value is not None})
    assert (answer["status"], answer["error"]) == (400, {"code": code, "msg": text})
    assert balances(client) == before
    assert client.events() == []


def test_a_market_order_has_a_bound_of_its_own(client: SimulatedClient) -> None:
    answer = client.order("order.place", side="SELL", type="MARKET", quantity="121")
    assert answer["error"]["msg"] == "Filter failure: MARKET_LOT_SIZE"


def test_a_market_order_needs_the_money_that_the_book_asks_for(client: SimulatedClient) -> None:
    client.buy("99.00", "5.0", "t1-1-1")
    answer = client.order("order.place", side="BUY", type="MARKET", quantity="5.0")
    assert answer["error"]["msg"] == REFUSALS[Refusal.FUNDS]
    assert client.order("order.place", side="BUY", type="MARKET", quantity="4.9")["status"] == 200


def test_before_the_snapshot_the_market_is_closed(tmp_path: Path) -> None:
    path = capture(tmp_path / "capture.txt", depth(1, 2, [], []), SNAPSHOT)
    client = SimulatedClient(BinanceSimulator.recorded([path]))
    client.listen()
    client.log_on()
    client.play(0)
    assert client.buy("100.00", "1.0", "t1-1-1")["error"] == {"code": -2010, "msg": REFUSALS[Refusal.CLOSED]}
    assert client.call("depth", symbol="BTCUSDT")["error"]["code"] == -1008


def test_every_refusal_has_its_words() -> None:
    assert list(REFUSALS) == list(Refusal)


def test_open_orders_and_new_orders_have_limits(tmp_path: Path) -> None:
    client = trading(tmp_path, limits=Limits(open_orders_max=1, orders_10s_max=3))
    assert client.buy("50.00", "1.0", "a")["status"] == 200
    assert client.buy("50.00", "1.0", "b")["error"]["msg"] == "Filter failure: MAX_NUM_ORDERS"
    assert client.buy("103.00", "1.0", "c", timeInForce="IOC")["rateLimits"][0]["count"] == 1
    client.order("openOrders.cancelAll")
    assert client.buy("50.00", "1.0", "d")["status"] == 200
    client.order("openOrders.cancelAll")
    assert client.buy("50.00", "1.0", "e")["rateLimits"][0]["count"] == 3
    answer = client.buy("103.00", "1.0", "f", timeInForce="IOC")
    assert (answer["status"], answer["error"]["code"]) == (429, -1015)
    client.play(10_000)
    assert client.order("order.cancel", origClientOrderId="e")["status"] == 200
    assert client.buy("50.00", "1.0", "f")["status"] == 200


# ---- cancel and replace


def test_an_id_is_free_again_when_its_order_has_ended(client: SimulatedClient) -> None:
    client.buy("50.00", "1.0", "same")
    client.order("order.cancel", origClientOrderId="same")
    assert client.buy("51.00", "1.0", "same")["status"] == 200
    assert client.order("order.status", origClientOrderId="same")["result"]["price"] == "51.00000000"


@pytest.mark.parametrize(
    "names", [{"origClientOrderId": "none"}, {"orderId": 9}, {"orderId": 1, "origClientOrderId": "b"}]
)
@pytest.mark.parametrize(("method", "code"), [("order.cancel", -2011), ("order.status", -2013)])
def test_an_unknown_order_is_named(client: SimulatedClient, names: dict[str, Any], method: str, code: int) -> None:
    client.buy("50.00", "1.0", "a")
    client.buy("50.00", "1.0", "b")
    assert client.order(method, **names)["error"]["code"] == code


def test_an_order_must_be_named_somehow(client: SimulatedClient) -> None:
    assert client.order("order.cancel")["error"]["code"] == -1102


def test_an_order_that_has_ended_cannot_be_canceled_and_can_be_asked_for(client: SimulatedClient) -> None:
    client.buy("102.00", "1.0", "a")
    assert client.order("order.cancel", orderId=1)["error"] == {"code": -2011, "msg": "Unknown order sent."}
    assert client.order("order.status", orderId=1, origClientOrderId="a")["result"]["status"] == "FILLED"
    assert client.order("openOrders.cancelAll")["error"]["code"] == -2011


def test_all_open_orders_are_listed_and_canceled(client: SimulatedClient) -> None:
    client.buy("50.00", "1.0", "a")
    client.buy("51.00", "1.0", "b")
    opened = client.order("openOrders.status")["result"]
    assert [order["clientOrderId"] for order in opened] == ["a", "b"]
    assert client.call("openOrders.status", timestamp=client.now_ms)["result"] == opened
    canceled = client.order("openOrders.cancelAll")["result"]
    assert [(order["origClientOrderId"], order["status"]) for order in canceled] == [
        ("a", "CANCELED"),
        ("b", "CANCELED"),
    ]
    assert client.order("openOrders.status")["result"] == []
    assert balances(client)["USDT"] == (1_000 * UNIT, 0)


@pytest.mark.parametrize("mode", ["STOP_ON_FAILURE", "ALLOW_FAILURE"])
@pytest.mark.parametrize(
    ("old", "price", "results", "status", "code"),
    [
        ("a", "60.00", ("SUCCESS", "SUCCESS"), 200, 0),
        ("a", "102.00", ("SUCCESS", "FAILURE"), 409, -2021),
        ("x", "60.00", ("FAILURE", "SUCCESS"), 409, -2021),
        ("x", "102.00", ("FAILURE", "FAILURE"), 400, -2022),
    ],
)
def test_a_replace_says_which_half_succeeded(
    client: SimulatedClient, mode: str, old: str, price: str, results: tuple[str, str], status: int, code: int
) -> None:
    client.buy("50.00", "1.0", "a")
    if mode == "STOP_ON_FAILURE" and results[0] == "FAILURE":
        results, status, code = ("FAILURE", "NOT_ATTEMPTED"), 400, -2022
    answer = client.order(
        "order.cancelReplace", cancelReplaceMode=mode, cancelOrigClientOrderId=old, side="BUY", type="LIMIT_MAKER",
        price=price, quantity="2.0", newClientOrderId="b",
    )  # fmt: skip
    content = answer["result"] if status == 200 else answer["error"]["data"]
    assert (answer["status"], answer.get("error", {}).get("code", 0)) == (status, code)
    assert (content["cancelResult"], content["newOrderResult"]) == results
    expected = {"a"} - ({old} if results[0] == "SUCCESS" else set()) | ({"b"} if results[1] == "SUCCESS" else set())
    assert {order["clientOrderId"] for order in client.order("openOrders.status")["result"]} == expected
    client.venue.check()


@pytest.mark.parametrize(
    ("changes", "code"), [({"cancelReplaceMode": "X"}, -1130), ({"quantity": "0.01"}, -1013), ({"side": "X"}, -1117)]
)
def test_a_replace_that_cannot_be_leaves_the_old_order(
    client: SimulatedClient, changes: dict[str, str], code: int
) -> None:
    client.buy("50.00", "1.0", "a")
    params = {
        "cancelReplaceMode": "STOP_ON_FAILURE",
        "side": "BUY",
        "type": "LIMIT_MAKER",
        "price": "60",
        "quantity": "2",
    }
    answer = client.order("order.cancelReplace", **(params | {"cancelOrigClientOrderId": "a"} | changes))
    assert answer["error"]["code"] == code
    assert len(client.order("openOrders.status")["result"]) == 1


# ---- trades


def test_trades_are_found_by_id_time_and_order(client: SimulatedClient) -> None:
    client.buy("103.00", "4.0", "a")
    client.play(1)
    client.buy("102.00", "1.0", "b")

    def ids(**params: Any) -> list[int]:
        return [one["id"] for one in client.order("myTrades", **params)["result"]]

    assert ids() == [1, 2, 3]
    assert ids(limit=1) == [3]
    assert ids(fromId=2) == [2, 3]
    assert ids(fromId=1, limit=1) == [1]
    assert ids(orderId=1) == [1, 2]
    assert ids(startTime=client.now_ms) == [3]
    assert ids(endTime=client.now_ms - 1) == [1, 2]
    assert client.order("myTrades", fromId=1, startTime=1)["error"]["code"] == -1128
    [last] = client.order("myTrades", fromId=3)["result"]
    assert (last["price"], last["qty"], last["quoteQty"], last["commission"], last["isBuyer"], last["isMaker"]) == (
        "102.00000000", "1.00000000", "102.00000000", "0.00100000", True, False,
    )  # fmt: skip


# ---- conservation

actions = st.tuples(
    st.sampled_from(["BUY", "SELL"]),
    st.sampled_from(["GTC", "IOC", "FOK", "MAKER", "MARKET", "CANCEL"]),
    st.integers(-300, 300),
    st.integers(1, 60_000),
    st.integers(0, 900),
)


@settings(max_examples=25)
@given(st.integers(0, 9), st.lists(actions, min_size=5, max_size=30))
def test_every_unit_that_moves_is_in_a_report(seed: int, steps: list[tuple[str, str, int, int, int]]) -> None:
    """What the account holds is its start plus what the fills brought minus what they cost, fees included."""
    client = SimulatedClient(BinanceSimulator.synthetic(SimulatorOptions(seed=seed)))
    client.listen()
    client.log_on()
    held = {asset: free for asset, free, _ in client.venue.account}
    for place, (side, kind, ticks, lot_steps, wait_ms) in enumerate(steps):
        if kind == "CANCEL":
            client.order("openOrders.cancelAll")
        else:
            bid = client.call("depth", symbol="BTCUSDT", limit=1)["result"]["bids"][0][0]
            params: dict[str, str] = {"side": side, "quantity": f"0.{lot_steps:05d}", "newClientOrderId": f"t-{place}"}
            if kind != "MARKET":
                params["price"] = f"{Decimal(bid) + Decimal(ticks) / 100:.2f}"
            params["type"] = {"MAKER": "LIMIT_MAKER", "MARKET": "MARKET"}.get(kind, "LIMIT")
            if params["type"] == "LIMIT":
                params["timeInForce"] = kind
            client.order("order.place", **params)
        client.play(wait_ms)
        for event in client.events():
            if event.get("x") == "TRADE":
                sign = 1 if event["S"] == "BUY" else -1
                held["BTC"] += sign * units(event["l"])
                held["USDT"] -= sign * units(event["Y"])
                held[event["N"]] -= units(event["n"])
            if event["e"] == "outboundAccountPosition":
                for one in event["B"]:
                    assert units(one["f"]) + units(one["l"]) == held[one["a"]]
        client.venue.check()
    client.order("openOrders.cancelAll")
    assert {asset: (free, 0) for asset, free in held.items()} == balances(client)


def units(text: str) -> int:
    """Return eight-decimal text in units."""
    return int(text.replace(".", ""))
