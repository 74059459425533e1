"""The golden book: the recordings lead to the book that the venue had, and book and best price agree on the way."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.messages.market import BookSnapshot, Quote, StreamState
from tests.models.feed_desk import FeedDesk, recording

FIRST = "spot_btcusdt_20240808.gz"
SECOND = "spot_btcusdt_20240809.gz"


def play(desk: FeedDesk, path: Path) -> None:
    for time_ns, message in recording(path):
        desk.advance(max(time_ns - desk.context.now_ns, 0) / 1e9)
        desk.context.now_ns = max(desk.context.now_ns, time_ns)
        if not isinstance(message, BookSnapshot) or desk.gateway.messages:
            desk.tell(message)


def same_book(summary: dict[str, Any], wanted: dict[str, Any]) -> None:
    final = wanted["final"]
    assert summary["last_update_id"] == final["u"]
    assert float(summary["best_bid"]) == final["best_bid"]
    assert float(summary["best_ask"]) == final["best_ask"]
    assert (summary["best_bid_quantity"], summary["best_ask_quantity"]) == (
        final["best_bid_qty"],
        final["best_ask_qty"],
    )
    assert (summary["bid_levels"], summary["ask_levels"]) == (final["n_bid_levels"], final["n_ask_levels"])


def test_both_recordings_lead_to_the_venues_book(shared_data: Callable[[str], Path]) -> None:
    expected = json.loads(shared_data("binance_spot/expected.json").read_text())
    desk = FeedDesk(wants_depth=True)
    desk.tell(StreamState("binance_spot", True, ""))
    play(desk, shared_data(f"binance_spot/{FIRST}"))
    first = desk.counts
    same_book(first, expected[FIRST])
    assert (first["applied"], first["dropped"], first["gaps"]) == (3_449, 2, 0)
    assert (first["bbo_checks"], first["bbo_mismatches"]) == (564, 0)
    desk.context.now_ns += 10**15
    play(desk, shared_data(f"binance_spot/{SECOND}"))
    both = desk.counts
    same_book(both, expected[f"{FIRST} + {SECOND}"])
    assert (both["applied"], both["dropped"], both["gaps"]) == (3_449 + 3_044, 2, 0)
    across = 1  # the last best price of the first file and the first delta of the second are of the same update
    assert (both["bbo_checks"], both["bbo_mismatches"]) == (564 + 507 + across, 0)
    assert desk.gateway.messages == desk.gateway.messages[:1]
    quotes = [message for message in desk.quotes.messages if type(message) is Quote]
    ids = [quote.update_id for quote in quotes]
    assert ids == sorted(ids)
    assert all(quote.bid_ticks < quote.ask_ticks for quote in quotes)
