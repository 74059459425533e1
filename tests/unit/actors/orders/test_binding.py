"""Orders sends nothing that an approval does not bind: APPROVAL_BINDING is reported and gives the reservation back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec import structs

from engine.config.risk import RiskLimits
from engine.messages.approved import ApprovedOrder
from engine.messages.control import LimitsChanged, StateChanged, TradingState
from engine.messages.market import Side
from engine.messages.orders import DenialReason, OrderIntent, OrderType, TimeInForce
from engine.messages.reports import Accepted, OrderAmended, OrderRejected
from hotpath.orders.transitions import OrderState
from tests.models.orders_desk import LOTS, NOW_NS, TICKS, OrdersDesk
from tests.models.risk_desk import RiskDesk
from tests.models.seals import VALID_NS, sealed
from tests.models.seals import changed as alter

REASON = DenialReason.APPROVAL_BINDING.name


def approval(**changed: Any) -> ApprovedOrder:
    """Return a sealed approval, then changed behind its seal."""
    intent = OrderIntent(
        0, 1, 0, Side.BUY, OrderType.LIMIT, TimeInForce.GTC, False, False, TICKS, LOTS, 1, None, NOW_NS
    )
    approved = sealed(ApprovedOrder(intent, 1, TICKS, False, 1, 101, NOW_NS))
    of_intent = {name: changed.pop(name) for name in list(changed) if name in OrderIntent.__struct_fields__[3:10]}
    return alter(approved, intent=structs.replace(intent, **of_intent), **changed)


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
    desk.tell(alter(approval(**changed), price_ticks=price_ticks))
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
    newer = sealed(alter(approval(), limits_version=2))
    desk.tell(newer)
    assert len(desk.venue.messages) == 1
    older = approval()
    desk.tell(sealed(alter(older, intent=structs.replace(older.intent, intent=2))))
    assert len(desk.venue.messages) == 1


@pytest.mark.parametrize("looser", [False, True])
def test_limits_set_between_approval_and_sending_end_the_approval_and_its_reservation_once(looser: bool) -> None:
    risk, desk = RiskDesk(), OrdersDesk()
    desk.tell(StateChanged(TradingState.NORMAL, 1, "", NOW_NS))
    approved = risk.approved()
    limits = RiskLimits(max_order_value=Decimal(100_000 if looser else 1))
    desk.tell(LimitsChanged(limits, 2))
    desk.tell(approved)
    assert refused(desk)
    (report,) = [message for message in desk.risk.messages if isinstance(message, OrderRejected)]
    for _ in range(2):
        risk.tell(report)
        assert risk.worst_lots() == (0, 0)
        assert (risk.actor.exposure.open_count, risk.actor.exposure.reserved(0)) == (0, 0)
    risk.tell(LimitsChanged(limits, 2))
    risk.advance(1)
    desk.context.now_ns = risk.context.now_ns
    again = risk.send()
    assert (again is not None) is looser
    if again is not None:
        desk.tell(again)
        assert len(desk.venue.messages) == 1


@pytest.mark.parametrize(
    "meanwhile",
    [
        LimitsChanged(RiskLimits(), 2),
        StateChanged(TradingState.PROTECTIVE, 4, "", NOW_NS),
        VALID_NS + 1,
        "lots",
        "seal",
    ],
    ids=lambda meanwhile: type(meanwhile).__name__,
)
def test_an_amend_is_bound_as_an_order_is(meanwhile: Any) -> None:
    desk = OrdersDesk()
    name = desk.approve()
    desk.tell(Accepted(name, "1", NOW_NS))
    amend = desk.approved_amend(TICKS + 1, LOTS)
    if meanwhile == "lots":
        amend = structs.replace(amend, intent=structs.replace(amend.intent, lots=LOTS + 1))
    elif meanwhile == "seal":
        amend = structs.replace(amend, seal=None)
    elif isinstance(meanwhile, int):
        desk.context.now_ns += meanwhile
    else:
        desk.tell(meanwhile)
    sent = len(desk.venue.messages)
    desk.tell(amend)
    assert len(desk.venue.messages) == sent
    told = [message for message in desk.risk.messages if isinstance(message, OrderAmended)]
    assert [(each.accepted, REASON in each.text) for each in told] == [(False, True)]
