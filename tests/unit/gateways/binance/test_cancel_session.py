"""Every order of ours is cancelled and none of anybody else's, with either kind of key, within the venue's limits."""

from __future__ import annotations

import msgspec
import pytest

from engine.errors import VenueError, VenueProtocolError
from gateways.binance.cancel_session import ROUND_NS, ROUNDS_MAX, CancelSession
from gateways.binance.signing import signer_of
from gateways.binance.simulator import BinanceSimulator, SimulatorOptions
from gateways.binance.simulator_session import SimulatorKeys
from gateways.throttle import RateLimit, Throttle
from tests.unit.gateways.binance.simulated import SimulatedClient

KEYS = SimulatorKeys.of_seed("binance_spot", 0)
SECOND = 1_000_000_000
OWN = 9
"""The watchdog's own connection."""
WEIGHT = RateLimit(False, 6_000, 60 * SECOND)


class Watchdog:
    """A cancelling session at a simulated venue, beside a client that places orders."""

    def __init__(self, *, hmac_key: bool = True, throttle: Throttle | None = None, symbols: int = 1) -> None:
        self.client = SimulatedClient(BinanceSimulator.synthetic(SimulatorOptions(keys=KEYS)))
        self.client.log_on()
        self.client.venue.open(OWN, "/ws-api/v3", self.client.now_ns)
        self.canceled: list[str] = []
        pair = KEYS.hmac if hmac_key else KEYS.ed25519
        self.session = CancelSession(
            signer_of(pair), ["BTCUSDT"] * symbols, "t1-", throttle or Throttle([WEIGHT]), self.canceled
        )
        self.sent: list[bytes] = []

    def rest(self, *names: str) -> None:
        for name in names:
            answer = self.client.buy("55000.00", "0.00100000", name)
            assert answer["status"] == 200, answer

    def exchange(self) -> bool:
        """Send what is due and take the answers; returns whether anything was sent."""
        heard = len(self.client.heard)
        payloads = self.session.due(self.client.now_ns)
        for payload in payloads:
            self.sent.append(payload)
            self.client.venue.receive(OWN, payload, self.client.now_ns)
        for connection, payload in self.client.heard[heard:]:
            if connection == OWN:
                self.session.take(payload, self.client.now_ns)
        return bool(payloads)

    def finish(self) -> None:
        """Go on until the session is done; time passes where it waits."""
        for _ in range(500):
            if self.session.done:
                return
            if not self.exchange():
                self.client.now_ns += SECOND
        raise AssertionError("the session did not come to an end")

    def open_ids(self) -> list[str]:
        return [one["clientOrderId"] for one in self.client.order("openOrders.status")["result"]]


@pytest.mark.parametrize("hmac_key", [True, False])
def test_ours_are_cancelled_and_nobody_elses(hmac_key: bool) -> None:
    watchdog = Watchdog(hmac_key=hmac_key)
    watchdog.rest("t1-4-1", "web_12345", "t1-4-2", "t10-1-1")
    watchdog.finish()
    assert watchdog.open_ids() == ["web_12345", "t10-1-1"]
    assert watchdog.canceled == ["t1-4-1", "t1-4-2"]
    assert not watchdog.session.waits


def test_one_look_that_finds_nothing_is_enough() -> None:
    watchdog = Watchdog()
    watchdog.finish()
    assert len(watchdog.sent) == 1
    assert watchdog.canceled == []


def test_an_order_that_arrives_while_we_cancel_is_found_in_the_next_round() -> None:
    watchdog = Watchdog()
    watchdog.rest("t1-4-1")
    watchdog.exchange()
    watchdog.rest("t1-4-2")
    watchdog.finish()
    assert watchdog.open_ids() == []
    assert watchdog.canceled == ["t1-4-1", "t1-4-2"]


def test_an_order_that_was_filled_or_cancelled_meanwhile_is_no_error() -> None:
    watchdog = Watchdog()
    watchdog.rest("t1-4-1")
    watchdog.exchange()
    watchdog.client.order("order.cancel", origClientOrderId="t1-4-1")
    watchdog.finish()
    assert watchdog.canceled == []


def test_cancels_wait_for_the_budget_and_go_on() -> None:
    watchdog = Watchdog(throttle=Throttle([RateLimit(False, 50, 60 * SECOND)]))
    watchdog.rest(*(f"t1-4-{number}" for number in range(30)))
    begun_ns = watchdog.client.now_ns
    watchdog.finish()
    assert len(watchdog.canceled) == 30
    assert watchdog.client.now_ns - begun_ns > 20 * SECOND, "it waited"


def answer(number: int, status: int, **more: object) -> bytes:
    return msgspec.json.encode({"id": number, "status": status, **more})


def test_after_a_429_the_venue_hears_nothing_until_it_said_so() -> None:
    watchdog = Watchdog()
    session, now_ns = watchdog.session, watchdog.client.now_ns
    assert len(session.due(now_ns)) == 1
    error = {
        "code": -1003,
        "msg": "slow down",
        "data": {"serverTime": now_ns // 10**6, "retryAfter": now_ns // 10**6 + 7_000},
    }
    session.take(answer(1, 429, error=error), now_ns)
    assert session.silent_ns(now_ns) == 7 * SECOND
    assert session.due(now_ns + 7 * SECOND - 1) == []
    assert len(session.due(now_ns + 7 * SECOND)) == 1
    assert session.silent_ns(now_ns + 8 * SECOND) == 0


def test_a_logon_or_a_list_that_is_refused_ends_the_attempt() -> None:
    for hmac_key in (True, False):
        session, now_ns = Watchdog(hmac_key=hmac_key).session, 1
        session.due(now_ns)
        with pytest.raises(VenueError, match=r"refused with status 401, -2015: no"):
            session.take(answer(1, 401, error={"code": -2015, "msg": "no"}), now_ns)


@pytest.mark.parametrize("payload", [b"", b"[]", b"{", b'{"id":1,"status":200,"result":{}}', b'{"id":1,"status":200}'])
def test_nonsense_ends_the_attempt(payload: bytes) -> None:
    session = Watchdog().session
    session.due(1)
    with pytest.raises(VenueProtocolError):
        session.take(payload, 1)


def test_what_nobody_asked_for_is_passed_over() -> None:
    session = Watchdog().session
    session.due(1)
    for payload in (answer(77, 200), b'{"event":{"e":"x"}}', b'{"id":"abc","status":500}'):
        session.take(payload, 1)
    assert session.waits
    assert not session.done


def test_cancels_that_do_not_help_end_the_attempt() -> None:
    session, now_ns = Watchdog().session, 1
    order = {
        "symbol": "BTCUSDT", "orderId": 1, "clientOrderId": "t1-4-1", "price": "1", "origQty": "1", "executedQty": "0",
        "status": "NEW", "side": "BUY",
    }  # fmt: skip
    rounds = 0
    with pytest.raises(VenueError, match="1 orders still stand"):
        while rounds <= ROUNDS_MAX:
            rounds += 1
            for payload in session.due(now_ns):
                session.take(answer(msgspec.json.decode(payload)["id"], 200, result=[order]), now_ns)
            for payload in session.due(now_ns):
                session.take(answer(msgspec.json.decode(payload)["id"], 500, error={"code": -1000}), now_ns)
            now_ns += ROUND_NS
    assert rounds == ROUNDS_MAX
