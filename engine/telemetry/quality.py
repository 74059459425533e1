"""Execution quality, read off the audit trail as it is told: what was decided, what left, what was filled and for what.

It sits where records are written, in the lane that yields to everything else, so orders pay nothing for it. It is told
what the trail is told and tells nobody: no decision, message or record is made of its figures. Each event is counted
once, for its strategy on its instrument; totals and text are made for whoever asks. Slippage and shortfall
are measured from the mid that the strategy saw when it decided; an order that was decided without a quote has none.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec import Struct

from engine.instruments import Instrument, Instruments
from engine.messages.approved import ApprovedOrder
from engine.messages.control import Action
from engine.messages.execution import ExecutionStatus
from engine.messages.orders import OrderDenied, OrderIntent
from engine.messages.reports import (
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
)
from engine.telemetry.execution import (
    FILL_RATIO_WARN_PCT,
    SLIPPAGE_WARN_BPS,
    TOTAL_CRITICAL_NS,
    TOTAL_WARN_NS,
    ExecutionSummary,
    OrderQuality,
    QualityRow,
    Quantiles,
    quantiles,
)
from hotpath.core.fact import AuditEvent
from hotpath.core.histogram import Histogram
from hotpath.core.units import money_text

OPEN_MAX = 8_192
"""Orders that are followed at once, twice what can be open; beyond it the oldest is forgotten."""
SHOWN_MAX = 64
"""Orders that are over and shown one by one."""
BPS = 10_000
UNITS = MONEY = 10**8
"""Ratios and basis points are whole numbers of 1e-8, so that a sum of a million of them is still one number."""
SHOWN = 10_000
"""They are shown in whole numbers of so many: with four decimals."""
PERSON = "operator"

E = ExecutionStatus


class _Followed(Struct, gc=False):
    """An order from its decision to its end."""

    intent: OrderIntent
    status: ExecutionStatus = E.PENDING
    sent_ns: int = 0
    answered: bool = False
    filled_lots: int = 0
    paid: int = 0
    """Ticks x lots of what was filled."""
    fees: int = 0
    """Money of the quote currency."""
    last_ns: int = 0


class _Tally(Struct):
    """What is summed up for a strategy on an instrument, or for several of them; ratios in UNITS."""

    sent: int = 0
    ended: int = 0
    denied: int = 0
    rejected: int = 0
    cancelled: int = 0
    measured: int = 0
    fill_ratios: int = 0
    slippage: int = 0
    improvement: int = 0
    shortfall: dict[str, int] = {}
    """By currency."""

    def add(self, part: _Tally) -> None:
        """Count in what another one has."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + getattr(part, name))
        for currency, amount in part.shortfall.items():
            self.shortfall[currency] = self.shortfall.get(currency, 0) + amount

    def row(self, time_to_fill: Histogram) -> QualityRow:
        """Return the figures."""
        return QualityRow(
            sent=self.sent,
            ended=self.ended,
            denied=self.denied,
            fill_ratio=_mean(self.fill_ratios, self.ended),
            reject_ratio=_mean(self.rejected * UNITS, self.ended),
            cancel_ratio=_mean(self.cancelled * UNITS, self.ended),
            slippage_bps=_mean(self.slippage, self.measured),
            effective_spread_bps=_mean(2 * self.slippage, self.measured),
            price_improvement_bps=_mean(self.improvement, self.measured),
            shortfall={name: money_text(amount) for name, amount in sorted(self.shortfall.items())},
            time_to_fill_ns=quantiles(time_to_fill),
        )

    @property
    def fills_badly(self) -> bool:
        """Whether the mean fill ratio is below the threshold."""
        return self.ended > 0 and 100 * self.fill_ratios < FILL_RATIO_WARN_PCT * self.ended * UNITS


SUMS = tuple(name for name in _Tally.__struct_fields__ if name != "shortfall")


class _Ended(NamedTuple):
    """An order that is over, in UNITS and money."""

    order: _Followed
    instrument: Instrument
    """As it was then."""
    fill_ratio: int
    slippage: int | None
    improvement: int | None
    shortfall: int | None


