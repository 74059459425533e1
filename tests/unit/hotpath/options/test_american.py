"""American options: published values, the limits that are known exactly, what cannot be valued, and dividends."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from hotpath.options import american, black
from hotpath.options.american import REASONS, Reason
from hotpath.options.black import CALL, PUT

NAN, INF = math.nan, math.inf
AT_THE_MONEY = (100.0, 100.0, 1.0)
# right, rate and dividend yield of options that are never exercised before expiry
NEVER_EXERCISED = [(CALL, 0.05, 0.0), (CALL, 0.05, -0.02), (CALL, -0.01, -0.02), (PUT, 0.0, 0.03), (PUT, -0.02, 0.03)]
EXERCISED = [
    (PUT, 0.05, 0.02),
    (PUT, 0.03, 0.08),
    (PUT, 0.04, 0.04),
    (PUT, 0.02, -0.03),
    (PUT, 0.0, -0.03),
    (CALL, 0.05, 0.02),
    (CALL, 0.03, 0.08),
    (CALL, 0.04, 0.04),
    (CALL, -0.03, 0.02),
    (CALL, -0.03, 0.0),
]
TWO_BOUNDARIES = [(PUT, -0.02, -0.05), (CALL, -0.05, -0.02)]


def test_whaley_s_prices_are_those_of_haug(shared_data: Callable[[str], Path]) -> None:
    with shared_data("pricing/haug_baw_american.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == 37
    for row in rows:
        right = CALL if row["type"] == "Call" else PUT
        spot, strike, years, rate, dividend_yield, volatility = (
            float(row[name]) for name in ("spot", "strike", "t", "r", "q", "vol")
        )
        found = american.price_whaley(right, spot, strike, years, rate, dividend_yield, volatility)
        assert found == pytest.approx(float(row["value"]), abs=3e-3), row


@pytest.mark.parametrize(("rate", "premium", "error"), [(0.05, 0.106952703, 1e-9), (0.075, 0.367111142, 3e-9)])
def test_the_premium_of_a_put_is_that_of_andersen_lake_and_offengenden(
    rate: float, premium: float, error: float
) -> None:
    terms = (PUT, *AT_THE_MONEY, rate, 0.05, 0.25)
    assert american.price(*terms) - black.price(*terms) == pytest.approx(premium, abs=error)
    mirrored = (CALL, *AT_THE_MONEY, 0.05, rate, 0.25)
    assert american.price(*mirrored) - black.price(*mirrored) == pytest.approx(premium, abs=error)


@pytest.mark.parametrize(("right", "rate", "dividend_yield"), NEVER_EXERCISED)
@pytest.mark.parametrize("spot", [60.0, 100.0, 170.0])
def test_what_is_never_exercised_is_european(right: int, rate: float, dividend_yield: float, spot: float) -> None:
    terms = (right, spot, 100.0, 0.7, rate, dividend_yield, 0.3)
    assert american.greeks(*terms) == (*black.greeks(*terms)[:6], Reason.VALUED)
    assert american.price_whaley(*terms) == black.price(*terms)


@pytest.mark.parametrize(("right", "rate", "dividend_yield"), EXERCISED)
def test_the_premium_is_positive_where_exercise_pays(right: int, rate: float, dividend_yield: float) -> None:
    terms = (right, *AT_THE_MONEY, rate, dividend_yield, 0.3)
    assert american.price(*terms) > black.price(*terms)
    assert american.greeks(*terms).reason is Reason.VALUED


@pytest.mark.parametrize(("right", "rate", "dividend_yield"), EXERCISED)
@pytest.mark.parametrize("method", [american.price, american.price_whaley])
def test_deep_in_the_money_an_option_is_exercised(
    method: Callable[..., float], right: int, rate: float, dividend_yield: float
) -> None:
    spot = 100.0 * math.exp(right * 4.0)
    terms = (right, spot, 100.0, 1.0, rate, dividend_yield, 0.2)
    assert method(*terms) == right * (spot - 100.0)
    assert american.greeks(*terms) == (right * (spot - 100.0), right, 0, 0, 0, 0, Reason.VALUED)


@pytest.mark.parametrize(("right", "rate", "dividend_yield"), EXERCISED)
@pytest.mark.parametrize("moneyness", [-0.3, 0.0, 0.15])
def test_greeks_are_the_slopes_of_the_price(right: int, rate: float, dividend_yield: float, moneyness: float) -> None:
    spot = 100.0 * math.exp(-right * moneyness)
    terms: tuple[Any, ...] = (spot, 100.0, 0.8, rate, dividend_yield, 0.3)
    greeks = american.greeks(right, *terms)

    def slope(at: int, step: float, field: str = "price") -> float:
        """Differentiate by the term at an index, to the fourth order."""

        def moved(steps: int) -> float:
            changed = (*terms[:at], terms[at] + steps * step, *terms[at + 1 :])
            return float(getattr(american.greeks(right, *changed), field))

        return (moved(-2) - 8 * moved(-1) + 8 * moved(1) - moved(2)) / (12 * step)

    assert greeks.delta == pytest.approx(slope(0, 0.05), abs=1e-7)
    assert greeks.gamma == pytest.approx(slope(0, 0.05, "delta"), abs=1e-7)
    assert greeks.vega == pytest.approx(slope(5, 1e-3), abs=1e-5)
    assert greeks.theta == pytest.approx(-slope(2, 2e-3), abs=1e-5)
    if rate != 0.0 and rate != dividend_yield:  # there the price has no value, or the boundary a corner, to one side
        assert greeks.rho == pytest.approx(slope(3, 1e-3), abs=2e-4)


def test_gamma_meets_its_limit_at_the_boundary() -> None:
    """Where it is just not worth exercising, (v B)^2 gamma / 2 = r K - q B follows from the differential equation."""
    low, high = 50.0, 100.0
    while high - low > 1e-11:
        middle = (low + high) / 2
        exercised = american.greeks(PUT, middle, 100.0, 1.0, 0.06, 0.02, 0.3).gamma == 0.0
        low, high = (middle, high) if exercised else (low, middle)
    for spot in (high, high + 1e-9, high + 1e-7):
        gamma = american.greeks(PUT, spot, 100.0, 1.0, 0.06, 0.02, 0.3).gamma
        assert gamma == pytest.approx(2 * (6.0 - 0.02 * spot) / (0.3 * spot) ** 2, rel=5e-5)


def test_an_option_on_a_future_has_the_rate_as_its_yield() -> None:
    terms = (CALL, 105.0, 100.0, 0.5)
    on_spot, on_future = american.greeks(*terms, 0.05, 0.05, 0.3), american.greeks_76(*terms, 0.05, 0.3)
    assert on_future[:5] == on_spot[:5]
    assert american.price_76(*terms, 0.05, 0.3) == on_future.price
    above, below = (american.price_76(*terms, rate, 0.3) for rate in (0.051, 0.049))
    assert on_future.rho == pytest.approx((above - below) / 0.002, abs=1e-4)
    assert on_future.rho < 0 < on_spot.rho


@pytest.mark.parametrize(("right", "rate", "dividend_yield"), TWO_BOUNDARIES)
def test_an_option_with_two_boundaries_is_refused_by_name(right: int, rate: float, dividend_yield: float) -> None:
    terms = (right, *AT_THE_MONEY, rate, dividend_yield, 0.2)
    greeks = american.greeks(*terms)
    assert greeks.reason is Reason.TWO_BOUNDARIES
    assert all(math.isnan(value) for value in greeks[:6])
    assert math.isnan(american.price(*terms))
    assert math.isnan(american.price_whaley(*terms))


@pytest.mark.parametrize(
    "terms",
    [
        (NAN, 100.0, 1.0, 0.05, 0.02, 0.2), (100.0, NAN, 1.0, 0.05, 0.02, 0.2), (100.0, 100.0, NAN, 0.05, 0.02, 0.2),
        (100.0, 100.0, 1.0, NAN, 0.02, 0.2), (100.0, 100.0, 1.0, 0.05, NAN, 0.2), (100.0, 100.0, 1.0, 0.05, 0.02, NAN),
        (-1.0, 100.0, 1.0, 0.05, 0.02, 0.2), (100.0, -1.0, 1.0, 0.05, 0.02, 0.2), (100.0, 100.0, -1.0, 0.05, 0.02, 0.2),
        (100.0, 100.0, 1.0, 0.05, 0.02, -0.2), (INF, 100.0, 1.0, 0.05, 0.02, 0.2), (100.0, 100.0, INF, 0.05, 0.02, 0.2),
    ],
)  # fmt: skip
@pytest.mark.parametrize("right", [CALL, PUT])
def test_what_is_no_option_has_no_value(right: int, terms: tuple[Any, ...]) -> None:
    greeks = american.greeks(right, *terms)
    assert greeks.reason is Reason.OUTSIDE
    assert all(math.isnan(value) for value in greeks[:6])
    assert math.isnan(american.price(right, *terms))
    assert math.isnan(american.price_whaley(right, *terms))


def test_the_earlier_of_two_reasons_is_given() -> None:
    assert american.greeks(PUT, NAN, 100.0, 1.0, -0.02, -0.05, 0.2).reason is Reason.OUTSIDE
    assert american.greeks(PUT, 100.0, 100.0, 1.0, -0.01, -0.9, 0.001).reason is Reason.TWO_BOUNDARIES


def test_a_carry_that_drowns_the_volatility_is_not_solved() -> None:
    terms = (PUT, 100.0, 100.0, 10.0, 0.01, 0.30, 0.02)
    greeks = american.greeks(*terms)
    assert greeks.reason is Reason.UNSOLVED
    assert all(math.isnan(value) for value in greeks[:6])
    assert american.price_whaley(*terms) > black.price(*terms)


def test_a_carry_away_from_exercise_may_drown_the_volatility() -> None:
    short, long = (american.greeks(PUT, 99.99, 100.0, years, 0.30, 0.01, 0.01) for years in (1.0, 100.0))
    assert short.reason is long.reason is Reason.VALUED
    assert short == long


def test_every_reason_stands_at_its_value() -> None:
    assert list(REASONS) == list(Reason)
    assert [int(reason) for reason in REASONS] == [0, 1, 2, 3]


@pytest.mark.parametrize("right", [0, 2, -2])
def test_what_is_neither_call_nor_put_is_an_error(right: int) -> None:
    calls: list[Callable[[], object]] = [
        lambda: american.price(right, *AT_THE_MONEY, 0.05, 0.0, 0.2),
        lambda: american.greeks(right, *AT_THE_MONEY, 0.05, 0.0, 0.2),
        lambda: american.price_76(right, *AT_THE_MONEY, 0.05, 0.2),
        lambda: american.greeks_76(right, *AT_THE_MONEY, 0.05, 0.2),
        lambda: american.price_whaley(right, *AT_THE_MONEY, 0.05, 0.0, 0.2),
    ]
    for call in calls:
        with pytest.raises(ValueError, match=f"right is {right}; expected CALL"):
            call()


@pytest.mark.parametrize(
    ("terms", "value"),
    [
        ((CALL, 1e-300, 1e10, 1.0, 0.05, 0.03, 0.5), 0.0),
        ((PUT, 1e99, 1e-300, 1.0, 0.05, 0.03, 0.5), 0.0),
        ((PUT, 1e-300, 1e10, 1.0, 0.05, 0.03, 0.5), 1e10),
        ((CALL, 1e99, 1e-300, 1.0, 0.05, 0.03, 0.5), 1e99),
        ((PUT, 20.0, 1.0, 2.8, 0.12, 0.0, 1e-12), 0.0),
        ((PUT, 50.0, 100.0, 1.0, 1e-13, 0.0, 0.02), 50.0),
    ],
)
def test_at_the_ends_of_the_domain_every_greek_is_a_number(terms: tuple[Any, ...], value: float) -> None:
    greeks = american.greeks(*terms)
    assert greeks.reason is Reason.VALUED
    assert all(math.isfinite(number) for number in greeks[:6])
    assert greeks.price == pytest.approx(value, rel=1e-15)
    assert american.price_whaley(*terms) == pytest.approx(value, rel=1e-15)


class TestWithoutVariance:
    @pytest.mark.parametrize("right", [CALL, PUT])
    @pytest.mark.parametrize("spot", [80.0, 100.0, 130.0])
    def test_at_expiry_an_option_is_its_intrinsic_value(self, right: int, spot: float) -> None:
        greeks = american.greeks(right, spot, 100.0, 0.0, 0.05, 0.02, 0.2)
        gain = right * (spot - 100.0)
        share = 1.0 if gain > 0 else 0.5 if gain == 0 else 0.0
        assert greeks == (max(gain, 0.0), right * share, 0.0, 0.0, 0.0, 0.0, Reason.VALUED)
        assert american.price_whaley(right, spot, 100.0, 0.0, 0.05, 0.02, 0.2) == max(gain, 0.0)

    @pytest.mark.parametrize(
        ("right", "spot", "rate", "dividend_yield"),
        list(product([CALL, PUT], [70.0, 99.0, 103.0, 150.0], [-0.03, 0.0, 0.02, 0.05], [-0.04, 0.0, 0.03, 0.06])),
    )
    def test_without_volatility_the_best_time_is_known(
        self, right: int, spot: float, rate: float, dividend_yield: float
    ) -> None:
        times = [5.0 * i / 20_000 for i in range(20_001)]
        gains = [right * (spot * math.exp(-dividend_yield * t) - 100.0 * math.exp(-rate * t)) for t in times]
        found = american.greeks(right, spot, 100.0, 5.0, rate, dividend_yield, 0.0)
        assert found.price == pytest.approx(max(0.0, *gains), abs=1e-6)
        assert found.price >= max(0.0, gains[0], gains[-1])
        assert (found.gamma, found.vega) == (0.0, 0.0)

    @pytest.mark.parametrize("years", [4.0, 40.0])
    def test_its_greeks_are_slopes_too(self, years: float) -> None:
        """It is best exercised after ln(rK / qS) / (r - q) = 16 years, or at expiry if that is sooner."""

        def price(spot: float = 100.0, rate: float = 0.06, later: float = 0.0) -> float:
            return american.price(CALL, spot, 98.0, years + later, rate, 0.05, 0.0)

        greeks = american.greeks(CALL, 100.0, 98.0, years, 0.06, 0.05, 0.0)
        assert greeks.price == price()
        assert greeks.delta == pytest.approx((price(spot=100.01) - price(spot=99.99)) / 0.02, abs=1e-6)
        assert greeks.rho == pytest.approx((price(rate=0.060001) - price(rate=0.059999)) / 2e-6, abs=1e-2)
        assert greeks.theta == pytest.approx(-(price(later=1e-3) - price(later=-1e-3)) / 2e-3, abs=1e-4)
        assert (greeks.theta == 0.0) is (years == 40.0)

    def test_a_little_volatility_changes_little(self) -> None:
        for right, rate, dividend_yield in EXERCISED:
            terms = (right, 101.0, 100.0, 0.1, rate, dividend_yield)
            assert american.price(*terms, 2e-3) == pytest.approx(american.price(*terms, 0.0), abs=1e-2)

    def test_without_spot_or_strike_only_one_side_has_value(self) -> None:
        assert american.greeks(PUT, 0.0, 100.0, 1.0, 0.05, 0.0, 0.2).price == 100.0
        assert american.greeks(PUT, 0.0, 100.0, 1.0, -0.05, -0.02, 0.2).price == 100.0 * math.exp(0.05)
        assert american.price(CALL, 0.0, 100.0, 1.0, 0.05, 0.02, 0.2) == 0.0
        assert american.price(CALL, 100.0, 0.0, 1.0, 0.05, 0.02, 0.2) == 100.0
        assert american.price(PUT, 100.0, 0.0, 1.0, 0.05, 0.02, 0.2) == 0.0


class TestDividends:
    TERMS = (0.5, 0.05, 0.01, 0.3)

    def test_their_present_value_is_taken_off_the_spot(self) -> None:
        dividends = [(0.4, 2.0), (0.1, 1.5)]
        net = 100.0 - 2.0 * math.exp(-0.05 * 0.4) - 1.5 * math.exp(-0.05 * 0.1)
        assert american.escrowed_spot(100.0, 0.05, 0.5, dividends) == pytest.approx(net, rel=1e-15)
        net = american.escrowed_spot(100.0, 0.05, 0.5, dividends)
        for right in (CALL, PUT):
            terms = (100.0, *self.TERMS)
            assert american.price(right, 100.0, *terms, dividends) == american.price(right, net, *terms)
            assert american.price_whaley(right, 100.0, *terms, dividends) == american.price_whaley(right, net, *terms)
            assert american.greeks(right, 100.0, *terms, dividends).delta == american.greeks(right, net, *terms).delta

    def test_only_those_after_today_and_up_to_expiry_count(self) -> None:
        dividends = [(-0.1, 5.0), (0.0, 5.0), (0.5001, 5.0), (9.0, 5.0)]
        assert american.escrowed_spot(100.0, 0.05, 0.5, dividends) == 100.0
        assert american.escrowed_spot(100.0, 0.0, 0.5, [(0.5, 5.0)]) == 95.0
        assert american.escrowed_spot(100.0, 0.05, 0.5, []) == 100.0

    @pytest.mark.parametrize("right", [CALL, PUT])
    def test_greeks_follow_their_present_value(self, right: int) -> None:
        dividends = [(0.1, 1.5), (0.4, 2.0)]
        greeks = american.greeks(right, 101.0, 100.0, *self.TERMS, dividends)

        def price(rate: float, passed: float) -> float:
            sooner = [(years - passed, amount) for years, amount in dividends]
            return american.price(right, 101.0, 100.0, 0.5 - passed, rate, 0.01, 0.3, sooner)

        assert greeks.rho == pytest.approx((price(0.0501, 0.0) - price(0.0499, 0.0)) / 2e-4, abs=1e-3)
        assert greeks.theta == pytest.approx((price(0.05, 1e-4) - price(0.05, -1e-4)) / 2e-4, abs=1e-3)
        assert (
            greeks.delta
            == american.greeks(right, american.escrowed_spot(101.0, 0.05, 0.5, dividends), 100.0, *self.TERMS).delta
        )

    def test_a_call_is_worth_what_exercising_it_now_brings(self) -> None:
        dividends = [(0.01, 20.0)]
        greeks = american.greeks(CALL, 130.0, 100.0, *self.TERMS, dividends)
        assert greeks == (30.0, 1.0, 0.0, 0.0, 0.0, 0.0, Reason.VALUED)
        assert american.price_whaley(CALL, 130.0, 100.0, *self.TERMS, dividends) == 30.0

    @pytest.mark.parametrize("dividend", [(0.1, -1.0), (0.1, NAN), (NAN, 1.0)])
    def test_what_is_no_dividend_is_an_error(self, dividend: tuple[float, float]) -> None:
        with pytest.raises(ValueError, match="expected pairs"):
            american.price(CALL, 100.0, 100.0, *self.TERMS, [dividend])

    def test_dividends_worth_more_than_the_spot_are_an_error(self) -> None:
        with pytest.raises(ValueError, match=r"worth 120\.0 today, more than the spot, 100\.0"):
            american.escrowed_spot(100.0, 0.0, 1.0, [(0.5, 60.0), (1.0, 60.0)])
        assert american.price(PUT, 100.0, 90.0, 1.0, 0.0, 0.0, 0.2, [(0.5, 100.0)]) == 90.0

    def test_a_spot_that_is_none_has_no_value_with_dividends_either(self) -> None:
        assert american.greeks(CALL, NAN, 100.0, *self.TERMS, [(0.1, 1.0)]).reason is Reason.OUTSIDE
