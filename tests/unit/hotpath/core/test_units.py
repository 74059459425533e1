"""Scale and money: exact or an error, never something in between."""

from __future__ import annotations

import copy
import gc
import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.core import units
from hotpath.core.units import MONEY_DECIMALS, PrecisionError, Scale
from tests.models import units as model

INT64_MAX = 2**63 - 1
SPOT = Scale(2, 8)
int64s = st.integers(-INT64_MAX, INT64_MAX)
decimals_of_a_scale = st.integers(0, 18)
plain_decimals = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**15), max_value=10**15)


@pytest.mark.parametrize(
    ("text", "ticks"),
    [
        ("61685.99", 6168599),
        (b"61685.99000000", 6168599),
        ("0", 0),
        ("-0.00", 0),
        ("-0.01", -1),
        ("007", 700),
        (Decimal("61685.9900"), 6168599),
        (Decimal("1E+3"), 100_000),
        (Decimal("0E+999999"), 0),
        (Decimal("0E-999999"), 0),
        (5, 500),
        (-5, -500),
        ("92233720368547758.07", INT64_MAX),
        ("-92233720368547758.07", -INT64_MAX),
        (Decimal("92233720368547758.07"), INT64_MAX),
        ("0" * 40 + "1" + ".5" + "0" * 40, 150),
    ],
)
def test_a_price_is_read_exactly(text: Any, ticks: int) -> None:
    assert SPOT.price_ticks(text) == ticks


MALFORMED = [
    *("", ".", "-", "-.", ".5", "5.", "-5.", "1e5", "1E5", "+1", " 1", "1 ", "1\n", "1_000", "1,5", "--1", "1.2.3"),
    *("NaN", "nan", "Infinity", "-inf", "0x10", "1\x00", "\x001", "½", "\uff11", "٣", "1.٣", "é", "1.5\ud800"),
    *(b"", b".", b"1e5", b" 1", b"\xff", b"1\x00"),
    *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Inf")),
]


@pytest.mark.parametrize("text", MALFORMED, ids=ascii)
def test_what_is_no_plain_decimal_is_refused(text: Any) -> None:
    for read in (SPOT.price_ticks, SPOT.lots, units.money):
        with pytest.raises(ValueError, match="is not a plain decimal") as caught:
            read(text)
        assert type(caught.value) is ValueError


@pytest.mark.parametrize("text", ["61685.991", "0.001", "-0.001", b"1.999", Decimal("0.001"), Decimal("1E-999999")])
def test_a_digit_finer_than_the_scale_is_refused_by_name(text: Any) -> None:
    with pytest.raises(PrecisionError, match="is finer than its scale: it may have 2 decimals"):
        SPOT.price_ticks(text)


@pytest.mark.parametrize(
    "text",
    [
        *("92233720368547758.08", "-92233720368547758.08", "9223372036854775808", "9" * 23, "1" + "0" * 50),
        *(b"92233720368547758.08", Decimal("92233720368547758.08"), Decimal("1E+999999"), -Decimal("1E+19")),
        *(10**17, -(10**17), 10**400, Decimal("1E+18")),
    ],
)
def test_what_does_not_fit_is_refused_with_its_value(text: Any) -> None:
    with pytest.raises(OverflowError, match=r"^price .*(1E\+|0|9|8).* does not fit"):
        SPOT.price_ticks(text)


def test_malformed_comes_before_too_fine_and_too_fine_before_too_large() -> None:
    with pytest.raises(ValueError, match="not a plain decimal"):
        SPOT.price_ticks("99999999999999999999.123x")
    with pytest.raises(PrecisionError):
        SPOT.price_ticks("99999999999999999999.123")


def test_a_float_is_refused_and_told_why() -> None:
    with pytest.raises(TypeError, match=r"price 0\.1 is a float, which cannot say the decimal that was meant"):
        SPOT.price_ticks(0.1)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [True, None, [], bytearray(b"1")])
def test_other_types_are_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="expected str, bytes, Decimal or int"):
        SPOT.lots(value)


