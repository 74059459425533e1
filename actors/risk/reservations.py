"""What became of approved orders: a reservation turns into position and money, or is given back, on the venue's proof.

An UNKNOWN order keeps its reservation and is counted as unknown until the venue shows it or it is over. Executions and
refusals are counted on the way, because too many of them in a short time stop a strategy. It approves nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from actors.risk.setup import Assets
from actors.risk.slippage import Arrivals
from engine.instruments import Instruments
from engine.messages.orders import DenialReason
from engine.messages.reports import (
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderCancelRejected,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
)
from hotpath.core.units import cost, lots_to_money, proceeds
from hotpath.orders.limits import Limits

Report = OrderAccepted | OrderFilled | OrderCanceled | OrderExpired | OrderRejected | OrderAmended | OrderUnknown


class Reservations:
    """The reservations of live orders, by the intent that was approved or by the order that was found."""

    def __init__(
        self,
        limits: Limits,
        instruments: Instruments,
        assets: Assets,
        by_intent: dict[tuple[int, int], int],
        by_order: dict[str, int],
        stop: Callable[[int, DenialReason], None],
        arrivals: Arrivals,
        alarm: Callable[[str, OrderFilled], None],
    ) -> None:
        """Take up those of earlier runs; `by_intent` is shared with whoever approves, `stop` ends a strategy.

        `arrivals` are those of them that trade at once; what slips too far is told to `alarm`.
        """
        self._stop = stop
        self._arrivals = arrivals
        self._alarm = alarm
        self._limits = limits
        self._exposure = limits.exposure
        self._instruments = instruments
        self._assets = assets
        self._by_intent = by_intent
        self._by_order = by_order
        self._owed: dict[int, None] = {}
        """Handles of orders that are over, and of which the venue counts executions that nobody told yet."""

    def handle_of(self, strategy: int, intent: int) -> int:
        """Return the reservation of an intent, 0 when there is none."""
        return self._by_intent.get((strategy, intent), 0)

    def on_accepted(self, report: OrderAccepted) -> None:
        """The venue has the order; one that nobody here approved (an earlier run's) is reserved now."""
        handle = self._handle(report)
        if handle is None:
            self._by_order[report.client_order_id] = self._exposure.reserve(
                report.instrument, report.side, max(report.price_ticks, 1), report.lots, strategy=report.strategy
            )
        else:
            self._exposure.set_unknown(handle, False)
        self._limits.rates.note_accept(report.strategy)

    def on_filled(self, report: OrderFilled) -> None:
        """Turn reservation into position, and move the money; a fill after the end moves the position all the same."""
        strategy = report.strategy
        handle = self._handle(report)
        open_lots = 0
        if handle is None:
            self._exposure.move(report.instrument, report.side * report.lots, strategy)
        else:
            open_lots = self._exposure.fill(handle, report.lots, report.leaves_lots)
            if handle in self._arrivals.open:
                slipped = self._arrivals.fill(handle, report, report.time_ns)
                if slipped:
                    self._alarm(slipped, report)
        instrument = self._instruments[report.instrument]
        scale, side = instrument.scale, report.side
        pay = cost if side > 0 else proceeds
        self._move(instrument.quote, -side * pay(report.price_ticks, report.lots, scale))
        self._move(instrument.base, side * lots_to_money(report.lots, scale))
        if report.fee:
            self._move(report.fee_currency, -report.fee)
            if report.fee_currency == instrument.base:
                self._exposure.take_fee(report.instrument, report.fee)
        if report.done and not (open_lots and handle in self._owed):
            self._release(report)
        if self._limits.rates.note_fill(strategy, report.instrument, side, report.time_ns):
            self._stop(strategy, DenialReason.EXECUTION_THROTTLE)

    def on_gone(self, report: OrderCanceled | OrderExpired) -> None:
        """The order left the book: give back what is left, but for executions that are counted and were not told."""
        handle = self._handle(report)
        if handle is not None:
            _, _, price_ticks, _, filled_lots = self._exposure.order(handle)
            if report.filled_lots > filled_lots:
                self._owed[handle] = None
                self._exposure.settle(handle, price_ticks, report.filled_lots)
                return
        self._release(report)

    def on_rejected(self, report: OrderRejected) -> None:
        """The order never was in the book, or never left us: give its reservation back."""
        self._release(report)
        if report.sent and self._limits.rates.note_reject(report.strategy, report.time_ns):
            self._stop(report.strategy, DenialReason.REJECT_STREAK)

    def on_amended(self, report: OrderAmended) -> None:
        """Reserve what the order is now, whether the amend was accepted or not."""
        handle = self._handle(report)
        if handle is not None:
            self._exposure.settle(handle, max(report.price_ticks, 1), report.lots)
            self._exposure.set_unknown(handle, report.unknown)

    def on_unknown(self, report: OrderUnknown) -> None:
        """Keep the reservation: the order may still be filled."""
        handle = self._handle(report)
        if handle is not None:
            self._exposure.set_unknown(handle, True)

    def on_nothing_new(self, _: OrderCancelRejected) -> None:
        """Keep the reservation: an order that was not cancelled works on."""

    def release(self, strategy: int, intent: int, client_order_id: str) -> None:
        """Give back what an order that is over, or never left, had reserved."""
        handle = self._by_order.get(client_order_id)
        if handle is None:
            handle = self._by_intent.pop((strategy, intent), None)
        else:
            for name in [name for name, held in self._by_order.items() if held == handle]:
                del self._by_order[name]
        if handle is not None:
            self._owed.pop(handle, None)
            self._arrivals.end(handle)
            self._exposure.release(handle)

    def _release(self, report: Report) -> None:
        self.release(report.strategy, report.intent, report.client_order_id)

    def _handle(self, report: Report) -> int | None:
        handle = self._by_order.get(report.client_order_id)
        return handle if handle is not None else self._by_intent.get((report.strategy, report.intent))

    def _move(self, asset: str, money: int) -> None:
        self._limits.account.move(self._assets.number(asset), money)
