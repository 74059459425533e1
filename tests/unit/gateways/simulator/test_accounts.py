"""Money at a simulated venue: never below zero, and conserved to the last unit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.errors import InvariantError, UsageError
from gateways.simulator.accounts import Account, Fees


def test_locking_moves_money_and_refuses_what_is_not_there() -> None:
    account = Account({"USDT": 100})
    assert account.lock("USDT", 60)
    assert (account.free("USDT"), account.locked("USDT")) == (40, 60)
    assert not account.lock("USDT", 41)
    assert not account.lock("BTC", 1)
    account.unlock("USDT", 60)
    assert list(account) == [("USDT", 100, 0)]
    account.check()


def test_a_trade_pays_from_what_is_locked_and_frees_the_rest() -> None:
    account = Account({"USDT": 100})
    account.lock("USDT", 60)
    account.changed.clear()
    account.settle(paid="USDT", paid_amount=55, unlocked=60, received="BTC", received_amount=7)
    assert list(account) == [("BTC", 7, 0), ("USDT", 45, 0)]
    assert list(account.changed) == ["USDT", "BTC"]


def test_what_would_fall_below_zero_is_our_error_and_changes_nothing() -> None:
    account = Account({"USDT": 100})
    with pytest.raises(InvariantError, match="USDT would be -1 free"):
        account.deposit("USDT", -101)
    with pytest.raises(InvariantError, match="-1 locked"):
        account.unlock("USDT", 1)
    assert list(account) == [("USDT", 100, 0)]


def test_a_negative_start_is_refused() -> None:
    with pytest.raises(UsageError, match="-1 units of BTC"):
        Account({"BTC": -1})


@pytest.mark.parametrize(
    ("bps", "amount", "fee"),
    [("10", 10_000, 10), ("10", 1, 1), ("10", 1_001, 2), ("0", 999, 0), ("7.5", 1_000_000, 750), ("10000", 5, 5)],
)
def test_a_fee_is_rounded_up_to_a_unit(bps: str, amount: int, fee: int) -> None:
    fees = Fees.of_bps(Decimal(bps), Decimal(0))
    assert fees.fee(amount, is_maker=True) == fee
    assert fees.fee(amount, is_maker=False) == 0


@pytest.mark.parametrize("bps", ["-1", "10001", "0.001"])
def test_an_impossible_fee_is_refused(bps: str) -> None:
    with pytest.raises(UsageError, match="expected 0 to 10000"):
        Fees.of_bps(Decimal(10), Decimal(bps))
