"""Real recordings: the book that the venue's own messages make is the published one, to the last level."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hotpath.core.units import Scale
from hotpath.market.book import Book
from hotpath.market.levels import parse_levels
from hotpath.market.sequence import DUPLICATE, GAP, IN_ORDER, Sequence

FOLDER = Path(__file__).parents[5] / "shared" / "data" / "binance_spot"
FIRST, SECOND = "spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"
SCALE = Scale(2, 8)

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"the recordings are not at {FOLDER}")


class Recorded(msgspec.Struct):
    """Any recorded message: which of its fields are there says what it is."""

    event: str = msgspec.field(default="", name="e")
    first_id: int = msgspec.field(default=0, name="U")
    last_id: int = msgspec.field(default=0, name="u")
    snapshot_id: int = msgspec.field(default=0, name="lastUpdateId")
    b: msgspec.Raw = msgspec.Raw()
    B: msgspec.Raw = msgspec.Raw()
    a: msgspec.Raw = msgspec.Raw()
    A: msgspec.Raw = msgspec.Raw()
    bids: msgspec.Raw = msgspec.Raw()
    asks: msgspec.Raw = msgspec.Raw()


class Enveloped(msgspec.Struct):
    """A message in its stream's envelope."""

    data: Recorded | None = None


def recorded(name: str) -> Iterator[Recorded]:
    """Yield what matters to a book, in the order of the recording."""
    enveloped, bare = msgspec.json.Decoder(Enveloped), msgspec.json.Decoder(Recorded)
    with gzip.open(FOLDER / name) as lines:
        for line in lines:
            payload = line.partition(b" ")[2]
            yield enveloped.decode(payload).data or bare.decode(payload)


class Follower:
    """Applies a recording and counts what happens; best prices come first and are compared when the book is there."""

    def __init__(self) -> None:
        self.book = Book()
        self.sequence = Sequence()
        self.waiting: list[Recorded] = []
        self.best_prices: dict[int, Recorded] = {}
        self.counts = {IN_ORDER: 0, DUPLICATE: 0, GAP: 0}
        self.best_checks = self.best_mismatches = self.crossed = 0
        self.applied = 0
        self.checkpoints: list[dict[str, Any]] = []

    def follow(self, name: str) -> None:
        """Take a whole file: updates and checkpoints counted anew, best prices compared within it, as published."""
        self.best_prices.clear()
        self.applied = 0
        self.checkpoints = []
        for message in recorded(name):
            if message.snapshot_id:
                self.start(message)
            elif message.event == "depthUpdate":
                self.apply(message)
            elif not message.event and message.last_id:
                self.best_prices[message.last_id] = message

    def start(self, message: Recorded) -> None:
        """Load the snapshot, then what came before it."""
        self.book.load(parse_levels(message.bids, SCALE), parse_levels(message.asks, SCALE))
        self.sequence.start(message.snapshot_id)
        for earlier in self.waiting:
            self.apply(earlier)

    def apply(self, message: Recorded) -> None:
        """Apply an update that follows."""
        if not self.sequence.synchronised:
            self.waiting.append(message)
            return
        outcome = self.sequence.step(message.first_id, message.last_id)
        self.counts[outcome] += 1
        if outcome == IN_ORDER:
            before = self.book.best()
            changed = self.book.apply(parse_levels(message.b, SCALE), parse_levels(message.a, SCALE))
            assert changed == (self.book.best() != before)
            self.crossed += self.book.crossed
            self.compare()
            self.applied += 1
            if self.applied % 1000 == 0:
                self.book.check()
                self.checkpoints.append({"applied": self.applied, "u": self.sequence.last_id, **self.state()})

    def compare(self) -> None:
        """Compare the book with the venue's own best prices of the same id, where it sent them."""
        message = self.best_prices.get(self.sequence.last_id)
        self.best_prices.clear()
        if message is not None:
            bid, bid_quantity, ask, ask_quantity = (
                bytes(raw).strip(b'"') for raw in (message.b, message.B, message.a, message.A)
            )
            venue = SCALE.price_ticks(bid), SCALE.lots(bid_quantity), SCALE.price_ticks(ask), SCALE.lots(ask_quantity)
            self.best_checks += 1
            self.best_mismatches += venue != self.book.best()

    def state(self) -> dict[str, Any]:
        """Return the book as a checkpoint shows it, prices exact."""
        bid, bid_lots, ask, ask_lots = self.book.best()
        bids, asks = self.book.counts()
        return {
            "bb": SCALE.price(bid),
            "bbq": SCALE.lots_text(bid_lots),
            "ba": SCALE.price(ask),
            "baq": SCALE.lots_text(ask_lots),
            "n_bids": bids,
            "n_asks": asks,
        }


def expectation(name: str) -> dict[str, Any]:
    """Return what was published about a recording, prices as Decimal."""
    published = json.loads((FOLDER / "expected.json").read_bytes(), parse_float=Decimal)
    found: dict[str, Any] = published[name]
    return found


def assert_final(follower: Follower, final: dict[str, Any]) -> None:
    bid, bid_lots, ask, ask_lots = follower.book.best()
    assert follower.sequence.last_id == final["u"]
    assert (SCALE.price(bid), SCALE.lots_text(bid_lots)) == (final["best_bid"], final["best_bid_qty"])
    assert (SCALE.price(ask), SCALE.lots_text(ask_lots)) == (final["best_ask"], final["best_ask_qty"])
    assert follower.book.counts() == (final["n_bid_levels"], final["n_ask_levels"])
    depth = [[[SCALE.price(ticks), SCALE.lots_text(lots)] for ticks, lots in side] for side in follower.book.depth(5)]
    assert depth == [final["top5_bids"], final["top5_asks"]]
    follower.book.check()


@pytest.fixture(scope="module")
def first_day() -> Follower:
    follower = Follower()
    follower.follow(FIRST)
    return follower


def test_the_recorded_book_is_the_published_one(first_day: Follower) -> None:
    expected = expectation(FIRST)
    assert first_day.counts == {IN_ORDER: 3449, DUPLICATE: 2, GAP: 0}
    assert first_day.counts[IN_ORDER] == expected["depth_applied"]
    assert (first_day.best_checks, first_day.best_mismatches) == (564, 0)
    assert first_day.best_checks == expected["bbo_checks_at_equal_u"]
    assert first_day.crossed == expected["crossed"] == 0
    assert_final(first_day, expected["final"])


def test_every_checkpoint_of_a_thousand_updates_agrees(first_day: Follower) -> None:
    assert len(first_day.checkpoints) == 3
    assert first_day.checkpoints == expectation(FIRST)["checkpoints_every_1000"]


def test_the_next_recording_continues_the_book_without_a_gap() -> None:
    expected = expectation(f"{FIRST} + {SECOND}")
    follower = Follower()
    follower.follow(FIRST)
    checks = follower.best_checks
    follower.follow(SECOND)
    assert follower.sequence.synchronised
    assert follower.sequence.last_id == 50093696318
    assert follower.counts == {IN_ORDER: 3449 + expected["depth_applied"], DUPLICATE: 2, GAP: 0}
    assert follower.checkpoints == expected["checkpoints_every_1000"]
    assert (follower.best_checks - checks, follower.best_mismatches) == (expected["bbo_checks_at_equal_u"], 0)
    assert_final(follower, expected["final"])
