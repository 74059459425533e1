"""Orders with the seal that risk would have given them, for tests that begin behind risk."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from engine.messages.approved import ApprovedOrder
from engine.messages.orders import OrderType, SubmitOrder, TimeInForce
from hotpath.orders.seal import Seal

VALID_NS = 250_000_000


def changed(approved: ApprovedOrder, **values: Any) -> ApprovedOrder:
    """Return an approval with other values."""
    names = ("intent", "approval", "price_ticks", "shrinks", "limits_version", "audit_seq", "time_ns", "seal")
    return ApprovedOrder(**{name: values.get(name, getattr(approved, name)) for name in names})


def sealed(approved: ApprovedOrder, epoch: int = 0) -> ApprovedOrder:
    """Return an approval with the seal of what leaves of it, valid for as long as the default says."""
    intent = approved.intent
    time_in_force = intent.time_in_force
    if intent.type is OrderType.MARKET and time_in_force is not TimeInForce.FOK:
        time_in_force = TimeInForce.IOC
    seal = Seal.of(
        intent.instrument, intent.side, time_in_force, intent.post_only, approved.price_ticks, intent.lots,
        approved.shrinks, epoch, approved.limits_version, approved.time_ns + VALID_NS,
    )  # fmt: skip
    return changed(approved, seal=seal)


def submitted(order: SubmitOrder, expires_ns: int = 2**62, epoch: int = 0) -> SubmitOrder:
    """Return an order on its way to the gateway with its seal."""
    seal = Seal.of(
        order.instrument, order.side, order.time_in_force, order.post_only, order.price_ticks, order.lots,
        order.shrinks, epoch, 1, expires_ns,
    )  # fmt: skip
    return structs.replace(order, seal=seal)
