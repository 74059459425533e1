"""Decimals of a configuration, and the limits of a part of the desk that are written with them.

A decimal carries its unit and bounds in `Meta.extra`, because msgspec cannot compare Decimals; they are checked here.
Bounds exist because an absurd limit is a typing error, and a typing error must not trade. What the numbers do stands in
hotpath.orders.limits.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, get_args, get_type_hints

from msgspec import Meta, Struct

PERCENT_DECIMALS = 4
MONEY_DECIMALS = 8
COARSE_UNITS = ("%", "x", "x equity")
"""Units whose decimals end at the fourth; amounts of money have eight."""


class TighterLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """[risk.strategies.NAME], [risk.instruments.NAME], [risk.venues.NAME]: limits of a part; they may only tighten."""

    max_order_value: Annotated[
        Decimal | None,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Value of one order, priced at the collar's edge; empty: that of [risk].",
        ),
    ] = None
    max_position_value: Annotated[
        Decimal | None,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Worst case of each side of one instrument; empty: that of [risk].",
        ),
    ] = None

    def __post_init__(self) -> None:
        """Refuse decimals out of their bounds or too fine."""
        for name, meta in decimals_of(type(self)).items():
            value = getattr(self, name)
            if value is not None:
                check_decimal(name, value, meta)


def decimals_of(struct: type[Struct]) -> dict[str, Meta]:
    """Return what is said about each Decimal of a section."""
    return {
        name: meta
        for name, hint in get_type_hints(struct, include_extras=True).items()
        for meta in get_args(hint)[1:]
        if isinstance(meta, Meta) and get_args(hint)[0] in (Decimal, Decimal | None)
    }


def check_decimal(name: str, value: Decimal, meta: Meta) -> None:
    """Raise ValueError when a decimal is not a number, out of its bounds, or finer than it is kept."""
    bounds: dict[str, Any] = meta.extra or {}
    if not value.is_finite():
        raise ValueError(f"{name} is {value}, expected a number")
    if "above" in bounds and value <= Decimal(bounds["above"]):
        raise ValueError(f"{name} is {value}, expected more than {bounds['above']}")
    if "minimum" in bounds and value < Decimal(bounds["minimum"]):
        raise ValueError(f"{name} is {value}, expected at least {bounds['minimum']}")
    if value > Decimal(bounds["maximum"]):
        raise ValueError(f"{name} is {value}, expected at most {bounds['maximum']}")
    decimals = PERCENT_DECIMALS if bounds["unit"] in COARSE_UNITS else MONEY_DECIMALS
    if value != round(value, decimals):
        raise ValueError(f"{name} is {value}, finer than the {decimals} decimals that it is kept with")
