"""A book is used only while it is proved, and what it says is published once."""

from __future__ import annotations

from typing import Any

import pytest

from actors.feed.recovery import RecoveryState
from engine.messages.control import Action, Stop
from engine.messages.market import (
    Depth,
    FeedGap,
    FeedState,
    FeedStatus,
    Mark,
    Quote,
    Side,
    SnapshotRequest,
    StreamState,
    Trade,
    TradesMissed,
    Watch,
)
from tests.models.feed_desk import ASKS, BIDS, NOW_NS, SCALE, FeedDesk, best, delta, snapshot, trade
from tests.models.orders_desk import kinds

LIVE = StreamState("binance_spot", True, "")
DOWN = StreamState("binance_spot", False, "closed 1006")
CROSSING = ((102, 1),)


@pytest.fixture
def desk() -> FeedDesk:
    desk = FeedDesk()
    desk.synchronise()
    desk.risk.take()
    desk.quotes.take()
    return desk


def quoted(messages: list[Any]) -> list[tuple[int, int, int]]:
    return [(message.update_id, message.bid_ticks, message.ask_ticks) for message in messages if type(message) is Quote]


def test_a_live_stream_asks_for_a_snapshot_and_joins_it() -> None:
    desk = FeedDesk()
    desk.tell(LIVE)
    assert desk.gateway.messages == [SnapshotRequest(0)]
    desk.tell(delta(1, 4), delta(5, 8), delta(9, 12, bids=((100, 9),)), best(13, (100, 9), (101, 4)))
    assert desk.quotes.messages == []
    desk.tell(snapshot(9))
    assert desk.state() is RecoveryState.SYNCHRONISED
    assert (desk.counts["dropped"], desk.counts["applied"], desk.counts["last_update_id"]) == (2, 1, 12)
    assert desk.quotes.messages == [
        FeedState(0, FeedStatus.SYNCHRONISED, "", 12, NOW_NS),
        Quote(0, 100, 9, 101, 4, 13, NOW_NS, SCALE),
    ]
    assert desk.risk.messages == desk.quotes.messages
    assert kinds(desk.safety.messages) == ["FeedState"]
    assert desk.context.audited[-1][0] is Action.FEED_SYNCHRONISED


def test_a_snapshot_without_deltas_waits_for_the_first_one() -> None:
    desk = FeedDesk()
    desk.tell(LIVE, snapshot(9))
    assert desk.state() is RecoveryState.BUFFERING
    desk.advance(20)
    assert desk.gateway.messages == [SnapshotRequest(0)]
    desk.tell(delta(8, 12))
    assert desk.state() is RecoveryState.SYNCHRONISED
    assert desk.counts["applied"] == 1


def test_a_snapshot_newer_than_everything_kept_is_joined() -> None:
    desk = FeedDesk()
    desk.tell(LIVE, delta(1, 4), snapshot(9))
    assert desk.state() is RecoveryState.SYNCHRONISED
    desk.tell(delta(5, 8), delta(9, 12))
    assert (desk.counts["dropped"], desk.counts["applied"]) == (2, 1)


def test_a_snapshot_older_than_the_first_delta_is_refused_and_asked_for_again() -> None:
    desk = FeedDesk()
    desk.tell(LIVE, delta(20, 24), snapshot(18))
    assert desk.state() is RecoveryState.STALE
    assert len(desk.gateway.messages) == 1
    desk.advance(1)
    assert len(desk.gateway.messages) == 2
    desk.tell(delta(25, 26), snapshot(25))
    assert desk.state() is RecoveryState.SYNCHRONISED
    assert desk.counts["last_update_id"] == 26


