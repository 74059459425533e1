"""The synthetic market: never crossed, the same for the same seed, and open to our orders."""

from __future__ import annotations

import pytest

from engine.errors import UsageError
from gateways.binance.simulator_rules import listed
from gateways.simulator.synthetic import (
    NATURAL_RATE,
    BestChanged,
    DepthChanged,
    MarketFact,
    SyntheticMarket,
    Traded,
)
from hotpath.market.book import Book
from hotpath.market.levels import Levels
from hotpath.market.matching import Kind, Outcome

SECOND_NS = 1_000_000_000
START_NS = 1_700_000_000 * SECOND_NS
BITCOIN = listed("BTCUSDT")


def played(market: SyntheticMarket, seconds: int) -> list[MarketFact]:
    """Let a market live and return what it published."""
    market.start(START_NS)
    facts: list[MarketFact] = []
    while (next_ns := market.next_ns) is not None and next_ns <= START_NS + seconds * SECOND_NS:
        market.step()
        facts += market.facts
        market.facts.clear()
    return facts


def test_the_book_is_never_crossed_nor_one_sided_in_a_long_run() -> None:
    market = SyntheticMarket(BITCOIN, 5)
    bests = [fact for fact in played(market, 300) if isinstance(fact, BestChanged)]
    market.check()
    assert len(bests) > 10_000
    assert all(0 < best.bid_ticks < best.ask_ticks and best.bid_lots > 0 and best.ask_lots > 0 for best in bests)


def test_the_rate_is_that_of_a_busy_instrument_with_bursts_and_wide_spreads() -> None:
    facts = played(SyntheticMarket(BITCOIN, 0), 300)
    assert 100 < len(facts) / 300 < 300
    of_second: dict[int, int] = {}
    for fact in facts:
        second = fact.time_ns // SECOND_NS
        of_second[second] = of_second.get(second, 0) + 1
    assert max(of_second.values()) > 400
    spreads = sorted(fact.ask_ticks - fact.bid_ticks for fact in facts if isinstance(fact, BestChanged))
    assert spreads[len(spreads) // 4] < 50 < 200 < spreads[len(spreads) * 99 // 100]


def test_the_rate_can_be_chosen() -> None:
    facts = played(SyntheticMarket(BITCOIN, 0, messages_per_second=10 * NATURAL_RATE), 20)
    assert 500 < len(facts) / 20 < 3_000


def test_depth_chains_and_always_gives_the_book_of_its_moment() -> None:
    market = SyntheticMarket(BITCOIN, 1)
    book = Book()
    bids, asks = market.depth(10_000)
    book.load(Levels.of(bids), Levels.of(asks))
    last_id = market.update_id
    market.start(START_NS)
    for _ in range(20_000):
        market.step()
        for fact in market.facts:
            if isinstance(fact, DepthChanged):
                assert fact.first_id == last_id + 1
                assert fact.last_id == market.update_id
                last_id = fact.last_id
                book.apply(Levels.of(fact.bids), Levels.of(fact.asks))
                assert book.depth(10_000) == market.depth(10_000)
            elif isinstance(fact, BestChanged):
                assert (fact.bid_ticks, fact.bid_lots, fact.ask_ticks, fact.ask_lots) == market.best()
        market.facts.clear()


def test_the_same_seed_gives_the_same_market_and_another_does_not() -> None:
    first, second, other = (played(SyntheticMarket(BITCOIN, seed), 20) for seed in (7, 7, 8))
    assert first == second
    assert first != other


def test_trades_are_whole_steps_numbered_without_a_gap() -> None:
    trades = [fact for fact in played(SyntheticMarket(BITCOIN, 2), 60) if isinstance(fact, Traded)]
    assert [trade.trade_id for trade in trades] == list(range(1, len(trades) + 1))
    assert all(trade.lots > 0 and trade.lots % BITCOIN.quantity_step_lots == 0 for trade in trades)


def test_a_client_takes_what_is_offered_and_the_market_shows_it() -> None:
    market = SyntheticMarket(BITCOIN, 3)
    _, _, ask_ticks, ask_lots = market.best()
    outcome, executions = market.place(1, 1, Kind.IOC, ask_ticks, ask_lots, START_NS)
    assert outcome is Outcome.FILLED
    assert sum(lots for _, _, lots in executions) == ask_lots
    traded = [fact for fact in market.facts if isinstance(fact, Traded)]
    assert [fact.trade_id for fact in traded] == [trade_id for trade_id, _, _ in executions]
    assert all(not fact.buyer_is_maker for fact in traded)
    assert isinstance(market.facts[-1], BestChanged)
    assert market.best()[2] > ask_ticks


def test_a_client_s_resting_order_is_shown_and_trades() -> None:
    market = SyntheticMarket(BITCOIN, 3)
    fills: list[tuple[int, ...]] = []
    market.on_client_fill = lambda *fill: fills.append(fill)
    bid_ticks, _, ask_ticks, _ = market.best()
    price_ticks = max(bid_ticks, ask_ticks - 1)
    assert market.place(9, 1, Kind.POST_ONLY, price_ticks, 1_000, START_NS) == (Outcome.RESTING, [])
    assert market.best()[0] == price_ticks
    facts = played(market, 60)
    [(number, trade_id, ticks, lots, _)] = fills
    assert (number, ticks, lots) == (9, price_ticks, 1_000)
    assert any(isinstance(fact, Traded) and fact.trade_id == trade_id and fact.lots == lots for fact in facts)


def test_a_canceled_order_of_a_client_is_gone() -> None:
    market = SyntheticMarket(BITCOIN, 3)
    before = market.depth(10_000)
    market.place(9, 1, Kind.LIMIT, 1_000_000, 1_000, START_NS)
    assert market.depth(10_000) != before
    market.cancel(9, START_NS)
    assert market.depth(10_000) == before


def test_a_market_stands_still_until_it_is_started_once() -> None:
    market = SyntheticMarket(BITCOIN, 3)
    assert market.next_ns is None
    with pytest.raises(LookupError, match="not been started"):
        market.step()
    market.start(START_NS)
    first_ns = market.next_ns
    market.start(START_NS + SECOND_NS)
    assert market.next_ns == first_ns


def test_another_price_level_is_scaled() -> None:
    market = SyntheticMarket(listed("ETHUSDT"), 3, price_ticks=300_000)
    bests = [fact for fact in played(market, 60) if isinstance(fact, BestChanged)]
    assert all(0 < best.bid_ticks < best.ask_ticks for best in bests)
    assert 250_000 < bests[-1].bid_ticks < 350_000


@pytest.mark.parametrize(("price_ticks", "rate"), [(100, 100), (6_000_000, 0)])
def test_a_market_without_room_is_refused(price_ticks: int, rate: int) -> None:
    with pytest.raises(UsageError, match="give at least"):
        SyntheticMarket(BITCOIN, 0, price_ticks=price_ticks, messages_per_second=rate)
