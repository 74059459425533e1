"""Orders sends nothing that an approval does not bind: APPROVAL_BINDING is reported and gives the reservation back."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from engine.messages.control import StateChanged, TradingState
from engine.messages.market import Side
from engine.messages.orders import ApprovedOrder, DenialReason, OrderIntent, OrderType, TimeInForce
from engine.messages.reports import OrderRejected
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, TICKS, OrdersDesk
from tests.models.seals import VALID_NS, sealed

REASON = DenialReason.APPROVAL_BINDING.name


def approval(**changed: Any) -> ApprovedOrder:
    """Return a sealed approval, then changed behind its seal."""
    intent = OrderIntent(
        0, 1, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, False, TICKS, LOTS, 1, None, NOW_NS
    )
    approved = sealed(ApprovedOrder(intent, 1, TICKS, False, 1, 101, NOW_NS))
    of_intent = {name: changed.pop(name) for name in list(changed) if name in OrderIntent.__struct_fields__[3:10]}
    return structs.replace(approved, intent=structs.replace(intent, **of_intent), **changed)


def refused(desk: OrdersDesk) -> bool:
    """Say whether nothing left, and risk hears why it has its reservation back."""
    told = [message for message in desk.risk.messages if isinstance(message, OrderRejected)]
    return desk.venue.messages == [] and len(told) == 1 and REASON in told[0].text


def test_what_was_approved_leaves_with_its_seal() -> None:
    desk = OrdersDesk()
    desk.tell(approval())
    assert desk.venue.messages[0].seal == approval().seal


@pytest.mark.parametrize(
    "changed",
    [
        {"seal": None},
        {"lots": LOTS + 1},
        {"side": Side.SELL},
        {"time_in_force": TimeInForce.IOC},
        {"type": OrderType.MARKET},
        {"post_only": True},
        {"price_ticks": TICKS + 1},
        {"shrinks": True},
    ],
    ids=str,
)
def test_what_differs_from_what_was_approved_does_not_leave(changed: dict[str, Any]) -> None:
    desk = OrdersDesk()
    price_ticks = changed.pop("price_ticks", TICKS)
    desk.tell(structs.replace(approval(**changed), price_ticks=price_ticks))
    assert refused(desk)
    slot = desk.actor.moves.book.of_intent(0, 1)
    assert slot is not None
    assert slot.state == OrderState.FAILED


def test_an_approval_ends_with_its_time() -> None:
    desk = OrdersDesk()
    desk.context.now_ns = NOW_NS + VALID_NS
    desk.tell(approval())
    assert len(desk.venue.messages) == 1
    late = OrdersDesk()
    late.context.now_ns = NOW_NS + VALID_NS + 1
    late.tell(approval())
    assert refused(late)


def test_an_approval_of_another_trading_state_is_worth_nothing() -> None:
    desk = OrdersDesk()
    desk.tell(StateChanged(TradingState.CAUTIOUS, 4, "", NOW_NS))
    desk.tell(approval())
    assert refused(desk)


def test_an_approval_under_older_limits_is_worth_nothing() -> None:
    desk = OrdersDesk()
    newer = sealed(structs.replace(approval(), limits_version=2))
    desk.tell(newer)
    assert len(desk.venue.messages) == 1
    older = approval()
    desk.tell(sealed(structs.replace(older, intent=structs.replace(older.intent, intent=2))))
    assert len(desk.venue.messages) == 1