class ExecutionQuality:
    """Follows every order of a run."""

    def __init__(self, instruments: Instruments, strategies: Sequence[str]) -> None:
        """Take the names behind the indices."""
        self._instruments = instruments
        self._names = [*strategies, PERSON]  # index -1 is the last
        self._followed: dict[tuple[int, int], _Followed] = {}
        self._mids_twice: dict[int, int] = {}
        self._tallies: defaultdict[tuple[int, int], _Tally] = defaultdict(_Tally)
        """By strategy and instrument, -1 where a denial names none: at most as many as can be configured."""
        self._time_to_fill = Histogram()
        self._time_to_fill_by_strategy = {name: Histogram() for name in self._names}
        self._time_to_fill_at = {instrument.venue: Histogram() for instrument in instruments}
        self._ended: deque[_Ended] = deque(maxlen=SHOWN_MAX)
        self._over_by_status = dict.fromkeys(E, 0)
        self._latencies = {name: Histogram() for name in ("acknowledgement", "fill", "total")}
        self._warnings: dict[str, int] = {}
        self._takers: dict[type, Callable[[Any], None]] = {
            OrderIntent: self._decided,
            OrderDenied: self._denied,
            ApprovedOrder: self._approved,
            OrderAccepted: self._accepted,
            OrderFilled: self._filled,
            OrderCanceled: lambda report: self._over(report, E.CANCELLED),
            OrderExpired: lambda report: self._over(report, E.EXPIRED),
            OrderRejected: lambda report: self._over(report, E.REJECTED if report.sent else E.FAILED),
            OrderUnknown: self._lost,
        }

    def observe(self, event: AuditEvent) -> None:
        """Take what the trail is told; what is about no order is nothing to it."""
        take = self._takers.get(type(event.subject))
        if take is not None and event.action is not Action.DEADLETTER:
            take(event.subject)

    def summary(self, latency_ns: dict[str, Quantiles]) -> ExecutionSummary:
        """Return the figures; `latency_ns` are those that were measured elsewhere, and stand first."""
        warnings = dict(self._warnings)
        total = _Tally()
        strategies = {name: _Tally() for name in self._names}
        venues = {venue: _Tally() for venue in self._time_to_fill_at}
        for (strategy, instrument), tally in self._tallies.items():
            total.add(tally)
            strategies[self._names[strategy]].add(tally)
            if instrument >= 0:
                venues[self._instruments[instrument].venue].add(tally)
        badly = sum(tally.fills_badly for tally in strategies.values())
        if badly:
            warnings[f"strategies fill less than {FILL_RATIO_WARN_PCT} %"] = badly
        return ExecutionSummary(
            statuses={status.value: count for status, count in self._statuses().items() if count},
            latency_ns=latency_ns | {name: quantiles(each) for name, each in self._latencies.items()},
            total=total.row(self._time_to_fill),
            strategies={
                name: tally.row(self._time_to_fill_by_strategy[name])
                for name, tally in strategies.items()
                if tally.sent or tally.denied
            },
            venues={venue: tally.row(self._time_to_fill_at[venue]) for venue, tally in venues.items()},
            orders=[self._shown(ended) for ended in self._ended],
            warnings=warnings,
        )

    def _statuses(self) -> dict[ExecutionStatus, int]:
        """Return how many requests stand where."""
        statuses = dict(self._over_by_status)
        for order in self._followed.values():
            statuses[order.status] += 1
        return statuses

    def _shown(self, ended: _Ended) -> OrderQuality:
        order, instrument, ratio, slippage, improvement, shortfall = ended
        intent = order.intent
        return OrderQuality(
            strategy=self._names[intent.strategy],
            intent=intent.intent,
            instrument=instrument.name,
            status=order.status.value,
            fill_ratio=_text(ratio),
            slippage_bps=None if slippage is None else _text(slippage),
            effective_spread_bps=None if slippage is None else _text(2 * slippage),
            price_improvement_bps=None if improvement is None else _text(improvement),
            shortfall=None if shortfall is None else money_text(shortfall),
            currency=instrument.quote,
            time_to_fill_ns=order.last_ns - order.sent_ns if order.status is E.FILLED else None,
        )

    # ---- an order's life

    def _decided(self, intent: OrderIntent) -> None:
        if len(self._followed) >= OPEN_MAX:
            del self._followed[next(iter(self._followed))]
        self._followed[intent.strategy, intent.intent] = _Followed(intent)
        quote = intent.quote
        if quote is not None:
            self._mids_twice[intent.instrument] = quote.bid_ticks + quote.ask_ticks

    def _denied(self, denial: OrderDenied) -> None:
        self._over_by_status[E.DENIED] += denial.count
        self._tallies[denial.strategy, denial.instrument].denied += denial.count
        self._followed.pop((denial.strategy, denial.intent), None)

    def _approved(self, approved: ApprovedOrder) -> None:
        order = self._stand(approved.intent, E.SUBMITTED)
        if order is not None:
            order.sent_ns = order.last_ns = approved.time_ns
            self._tallies[order.intent.strategy, order.intent.instrument].sent += 1

    def _accepted(self, report: OrderAccepted) -> None:
        order = self._stand(report, E.SUBMITTED)
        if order is not None:
            if order.filled_lots:
                order.status = E.PARTIAL
            self._answer(order, report.time_ns)

    def _filled(self, fill: OrderFilled) -> None:
        order = self._stand(fill, E.PARTIAL)
        if order is None:
            return
        self._answer(order, fill.time_ns)
        if not order.filled_lots:
            self._latencies["fill"].record(fill.time_ns - order.sent_ns)
        order.filled_lots += fill.lots
        order.paid += fill.price_ticks * fill.lots
        order.last_ns = fill.time_ns
        instrument = self._instruments[fill.instrument]
        if fill.fee_currency == instrument.quote:
            order.fees += fill.fee
        elif fill.fee_currency == instrument.base:
            order.fees += -(-fill.fee * fill.price_ticks // 10**instrument.scale.price_decimals)
        self._mids_twice[fill.instrument] = 2 * fill.price_ticks
        if fill.done:
            self._over(fill, E.FILLED)

    def _answer(self, order: _Followed, now_ns: int) -> None:
        """Count how long the venue's first word took."""
        if order.answered:
            return
        order.answered = True
        total_ns = now_ns - order.intent.time_ns
        self._latencies["acknowledgement"].record(now_ns - order.sent_ns)
        self._latencies["total"].record(total_ns)
        if total_ns > TOTAL_CRITICAL_NS:
            self._warn("orders took over 500 ms (critical)")
        elif total_ns > TOTAL_WARN_NS:
            self._warn("orders took over 100 ms")

    def _lost(self, report: OrderUnknown) -> None:
        self._stand(report, E.UNKNOWN)

    def _over(self, report: Any, status: ExecutionStatus) -> None:
        order = self._stand(report, status)
        if order is None:
            return
        intent = order.intent
        del self._followed[intent.strategy, intent.intent]
        self._over_by_status[status] += 1
        instrument = self._instruments[intent.instrument]
        ratio = _units(min(order.filled_lots, intent.lots), intent.lots)
        slippage, improvement = self._slippage(order), self._improvement(order)
        shortfall = self._shortfall(order, instrument)
        tally = self._tallies[intent.strategy, intent.instrument]
        tally.ended += 1
        tally.fill_ratios += ratio
        tally.rejected += status in (E.REJECTED, E.FAILED)
        tally.cancelled += status is E.CANCELLED
        if slippage is not None and slippage > SLIPPAGE_WARN_BPS * UNITS:
            self._warn(f"orders slipped over {SLIPPAGE_WARN_BPS} bps")
        if slippage is not None and improvement is not None:
            tally.measured += 1
            tally.slippage += slippage
            tally.improvement += improvement
        if shortfall is not None:
            tally.shortfall[instrument.quote] = tally.shortfall.get(instrument.quote, 0) + shortfall
        if status is E.FILLED:
            for times in (
                self._time_to_fill,
                self._time_to_fill_by_strategy[self._names[intent.strategy]],
                self._time_to_fill_at[instrument.venue],
            ):
                times.record(order.last_ns - order.sent_ns)
        self._ended.append(_Ended(order, instrument, ratio, slippage, improvement, shortfall))

    # ---- inside

    def _stand(self, report: Any, status: ExecutionStatus) -> _Followed | None:
        """Note where an order stands; None for one that was not decided in this run, or is over."""
        order = self._followed.get((report.strategy, report.intent))
        if order is not None:
            order.status = status
        return order

    def _warn(self, what: str) -> None:
        self._warnings[what] = self._warnings.get(what, 0) + 1

    def _slippage(self, order: _Followed) -> int | None:
        """Return how much worse than the mid at the decision the average is, in bps."""
        quote, lots = order.intent.quote, order.filled_lots
        if quote is None or not lots or not quote.bid_ticks or not quote.ask_ticks:
            return None
        twice = quote.bid_ticks + quote.ask_ticks
        return _units(order.intent.side * (2 * order.paid - twice * lots) * BPS, twice * lots)

    def _improvement(self, order: _Followed) -> int | None:
        """Return how much better than the other side's best price at the decision the average is, in bps."""
        quote, lots = order.intent.quote, order.filled_lots
        if quote is None or not lots:
            return None
        touch = quote.ask_ticks if order.intent.side > 0 else quote.bid_ticks
        return _units(order.intent.side * (touch * lots - order.paid) * BPS, touch * lots) if touch else None

    def _shortfall(self, order: _Followed, instrument: Instrument) -> int | None:
        """Return the implementation shortfall, money of the quote currency; the rest counts at the last price seen."""
        intent, quote = order.intent, order.intent.quote
        if quote is None or not quote.bid_ticks or not quote.ask_ticks:
            return None
        twice = quote.bid_ticks + quote.ask_ticks
        rest = max(intent.lots - order.filled_lots, 0)
        moved = (self._mids_twice[intent.instrument] - twice) * rest
        ticks_lots_twice: int = intent.side * (2 * order.paid - twice * order.filled_lots + moved)
        unit: int = 2 * 10 ** (instrument.scale.price_decimals + instrument.scale.quantity_decimals)
        return -(-ticks_lots_twice * MONEY // unit) + order.fees


def _units(numerator: int, denominator: int) -> int:
    """Return a quotient in UNITS, the nearest."""
    return (2 * numerator * UNITS + denominator) // (2 * denominator)


def _mean(total: int, count: int) -> str | None:
    return _text((2 * total + count) // (2 * count)) if count else None


def _text(units: int) -> str:
    return money_text((2 * units + SHOWN) // (2 * SHOWN) * SHOWN)
