"""What a limit may become in one step: the edge for integers, decimals and lists, and what is refused by its key."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.config.amounts import TighterLimits
from engine.config.risk import RiskLimits
from engine.errors import ConfigError
from engine.policy.change import (
    FIXED,
    KEYS,
    STEP_MAX,
    OnlyTighter,
    differing,
    judge,
    key_of,
    loosens,
    slack,
    text_of,
    tighter,
    tightest,
    value_of,
)

TRADED = ("binance_spot:BTCUSDT", "BTCUSDT", "BTC")


def set_to(key: str, text: str, *, halted: bool = False, **limits: Any) -> Any:
    """Set a limit and return its new value."""
    return getattr(judge(RiskLimits(**limits), key, text, halted=halted, traded=TRADED), key)


@pytest.mark.parametrize(
    ("key", "before", "edge", "over"),
    [
        ("daily_orders_max", 101, "202", "203"),
        ("market_data_age_ms", 1, "2", "3"),
        ("open_orders_max", 100, "200", "201"),
        ("max_order_value", Decimal("0.00000001"), "0.00000002", "0.00000003"),
        ("max_order_value", Decimal("12345.67"), "24691.34", "24691.35"),
        ("max_position_pct", Decimal("0.0001"), "0.0002", "0.0003"),
        ("turnover_max", Decimal("33.3333"), "66.6666", "66.6667"),
    ],
)
def test_a_limit_may_be_raised_to_twice_what_it_is_and_no_further(key: str, before: Any, edge: str, over: str) -> None:
    limits = {key: before} | ({"open_orders_instrument_max": 20} if key == "open_orders_max" else {})
    assert set_to(key, edge, **limits) == STEP_MAX * before
    with pytest.raises(ConfigError, match=rf"^risk\.{key}: is {text_of(before)} .* in one step: {edge} at most"):
        set_to(key, over, **limits)


def test_what_protects_more_when_it_is_longer_may_be_halved() -> None:
    assert set_to("duplicate_window_ms", "250") == 250
    assert set_to("duplicate_window_ms", "60000") == 60_000
    for text in ("249", "0"):
        with pytest.raises(ConfigError, match="half at least"):
            set_to("duplicate_window_ms", text)
    assert set_to("duplicate_window_ms", "0", duplicate_window_ms=0) == 0


def test_a_limit_may_be_lowered_at_once() -> None:
    assert set_to("max_order_value", "0.01") == Decimal("0.01")
    assert set_to("daily_orders_max", "1") == 1


@given(st.integers(1, 10_000), st.integers(1, 100_000))
def test_the_step_is_twice_exactly(before: int, after: int) -> None:
    try:
        assert set_to("daily_orders_max", str(after), daily_orders_max=before) == after
        assert after <= 2 * before
    except ConfigError:
        assert after > 2 * before


@given(st.decimals("0.0001", 500, places=4), st.decimals("0.0001", 1000, places=4))
def test_the_step_of_a_decimal_is_twice_exactly(before: Decimal, after: Decimal) -> None:
    try:
        assert set_to("max_position_pct", text_of(after), max_position_pct=before) == after
        assert after <= 2 * before
    except ConfigError:
        assert after > 2 * before


def test_while_trading_is_halted_a_limit_is_only_tightened() -> None:
    assert set_to("max_order_value", "49999", halted=True) == Decimal(49_999)
    assert set_to("max_order_value", "50000", halted=True) == Decimal(50_000)
    with pytest.raises(OnlyTighter, match=r"risk\.max_order_value: trading is halted, so it may only be tightened"):
        set_to("max_order_value", "50000.01", halted=True)
    with pytest.raises(OnlyTighter):
        set_to("duplicate_window_ms", "499", halted=True)
    with pytest.raises(OnlyTighter):
        set_to("blocked", "GME", halted=True)


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("max_order_value", "NaN", r"risk\.max_order_value: 'NaN' given, expected a decimal number above 0"),
        ("max_order_value", "Infinity", r"risk\.max_order_value: 'Infinity' given"),
        ("max_order_value", "-1", r"risk\.max_order_value: '-1' given"),
        ("max_order_value", "0", r"risk\.max_order_value: '0' given"),
        ("max_order_value", "a lot", r"risk\.max_order_value: 'a lot' given"),
        ("max_order_value", "", r"risk\.max_order_value: '' given"),
        ("max_order_value", "1.000000001", r"risk\.max_order_value: is 1.000000001, finer than the 8 decimals"),
        ("daily_orders_max", "1.5", r"risk\.daily_orders_max: '1.5' given, expected a whole number"),
        ("daily_orders_max", "99999999999999999999999", r"risk\.daily_orders_max: "),
        ("warn_pct", "101", r"risk\.warn_pct: '101' given, expected a whole number from 1 to 100"),
        ("open_orders_max", "10", r"risk\.open_orders_instrument_max: is 20, more than open_orders_max \(10\)"),
        ("allowed", "BTCUSD", r"risk\.allowed: no instrument of this run is called 'BTCUSD'; did you mean 'BTCUSDT'"),
    ],
)
def test_an_absurd_or_contradicting_value_is_refused_by_its_key(key: str, text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        set_to(key, text)


def test_a_key_is_named_with_or_without_its_section_and_an_unknown_one_gets_the_nearest() -> None:
    assert key_of("max_order_value") == key_of("risk.max_order_value") == "max_order_value"
    with pytest.raises(ConfigError, match=r"risk\.max_ordervalue: unknown limit; did you mean 'max_order_value'\?"):
        key_of("max_ordervalue")


@pytest.mark.parametrize("key", sorted(FIXED))
def test_what_is_fixed_at_the_start_cannot_be_set(key: str) -> None:
    with pytest.raises(ConfigError, match=rf"risk\.{key}: cannot change while the engine runs"):
        set_to(key, "1")


@pytest.mark.parametrize("key", sorted(set(KEYS) - {"strategies", "instruments", "venues"}))
def test_the_text_of_every_limit_means_its_value(key: str) -> None:
    value = getattr(RiskLimits(), key)
    assert value_of(key, text_of(value)) == value


def test_lists_are_compared_by_what_they_let_through() -> None:
    assert [text_of(set_to("allowed", text)) for text in ("BTC", "BTC,BTCUSDT", "")] == ["BTC", "BTC,BTCUSDT", ""]
    assert not loosens("allowed", (), ("BTC",))
    assert not loosens("allowed", ("BTC", "ETH"), ("BTC",))
    assert loosens("allowed", ("BTC",), ())
    assert loosens("allowed", ("BTC",), ("BTC", "ETH"))
    assert loosens("blocked", ("GME", "AMC"), ("GME",))
    assert not loosens("blocked", ("GME",), ("GME", "AMC"))


@pytest.mark.parametrize(
    ("key", "one", "other", "found"),
    [
        ("daily_orders_max", 5, 7, 5),
        ("max_order_value", Decimal(7), Decimal(5), Decimal(5)),
        ("duplicate_window_ms", 5, 7, 7),
        ("duplicate_window_ms", 0, 7, 7),
        ("allowed", (), ("BTC",), ("BTC",)),
        ("allowed", ("ETH", "BTC"), ("BTC",), ("BTC",)),
        ("allowed", ("ETH",), ("BTC",), ("-",)),
        ("blocked", ("GME",), ("AMC", "GME"), ("GME", "AMC")),
    ],
)
def test_of_two_values_the_tighter_lets_less_through(key: str, one: Any, other: Any, found: Any) -> None:
    assert tighter(key, one, other) == found


def test_the_tightest_of_limits_is_whole_also_where_their_parts_would_contradict() -> None:
    one = RiskLimits(open_orders_max=10, open_orders_instrument_max=5, adopt=True)
    other = RiskLimits(open_orders_max=3, open_orders_instrument_max=3, max_order_value=Decimal(1))
    found = tightest(one, other)
    assert (found.open_orders_max, found.open_orders_instrument_max, found.max_order_value) == (3, 3, Decimal(1))
    assert found.adopt
    assert differing(one, one) == []


def test_the_limits_of_parts_are_cut_to_those_of_the_whole() -> None:
    parts = {
        "maker": TighterLimits(max_order_value=Decimal(700)),
        "taker": TighterLimits(max_position_value=Decimal(5)),
    }
    one = RiskLimits(strategies=parts)
    found = tightest(one, RiskLimits(max_order_value=Decimal(600)))
    assert text_of(found.strategies) == "maker: max_order_value 600; taker: max_position_value 5"
    with pytest.raises(ConfigError, match=r"risk\.strategies.maker.max_order_value: is 700, more than max_order_value"):
        judge(one, "max_order_value", "699", halted=False, traded=TRADED)


def test_what_is_off_at_zero_lets_most_through_there() -> None:
    assert set_to("hold_time_s", "60") == 60
    assert set_to("hold_time_s", "120", hold_time_s=60) == 120
    for text in ("121", "0"):
        with pytest.raises(
            ConfigError, match=r"risk\.hold_time_s: is 60 and cannot become .* in one step: 120 at most"
        ):
            set_to("hold_time_s", text, hold_time_s=60)
    assert slack("hold_time_s", 0) > slack("hold_time_s", 10**9)
    assert tighter("hold_time_s", 0, 60) == 60
