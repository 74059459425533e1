"""The fifteen patterns in which trading systems lost money, each by its number on the reliability page.

Each is a check on a whole engine and a venue where that went wrong. It passes; and with its protection switched off the
same check fails, so it is known to look at the right thing.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest
from msgspec import structs

from actors.feed.actor import Feed
from actors.orders import reconcile
from actors.orders.inquiry import Inquiry
from actors.orders.moves import Moves
from actors.orders.reports import Reports
from actors.portfolio.actor import Portfolio
from actors.risk.actor import Risk
from actors.safety.trading import Trading
from engine.clock import NS_PER_SECOND
from engine.messages.market import Side
from engine.messages.reports import AmendRejected, Rejected
from gateways.binance.account import Account
from gateways.binance.market import MarketDecoder
from gateways.simulator.faults import Fault, FaultPlan
from gateways.throttle import Throttle
from hotpath.orders.lifecycle import advance
from hotpath.orders.transitions import TERMINAL, OrderEvent, OrderState
from tests.simulation import truth
from tests.simulation.between import Frame
from tests.simulation.desk import UNIT, Simulation
from tests.simulation.strategies import FAR

ORDERS = ("order.place", "order.cancelReplace")
Patch = pytest.MonkeyPatch


def sent(run: Simulation, after_s: float = 0, before_s: float = 1e9, methods: tuple[str, ...] = ORDERS) -> int:
    """Return how many requests reached the venue between two moments."""
    times = [time_ns for time_ns, method, _ in run.between.requests if method in methods]
    return sum(after_s < (time_ns - run.start_ns) / NS_PER_SECOND <= before_s for time_ns in times)


def one_buy_at_a_time(run: Simulation) -> None:
    """Look that the venue never has two open buys of a strategy that keeps one."""

    def look() -> None:
        names = [order.client_order_id for order in run.exchange()._open.values() if order.side is Side.BUY]
        assert len(names) <= 1, f"two live orders for one wish: {names}"

    run.looks.append(look)


def is_event(execution: str) -> Callable[[Frame], bool]:
    return lambda frame: frame.execution == execution


# ---- 1 to 3: an order that left


def timeout_is_not_failure(folder: Path) -> None:
    run = Simulation(folder, "OneBuy", params=FAR, faults=FaultPlan(first=[Fault.SERVER_ERROR]))
    one_buy_at_a_time(run)
    run.go()
    assert sent(run) >= 1
    truth.everything(run)


def _timeout_is_reject(patch: Patch) -> None:
    def lose(self: Moves, slot: Any, text: str) -> None:
        self.rejected(slot, Rejected(slot.client_order_id, 0, text, 0))

    patch.setattr(Moves, "lose", lose)


def not_found_may_be_late(folder: Path) -> None:
    run = Simulation(folder, "OneBuy", seconds=40, params=FAR, faults=FaultPlan(first=[Fault.SERVER_ERROR]))
    one_buy_at_a_time(run)
    run.between.always(
        lambda frame: frame.method == "order.status" and run.elapsed < 10,
        lambda payload: [(0, _refusal(msgspec.json.decode(payload)["id"], 400, -2013, "Order does not exist."))],
    )
    run.go()
    truth.everything(run)


def _refusal(number: int, status: int, code: int, text: str, **more: Any) -> bytes:
    return msgspec.json.encode({"id": number, "status": status, "error": {"code": code, "msg": text, **more}})


def _not_found_is_believed(patch: Patch) -> None:
    patch.setattr(Inquiry, "_not_found", lambda self, slot: self._moves.proved_absent(slot))


def what_was_sent_is_known_although_its_records_are_lost(folder: Path) -> None:
    first = Simulation(folder, "OneBuy", params=FAR)
    sizes: list[int] = []
    first.at(0.05, lambda: sizes.append(day_file(first).stat().st_size))
    first.at(4.0, first.crash)
    first.go()
    os.truncate(day_file(first), sizes[0])  # nothing that came later was written
    assert first.exchange().open_orders(), "the venue has an order that no record tells of"
    second = Simulation(folder, seconds=40, after=first)
    second.go()
    truth.settled(second)
    truth.known(second)
    truth.cash(second)


def day_file(run: Simulation) -> Path:
    """Return the newest file of the trail."""
    return max((run.data / "logs" / "audit").glob("audit_*.jsonl"))


def _what_is_not_in_the_trail_is_not_ours(patch: Patch) -> None:
    made = Inquiry.__init__

    def forgetful(self: Inquiry, *words: Any, **named: Any) -> None:
        made(self, *words, **named)
        self._is_ours = lambda _name: False

    patch.setattr(Inquiry, "__init__", forgetful)


# ---- 4 to 7: what is found out and what comes late


def private_is_silent(from_ns: int, frame: Frame, now_ns: int) -> list[tuple[int, bytes]] | None:
    return [] if frame.private and now_ns > from_ns else None


def two_recoveries_are_the_same(folder: Path) -> None:
    heads = set()
    for name in ("one", "other"):
        place = folder / name
        place.mkdir()
        first = Simulation(place, "BothSides", seconds=8)
        silent = 4 * NS_PER_SECOND + first.start_ns
        first.between.rules.append(partial(private_is_silent, silent))
        first.at(6, first.crash)
        first.go()
        second = Simulation(place, "BothSides", seconds=8, after=first)
        heads.add(second.go().audit.head)
        found = [record for record in truth.records(second) if "correction" in (record["metadata"] or {})]
        assert found, "the recovery inferred nothing"
        truth.everything(second)
    assert len(heads) == 1, "two recoveries of the same crash differ"


def _identities_are_drawn(patch: Patch) -> None:
    numbers = count()
    patch.setattr(reconcile, "_fill_identity", lambda _venue, _fill: f"fill:{next(numbers)}")


def an_execution_counts_once_however_it_is_learnt(folder: Path) -> None:
    run = Simulation(folder, "BothSides", seconds=70)
    run.between.always(is_event("TRADE"), lambda payload: [(45 * NS_PER_SECOND, payload)])
    run.at(15, run.between.rules.clear)
    run.go()
    truth.cash(run)
    truth.positions(run)
    truth.lives(run)


def _an_inferred_execution_has_a_number_of_its_own(patch: Patch) -> None:
    compare = reconcile.reconcile

    def renumbering(*words: Any) -> list[Any]:
        return [
            structs.replace(each, fill=structs.replace(each.fill, trade_id=each.fill.trade_id + 10**9))
            if isinstance(each, reconcile.MissingFill)
            else each
            for each in compare(*words)
        ]

    patch.setattr("actors.orders.inquiry.reconcile", renumbering)


def an_amend_in_an_outage_leaves_one_order(folder: Path) -> None:
    run = Simulation(folder, "Mover", params=FAR, seconds=30)
    one_buy_at_a_time(run)
    run.between.always(lambda frame: frame.private and 3 < run.elapsed < 8.5, lambda _payload: [])
    run.go()
    assert sent(run, methods=("order.cancelReplace",)) >= 1
    truth.everything(run)


def _an_amend_without_an_answer_failed(patch: Patch) -> None:
    lose = Moves.lose

    def refuse(self: Moves, slot: Any, text: str) -> None:
        if slot.next_id:
            self.amend_refused(slot, AmendRejected(slot.client_order_id, slot.next_id, True, 0, text, 0))
        else:
            lose(self, slot, text)

    patch.setattr(Moves, "lose", refuse)


def late_reports_revive_nothing(folder: Path) -> None:
    run = Simulation(folder, "BothSides", seconds=15)
    run.between.always(is_event("NEW"), lambda payload: [(0, payload), (2 * NS_PER_SECOND, payload)])
    truth.watch_the_dead(run)
    run.go()
    truth.everything(run)


def _an_accept_opens_whatever_it_finds(patch: Patch) -> None:
    def reviving(state: int, event: OrderEvent) -> int:
        ended = state in TERMINAL and event is OrderEvent.ACCEPTED
        return int(OrderState.OPEN) if ended else advance(state, event)

    patch.setattr("actors.orders.moves.advance", reviving)


# ---- 8 to 10: connections and books


def a_dead_private_stream_blocks_orders(folder: Path) -> None:
    run = Simulation(folder, "BothSides", seconds=30)
    run.between.always(lambda frame: bool(frame.event) and run.elapsed > 5, lambda _payload: [])
    run.go()
    assert sent(run, 0, 5) > 5
    ready = [time_ns for time_ns, method, _ in run.between.requests if method == "session.logon"]
    assert len(ready) > 1, "the session was never given up"


def _a_yes_needs_no_report(patch: Patch) -> None:
    unanswered = Account._unanswered
    patch.setattr(Account, "_unanswered", lambda *words: [] if words[1].answered else unanswered(*words))


def a_silent_market_is_opened_anew(folder: Path) -> None:
    run = Simulation(folder, "OneBuy", seconds=40, params=FAR)
    run.between.always(lambda frame: not frame.private and 5 < run.elapsed < 25, lambda _payload: [])
    stale = []
    run.at(9.5, lambda: stale.extend(run.feeds()))
    run.go()
    assert stale == ["STALE"]
    assert run.actor("gateway:binance_spot").stream.openings_count > 1, "nobody opened the silent stream anew"


def _silence_is_golden(patch: Patch) -> None:
    patch.setattr(MarketDecoder, "silence", lambda *_words: "")


def a_gap_makes_a_book_stale_until_it_is_read_anew(folder: Path) -> None:
    run = Simulation(folder, "OneBuy", seconds=20, params=FAR)
    run.between.once(lambda frame: b"depthUpdate" in frame.payload and run.elapsed > 5, times=3)
    seen: list[str] = []
    run.looks.append(lambda: seen.extend(run.feeds()) if 5 < run.elapsed < 7 else None)
    run.go()
    assert "STALE" in seen
    assert seen[-1] == "SYNCHRONISED"


def _a_gap_is_nothing(patch: Patch) -> None:
    patch.setattr(Feed, "_gap", lambda *_words: None)


# ---- 11 to 13: stopping, limits, lateness


def a_kill_stops(folder: Path) -> None:
    run = Simulation(folder, "BothSides", seconds=12)
    run.at(6, lambda: run.command("kill", reason="a test"))
    run.go()
    assert sent(run, 0, 6) > 3
    assert sent(run, 6.02) == 0, "orders left after the kill"
    assert run.exchange().open_orders() == []


def _a_kill_is_a_word(patch: Patch) -> None:
    patch.setattr(Trading, "emergency", lambda *_words, **_named: None)


def what_is_not_known_permits_nothing(folder: Path) -> None:
    run = Simulation(folder, "BothSides", seconds=5)
    run.venue.account.deposit("DOGE", 7 * UNIT)  # nobody has a price for it, so equity is not known
    run.go()
    assert sent(run) == 0, "orders left although equity is not known"


def _what_is_not_known_is_nothing(patch: Patch) -> None:
    for who in (Risk, Portfolio):
        hear = who.on_balances

        def deaf(self: Any, balances: Any, hear: Callable[[Any, Any], None] = hear) -> None:
            priced = tuple(each for each in balances.balances if each[0] != "DOGE")
            hear(self, structs.replace(balances, balances=priced))

        patch.setattr(who, "on_balances", deaf)


def late_fills_do_not_grow_a_position(folder: Path) -> None:
    run = Simulation(folder, "Buyer", seconds=8, risk="max_position_value = 3_000")
    run.between.always(lambda frame: bool(frame.execution), lambda payload: [(3 * NS_PER_SECOND, payload)])
    run.go()
    bought = sum(fill.side * fill.lots for fill in run.exchange().fills) / UNIT
    assert 0 < bought * 60_000 <= 3_000, f"{bought} BTC were bought"


def an_order_that_left_is_forgotten(patch: Patch) -> None:
    """Give back what an order reserved as soon as it has left."""
    is_over, forgotten = Simulation._is_over, set[int]()

    def forgetting(self: Simulation) -> bool:
        moves = self.actor("orders").moves
        for slot in [slot for slot in moves.book.live.values() if slot.number not in forgotten]:
            forgotten.add(slot.number)
            moves.reports.tell_canceled(slot, 0)
        return is_over(self)

    patch.setattr(Simulation, "_is_over", forgetting)


# ---- 14 and 15: money and overload


def fees_in_base_and_partial_fills_leave_exact_sizes(folder: Path) -> None:
    run = Simulation(folder, "BothSides", seconds=20, params='quantity = "0.03"', risk="max_position_value = 9_000")
    run.go()
    assert any(fill.fee_asset == "BTC" for fill in run.exchange().fills)
    truth.everything(run)


def _a_fee_is_nothing(patch: Patch) -> None:
    tell = Reports.tell_filled
    patch.setattr(Reports, "tell_filled", lambda self, slot, fill: tell(self, slot, structs.replace(fill, fee=0)))


def a_ban_is_obeyed(folder: Path) -> None:
    run = Simulation(folder, "BothSides", seconds=20)

    def banned(request: dict[str, Any]) -> bytes | None:
        if request["method"] != "order.place" or not 5 < run.elapsed < 13:
            return None
        until_ms = (run.start_ns + 13 * NS_PER_SECOND) // 10**6
        text = "Way too much request weight used."
        return _refusal(request["id"], 418, -1003, text, data={"retryAfter": until_ms})

    run.between.instead = banned
    run.go()
    assert sent(run, 0, 5) > 3
    everything = tuple({method for _, method, _ in run.between.requests})
    assert sent(run, 6, 12.9, everything) == 0, "requests left during a ban"
    assert sent(run, 13) > 1, "nothing left after the ban"
    truth.everything(run)


def _a_ban_is_a_rumour(patch: Patch) -> None:
    patch.setattr(Throttle, "silence", lambda *_words: None)


class Pattern(NamedTuple):
    """One incident: what must hold, and how its protection is switched off."""

    holds: Callable[[Path], None]
    switch_off: Callable[[Patch], None]


PATTERNS = {
    1: Pattern(timeout_is_not_failure, _timeout_is_reject),
    2: Pattern(not_found_may_be_late, _not_found_is_believed),
    3: Pattern(what_was_sent_is_known_although_its_records_are_lost, _what_is_not_in_the_trail_is_not_ours),
    4: Pattern(two_recoveries_are_the_same, _identities_are_drawn),
    5: Pattern(an_execution_counts_once_however_it_is_learnt, _an_inferred_execution_has_a_number_of_its_own),
    6: Pattern(an_amend_in_an_outage_leaves_one_order, _an_amend_without_an_answer_failed),
    7: Pattern(late_reports_revive_nothing, _an_accept_opens_whatever_it_finds),
    8: Pattern(a_dead_private_stream_blocks_orders, _a_yes_needs_no_report),
    9: Pattern(a_silent_market_is_opened_anew, _silence_is_golden),
    10: Pattern(a_gap_makes_a_book_stale_until_it_is_read_anew, _a_gap_is_nothing),
    11: Pattern(a_kill_stops, _a_kill_is_a_word),
    12: Pattern(what_is_not_known_permits_nothing, _what_is_not_known_is_nothing),
    13: Pattern(late_fills_do_not_grow_a_position, an_order_that_left_is_forgotten),
    14: Pattern(fees_in_base_and_partial_fills_leave_exact_sizes, _a_fee_is_nothing),
    15: Pattern(a_ban_is_obeyed, _a_ban_is_a_rumour),
}


@pytest.mark.parametrize("number", PATTERNS)
def test_the_pattern_does_no_harm(number: int, tmp_path: Path) -> None:
    PATTERNS[number].holds(tmp_path)


@pytest.mark.parametrize("number", PATTERNS)
def test_without_its_protection_the_same_check_fails(number: int, tmp_path: Path, monkeypatch: Patch) -> None:
    pattern = PATTERNS[number]
    pattern.switch_off(monkeypatch)
    with pytest.raises(AssertionError):
        pattern.holds(tmp_path)
