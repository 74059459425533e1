"""[risk], its second half: rates, losses, streaks and ill health, and where each of them slows or ends trading.

Every limit has its unit, default and bounds here, and what it does in hotpath.orders (rates, losses, health) and
actors.safety. Where a loss has a relative and an absolute limit the tighter one binds. Sizes stand in
engine.config.risk, whose Struct goes on where this one ends.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, Struct


class TripLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """[risk]: what ends or slows trading."""

    new_orders_per_second: Annotated[
        int, Meta(ge=1, le=100_000, extra={"unit": "orders"}, description="New orders of one strategy in a second.")
    ] = 10
    messages_per_second: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000,
            extra={"unit": "messages"},
            description="New orders, amends and cancels of one strategy in a second; cancels pass.",
        ),
    ] = 30
    venue_messages_pct: Annotated[
        int,
        Meta(
            ge=1,
            le=80,
            extra={"unit": "%"},
            description="Part of a venue's limit of messages that new orders and amends may use.",
        ),
    ] = 80
    execution_fills_max: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            extra={"unit": "fills"},
            description="Of one strategy, side and instrument within execution_window_s; one more stops the strategy.",
        ),
    ] = 20
    execution_window_s: Annotated[
        int, Meta(ge=1, le=3_600, extra={"unit": "s"}, description="Time over which repeated fills are counted.")
    ] = 60
    max_daily_loss_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "100"},
            description="Loss since 00:00 UTC, as a part of the day's first equity, at which trading ends.",
        ),
    ] = Decimal(3)
    max_daily_loss: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Loss since 00:00 UTC at which trading ends.",
        ),
    ] = Decimal(500)
    max_drawdown_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "100"},
            description="Fall from peak equity, as a part of it, at which trading ends.",
        ),
    ] = Decimal(10)
    max_drawdown: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Fall from peak equity at which trading ends.",
        ),
    ] = Decimal(1_000)
    loss_reduce_pct: Annotated[
        int,
        Meta(
            ge=1, le=100, extra={"unit": "%"}, description="Part of a loss limit from which on orders may only reduce."
        ),
    ] = 50
    losses_in_row_max: Annotated[
        int,
        Meta(
            ge=1,
            le=1_000_000,
            extra={"unit": "trades"},
            description="Closed trades in a row at a loss from which on orders may only reduce.",
        ),
    ] = 5
    rejects_in_row_max: Annotated[
        int,
        Meta(
            ge=1,
            le=64,
            extra={"unit": "rejects"},
            description="A strategy's orders that the venue refused in a row, within rejects_window_s, that stop it.",
        ),
    ] = 5
    rejects_window_s: Annotated[
        int, Meta(ge=1, le=3_600, extra={"unit": "s"}, description="Time within which rejects in a row count.")
    ] = 10
    order_to_trade_max: Annotated[
        int,
        Meta(ge=1, le=1_000_000, extra={"unit": "messages"}, description="Messages for each fill, within ten minutes."),
    ] = 500
    order_to_trade_from: Annotated[
        int,
        Meta(
            ge=1,
            le=100_000_000,
            extra={"unit": "messages"},
            description="Messages within ten minutes from which on order_to_trade_max holds.",
        ),
    ] = 1_000
    clock_offset_ms: Annotated[
        int,
        Meta(
            ge=1,
            le=60_000,
            extra={"unit": "ms"},
            description="Distance between our clock and a venue's, and change of it, above which nothing is sent.",
        ),
    ] = 250
    clock_age_s: Annotated[
        int,
        Meta(
            ge=1,
            le=86_400,
            extra={"unit": "s"},
            description="Age above which a measured distance of clocks is no word.",
        ),
    ] = 120
    audit_lag_ms: Annotated[
        int,
        Meta(ge=1, le=60_000, extra={"unit": "ms"}, description="Lag of the audit trail above which nothing is sent."),
    ] = 250
    audit_backlog_pct: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            extra={"unit": "%"},
            description="Fill of the audit trail's backlog from which on nothing is sent.",
        ),
    ] = 80
    health_age_ms: Annotated[
        int,
        Meta(
            ge=1, le=600_000, extra={"unit": "ms"}, description="Age above which the audit trail's health is no word."
        ),
    ] = 5_000
    unknown_orders_instrument_max: Annotated[
        int,
        Meta(
            ge=0,
            le=4_096,
            extra={"unit": "orders"},
            description="Unresolved orders in one instrument; beyond it orders may only reduce.",
        ),
    ] = 1
    unknown_orders_max: Annotated[
        int,
        Meta(
            ge=0,
            le=4_096,
            extra={"unit": "orders"},
            description="Unresolved orders in all instruments; beyond it orders may only reduce.",
        ),
    ] = 3
    approval_age_ms: Annotated[
        int, Meta(ge=1, le=60_000, extra={"unit": "ms"}, description="Age above which an approval is worth nothing.")
    ] = 250
    hold_time_s: Annotated[
        int,
        Meta(
            ge=0,
            le=31_536_000,
            extra={"unit": "s"},
            description="Age at which what a strategy holds is closed; its orders may then only reduce. 0: off.",
        ),
    ] = 0
    slippage_trade_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "50"},
            description="Most that an order that trades at once may be expected to cost beyond the mid.",
        ),
    ] = Decimal("0.5")
    slippage_alert_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "50"},
            description="Slippage of an order or a fill, from the mid, above which risk warns.",
        ),
    ] = Decimal("0.3")
    slippage_session: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Most that may be lost to slippage since 00:00 UTC; beyond it orders may not trade at once.",
        ),
    ] = Decimal(1_000)
