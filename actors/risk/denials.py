"""What a strategy and the audit trail hear of a denial, and when a strategy has been denied too often.

A strategy hears each of its denials. The trail holds the first of a strategy, instrument and reason within a second in
full and the others as one record with their count; so a strategy gone wild cannot fill the disk. More than the
configured number within ten seconds stops the strategy. It owns the wording of what was observed; it denies nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from msgspec import Struct, structs

from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.instruments import Instruments
from engine.messages.control import Action, StopStrategy
from engine.messages.orders import DenialReason, OrderDenied
from engine.runtime.actor import Context, Ref
from hotpath.core.mailbox import ACCEPTED
from hotpath.core.units import Scale, money_text

WINDOW_NS = 10 * NS_PER_SECOND

ORDER_DENY = Action.ORDER_DENY
type_of_key = tuple[int, int, DenialReason]


class MergedDenials(Struct, frozen=True, gc=False):
    """A second has passed since the first of these."""

    strategy: int
    instrument: int
    reason: DenialReason


def _milliseconds(ns: int, _: Scale) -> str:
    return f"{ns // NS_PER_MS} ms"


def _nanoseconds(ns: int, _: Scale) -> str:
    return f"{ns} ns"


def _price(ticks: int, scale: Scale) -> str:
    return scale.price_text(ticks)


def _lots(lots: int, scale: Scale) -> str:
    return scale.lots_text(lots)


def _money(money: int, _: Scale) -> str:
    return money_text(money)


def _basis_points(bps: int, _: Scale) -> str:
    return f"{bps} bps"


def _count(count: int, _: Scale) -> str:
    return str(count)


_WORDS: dict[DenialReason, tuple[Callable[[int, Scale], str], Callable[[int, Scale], str]]] = {
    DenialReason.MARKET_DATA_FRESH_INPUT: (_nanoseconds, _nanoseconds),
    DenialReason.MARKET_DATA_FRESH: (_milliseconds, _milliseconds),
    DenialReason.ORDER_WELL_FORMED: (_lots, _price),
    DenialReason.PRICE_COLLAR: (_price, _price),
    DenialReason.MAX_ORDER_VALUE_INPUT: (_lots, _price),
    DenialReason.MAX_ORDER_VALUE: (_money, _money),
    DenialReason.POSITION_LIMIT_INPUT: (_money, _money),
    DenialReason.POSITION_LIMIT: (_money, _money),
    DenialReason.GROSS_EXPOSURE_INPUT: (_money, _money),
    DenialReason.GROSS_EXPOSURE: (_money, _money),
    DenialReason.NET_EXPOSURE_INPUT: (_money, _money),
    DenialReason.NET_EXPOSURE: (_money, _money),
    DenialReason.FUNDS_RESERVED_INPUT: (_money, _money),
    DenialReason.FUNDS_RESERVED: (_money, _money),
    DenialReason.MAX_ORDER_QUANTITY_INPUT: (_lots, _lots),
    DenialReason.MAX_ORDER_QUANTITY: (_lots, _lots),
    DenialReason.MAX_MESSAGES_INPUT: (_nanoseconds, _nanoseconds),
    DenialReason.DAILY_LOSS_INPUT: (_money, _money),
    DenialReason.DAILY_LOSS: (_money, _money),
    DenialReason.DRAWDOWN_INPUT: (_money, _money),
    DenialReason.DRAWDOWN: (_money, _money),
    DenialReason.SELF_TRADE: (_price, _price),
    DenialReason.REDUCE_ONLY: (_lots, _lots),
    DenialReason.CLOCK_HEALTHY_INPUT: (_milliseconds, _milliseconds),
    DenialReason.CLOCK_HEALTHY: (_milliseconds, _milliseconds),
    DenialReason.AUDIT_HEALTHY_INPUT: (_milliseconds, _milliseconds),
    DenialReason.AUDIT_HEALTHY: (_milliseconds, _milliseconds),
    DenialReason.PARENT_CHILD_CAP_INPUT: (_lots, _lots),
    DenialReason.PARENT_CHILD_CAP: (_lots, _lots),
    DenialReason.HOLD_TIME: (_milliseconds, _milliseconds),
    DenialReason.TURNOVER_INPUT: (_money, _money),
    DenialReason.TURNOVER: (_money, _money),
    DenialReason.EDGE_TO_COST_INPUT: (_basis_points, _basis_points),
    DenialReason.EDGE_TO_COST: (_basis_points, _basis_points),
    DenialReason.DELTA_LIMIT: (_money, _money),
    DenialReason.GAMMA_LIMIT: (_money, _money),
    DenialReason.VEGA_LIMIT: (_money, _money),
    DenialReason.SLIPPAGE_BUDGET_INPUT: (_money, _money),
    DenialReason.SLIPPAGE_BUDGET: (_money, _money),
}
"""How (observed, limit) of a reason are written; those that are not here are counts."""


def words(reason: DenialReason, observed: int, limit: int, scale: Scale) -> tuple[str, str]:
    """Return what was observed and the limit in the unit of the check, as text."""
    say_observed, say_limit = _WORDS.get(reason, (_count, _count))
    return say_observed(observed, scale), say_limit(limit, scale)


class Denials:
    """Tells, merges and counts denials."""

    context: Context
    safety: Ref
    strategies: Sequence[Ref]

    def __init__(self, instruments: Instruments, strategies_count: int, denials_max: int) -> None:
        """`denials_max`: within ten seconds; one more stops the strategy."""
        self._instruments = instruments
        self._times: list[deque[int]] = [deque(maxlen=denials_max + 1) for _ in range(strategies_count)]
        self._denials_max = denials_max
        self._merged: dict[type_of_key, OrderDenied] = {}
        """The latest of each key, with the count of those that the trail has not seen yet."""
        self.count = 0
        self.last: OrderDenied | None = None

    def deny(
        self, strategy: int, intent: int, instrument: int, reason: DenialReason, observed: int, limit: int, version: int
    ) -> bool:
        """Say no to an intent; returns whether the strategy shall be stopped for it."""
        denied = self.word(strategy, intent, instrument, reason, observed, limit, version)
        return strategy >= 0 and self._to_strategy(denied)

    def word(
        self, strategy: int, intent: int, instrument: int, reason: DenialReason, observed: int, limit: int, version: int
    ) -> OrderDenied:
        """Count and record a denial, and return it for whoever hears of it."""
        self.count += 1
        known = 0 <= instrument < len(self._instruments)
        texts = ("", "")
        if known:
            texts = words(reason, observed, limit, self._instruments[instrument].scale)
        denied = OrderDenied(
            strategy, intent, instrument if known else -1, reason, *texts, version, self.context.now_ns
        )
        self.last = denied
        self._to_trail(denied)
        return denied

    def forgive(self, strategy: int) -> None:
        """Begin to count anew."""
        self._times[strategy].clear()

    def set_max(self, denials_max: int) -> None:
        """Allow another number within ten seconds; those of the last ten seconds go on counting."""
        self._denials_max = denials_max
        self._times = [deque(times, maxlen=denials_max + 1) for times in self._times]

    def on_merged(self, merged: MergedDenials) -> None:
        """Record how many more there were in the second."""
        denied = self._merged.pop((merged.strategy, merged.instrument, merged.reason), None)
        if denied is not None and denied.count:
            self.context.audit(ORDER_DENY, denied)

    def flush(self) -> None:
        """Record everything that waits; the run ends."""
        merged, self._merged = self._merged, {}
        for denied in merged.values():
            if denied.count:
                self.context.audit(ORDER_DENY, denied)

    def _to_trail(self, denied: OrderDenied) -> None:
        key = (denied.strategy, denied.instrument, denied.reason)
        waiting = self._merged.get(key)
        if waiting is not None:
            self._merged[key] = structs.replace(denied, count=waiting.count + 1)
            return
        self.context.audit(ORDER_DENY, denied)
        self._merged[key] = structs.replace(denied, count=0)
        self.context.after(NS_PER_SECOND, MergedDenials(*key))

    def _to_strategy(self, denied: OrderDenied) -> bool:
        """Tell the strategy and count; returns whether it shall be stopped."""
        times = self._times[denied.strategy]
        times.append(denied.time_ns)
        if self.strategies[denied.strategy].tell(denied) != ACCEPTED:
            return self._stop(denied.strategy, "its mailbox of denials is full")
        if len(times) > self._denials_max and denied.time_ns - times[0] <= WINDOW_NS:
            return self._stop(denied.strategy, f"over {self._denials_max} denials in 10 s, last {denied.reason.name}")
        return False

    def _stop(self, strategy: int, reason: str) -> bool:
        """Ask safety to stop a strategy, once until it is enabled again."""
        self.forgive(strategy)
        if self.safety.tell(StopStrategy(strategy, reason)) != ACCEPTED:
            self.context.halt(f"strategy {strategy} must be stopped ({reason}), and safety could not hear it")
        return True
