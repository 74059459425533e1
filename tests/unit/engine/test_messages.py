"""Messages that are compiled take whole numbers alone, and show what they hold."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.messages.approved import ApprovedOrder
from engine.messages.best_price import BestPrice
from engine.messages.market import Side
from engine.messages.orders import OrderIntent, OrderType, TimeInForce

INTENT = OrderIntent(0, 1, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, False, 100, 5, 1, None, 7)
NO_NUMBERS: list[Any] = [1.0, Decimal(1), "1", None, 2**63]


@pytest.mark.parametrize("place", range(7))
@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_a_best_price_is_made_of_whole_numbers(place: int, value: Any) -> None:
    values: list[Any] = [0, 9, 100, 5, 101, 6, 7]
    price = BestPrice(*values)
    assert (price.instrument, price.update_id, price.bid_ticks, price.bid_lots) == (0, 9, 100, 5)
    assert (price.ask_ticks, price.ask_lots, price.time_ns) == (101, 6, 7)
    values[place] = value
    with pytest.raises((TypeError, OverflowError)):
        BestPrice(*values)


@pytest.mark.parametrize("place", [1, 2, 4, 5, 6])
@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_an_approval_is_made_of_whole_numbers(place: int, value: Any) -> None:
    values: list[Any] = [INTENT, 3, 100, True, 2, 11, 7]
    approved = ApprovedOrder(*values)
    assert (approved.intent, approved.approval, approved.price_ticks, approved.shrinks) == (INTENT, 3, 100, True)
    assert (approved.limits_version, approved.audit_seq, approved.time_ns, approved.seal) == (2, 11, 7, None)
    values[place] = value
    with pytest.raises((TypeError, OverflowError)):
        ApprovedOrder(*values)


def test_an_approval_is_of_an_intent() -> None:
    with pytest.raises(TypeError):
        ApprovedOrder(None, 3, 100, True, 2, 11, 7)  # type: ignore[arg-type]


def test_both_show_what_they_hold() -> None:
    assert repr(BestPrice(0, 9, 100, 5, 101, 6, 7)) == (
        "BestPrice(instrument=0, update_id=9, bid=5 lots at 100, ask=6 lots at 101)"
    )
    assert repr(ApprovedOrder(INTENT, 3, 100, True, 2, 11, 7)).endswith("approval=3, price_ticks=100)")
