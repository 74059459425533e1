"""A quote is noted at once and priced when it is needed; a mark stays when the book does not."""

from __future__ import annotations

import pytest

from hotpath.core.units import Scale
from hotpath.orders.marks import Marks
from tests.models.desk import SCALE, UNIT

INT64_MAX = 2**63 - 1
USDT, BTC, ETH, EUR = 0, 1, 2, 3


def marks() -> Marks:
    """BTC/USDT, ETH/BTC, EUR/USDT the wrong way round, and BTC/USDT elsewhere; counted in USDT."""
    return Marks(
        [(SCALE, BTC, USDT), (Scale(6, 4), ETH, BTC), (SCALE, USDT, EUR), (SCALE, BTC, USDT)], USDT, 5, 4, 50_000
    )


def test_the_collar_lies_around_the_mid_of_the_last_quote() -> None:
    made = marks()
    assert made.collar(0) == (0, 0)
    made.on_quote(0, 99_90, 100_10, 1)
    assert made.collar(0) == (95_00, 105_00)
    made.on_quote(0, 100_00, 100_01, 2)
    assert made.collar(0) == (95_01, 105_00)
    made.set_collar(10_000)
    assert made.collar(0) == (99_01, 101_00)


@pytest.mark.parametrize("quote", [(0, 100_10), (99_90, 0), (-1, 100_10), (100_00, 100_00), (100_10, 99_90)])
def test_a_quote_that_is_empty_or_crossed_leaves_the_mark_as_it_was(quote: tuple[int, int]) -> None:
    made = marks()
    made.on_quote(0, 99_90, 100_10, 1)
    assert made.collar(0) == (95_00, 105_00)
    made.on_quote(0, *quote, 2)
    assert made.collar(0) == (95_00, 105_00)


def test_quotes_that_come_by_the_thousand_are_priced_as_the_last_of_each_instrument() -> None:
    made = marks()
    for number in range(20_000):
        for instrument in (0, 1, 2, 3):
            made.on_quote(instrument, 99_90 + number, 100_10 + number, number)
    assert [made.collar(instrument) for instrument in (0, 3)] == [(285_00, 314_98)] * 2


def test_a_stale_book_keeps_its_mark() -> None:
    made = marks()
    made.on_quote(0, 99_90, 100_10, 1)
    made.on_status(0, False)
    assert made.collar(0) == (95_00, 105_00)


def test_a_mid_that_does_not_fit_is_no_price_for_anything() -> None:
    made = marks()
    made.on_quote(0, 99_90, 100_10, 1)
    made.account.set_balance(BTC, UNIT)
    made.refresh()
    assert made.account.equity == 100 * UNIT
    made.on_quote(0, INT64_MAX - 1, INT64_MAX, 2)
    assert made.collar(0) == (0, 0)
    assert made.account.equity is None


def test_the_largest_mid_that_fits_is_a_price() -> None:
    made = marks()
    made.on_quote(0, 2**62 - 1, 2**62, 1)
    assert made.collar(0) == (-(-INT64_MAX * 95 // 200), INT64_MAX * 105 // 200)


def test_an_asset_is_worth_the_mid_of_the_first_instrument_that_prices_it() -> None:
    made = marks()
    made.account.set_balance(BTC, 2 * UNIT)
    made.on_quote(3, 199_90, 200_10, 1)
    made.refresh()
    assert made.account.equity is None
    made.on_quote(0, 99_90, 100_10, 1)
    made.refresh()
    assert made.account.equity == 200 * UNIT


def test_an_instrument_that_prices_no_asset_leaves_every_rate_as_it_is() -> None:
    made = marks()
    made.account.set_balance(USDT, UNIT)
    for instrument in (1, 3):
        made.on_quote(instrument, 199_90, 200_10, 1)
    made.refresh()
    assert made.account.equity == UNIT


def test_an_asset_may_be_priced_the_other_way_round() -> None:
    made = marks()
    made.account.set_balance(EUR, 10 * UNIT)
    made.on_quote(2, 79, 81, 1)
    made.refresh()
    assert made.account.equity == 1_250 * UNIT // 100


def test_the_rate_of_a_quote_currency_reaches_what_is_quoted_in_it() -> None:
    made = marks()
    made.exposure.move(1, 10_000)
    made.on_quote(1, 49_999, 50_001, 1)
    made.refresh()
    assert made.exposure.worst_value(1) is None
    made.on_quote(0, 99_90, 100_10, 1)
    made.refresh()
    assert made.exposure.worst_value(1) == (525 * UNIT // 100, 0)
    made.exposure.check()


def test_an_asset_that_nothing_prices_makes_equity_unknown() -> None:
    made = marks()
    made.account.set_balance(4, 1)
    assert made.account.equity is None


def test_unknown_instruments_and_absurd_collars_are_refused() -> None:
    made = marks()
    for act in (lambda: made.on_quote(4, 1, 2, 1), lambda: made.on_status(-1, True), lambda: made.collar(9)):
        with pytest.raises(ValueError, match="is unknown; there are 0 to 3"):
            act()
    for collar_ppm in (0, 500_001):
        with pytest.raises(ValueError, match="expected 1 to 500000"):
            made.set_collar(collar_ppm)