def test_a_long_value_is_shortened_in_the_message() -> None:
    with pytest.raises(ValueError, match=r"1{50,}\.\.\. is not") as caught:
        SPOT.lots("1" * 10_000 + "x")
    assert len(str(caught.value)) < 250


def test_lots_use_the_decimals_of_quantities() -> None:
    assert SPOT.lots("1.00870000") == 100_870_000
    with pytest.raises(PrecisionError, match=r"quantity '1\.008700001'"):
        SPOT.lots("1.008700001")


def test_ticks_and_lots_are_shown_with_every_digit_of_the_scale() -> None:
    assert SPOT.price_text(6168600) == "61686.00"
    assert SPOT.price_text(-1) == "-0.01"
    assert SPOT.lots_text(0) == "0.00000000"
    assert Scale(0, 18).price_text(7) == "7"
    assert Scale(0, 18).lots_text(-(2**63)) == "-9.223372036854775808"
    assert str(SPOT.price(6168600)) == "61686.00"
    assert str(SPOT.quantity(1)) == "1E-8"


@given(int64s, decimals_of_a_scale)
def test_text_and_decimal_come_back_as_the_same_integer(value: int, decimals: int) -> None:
    scale = Scale(decimals, decimals)
    text = scale.price_text(value)
    assert "e" not in text.lower()
    assert Decimal(text) == Decimal(value).scaleb(-decimals, model.EXACT)
    assert scale.price_ticks(text) == scale.lots(text.encode()) == scale.lots(scale.quantity(value)) == value
    assert scale.price(value) == Decimal(text)


@settings(max_examples=200)
@given(st.one_of(plain_decimals, st.decimals(allow_nan=False, allow_infinity=False)), decimals_of_a_scale)
def test_decimals_are_read_as_the_model_reads_them(value: Decimal, decimals: int) -> None:
    scale = Scale(decimals, 0)
    if abs(value.adjusted()) > 60:
        return
    for given_value in (value, format(value, "f"), format(value, "f").encode()):
        try:
            expected = model.units(value, decimals)
        except model.DoesNotFit:
            with pytest.raises(OverflowError):
                scale.price_ticks(given_value)
        except model.TooFine:
            with pytest.raises((PrecisionError, OverflowError)):
                scale.price_ticks(given_value)
        else:
            assert scale.price_ticks(given_value) == expected


def test_a_scale_is_a_value() -> None:
    same = Scale(price_decimals=2, quantity_decimals=8)
    assert same == SPOT
    assert hash(same) == hash(SPOT)
    assert SPOT not in (Scale(2, 7), Scale(3, 8), (2, 8))
    assert len({Scale(price, quantity) for price in range(19) for quantity in range(19)}) == 361
    assert pickle.loads(pickle.dumps(SPOT)) == copy.deepcopy(SPOT) == SPOT
    assert repr(SPOT) == "Scale(price_decimals=2, quantity_decimals=8)"
    assert not gc.is_tracked(SPOT)


def test_a_scale_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        SPOT.price_decimals = 3  # type: ignore[misc]
    with pytest.raises(AttributeError):
        SPOT.note = "x"  # type: ignore[attr-defined]
    with pytest.raises(TypeError):
        type("Wider", (Scale,), {})


@pytest.mark.parametrize("decimals", [(-1, 0), (0, -1), (19, 0), (0, 19)])
def test_a_scale_has_0_to_18_decimals(decimals: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="a scale has 0 to 18 decimals"):
        Scale(*decimals)


def test_cost_is_rounded_up_and_proceeds_down_once() -> None:
    assert units.cost(6168599, 100_870_001, SPOT) == 6_222_265_872_986
    assert units.proceeds(6168599, 100_870_001, SPOT) == 6_222_265_872_985
    assert units.cost(100, 100_000_000, SPOT) == units.proceeds(100, 100_000_000, SPOT) == 100_000_000
    assert (units.cost(1, -1, SPOT), units.proceeds(1, -1, SPOT)) == (0, -1)


