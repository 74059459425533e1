"""From configuration and what earlier runs left to the compiled limits: names become numbers here, once.

It owns the numbers of assets and the units of limits (percents become millionths, money int64 of 1e-8, ms become ns).
It decides nothing: the checks stand in hotpath.orders.limits.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from engine.audit.desk_state import DeskState
from engine.clock import NS_PER_MS
from engine.config.risk import RiskLimits, risk_currency
from engine.errors import ConfigError, InvariantError
from engine.instruments import Instrument, Instruments
from engine.messages.market import Side
from hotpath.core.units import money
from hotpath.orders.filters import Filters
from hotpath.orders.limits import Limits
from hotpath.orders.marks import Marks
from hotpath.orders.recents import Recents

ASSETS_MAX = 1_024
"""Assets of an account that are told apart; a venue lists fewer than this."""


PERSON = -1


class Assets:
    """The number of each asset, given in the order in which they are first named."""

    def __init__(self) -> None:
        """Begin with none."""
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return an asset's number; a new name gets the next one."""
        number = self._numbers.get(name)
        if number is None:
            number = len(self._numbers)
            if number >= ASSETS_MAX:
                raise InvariantError(f"asset {name!r} is number {number + 1}; {ASSETS_MAX} can be told apart")
            self._numbers[name] = number
        return number


def build(
    instruments: Instruments, strategy_names: Sequence[str], limits: RiskLimits, assets: Assets, capacity: int
) -> Limits:
    """Return compiled limits with every rule of the configuration in force.

    Raises:
        ConfigError: the limits do not fit the instruments or the number of order slots.
    """
    if limits.open_orders_max > capacity:
        raise ConfigError("risk.open_orders_max", f"is {limits.open_orders_max}; there are {capacity} order slots")
    venues = sorted({instrument.venue for instrument in instruments})
    if len(venues) > 1:
        raise ConfigError("venues", f"{', '.join(venues)}: risk keeps one account, so one venue a run")
    currency = assets.number(risk_currency(instruments, limits))
    lines = [(each.scale, assets.number(each.base), assets.number(each.quote)) for each in instruments]
    marks = Marks(lines, currency, ASSETS_MAX, capacity, _ppm(limits.price_collar_pct), _ppm(limits.fee_reserve_pct))
    filters = Filters([each.scale for each in instruments])
    for instrument in instruments:
        set_filter(filters, instrument, limits)
    compiled = Limits(marks, filters, Recents(len(strategy_names)))
    order_value = money(limits.max_order_value)
    compiled.set_bounds(
        age_ns=limits.market_data_age_ms * NS_PER_MS,
        order_value=order_value,
        protective_order_value=order_value * limits.protective_order_pct // 100,
        duplicate_window_ns=limits.duplicate_window_ms * NS_PER_MS,
        open_instrument=limits.open_orders_instrument_max,
        open_all=limits.open_orders_max,
        daily=limits.daily_orders_max,
        position_ppm=_ppm(limits.max_position_pct),
        position_value=money(limits.max_position_value),
        gross_ppm=_ppm(limits.gross_exposure_pct),
        net_ppm=_ppm(limits.net_exposure_pct),
        warn_pct=limits.warn_pct,
    )
    return compiled


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


def restore(
    compiled: Limits, state: DeskState, instruments: Instruments, strategy_names: Sequence[str]
) -> tuple[dict[tuple[int, int], int], dict[str, int]]:
    """Take up positions, last intents, disabled strategies and live orders of earlier runs.

    Returns:
        The handles of the live orders by (strategy, intent), where -1 is nobody of this run; those whose intent the
        trail does not know by client order id.
    """
    by_name = {instrument.name: instrument.index for instrument in instruments}
    strategies = {name: index for index, name in enumerate(strategy_names)}
    exposure = compiled.exposure
    for name, index in strategies.items():
        compiled.recents.enable(index, name not in state.disabled)
        compiled.recents.set_last_intent(index, state.last_intents.get(name, 0))
    compiled.recents.set_last_intent(PERSON, state.last_intents.get("operator", 0))
    for name, position in state.positions.items():
        if name in by_name:
            exposure.move(by_name[name], position.lots)
            exposure.take_fee(by_name[name], position.base_rest)
    by_intent: dict[tuple[int, int], int] = {}
    by_order: dict[str, int] = {}
    for client_order_id, order in state.orders.items():
        if order.instrument not in by_name or order.filled_lots >= order.lots:
            continue
        index, price_ticks = by_name[order.instrument], max(order.price_ticks, 1)
        handle = exposure.reserve(index, Side[order.side], price_ticks, order.lots, order.filled_lots)
        if order.intent:
            by_intent[strategies.get(order.strategy, PERSON), order.intent] = handle
        else:
            by_order[client_order_id] = handle
    return by_intent, by_order


def _ppm(percent: Decimal) -> int:
    """Return percents as millionths, exact: they have four decimals at most."""
    return int(percent * 10_000)
