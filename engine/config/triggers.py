"""[triggers]: orders that wait in the engine because the venue has no type like theirs.

What they may ask for is each order's own; here stands what a restart does with them, and nothing else.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class OnRestart(StrEnum):
    """What becomes of an order that the market reached while the engine was down."""

    FIRE = "fire"
    CANCEL = "cancel"


class TriggersConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[triggers]: stops, touched orders, brackets and orders with an end, as they wait in the engine."""

    on_restart: Annotated[
        OnRestart,
        Meta(description="An order that the market reached while the engine was down: `fire` it now, or `cancel` it."),
    ] = OnRestart.FIRE
