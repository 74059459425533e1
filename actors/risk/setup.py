"""From configuration and what earlier runs left to the compiled limits: names become numbers here, once.

It owns the numbers of assets, and what a run takes up of earlier ones. It decides nothing: the checks stand in
hotpath.orders.limits, and the units of limits in actors.risk.bounds.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.risk.bounds import apply, ppm
from engine.audit.desk_state import DeskState
from engine.config.risk import RiskLimits, risk_currency
from engine.errors import ConfigError, InvariantError
from engine.instruments import Instruments
from engine.messages.market import Side
from hotpath.core.units import lots_to_money
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
    marks = Marks(
        lines,
        currency,
        ASSETS_MAX,
        capacity,
        ppm(limits.price_collar_pct),
        ppm(limits.fee_reserve_pct),
        len(strategy_names),
    )
    filters = Filters([each.scale for each in instruments])
    compiled = Limits(marks, filters, Recents(len(strategy_names)))
    apply(compiled, instruments, strategy_names, limits)
    return compiled


def restore(
    compiled: Limits, state: DeskState, instruments: Instruments, strategy_names: Sequence[str]
) -> tuple[dict[tuple[int, int], int], dict[str, int]]:
    """Take up positions, last intents, disabled strategies and live orders of earlier runs.

    Returns:
        The handles of the live orders by (strategy, intent); those of no strategy of this run, and those whose intent
        the trail does not know, by client order id, that of a replacement which is on its way among them.
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
            index, nobodys_lots = by_name[name], position.lots
            for owner, number in strategies.items():
                lots = state.held.get(owner, {}).get(name, 0) // lots_to_money(1, instruments[index].scale)
                exposure.move(index, lots, number)
                nobodys_lots -= lots
            exposure.move(index, nobodys_lots)
            exposure.take_fee(index, position.base_rest)
    by_intent: dict[tuple[int, int], int] = {}
    by_order: dict[str, int] = {}
    for client_order_id, order in state.orders.items():
        if order.instrument not in by_name or order.filled_lots >= order.lots:
            continue
        index, price_ticks = by_name[order.instrument], max(order.price_ticks, 1)
        strategy = strategies.get(order.strategy, PERSON)
        side = Side[order.side]
        handle = exposure.reserve(index, side, price_ticks, order.lots, order.filled_lots, strategy)
        exposure.set_unknown(handle, True)
        if order.intent and strategy != PERSON:
            by_intent[strategy, order.intent] = handle
        else:  # those that are gone numbered their intents alike, and so does a person
            by_order.update(dict.fromkeys(filter(None, (client_order_id, order.pending_id)), handle))
    return by_intent, by_order
