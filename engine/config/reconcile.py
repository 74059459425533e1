"""[reconcile]: how often orders, executions, positions and balances are compared with each venue.

A comparison costs request weight at the venue; the gateway gives it a share of its own, so a short period on an account
with many instruments is stretched by the venue's limits and never breaks them.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class ReconcileConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[reconcile]: comparing our view with the venue's, again and again."""

    every_seconds: Annotated[
        int,
        Meta(
            ge=5,
            le=3_600,
            extra={"unit": "s"},
            description="Time between two comparisons of a venue; it is also compared at the start and on reconnect.",
        ),
    ] = 30
