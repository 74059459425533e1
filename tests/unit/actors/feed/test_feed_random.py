"""Whatever a stream loses, repeats or swaps: the book equals the venue's at the same update, or it is STALE (C-01)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from actors.feed.recovery import RecoveryState
from engine.messages.market import BookDelta, SnapshotRequest, StreamState
from tests.models.feed_desk import FeedDesk, best, delta, snapshot

Side = dict[int, int]

changes = st.lists(st.tuples(st.booleans(), st.integers(1, 20), st.integers(0, 3)), min_size=1, max_size=4)
faults = st.sampled_from(["", "", "", "", "lose", "repeat", "swap"])
events = st.lists(st.tuples(changes, faults, st.booleans(), st.integers(0, 6)), min_size=20, max_size=60)


class Market:
    """The venue's true book at every update, and the stream that tells of it."""

    def __init__(self) -> None:
        self.sides: tuple[Side, Side] = ({100: 5}, {200: 5})
        self.last_id = 10
        self.past: dict[int, tuple[Side, Side]] = {}
        self.keep()

    def keep(self) -> None:
        self.past[self.last_id] = (dict(self.sides[0]), dict(self.sides[1]))

    def step(self, levels: list[tuple[bool, int, int]]) -> BookDelta:
        told: tuple[Side, Side] = ({}, {})
        for is_bid, distance, lots in levels:
            ticks = 120 - distance if is_bid else 180 + distance
            told[0 if is_bid else 1][ticks] = lots
        for side, news in zip(self.sides, told, strict=True):
            side.update(news)
            for ticks in [ticks for ticks, lots in side.items() if not lots]:
                del side[ticks]
        first_id = self.last_id + 1
        self.last_id += len(levels)
        self.keep()
        return delta(first_id, self.last_id, bids=told[0].items(), asks=told[1].items())

    def best_at(self, update_id: int) -> tuple[tuple[int, int], tuple[int, int]]:
        bids, asks = self.past[update_id]
        bid = max(bids, default=0)
        ask = min(asks, default=0)
        return (bid, bids.get(bid, 0)), (ask, asks.get(ask, 0))


def is_right_or_unused(desk: FeedDesk, market: Market) -> None:
    if desk.state() is not RecoveryState.SYNCHRONISED:
        return
    line = desk.feed._lines[0]
    bids, asks = line.book.depth(1_000)
    assert (dict(bids), dict(asks)) == market.past[line.book_id]


@settings(max_examples=80)
@given(events)
def test_a_book_is_right_or_it_is_not_used(steps: list[tuple[list[tuple[bool, int, int]], str, bool, int]]) -> None:
    desk, market = FeedDesk(), Market()
    desk.tell(StreamState("binance_spot", True, ""))
    held: BookDelta | None = None
    synchronised_count = 0
    for levels, fault, tells_best, snapshot_lag in steps:
        told = market.step(levels)
        if tells_best:
            desk.tell(best(market.last_id, *market.best_at(market.last_id)))
        if fault == "swap" and held is None:
            held = told
        elif fault != "lose":
            desk.tell(told)
            if fault == "repeat":
                desk.tell(told)
            if held is not None:
                desk.tell(held)
                held = None
        is_right_or_unused(desk, market)
        desk.advance(0.4)
        if any(isinstance(message, SnapshotRequest) for message in desk.gateway.take()):
            ids = sorted(market.past)
            then = ids[max(len(ids) - 1 - snapshot_lag, 0)]
            bids, asks = market.past[then]
            desk.tell(snapshot(then, bids.items(), asks.items()))
            is_right_or_unused(desk, market)
        synchronised_count += desk.state() is RecoveryState.SYNCHRONISED
    assert desk.counts["bbo_mismatches"] == 0
    if all(fault in ("", "repeat") for _, fault, _, _ in steps):
        assert synchronised_count
