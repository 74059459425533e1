"""The limits of a configuration in the units of the checks; applied at the start and whenever they change.

Percents become millionths, money int64 of 1e-8, milliseconds and seconds ns. Applying limits loses no state: what was
counted, reserved and told stays, so a change at run time is this call with other limits. The checks stand in
hotpath.orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.config.amounts import TighterLimits
from engine.config.risk import RiskLimits
from engine.errors import ConfigError
from engine.instruments import Instrument, Instruments
from hotpath.core.units import money
from hotpath.orders.filters import Filters
from hotpath.orders.limits import Limits

INT64_MAX = 2**63 - 1
GREEKS_AGE_NS = 60 * NS_PER_SECOND


def apply(compiled: Limits, instruments: Instruments, strategy_names: Sequence[str], limits: RiskLimits) -> None:
    """Put every limit in force.

    Raises:
        ConfigError: a tighter limit names a strategy, instrument or venue that the run does not have; nothing changed.
    """
    tighter = _tighter_instruments(instruments, limits)
    unknown = sorted(set(limits.strategies) - set(strategy_names))
    if unknown:
        raise ConfigError(f"risk.strategies.{unknown[0]}", f"no such strategy; there are {', '.join(strategy_names)}")
    for instrument in instruments:
        set_filter(compiled.filters, instrument, limits)
    compiled.marks.set_collar(ppm(limits.price_collar_pct))
    _apply_sizes(compiled, limits)
    compiled.sizes.loosen()
    for index, parts in tighter.items():
        compiled.sizes.tighten_instrument(index, _least(parts, "max_order_value"), _least(parts, "max_position_value"))
    for index, name in enumerate(strategy_names):
        if name in limits.strategies:
            part = [limits.strategies[name]]
            compiled.sizes.tighten_strategy(index, _least(part, "max_order_value"), _least(part, "max_position_value"))
    _apply_trips(compiled, limits)


def _apply_sizes(compiled: Limits, limits: RiskLimits) -> None:
    compiled.sizes.set_bounds(
        age_ns=limits.market_data_age_ms * NS_PER_MS,
        cautious_age_ns=limits.cautious_age_ms * NS_PER_MS,
        cautious_pct=limits.cautious_pct,
        protective_pct=limits.protective_order_pct,
        order_value=money(limits.max_order_value),
        depth_ppm=ppm(limits.depth_order_pct),
        duplicate_window_ns=limits.duplicate_window_ms * NS_PER_MS,
        open_instrument=limits.open_orders_instrument_max,
        open_all=limits.open_orders_max,
        daily=limits.daily_orders_max,
        position_ppm=ppm(limits.max_position_pct),
        position_value=money(limits.max_position_value),
        gross_ppm=ppm(limits.gross_exposure_pct),
        net_ppm=ppm(limits.net_exposure_pct),
        warn_pct=limits.warn_pct,
    )
    compiled.turnover.set_bounds(
        hold_ns=limits.hold_time_s * NS_PER_SECOND,
        turnover_ppm=int(limits.turnover_max * 1_000_000),
        edge_ratio_ppm=int(limits.edge_to_cost_min * 1_000_000),
    )
    compiled.slippage.set_bounds(
        trade_ppm=ppm(limits.slippage_trade_pct),
        alert_ppm=ppm(limits.slippage_alert_pct),
        session=money(limits.slippage_session),
    )
    compiled.greeks.set_bounds(
        each=[money(each) for each in (limits.max_delta, limits.max_gamma, limits.max_vega)],
        total=[money(each) for each in (limits.max_delta_total, limits.max_gamma_total, limits.max_vega_total)],
        age_ns=GREEKS_AGE_NS,
    )


def _apply_trips(compiled: Limits, limits: RiskLimits) -> None:
    compiled.rates.set_bounds(
        new_per_second=limits.new_orders_per_second,
        messages_per_second=limits.messages_per_second,
        venue_pct=limits.venue_messages_pct,
        fills_max=limits.execution_fills_max,
        fills_window_ns=limits.execution_window_s * NS_PER_SECOND,
        rejects_max=limits.rejects_in_row_max,
        rejects_window_ns=limits.rejects_window_s * NS_PER_SECOND,
        trade_ratio=limits.order_to_trade_max,
        trade_from=limits.order_to_trade_from,
    )
    compiled.losses.set_bounds(
        day_ppm=ppm(limits.max_daily_loss_pct),
        day_value=money(limits.max_daily_loss),
        peak_ppm=ppm(limits.max_drawdown_pct),
        peak_value=money(limits.max_drawdown),
        reduce_pct=limits.loss_reduce_pct,
        streak_max=limits.losses_in_row_max,
        warn_pct=limits.warn_pct,
    )
    compiled.health.set_bounds(
        offset_ns=limits.clock_offset_ms * NS_PER_MS,
        clock_age_ns=limits.clock_age_s * NS_PER_SECOND,
        lag_ns=limits.audit_lag_ms * NS_PER_MS,
        backlog_pct=limits.audit_backlog_pct,
        health_age_ns=limits.health_age_ms * NS_PER_MS,
        unknown_instrument=limits.unknown_orders_instrument_max,
        unknown_all=limits.unknown_orders_max,
    )


def _tighter_instruments(instruments: Instruments, limits: RiskLimits) -> dict[int, list[TighterLimits]]:
    """Return the tighter limits of each instrument, its venue's among them, by index."""
    tighter: dict[int, list[TighterLimits]] = {}
    used = set()
    for instrument in instruments:
        names = (instrument.name, instrument.symbol)
        parts = [limits.instruments[name] for name in names if name in limits.instruments]
        if instrument.venue in limits.venues:
            parts.append(limits.venues[instrument.venue])
        used |= {*names, instrument.venue}
        if parts:
            tighter[instrument.index] = parts
    for section, named in (("instruments", limits.instruments), ("venues", limits.venues)):
        unknown = sorted(set(named) - used)
        if unknown:
            known = ", ".join(instrument.name for instrument in instruments)
            raise ConfigError(f"risk.{section}.{unknown[0]}", f"the run does not have it; there are {known}")
    return tighter


def _least(parts: Sequence[TighterLimits], name: str) -> int:
    """Return the tightest of a limit in money; more than any value when none is told."""
    values = [getattr(part, name) for part in parts]
    return min((money(value) for value in values if value is not None), default=INT64_MAX)


def set_filter(filters: Filters, instrument: Instrument, limits: RiskLimits) -> None:
    """Put the venue's rules of an instrument, and whether it may be traded, in force."""
    words = {instrument.name, instrument.symbol, instrument.base}
    allowed = not limits.allowed or any(word in words for word in limits.allowed)
    blocked = any(word in words for word in limits.blocked)
    filters.set_filter(
        instrument.index,
        permitted=allowed and not blocked,
        price_step_ticks=instrument.price_step_ticks,
        quantity_step_lots=instrument.quantity_step_lots,
        lots_min=instrument.lots_min,
        lots_max=instrument.lots_max,
        market_lots_max=instrument.market_lots_max,
        price_ticks_min=instrument.price_ticks_min,
        price_ticks_max=instrument.price_ticks_max,
        notional_min=instrument.notional_min,
    )


def ppm(percent: Decimal) -> int:
    """Return percents as millionths, exact: they have four decimals at most."""
    return int(percent * 10_000)
