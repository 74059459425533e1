"""Requests: the bytes of an order, what never leaves, and that no secret reaches the digest."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.messages.market import Side
from engine.messages.orders import AmendOrder, CancelOrder, OrderType, QueryOrder, SubmitOrder, TimeInForce
from gateways.binance.orders import RequestEncoder
from gateways.binance.requests import RequestKind
from gateways.binance.signing import HmacSigner, NullSigner
from tests.contract.binance_venue import BTC

NOW = 1_660_801_715_431_999_999
KEY = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
SECRET = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"

NATIVE = (TimeInForce.GTC, TimeInForce.IOC, TimeInForce.FOK)


def order(
    *,
    side: Side = Side.SELL,
    kind: OrderType = OrderType.LIMIT,
    time_in_force: TimeInForce = TimeInForce.GTC,
    post_only: bool = False,
) -> SubmitOrder:
    return SubmitOrder(7, "t1-3-7", 0, side, kind, time_in_force, post_only, 2_341_610, 847_000, False)


def encoder() -> RequestEncoder:
    return RequestEncoder({0: BTC}, NullSigner(logs_on=True))


def params(payload: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(payload)["params"]
    return found


def test_an_order_is_these_bytes() -> None:
    payload, masked = encoder().place(17, order(), NOW)
    assert payload == (
        b'{"id":17,"method":"order.place","params":{"symbol":"BTCUSDT","side":"SELL","type":"LIMIT",'
        b'"timeInForce":"GTC","newOrderRespType":"ACK","recvWindow":5000,"price":"23416.10",'
        b'"quantity":"0.00847000","newClientOrderId":"t1-3-7","timestamp":1660801715431}}'
    )
    assert masked is None


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("time_in_force", NATIVE)
def test_a_limit_order_carries_its_side_and_time_in_force(side: Side, time_in_force: TimeInForce) -> None:
    sent = params(encoder().place(1, order(side=side, time_in_force=time_in_force), NOW)[0])
    assert (sent["side"], sent["type"], sent["timeInForce"]) == (side.name, "LIMIT", time_in_force.name)


@pytest.mark.parametrize("time_in_force", [time for time in TimeInForce if time not in NATIVE])
def test_a_time_in_force_that_the_venue_lacks_is_never_encoded(time_in_force: TimeInForce) -> None:
    wish = order(time_in_force=time_in_force)
    with pytest.raises(ValueError, match="expected GTC, IOC or FOK"):
        encoder().place(1, wish, NOW)
    amend = AmendOrder(
        7, "t1-3-7", "t1-3-8", 0, Side.BUY, OrderType.LIMIT, time_in_force, False, 2_341_500, 100_000, False
    )
    with pytest.raises(ValueError, match="none of this venue's"):
        encoder().amend(3, amend, NOW)


@pytest.mark.parametrize("side", Side)
def test_post_only_leaves_as_limit_maker_without_time_in_force(side: Side) -> None:
    sent = params(encoder().place(1, order(side=side, post_only=True), NOW)[0])
    assert (sent["side"], sent["type"]) == (side.name, "LIMIT_MAKER")
    assert "timeInForce" not in sent


@pytest.mark.parametrize(
    ("asked", "leaves"),
    [(TimeInForce.GTC, "IOC"), (TimeInForce.IOC, "IOC"), (TimeInForce.FOK, "FOK")],
)
def test_a_market_order_leaves_as_a_limit_that_does_not_stay(asked: TimeInForce, leaves: str) -> None:
    payload, _ = encoder().place(1, order(kind=OrderType.MARKET, time_in_force=asked), NOW)
    sent = params(payload)
    assert (sent["type"], sent["timeInForce"], sent["price"]) == ("LIMIT", leaves, "23416.10")
    assert b"MARKET" not in payload


def test_a_cancel_names_our_own_id() -> None:
    payload, masked = encoder().cancel(2, CancelOrder(7, "t1-3-7", 0), NOW)
    assert json.loads(payload)["method"] == "order.cancel"
    sent = params(payload)
    assert (sent["symbol"], sent["origClientOrderId"], sent["timestamp"]) == ("BTCUSDT", "t1-3-7", 1660801715431)
    assert masked is None


def test_an_amend_is_a_cancel_replace_that_stops_when_the_cancel_fails() -> None:
    amend = AmendOrder(
        7, "t1-3-7", "t1-3-8", 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, True, 2_341_500, 100_000, False
    )
    payload, _ = encoder().amend(3, amend, NOW)
    assert json.loads(payload)["method"] == "order.cancelReplace"
    sent = params(payload)
    assert sent["cancelReplaceMode"] == "STOP_ON_FAILURE"
    assert (sent["cancelOrigClientOrderId"], sent["newClientOrderId"]) == ("t1-3-7", "t1-3-8")
    assert (sent["price"], sent["quantity"], sent["type"]) == ("23415.00", "0.00100000", "LIMIT_MAKER")


def test_a_query_asks_by_our_own_id() -> None:
    payload, _ = encoder().query(4, QueryOrder(7, "t1-3-7", 0), NOW)
    assert json.loads(payload)["method"] == "order.status"
    assert params(payload)["origClientOrderId"] == "t1-3-7"


def test_after_a_logon_only_the_logon_is_signed() -> None:
    logged_on = encoder()
    assert json.loads(logged_on.logon(1, NOW)[0])["method"] == "session.logon"
    assert {"apiKey", "signature", "timestamp"} < set(params(logged_on.logon(1, NOW)[0]))
    assert logged_on.subscribe(2, NOW) == (b'{"id":2,"method":"userDataStream.subscribe"}', None)
    assert logged_on.question(RequestKind.HEARTBEAT, 3) == (b'{"id":3,"method":"session.status"}', None)


def test_an_hmac_secret_signs_every_request_over_its_sorted_parameters() -> None:
    signer = HmacSigner(KEY, SECRET)
    hmac = RequestEncoder({0: BTC}, signer)
    assert json.loads(hmac.subscribe(2, NOW)[0])["method"] == "userDataStream.subscribe.signature"
    assert hmac.question(RequestKind.HEARTBEAT, 3) == (b'{"id":3,"method":"ping"}', None)
    for payload, masked in (
        hmac.place(1, order(), NOW),
        hmac.cancel(2, CancelOrder(7, "t1-3-7", 0), NOW),
        hmac.query(3, QueryOrder(7, "t1-3-7", 0), NOW),
        hmac.request(4, "account.status", {}, NOW),
        hmac.subscribe(5, NOW),
    ):
        sent = params(payload)
        signature = sent.pop("signature")
        signed = "&".join(f"{name}={sent[name]}" for name in sorted(sent))
        assert signer.sign(signed.encode()) == signature
        assert masked is not None
        assert KEY.encode() not in masked
        assert signature.encode() not in masked
        assert params(masked) == sent | {"apiKey": "*", "signature": "*"}


def test_a_replay_encodes_the_masked_bytes() -> None:
    live = RequestEncoder({0: BTC}, HmacSigner(KEY, SECRET))
    replay = RequestEncoder({0: BTC}, NullSigner(logs_on=False))
    for number, name in enumerate(("place", "amend"), 1):
        what = order() if name == "place" else amend_of_post_only()
        _, masked = getattr(live, name)(number, what, NOW)
        payload, again = getattr(replay, name)(number, what, NOW)
        assert payload == again == masked


def amend_of_post_only() -> AmendOrder:
    return AmendOrder(7, "a", "b", 0, Side.SELL, OrderType.LIMIT, TimeInForce.GTC, True, 1, 1, False)


def test_requests_have_the_documented_fields(shared_data: Callable[[str], Path]) -> None:
    documented: dict[str, set[str]] = {}
    for line in shared_data("binance_spot/message_examples.jsonl").read_text().splitlines():
        example = json.loads(line)["json"]
        if isinstance(example, dict) and isinstance(example.get("params"), dict):
            documented.setdefault(example["method"], set()).update(example["params"])
    hmac = RequestEncoder({0: BTC}, HmacSigner(KEY, SECRET))
    optional = {"recvWindow", "newOrderRespType", "newClientOrderId", "origClientOrderId"}
    for payload, _ in (
        hmac.place(1, order(), NOW),
        hmac.cancel(2, CancelOrder(7, "t1-3-7", 0), NOW),
        hmac.amend(3, amend_of_post_only(), NOW),
        hmac.query(4, QueryOrder(7, "t1-3-7", 0), NOW),
        hmac.logon(5, NOW),
        hmac.subscribe(6, NOW),
        hmac.request(7, "account.status", {}, NOW),
        hmac.request(8, "openOrders.status", {"symbol": "BTCUSDT"}, NOW),
        hmac.request(9, "myTrades", {"symbol": "BTCUSDT", "startTime": 1, "endTime": 2}, NOW),
    ):
        request = json.loads(payload)
        assert set(request["params"]) - optional <= documented[request["method"]], request["method"]


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("time_in_force", NATIVE)
@pytest.mark.parametrize("post_only", [False, True])
@pytest.mark.parametrize("kind", OrderType)
def test_with_and_without_a_signature_an_order_says_the_same(
    side: Side, time_in_force: TimeInForce, post_only: bool, kind: OrderType
) -> None:
    asked = order(side=side, kind=kind, time_in_force=time_in_force, post_only=post_only)
    plain = params(encoder().place(1, asked, NOW)[0])
    signed = params(RequestEncoder({0: BTC}, NullSigner(logs_on=False)).place(1, asked, NOW)[0])
    assert plain == {name: value for name, value in signed.items() if name not in ("apiKey", "signature")}


@pytest.mark.parametrize("index", [-1, 1, 2**40])
def test_an_instrument_of_another_venue_has_no_text(index: int) -> None:
    with pytest.raises(IndexError, match="none of this venue's"):
        encoder().place(1, msgspec.structs.replace(order(), instrument=index), NOW)
