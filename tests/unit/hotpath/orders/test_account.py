"""Equity is every balance at its own price, and unknown as soon as one has none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.orders.account import Account

INT64_MAX = 2**63 - 1


def test_nothing_is_worth_nothing() -> None:
    account = Account(2)
    assert (account.equity, account.balance(1), account.unpriced_count) == (0, 0, 0)


def test_equity_is_every_balance_at_its_price_rounded_down() -> None:
    account = Account(3)
    account.rate(0, 1, 1)
    account.set_balance(0, 100)
    account.rate(1, 7, 2)
    account.set_balance(1, 11)
    assert account.equity == 100 + 38
    account.move(1, -10)
    assert account.equity == 100 + 3
    account.check()


def test_a_negative_balance_counts_against_us_rounded_away() -> None:
    account = Account(1)
    account.rate(0, 1, 2)
    account.set_balance(0, -1)
    assert account.equity == -1


def test_a_balance_without_a_price_makes_equity_unknown() -> None:
    account = Account(2)
    account.rate(0, 1, 1)
    account.set_balance(0, 100)
    account.set_balance(1, 1)
    assert account.equity is None
    account.set_balance(1, 0)
    assert account.equity == 100
    account.set_balance(1, 1)
    account.rate(1, 5, 1)
    assert account.equity == 105
    account.rate(1, 0, 0)
    assert account.equity is None
    account.check()


def test_a_value_or_a_sum_that_does_not_fit_makes_equity_unknown() -> None:
    account = Account(2)
    account.rate(0, 2, 1)
    account.set_balance(0, INT64_MAX)
    assert (account.equity, account.unpriced_count) == (None, 1)
    account.rate(0, 1, 1)
    account.rate(1, 1, 1)
    account.set_balance(1, 1)
    assert (account.equity, account.unpriced_count) == (None, 0)
    account.check()


def test_a_balance_that_does_not_fit_is_an_error_and_changes_nothing() -> None:
    account = Account(1)
    account.set_balance(0, INT64_MAX)
    with pytest.raises(OverflowError, match="does not fit"):
        account.move(0, 1)
    assert account.balance(0) == INT64_MAX


def test_an_unknown_asset_is_refused() -> None:
    account = Account(2)
    for asset in (-1, 2):
        with pytest.raises(ValueError, match="is unknown; there are 0 to 1"):
            account.set_balance(asset, 1)
    with pytest.raises(ValueError, match="expected at least 1"):
        Account(0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-(10**12), 10**12), st.integers(1, 10**6)), max_size=30))
def test_the_sum_stays_the_sum_of_its_parts(steps: list[tuple[int, int, int]]) -> None:
    account = Account(4)
    rates = [(1, 1)] * 4
    for asset in range(4):
        account.rate(asset, 1, 1)
    for asset, money, numerator in steps:
        account.move(asset, money)
        rates[asset] = (numerator, 1_000)
        account.rate(asset, numerator, 1_000)
        account.check()
        worth = [account.balance(index) * numerator // divisor for index, (numerator, divisor) in enumerate(rates)]
        assert account.equity == sum(worth)
