"""Links: what is digested, in which order, and what an answer looks like."""

from __future__ import annotations

from engine.runtime.port import Port
from gateways.transport.link import NullLink, NullRestLink, answer_payload, parse_answer, path_of
from tests.contract.venue_testbed import HandLink, KeptSent


def port(name: str = "binance_spot/api") -> Port:
    return Port(0, name, lambda _kind, _payload: None, lambda _port, _kind, _payload: None)


def test_the_digest_sees_the_masked_form_and_the_transport_the_real_one() -> None:
    sent = KeptSent()
    link = HandLink(port(), sent)
    link.send(b"plain")
    link.send(b"secret", b"masked")
    link.send_order(b"order secret", b"order masked")
    assert [payload for _, payload in sent.payloads] == [b"plain", b"masked", b"order masked"]
    assert {name for name, _ in sent.payloads} == {"binance_spot/api"}
    assert link.transmitted == [b"plain", b"secret", b"order secret"]


def test_the_hook_is_called_for_orders_only_before_the_transport() -> None:
    link = HandLink(port(), KeptSent())
    seen: list[int] = []
    link.on_sent = lambda: seen.append(len(link.transmitted))
    link.send(b"question")
    link.send_order(b"order")
    assert seen == [1]
    assert link.transmitted == [b"question", b"order"]


def test_a_replays_links_digest_and_do_nothing_else() -> None:
    sent = KeptSent()
    link, rest = NullLink(port(), sent), NullRestLink(port("rest"), sent)
    link.open("ws://venue.test/ws-api/v3")
    link.send(b"payload")
    link.pause()
    link.resume()
    link.close()
    rest.request(3, "GET", "/api/v3/depth")
    rest.close()
    assert sent.payloads == [("binance_spot/api", b"payload"), ("rest", b"GET /api/v3/depth")]


def test_answers_survive_the_tape() -> None:
    assert answer_payload(7, 200, b"{\n}") == b"7 200\n{\n}"
    assert parse_answer(answer_payload(7, 200, b"{\n}")) == (7, 200, 0, b"{\n}")
    assert parse_answer(answer_payload(8, 429, b"", 30)) == (8, 429, 30, b"")


def test_a_path_is_what_a_server_sees() -> None:
    assert path_of("wss://venue.test:9443/stream?streams=a@b/c@d") == "/stream?streams=a@b/c@d"
    assert path_of("memory://venue") == "/"
