"""The limits of [risk]: the defaults are those of the rules, and an absurd value is refused by its name."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from engine.config.risk import RiskLimits


def convert(**values: Any) -> RiskLimits:
    return msgspec.convert(values, RiskLimits)


def test_the_defaults_are_those_of_the_rules() -> None:
    limits = RiskLimits()
    assert (limits.max_order_value, limits.max_position_value) == (Decimal(50_000), Decimal(10_000))
    assert (limits.max_position_pct, limits.gross_exposure_pct) == (Decimal(25), Decimal(100))
    assert (limits.net_exposure_pct, limits.price_collar_pct) == (Decimal(50), Decimal(5))
    assert (limits.market_data_age_ms, limits.duplicate_window_ms) == (1_000, 500)
    assert (limits.open_orders_instrument_max, limits.open_orders_max, limits.daily_orders_max) == (20, 100, 100)
    assert limits.blocked == ("GME", "AMC", "BBBY")
    assert not limits.adopt


def test_money_and_percents_come_as_text() -> None:
    limits = convert(max_order_value="1234.5", price_collar_pct="2.25")
    assert (limits.max_order_value, limits.price_collar_pct) == (Decimal("1234.5"), Decimal("2.25"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_order_value", "NaN"),
        ("max_order_value", "Infinity"),
        ("max_order_value", "-1"),
        ("max_order_value", "0"),
        ("max_order_value", "1e400"),
        ("max_order_value", "0.000000001"),
        ("max_position_value", "10000000001"),
        ("max_position_pct", "1001"),
        ("gross_exposure_pct", "0"),
        ("net_exposure_pct", "-50"),
        ("price_collar_pct", "50.1"),
        ("price_collar_pct", "1.00001"),
        ("fee_reserve_pct", "-0.1"),
    ],
)
def test_an_absurd_decimal_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=name):
        convert(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("market_data_age_ms", 0),
        ("duplicate_window_ms", -1),
        ("open_orders_max", 0),
        ("open_orders_instrument_max", 5_000),
        ("daily_orders_max", 0),
        ("denials_max", 0),
        ("warn_pct", 101),
        ("protective_order_pct", 0),
        ("currency", "usdt"),
        ("currency_of_risk", "USDT"),
    ],
)
def test_a_value_out_of_bounds_or_an_unknown_key_is_refused(name: str, value: Any) -> None:
    with pytest.raises(msgspec.ValidationError):
        convert(**{name: value})


def test_more_orders_in_one_instrument_than_in_all_is_refused() -> None:
    with pytest.raises(ValueError, match="open_orders_instrument_max is 20, more than open_orders_max"):
        RiskLimits(open_orders_max=10)


def test_every_field_says_what_it_means_and_every_decimal_its_bounds() -> None:
    for name, hint in get_type_hints(RiskLimits, include_extras=True).items():
        metas = [meta for meta in get_args(hint) if isinstance(meta, msgspec.Meta)]
        assert any(meta.description for meta in metas), name
        if get_args(hint)[0] is Decimal:
            assert {"unit", "maximum"} <= set(metas[0].extra or {}), name
