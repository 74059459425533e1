"""What stands between engine and simulated venue: frames go through, or are lost, doubled, late, or are others.

It is a venue to the network and a network to the venue, so neither knows of it. What goes wrong is said by rules, which
are asked in order for each frame that passes. It reads no clock.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from random import Random
from typing import Any

import msgspec

from engine.clock import NS_PER_MS
from gateways.binance.simulator import BinanceSimulator
from gateways.transport.memory import MemoryNetwork

API = "/ws-api"
ABNORMAL = 1006


class Frame:
    """One frame on its way to the client."""

    def __init__(self, private: bool, payload: bytes, method: str) -> None:
        self.private = private
        """It comes from the private session, not from the market."""
        self.payload = payload
        self.method = method
        """The method that it answers, or empty."""
        self.plain: dict[str, Any] = msgspec.json.decode(payload) if private else {}
        self.event: dict[str, Any] = self.plain.get("event", {})

    @property
    def execution(self) -> str:
        """What happened to an order (NEW, TRADE, CANCELED...), empty where it is no execution report."""
        return str(self.event.get("x", "")) if self.event.get("e") == "executionReport" else ""


Rule = Callable[[Frame, int], "list[tuple[int, bytes]] | None"]
"""Takes a frame and the time and returns what leaves instead, as (delay, payload); None leaves it to the next rule."""


class Between:
    """The way between one venue and its client."""

    def __init__(self, venue: BinanceSimulator, network: MemoryNetwork) -> None:
        self.venue, self._network = venue, network
        self.rules: list[Rule] = []
        self.requests: list[tuple[int, str, dict[str, Any]]] = []
        """What reached the venue on the private session: (time, method, parameters)."""
        self.refuses = False
        """New connections are closed at once."""
        self.deaf = False
        """What the client says is lost: half of the connection is dead."""
        self.instead: Callable[[dict[str, Any]], bytes | None] | None = None
        """Answers a request in the venue's place, which never hears of it; None lets it through."""
        self.rest_fails = False
        self._methods: dict[tuple[int, Any], str] = {}
        self._private: dict[int, bool] = {}
        self._late: list[tuple[int, int, int, bytes]] = []
        self._count = 0
        self._now_ns = 0
        network.connect(self)
        venue.send, venue.close = self._from_venue, network.venue_closes

    # ---- the venue, as the network sees it

    def next_event_ns(self) -> int | None:
        due = [self._late[0][0]] if self._late else []
        event_ns = self.venue.next_event_ns()
        return min([*due, event_ns] if event_ns is not None else due, default=None)

    def advance(self, now_ns: int) -> None:
        while self._late and self._late[0][0] <= now_ns:
            due_ns, _, connection, payload = heapq.heappop(self._late)
            self._now_ns = max(self._now_ns, due_ns)
            self._network.from_venue(connection, payload)
        self._now_ns = max(self._now_ns, now_ns)
        self.venue.advance(now_ns)

    def open(self, connection: int, path: str, now_ns: int) -> None:
        self._now_ns = now_ns
        self._private[connection] = path.startswith(API)
        if self.refuses:
            self._network.venue_closes(connection, ABNORMAL)
        else:
            self.venue.open(connection, path, now_ns)

    def receive(self, connection: int, payload: bytes, now_ns: int) -> None:
        self._now_ns = now_ns
        answer: bytes | None = None
        if self._private[connection]:
            request = msgspec.json.decode(payload)
            self._methods[connection, request.get("id")] = request["method"]
            self.requests.append((now_ns, request["method"], request.get("params") or {}))
            answer = self.instead(request) if self.instead is not None else None
        if answer is not None:
            self._network.from_venue(connection, answer)
        elif not self.deaf:
            self.venue.receive(connection, payload, now_ns)

    def closed(self, connection: int, now_ns: int) -> None:
        self._now_ns = now_ns
        self.venue.closed(connection, now_ns)

    def request(self, method: str, path: str, now_ns: int, respond: Callable[[int, bytes], None]) -> None:
        self._now_ns = now_ns
        if self.rest_fails:
            respond(503, b"<html>busy</html>")
        else:
            self.venue.request(method, path, now_ns, respond)

    # ---- what goes wrong

    def hang_up(self, *, private: bool | None = None) -> None:
        """End the connections of one kind, or all, without a word from either side."""
        for connection, is_private in list(self._private.items()):
            if private in (None, is_private):
                del self._private[connection]
                self.venue.closed(connection, self._now_ns)
                self._network.venue_closes(connection, ABNORMAL)

    def gone(self) -> None:
        """The client is no more: the venue sees its connections end, and nothing passes any more."""
        for connection in self._private:
            self.venue.closed(connection, self._now_ns)
        self._private.clear()
        self.venue.send = lambda _connection, _payload: None
        self.venue.close = lambda _connection, _code: None

    def once(self, condition: Callable[[Frame], bool], *replacement: bytes, delay_ns: int = 0, times: int = 1) -> None:
        """Let something else leave instead of the next frames that meet a condition; nothing, where none is given."""
        left = [times]

        def rule(frame: Frame, _now_ns: int) -> list[tuple[int, bytes]] | None:
            if not left[0] or not condition(frame):
                return None
            left[0] -= 1
            return [(delay_ns, payload) for payload in replacement]

        self.rules.append(rule)

    def always(self, condition: Callable[[Frame], bool], change: Callable[[bytes], list[tuple[int, bytes]]]) -> Rule:
        """Let something else leave instead of every frame that meets a condition; returns the rule, to take it out."""

        def rule(frame: Frame, _now_ns: int) -> list[tuple[int, bytes]] | None:
            return change(frame.payload) if condition(frame) else None

        self.rules.append(rule)
        return rule

    def shake(self, seed: int, permille: dict[str, int], until_ns: int) -> None:
        """Lose, double and delay private frames at random, and break the session now and then, until a time."""
        random = Random(seed)
        kinds = list(permille)

        def rule(frame: Frame, now_ns: int) -> list[tuple[int, bytes]] | None:
            if now_ns >= until_ns or not frame.private:
                return None
            [kind] = random.choices([*kinds, ""], [*permille.values(), 1_000 - sum(permille.values())])
            if kind == "hang up":
                self.hang_up(private=True)
            if kind in ("lose", "hang up"):
                return []
            if kind == "double":
                return [(0, frame.payload), (random.randrange(200 * NS_PER_MS), frame.payload)]
            if kind == "delay":
                return [(random.randrange(300 * NS_PER_MS), frame.payload)]
            return None

        self.rules.append(rule)

    def _from_venue(self, connection: int, payload: bytes) -> None:
        private = self._private.get(connection, False)
        number = msgspec.json.decode(payload).get("id") if private else None
        frame = Frame(private, payload, self._methods.pop((connection, number), "") if number is not None else "")
        for rule in self.rules:
            leaving = rule(frame, self._now_ns)
            if leaving is not None:
                break
        else:
            leaving = [(0, payload)]
        for delay_ns, other in leaving:
            if delay_ns:
                self._count += 1
                heapq.heappush(self._late, (self._now_ns + delay_ns, self._count, connection, other))
            else:
                self._network.from_venue(connection, other)