@settings(max_examples=200)
@given(int64s, int64s, decimals_of_a_scale, decimals_of_a_scale)
def test_money_is_what_the_model_says_or_does_not_fit(ticks: int, lots: int, price: int, quantity: int) -> None:
    scale = Scale(price, quantity)
    for function, up in ((units.cost, True), (units.proceeds, False)):
        try:
            expected = model.money(ticks, lots, price + quantity, up=up)
        except model.DoesNotFit:
            with pytest.raises(OverflowError, match=r"does not fit: the largest money is 92233720368\.54775807"):
                function(ticks, lots, scale)
        else:
            assert function(ticks, lots, scale) == expected


@pytest.mark.parametrize("decimals", range(37))
def test_money_is_exact_at_the_edges_of_int64_at_every_scale(decimals: int) -> None:
    scale = Scale(decimals // 2, decimals - decimals // 2)
    for ticks in (1, -1, 3, 10**9, 2**31, 2**62, INT64_MAX, -INT64_MAX):
        for lots in (1, 7, 10**8, 2**32, INT64_MAX):
            for function, up in ((units.cost, True), (units.proceeds, False)):
                try:
                    expected = model.money(ticks, lots, decimals, up=up)
                except model.DoesNotFit:
                    with pytest.raises(OverflowError):
                        function(ticks, lots, scale)
                else:
                    assert function(ticks, lots, scale) == expected


def test_an_overflow_names_price_and_quantity() -> None:
    with pytest.raises(OverflowError, match=r"price 61685\.99 x quantity 92233720368\.54775807 does not fit"):
        units.cost(6168599, INT64_MAX, SPOT)


def test_lots_become_money_of_their_asset_exactly() -> None:
    assert units.lots_to_money(15, Scale(2, 1)) == 150_000_000
    assert units.lots_to_money(-15, SPOT) == -15
    assert units.lots_to_money(300, Scale(2, 10)) == 3
    with pytest.raises(PrecisionError, match=r"quantity '0\.0000000301' is finer than its scale"):
        units.lots_to_money(301, Scale(2, 10))
    with pytest.raises(OverflowError, match="does not fit"):
        units.lots_to_money(10**12, Scale(2, 0))


def test_money_is_read_exactly_and_written_without_trailing_zeros() -> None:
    assert MONEY_DECIMALS == 8
    assert units.money("0.1") == units.money(Decimal("0.10")) == units.money(b"0.100000000") == 10_000_000
    assert units.money(3) == 300_000_000
    with pytest.raises(PrecisionError, match=r"amount '0\.000000001'"):
        units.money("0.000000001")
    for value, text in ((0, "0"), (10_000_000, "0.1"), (300_000_000, "3"), (10**17, "1000000000"), (-1, "-0.00000001")):
        assert units.money_text(value) == text


@given(int64s)
def test_money_text_is_read_back(value: int) -> None:
    text = units.money_text(value)
    assert units.money(text) == value
    assert Decimal(text) == Decimal(value) / model.MONEY


@pytest.mark.parametrize("value", [1.0, "1", None, Decimal(1)])
def test_integers_must_be_integers(value: Any) -> None:
    calls = [SPOT.price, SPOT.quantity, SPOT.price_text, SPOT.lots_text, units.money_text]
    calls += [lambda v: units.cost(v, 1, SPOT), lambda v: units.proceeds(1, v, SPOT)]
    calls += [lambda v: units.lots_to_money(v, SPOT), lambda v: Scale(v, 1), lambda v: Scale(1, v)]
    for call in calls:
        with pytest.raises(TypeError, match="expected int"):
            call(value)


def test_an_integer_beyond_int64_is_named() -> None:
    with pytest.raises(OverflowError, match="ticks 9223372036854775808 does not fit int64"):
        SPOT.price(2**63)


def test_a_missing_scale_is_a_type_error() -> None:
    for call in (units.cost, units.proceeds):
        with pytest.raises(TypeError):
            call(1, 1, None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        units.lots_to_money(1, None)  # type: ignore[arg-type]
