"""The simulated WebSocket API: who may ask, what is answered, and what a fault does to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.errors import UsageError
from gateways.binance.simulator import BALANCES, BinanceSimulator, SimulatorOptions
from gateways.binance.simulator_requests import Params
from gateways.binance.simulator_rules import Limits
from gateways.binance.simulator_session import SimulatorKeys
from gateways.simulator.faults import Fault, FaultPlan
from tests.unit.gateways.binance.simulated import API, SimulatedClient, signature_of

KEYS = SimulatorKeys.of_seed("binance_spot", 0)


def connected(options: SimulatorOptions | None = None) -> SimulatedClient:
    """Return a client with an API connection that has shown nothing."""
    client = SimulatedClient(BinanceSimulator.synthetic(options or SimulatorOptions(keys=KEYS)))
    client.venue.open(API, "/ws-api/v3", client.now_ns)
    return client


def logged_on(options: SimulatorOptions | None = None) -> SimulatedClient:
    """Return a client that has logged on and subscribed."""
    client = SimulatedClient(BinanceSimulator.synthetic(options or SimulatorOptions(keys=KEYS)))
    client.log_on()
    client.heard.clear()
    return client


# ---- public requests


def test_ping_and_time_need_no_key() -> None:
    client = connected()
    assert client.call("ping")["result"] == {}
    assert client.call("v3/time")["result"] == {"serverTime": client.now_ms}


def test_an_answer_repeats_the_id_whatever_it_is() -> None:
    client = connected()
    for identity in (1, "abc", None):
        assert client.sent({"id": identity, "method": "ping"})["id"] == identity


def test_exchange_info_and_depth_are_those_of_rest() -> None:
    client = connected()
    assert client.call("exchangeInfo", symbol="BTCUSDT")["result"] == client.get("/api/v3/exchangeInfo")[1]
    assert client.call("exchangeInfo", symbols=["BTCUSDT"])["status"] == 200
    book = client.get("/api/v3/depth?symbol=BTCUSDT&limit=10")[1]
    assert client.call("depth", symbol="BTCUSDT", limit=10)["result"] == book


@pytest.mark.parametrize(("limit", "weight"), [(100, 5), (500, 25), (1_000, 50), (5_000, 250)])
def test_depth_weighs_by_its_limit(limit: int, weight: int) -> None:
    [limits] = connected().call("depth", symbol="BTCUSDT", limit=limit)["rateLimits"]
    assert limits["count"] == weight


def test_rate_limits_can_be_left_out() -> None:
    client = connected()
    assert "rateLimits" not in client.call("ping", returnRateLimits=False)
    client.venue.open(API, "/ws-api/v3?returnRateLimits=false", client.now_ns)
    assert "rateLimits" not in client.call("ping")
    assert "rateLimits" in client.call("ping", returnRateLimits=True)


@pytest.mark.parametrize("payload", [b"{", b"[]", b'{"id":{},"method":"ping"}', b'{"id":1}', b'{"id":1,"method":5}'])
def test_what_is_no_request_is_answered_without_an_id(payload: bytes) -> None:
    answer = connected().sent(payload)
    assert (answer["id"], answer["status"], answer["error"]["code"]) == (None, 400, -1135)


def test_params_that_are_no_object_are_refused() -> None:
    assert connected().sent({"id": 1, "method": "ping", "params": [1]})["error"]["code"] == -1135


def test_an_unknown_method_is_refused() -> None:
    assert connected().call("order.dance")["error"] == {"code": -1020, "msg": "This operation is not supported."}


# ---- keys and sessions


def test_keys_come_from_the_seed() -> None:
    again, other = SimulatorKeys.of_seed("binance_spot", 0), SimulatorKeys.of_seed("binance_spot", 1)
    assert again.ed25519.private_key_pem == KEYS.ed25519.private_key_pem
    assert other.ed25519.private_key_pem != KEYS.ed25519.private_key_pem
    assert len({KEYS.ed25519.api_key, KEYS.hmac.api_key, other.hmac.api_key, KEYS.hmac.secret}) == 4


def test_signed_text_is_that_of_the_published_vectors(shared_data: Callable[[str], Path]) -> None:
    vectors = json.loads(shared_data("signing/vectors.json").read_text())
    found = [vector for vector in vectors if vector["id"].startswith("binance_wsapi")]
    assert len(found) == 3
    for vector in found:
        sent = dict(part.split("=") for part in vector["payload"].split("&")) | {"signature": vector["signature"]}
        assert Params(json.dumps(sent).encode()).signed_payload() == vector["payload"].encode()


def test_a_logon_is_shown_by_status_and_ends_by_logout() -> None:
    client = connected()
    assert client.call("session.status")["result"]["apiKey"] is None
    answer = client.signed("session.logon")["result"]
    assert (answer["apiKey"], answer["authorizedSince"]) == (KEYS.ed25519.api_key, client.now_ms)
    assert client.call("userDataStream.subscribe")["result"] == {"subscriptionId": 0}
    assert client.call("session.status")["result"]["userDataStream"] is True
    assert client.call("account.status", timestamp=client.now_ms)["status"] == 200
    client.heard.clear()
    assert client.call("session.logout")["result"]["apiKey"] is None
    assert [event["e"] for event in client.events()] == ["eventStreamTerminated"]
    assert client.call("account.status", timestamp=client.now_ms)["error"]["code"] == -1102


@pytest.mark.parametrize("hmac_key", [False, True])
def test_each_request_may_be_signed_instead(hmac_key: bool) -> None:
    client = connected()
    assert client.signed("account.status", hmac_key=hmac_key)["status"] == 200
    answer = client.signed("userDataStream.subscribe.signature", hmac_key=hmac_key)
    assert answer["result"] == {"subscriptionId": 0}


def test_an_hmac_key_cannot_log_on() -> None:
    answer = connected().signed("session.logon", hmac_key=True)
    assert (answer["status"], answer["error"]["code"]) == (401, -2015)


def test_an_hmac_signature_may_be_of_either_case_and_an_ed25519_one_may_not() -> None:
    client = connected()
    params: dict[str, Any] = {"apiKey": KEYS.hmac.api_key, "timestamp": client.now_ms}
    assert client.call("account.status", **params, signature=signature_of(KEYS, params).upper())["status"] == 200
    params["apiKey"] = KEYS.ed25519.api_key
    answer = client.call("account.status", **params, signature=signature_of(KEYS, params).upper())
    assert answer["error"] == {"code": -1022, "msg": "Signature for this request is not valid."}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"apiKey": "never heard of"}, -2014),
        ({"apiKey": "unknown"}, -2015),
        ({"apiKey": ""}, -1102),
        ({"signature": "AAAA"}, -1022),
        ({"signature": "é"}, -1022),
        ({"signature": ""}, -1102),
        ({"timestamp": None}, -1102),
        ({"timestamp": "x"}, -1100),
        ({"timestamp": 2**63}, -1100),
        ({"recvWindow": 1}, -1022),
    ],
)
def test_a_proof_that_lacks_something_is_refused(changes: dict[str, Any], code: int) -> None:
    client = connected()
    params: dict[str, Any] = {"apiKey": KEYS.ed25519.api_key, "timestamp": client.now_ms}
    params["signature"] = signature_of(KEYS, params)
    assert client.call("account.status", **(params | changes))["error"]["code"] == code


@pytest.mark.parametrize(
    ("age_ms", "window", "code"),
    [
        (5_000, None, 0),
        (5_001, None, -1021),
        (-999, None, 0),
        (-1_000, None, -1021),
        (60_000, 60_000, 0),
        (0, 60_001, -1102),
        (0, "x", -1100),
        (6, "5.5", -1021),
    ],
)
def test_a_request_lives_for_its_window(age_ms: int, window: object, code: int) -> None:
    client = logged_on()
    params: dict[str, Any] = {"timestamp": client.now_ms - age_ms} | ({"recvWindow": window} if window else {})
    assert client.call("account.status", **params).get("error", {}).get("code", 0) == code


def test_a_timestamp_may_count_microseconds() -> None:
    client = logged_on()
    assert client.call("account.status", timestamp=client.now_ms * 1_000)["status"] == 200


def test_subscriptions_are_one_for_an_account() -> None:
    client = connected()
    assert client.call("userDataStream.subscribe")["error"]["code"] == -2015
    client.signed("session.logon")
    client.call("userDataStream.subscribe")
    assert client.call("userDataStream.subscribe")["error"]["code"] == -2035
    assert client.call("session.subscriptions")["result"] == [{"subscriptionId": 0}]
    assert client.call("userDataStream.unsubscribe", subscriptionId=5)["error"]["code"] == -2036
    assert client.call("userDataStream.unsubscribe")["result"] == {}
    assert client.call("userDataStream.unsubscribe")["error"]["code"] == -2036
    assert client.call("userDataStream.subscribe")["result"] == {"subscriptionId": 1}


# ---- account


def test_the_account_begins_with_its_balances() -> None:
    client = logged_on(SimulatorOptions(keys=KEYS, balances=BALANCES | {"BNB": 0}))
    account = client.call("account.status", timestamp=client.now_ms)["result"]
    assert account["balances"] == [
        {"asset": "BNB", "free": "0.00000000", "locked": "0.00000000"},
        {"asset": "BTC", "free": "2.00000000", "locked": "0.00000000"},
        {"asset": "USDT", "free": "100000.00000000", "locked": "0.00000000"},
    ]
    assert account["commissionRates"]["taker"] == "0.00100000"
    few = client.call("account.status", timestamp=client.now_ms, omitZeroBalances=True)["result"]
    assert [one["asset"] for one in few["balances"]] == ["BTC", "USDT"]


def test_money_from_outside_is_announced() -> None:
    client = logged_on()
    client.venue.deposit("BTC", -50_000_000, client.now_ns)
    update, position = client.events()
    assert (update["e"], update["a"], update["d"]) == ("balanceUpdate", "BTC", "-0.50000000")
    assert position["B"] == [{"a": "BTC", "f": "1.50000000", "l": "0.00000000"}]


# ---- faults


def faulty(fault: Fault) -> SimulatedClient:
    """Return a client whose first request about orders goes wrong."""
    return logged_on(SimulatorOptions(keys=KEYS, faults=FaultPlan(first=[fault])))


def names(client: SimulatedClient) -> list[str]:
    """Return what the API connection heard, in order."""
    return [content["event"]["e"] if "event" in content else "answer" for content in client.contents(API)]


REPORTS = ["executionReport", "outboundAccountPosition"]


@pytest.mark.parametrize(
    ("fault", "heard"),
    [
        (Fault.NONE, ["answer", *REPORTS]),
        (Fault.LOSE_REQUEST, []),
        (Fault.DROP_ANSWER, REPORTS),
        (Fault.SERVER_ERROR, ["answer", *REPORTS]),
        (Fault.DISCONNECT, []),
        (Fault.DUPLICATE_REPORT, ["answer", REPORTS[0], REPORTS[0], REPORTS[1], REPORTS[1]]),
        (Fault.DELAY_ANSWER, REPORTS),
        (Fault.REPORTS_FIRST, [*REPORTS, "answer"]),
    ],
)
def test_what_a_fault_lets_through(fault: Fault, heard: list[str]) -> None:
    client = faulty(fault)
    client.buy("50000.00", "0.001", "t1-1-1")
    assert names(client) == heard


@pytest.mark.parametrize("fault", list(Fault))
def test_only_a_lost_request_is_not_carried_out(fault: Fault) -> None:
    client = faulty(fault)
    client.buy("50000.00", "0.001", "t1-1-1")
    client.log_on()
    answer = client.order("order.status", origClientOrderId="t1-1-1")
    assert answer["status"] == (400 if fault is Fault.LOSE_REQUEST else 200)


def test_a_server_error_says_that_the_status_is_unknown() -> None:
    answer = faulty(Fault.SERVER_ERROR).buy("50000.00", "0.001", "t1-1-1")
    assert (answer["status"], answer["error"]["code"]) == (500, -1006)


def test_a_delayed_answer_comes_when_it_is_due() -> None:
    client = faulty(Fault.DELAY_ANSWER)
    client.buy("50000.00", "0.001", "t1-1-1")
    client.heard.clear()
    assert client.venue.next_event_ns() == client.now_ns + 50_000_000
    client.play(50)
    assert names(client) == ["answer"]


def test_a_disconnect_is_told() -> None:
    client = faulty(Fault.DISCONNECT)
    client.buy("50000.00", "0.001", "t1-1-1")
    assert client.closes == [(API, 1001)]


def test_faults_are_drawn_from_the_seed() -> None:
    permille = {Fault.DROP_ANSWER: 100, Fault.DISCONNECT: 200}
    first, second = ([plan.draw() for _ in range(500)] for plan in (FaultPlan(5, permille=permille) for _ in range(2)))
    assert first == second
    assert 20 < first.count(Fault.DROP_ANSWER) < 90
    assert 60 < first.count(Fault.DISCONNECT) < 140
    assert [FaultPlan(5).draw() for _ in range(9)] == [Fault.NONE] * 9


@pytest.mark.parametrize("permille", [{Fault.DISCONNECT: -1}, {Fault.DISCONNECT: 600, Fault.DROP_ANSWER: 401}])
def test_an_impossible_plan_is_refused(permille: dict[Fault, int]) -> None:
    with pytest.raises(UsageError, match="all together at most 1000"):
        FaultPlan(permille=permille)


def test_a_used_up_minute_is_answered_by_429() -> None:
    client = connected(SimulatorOptions(keys=KEYS, limits=Limits(weight_minute_max=1)))
    client.call("ping")
    answer = client.call("ping")
    assert (answer["status"], answer["error"]["code"]) == (429, -1003)
    assert answer["error"]["data"]["serverTime"] == client.now_ms