def test_refusals_back_off_and_an_unanswered_request_is_repeated() -> None:
    desk = FeedDesk()
    desk.tell(LIVE)
    asked_s = []
    for _ in range(5):
        before = len(desk.gateway.messages)
        desk.tell(delta(20, 24), snapshot(1))
        while len(desk.gateway.messages) == before:
            desk.advance(1)
        asked_s.append((desk.context.now_ns - NOW_NS) // 1_000_000_000)
    assert asked_s == [1, 3, 7, 15, 31]
    count = len(desk.gateway.messages)
    desk.advance(10)
    assert len(desk.gateway.messages) == count + 1


def test_a_snapshot_that_nobody_asked_for_is_ignored(desk: FeedDesk) -> None:
    desk.tell(snapshot(50, bids=((90, 1),)))
    assert desk.counts["last_update_id"] == 10


def test_a_gap_is_said_at_once_and_repaired(desk: FeedDesk) -> None:
    desk.tell(delta(13, 15))
    gap = FeedGap(0, 11, 13, NOW_NS)
    assert desk.gaps.messages == [gap]
    assert kinds(desk.risk.messages) == ["FeedGap", "FeedState"]
    state = desk.quotes.messages[-1]
    assert (state.status, state.reason) == (FeedStatus.STALE, "expected update 11, received 13")
    assert (desk.state(), desk.counts["gaps"]) == (RecoveryState.STALE, 1)
    desk.tell(best(16), delta(16, 17, asks=((101, 0),)))
    assert quoted(desk.quotes.messages) == []
    desk.advance(1)
    desk.tell(snapshot(16, bids=((97, 1),)))
    assert desk.state() is RecoveryState.SYNCHRONISED
    assert quoted(desk.quotes.messages) == [(17, 97, 102)]


def test_a_gap_in_what_is_kept_begins_anew() -> None:
    desk = FeedDesk()
    desk.tell(LIVE, delta(1, 4), delta(7, 8), delta(9, 9))
    assert (desk.state(), desk.counts["gaps"]) == (RecoveryState.BUFFERING, 1)
    desk.tell(snapshot(3))
    assert desk.state() is RecoveryState.STALE
    desk.tell(delta(12, 13))
    assert desk.state() is RecoveryState.STALE
    desk.advance(1)
    desk.tell(snapshot(12))
    assert desk.state() is RecoveryState.SYNCHRONISED


def test_a_repeated_delta_is_dropped_and_counted(desk: FeedDesk) -> None:
    dropped = desk.counts["dropped"]
    desk.tell(delta(9, 10, bids=((100, 77),)))
    assert desk.counts["dropped"] == dropped + 1
    assert desk.quotes.messages == []


def test_a_quote_is_published_only_when_one_of_its_numbers_changed(desk: FeedDesk) -> None:
    desk.tell(best(11), best(12), best(13, (100, 4)), delta(11, 14, bids=((100, 4), (98, 1))), best(15, (100, 4)))
    assert quoted(desk.quotes.messages) == [(13, 100, 101)]
    assert desk.risk.messages == desk.quotes.messages


def test_quotes_come_from_whichever_is_further_and_never_go_back(desk: FeedDesk) -> None:
    desk.tell(best(20, (100, 1)), delta(11, 15, bids=((100, 2),)), best(18, (100, 3)))
    desk.tell(delta(16, 21, bids=((100, 4),)), best(21, (100, 4)), best(19, (100, 9)))
    assert [(message.update_id, message.bid_lots) for message in desk.quotes.messages] == [(20, 1), (21, 4)]


@pytest.mark.parametrize("book_first", [True, False])
def test_at_equal_update_book_and_best_price_are_compared(desk: FeedDesk, book_first: bool) -> None:
    pair = [delta(11, 12, bids=((100, 9),)), best(12, (100, 9))]
    desk.tell(*(pair if book_first else reversed(pair)))
    assert (desk.counts["bbo_checks"], desk.counts["bbo_mismatches"]) == (1, 0)
    assert desk.state() is RecoveryState.SYNCHRONISED


@pytest.mark.parametrize("book_first", [True, False])
def test_a_mismatch_makes_the_book_stale(desk: FeedDesk, book_first: bool) -> None:
    pair = [delta(11, 12, bids=((100, 9),)), best(12, (100, 8))]
    desk.tell(*(pair if book_first else reversed(pair)))
    assert (desk.counts["bbo_checks"], desk.counts["bbo_mismatches"]) == (1, 1)
    assert desk.state() is RecoveryState.STALE
    assert "differ at update 12" in desk.quotes.messages[-1].reason


def test_a_book_that_lags_behind_several_best_prices_is_still_compared(desk: FeedDesk) -> None:
    desk.tell(best(12, (100, 9)), best(13, (100, 8)), best(14, (100, 7)), delta(11, 12, bids=((100, 9),)))
    assert desk.counts["bbo_checks"] == 1


def test_a_crossed_book_is_stale(desk: FeedDesk) -> None:
    desk.tell(delta(11, 12, bids=CROSSING))
    assert (desk.state(), desk.counts["applied"]) == (RecoveryState.STALE, 1)
    assert "crossed at update 12" in desk.risk.messages[-1].reason
    assert desk.gaps.messages == []


def test_a_crossed_best_price_is_stale_and_an_empty_side_is_not(desk: FeedDesk) -> None:
    desk.tell(best(11, (0, 0)), best(12, BIDS[0], (0, 0)))
    assert quoted(desk.quotes.messages) == [(11, 0, 101), (12, 100, 0)]
    desk.tell(best(13, (101, 1), (101, 1)))
    assert desk.state() is RecoveryState.STALE


def test_a_crossed_snapshot_is_refused() -> None:
    desk = FeedDesk()
    desk.tell(LIVE, delta(1, 4), snapshot(3, bids=CROSSING))
    assert desk.state() is RecoveryState.STALE


def test_a_mismatch_while_joining_is_refused() -> None:
    desk = FeedDesk()
    desk.tell(LIVE, best(4, (100, 1)), delta(1, 4), snapshot(3))
    assert (desk.state(), desk.counts["bbo_mismatches"]) == (RecoveryState.STALE, 1)


def test_silence_makes_the_book_stale_and_trades_do_not_count(desk: FeedDesk) -> None:
    desk.advance(2.9)
    desk.tell(delta(11, 11))
    desk.advance(2.9)
    assert desk.state() is RecoveryState.SYNCHRONISED
    desk.tell(trade(1))
    desk.advance(0.3)
    assert "nothing was heard for 3" in desk.risk.messages[-1].reason
    assert desk.state() is RecoveryState.BUFFERING
    desk.tell(delta(12, 12), snapshot(11))
    assert desk.state() is RecoveryState.SYNCHRONISED


def test_a_book_that_stands_still_while_best_prices_go_on_is_stale(desk: FeedDesk) -> None:
    for number in range(29):
        desk.tell(best(11 + number, (100, 6 + number)))
        desk.advance(0.1)
    desk.tell(delta(11, 39, bids=((100, 34),)), best(40, (100, 1)))
    for _ in range(29):
        desk.advance(0.1)
        desk.tell(best(41, (100, 2)))
    assert desk.state() is RecoveryState.SYNCHRONISED
    desk.advance(0.2)
    assert desk.state() is not RecoveryState.SYNCHRONISED
    reason = "the book stands at update 39 for 3000 ms and best prices went on to 41"
    assert [m.reason for m in desk.risk.messages if type(m) is FeedState][-1] == reason


def test_a_best_price_after_a_quiet_time_gives_the_book_time_to_follow(desk: FeedDesk) -> None:
    for _ in range(50):
        desk.tell(best(10))
        desk.advance(0.1)
    desk.tell(best(11, (100, 6)))
    desk.advance(0.2)
    assert desk.state() is RecoveryState.SYNCHRONISED


def test_a_book_that_breaks_again_and_again_does_not_spend_the_rate_budget(desk: FeedDesk) -> None:
    asked_s = []
    for number in range(20, 25):
        before = len(desk.gateway.messages)
        desk.tell(delta(number * 10, number * 10))
        while len(desk.gateway.messages) == before:
            desk.advance(0.5)
        asked_s.append((desk.context.now_ns - NOW_NS) / 1_000_000_000)
        desk.tell(snapshot(number * 10))
        assert desk.state() is RecoveryState.SYNCHRONISED
    assert asked_s == [1, 2, 4, 8, 16]
    for number in range(40):
        desk.advance(0.5)
        desk.tell(best(300 + number, (100, 7 + number)), delta(241 + number, 241 + number))
    before = len(desk.gateway.messages)
    desk.tell(delta(400, 400))
    desk.advance(0.1)
    assert len(desk.gateway.messages) == before + 1, "a book that held for long is repaired at once"


def test_a_snapshot_that_is_always_crossed_is_asked_for_ever_less_often() -> None:
    desk = FeedDesk()
    desk.tell(LIVE)
    asked_s = []
    for number in range(1, 5):
        before = len(desk.gateway.messages)
        desk.tell(delta(number, number), snapshot(number, bids=CROSSING))
        while len(desk.gateway.messages) == before:
            desk.advance(1)
        asked_s.append((desk.context.now_ns - NOW_NS) // 1_000_000_000)
    assert asked_s == [1, 3, 7, 15]


def test_a_stream_that_is_down_makes_every_book_stale_and_ids_may_begin_anew(desk: FeedDesk) -> None:
    desk.tell(best(50, (100, 1)), DOWN)
    assert desk.state() is RecoveryState.IDLE
    assert desk.quotes.messages[-1].reason == "closed 1006"
    desk.tell(DOWN, LIVE)
    desk.advance(1)
    desk.tell(delta(1, 4), snapshot(3))
    assert quoted(desk.quotes.messages)[-1] == (4, 100, 101)


def test_a_delta_of_a_stream_that_was_down_means_that_it_lives() -> None:
    desk = FeedDesk()
    desk.tell(delta(1, 4))
    assert (desk.state(), desk.gateway.messages) == (RecoveryState.BUFFERING, [SnapshotRequest(0)])
    desk.tell(LIVE)
    assert desk.state() is RecoveryState.BUFFERING


def test_a_stream_that_comes_back_without_having_been_down_proves_itself(desk: FeedDesk) -> None:
    desk.tell(LIVE, delta(11, 12))
    assert (desk.state(), desk.counts["applied"]) == (RecoveryState.SYNCHRONISED, 1)
    desk.tell(delta(15, 16), LIVE)
    assert desk.state() is RecoveryState.STALE


def test_depth_is_for_those_who_ask_and_only_when_it_changed() -> None:
    desk = FeedDesk(wants_depth=True, depth_levels=2)
    desk.synchronise()
    desk.tell(delta(11, 12, bids=((98, 1),)), delta(13, 14, bids=((99, 1),)), delta(15, 16, asks=((101, 5),)))
    depths = [message for message in desk.quotes.messages if isinstance(message, Depth)]
    assert [depth.update_id for depth in depths] == [10, 14]
    assert (tuple(depths[0].bid_levels), tuple(depths[0].ask_levels)) == (BIDS[:2], ASKS[:2])
    assert tuple(depths[1].bid_levels) == ((100, 5), (99, 1))
    assert "Depth" not in kinds(desk.risk.messages)
    quiet = FeedDesk()
    quiet.synchronise()
    assert "Depth" not in kinds(quiet.quotes.messages)


def test_trades_that_were_refused_are_merged_before_the_next(desk: FeedDesk) -> None:
    desk.tell(trade(1))
    desk.trades.full = True
    desk.tell(trade(2, 3), trade(3, 4))
    desk.trades.full = False
    desk.tell(trade(4), trade(5))
    assert desk.trades.messages == [trade(1), TradesMissed(0, 2, 7, 2, 3), trade(4), trade(5)]


def test_a_listener_that_refuses_even_the_word_about_missed_trades_hears_it_later(desk: FeedDesk) -> None:
    class Picky(type(desk.trades)):  # type: ignore[misc]
        takes = 0

        def tell(self, message: Any) -> int:
            self.full = self.takes <= 0
            self.takes -= 1
            return int(super().tell(message))

    listener = Picky()
    outlet = desk.feed._lines[0].trade_outlets[0]
    outlet.tell = listener.tell
    desk.tell(trade(1), trade(2))
    listener.takes = 1
    desk.tell(trade(3))
    listener.takes = 2
    desk.tell(trade(4))
    assert listener.messages == [TradesMissed(0, 2, 2, 1, 2), TradesMissed(0, 1, 1, 3, 3), trade(4)]


def test_marks_are_told_ten_times_a_second_at_most_and_only_when_changed(desk: FeedDesk) -> None:
    desk.tell(best(11, (100, 1)), best(12, (99, 1)), best(13, (100, 1), (103, 1)))
    desk.advance(0.1)
    desk.tell(best(14, (100, 2), (103, 1)))
    desk.advance(0.1)
    desk.tell(best(15, (0, 0), (103, 1)))
    desk.advance(0.1)
    assert desk.portfolio.messages == [Mark(0, 203, NOW_NS + 100_000_000)]


def test_a_start_says_that_nothing_is_known_and_a_stop_keeps_the_book() -> None:
    desk = FeedDesk()
    assert desk.context.audited[0][0] is Action.FEED_STALE
    assert desk.context.audited[0][1].reason == "start"
    desk.synchronise()
    desk.tell(Stop("end"), DOWN)
    assert desk.counts["best_bid"] == "1.00"
    assert desk.counts["bid_levels"] == 3


def test_snapshots_are_not_asked_for_more_than_once_a_second() -> None:
    desk = FeedDesk()
    desk.tell(LIVE, DOWN, LIVE, DOWN, LIVE)
    assert len(desk.gateway.messages) == 1
    desk.advance(1)
    assert len(desk.gateway.messages) == 2


def test_a_quote_that_the_market_confirms_stays_fresh_for_risk_and_is_no_news_for_strategies() -> None:
    desk = FeedDesk()
    desk.synchronise()
    for recorder in (desk.risk, desk.quotes):
        recorder.take()
    desk.advance(0.2)
    desk.tell(delta(11, 11, bids=((BIDS[1][0], 7),)))
    desk.advance(0.1)
    (confirmed,) = [message for message in desk.risk.take() if type(message) is Quote]
    assert (confirmed.bid_ticks, confirmed.time_ns) == (BIDS[0][0], desk.context.now_ns)
    assert desk.quotes.take() == []


def test_a_side_keeps_book_levels_max_levels_and_the_summary_counts_what_was_dropped() -> None:
    desk = FeedDesk(levels_max=2)
    desk.tell(LIVE, delta(1, 4), snapshot(4, ((100, 1), (99, 1)), ((101, 1), (102, 1))))
    assert desk.counts["levels_capped"] == 0
    desk.tell(delta(5, 8, bids=((98, 1), (97, 1))))
    assert (desk.counts["bid_levels"], desk.counts["ask_levels"], desk.counts["levels_capped"]) == (2, 2, 2)
    assert desk.counts["best_bid"] == "1.00"


def test_triggers_is_told_of_an_instrument_while_it_watches_and_knows_at_once_where_it_stands(desk: FeedDesk) -> None:
    desk.tell(Watch(0, True, False))
    state, quote = desk.waiting.take()
    assert (state.status, quote.bid_ticks) == (FeedStatus.SYNCHRONISED, 100)
    assert quote.time_ns == desk.context.now_ns, "feed vouches for it now"
    desk.tell(Trade(0, 1, 100, 1, Side.BUY, NOW_NS, SCALE))
    assert (len(desk.trades.take()), desk.waiting_trades.take()) == (1, [])
    desk.tell(Watch(0, True, True), Trade(0, 2, 100, 1, Side.BUY, NOW_NS, SCALE))
    assert len(desk.waiting_trades.take()) == 1
    desk.waiting.take()
    desk.tell(StreamState("binance_spot", False, "gone"))
    assert [type(message) for message in desk.waiting.take()] == [FeedState]
    desk.tell(Watch(0, False, False))
    desk.synchronise(20)
    assert desk.waiting.take() == []


def test_a_quiet_market_is_confirmed_to_triggers_too(desk: FeedDesk) -> None:
    desk.tell(Watch(0, True, False))
    desk.waiting.take()
    desk.advance(0.35)
    desk.tell(delta(11, 11, bids=((98, 9),)))
    desk.advance(0.1)
    assert [type(message).__name__ for message in desk.waiting.take()] == ["Quote"]


def test_what_a_listener_missed_is_not_forgotten_when_triggers_begins_to_watch(desk: FeedDesk) -> None:
    desk.trades.full = True
    desk.tell(Trade(0, 1, 100, 7, Side.BUY, NOW_NS, SCALE), Watch(0, True, True))
    desk.trades.full = False
    desk.tell(Trade(0, 2, 100, 1, Side.BUY, NOW_NS, SCALE))
    assert [type(message).__name__ for message in desk.trades.take()] == ["TradesMissed", "Trade"]
