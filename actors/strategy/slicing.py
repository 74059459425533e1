"""Large orders in small ones: a TWAP spreads its slices over time, an iceberg shows one slice after another.

A parent is a plan of the strategy, not an order: it says to risk how much its children may come to, live and filled
together (C27), and each child is an order of its own that passes every check. What a child leaves goes into the next,
the last takes the rest, and no slice leaves less than the venue takes. A parent does not outlive its strategy: after a
restart its children are cancelled, the trail tells what was filled, and whoever wants the rest decides it anew.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from actors.strategy.order import WorkingOrder
from actors.strategy.params import exact
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.errors import UsageError
from engine.instruments import Instrument
from engine.messages.market import Side
from engine.messages.orders import OrderTerms, OrderType, TimeInForce
from hotpath.core.units import proceeds
from hotpath.orders.transitions import OrderState

if TYPE_CHECKING:
    from actors.strategy.actor import StrategyActor

SLICES_MAX = 10_000
REFUSALS_MAX = 10
"""Children in a row that never worked; then the parent gives up: what refuses ten slices refuses the eleventh."""
REPEAT_NS = 501 * NS_PER_MS
"""How far apart equal slices are: closer than `risk.duplicate_window_ms` (500) they would look like a repetition."""

Number = Decimal | str | int


class Parent:
    """What every plan of slices has in common: how much it is, what its children did, and how it ends."""

    def __init__(
        self, host: StrategyActor, instrument: Instrument, side: Side, lots: int, price_ticks: int, *, reduce_only: bool
    ) -> None:
        """Tell risk of it; the first child follows."""
        self.instrument = instrument
        self.side = side
        self.lots = lots
        self.price_ticks = price_ticks
        self.done = False
        self.children_count = 0
        self.reason = ""
        """Why it ended with something left; empty otherwise."""
        self._host = host
        self._reduce_only = reduce_only
        self._live: list[WorkingOrder] = []
        self._filled_lots = 0
        """Of children that are over."""
        self._refusals = 0
        self.number = host.parents.open(self)

    @property
    def filled_lots(self) -> int:
        """What its children filled, in lots."""
        return self._filled_lots + sum(child.filled_lots for child in self._live)

    @property
    def live_lots(self) -> int:
        """What its children may still fill, in lots."""
        return sum(child.lots - child.filled_lots for child in self._live)

    @property
    def leaves_lots(self) -> int:
        """What is not filled, in lots."""
        return max(self.lots - self.filled_lots, 0)

    @property
    def filled(self) -> Decimal:
        """What its children filled, in base currency."""
        return self.instrument.scale.quantity(self.filled_lots)

    @property
    def leaves(self) -> Decimal:
        """What is not filled, in base currency."""
        return self.instrument.scale.quantity(self.leaves_lots)

    def cancel(self) -> None:
        """Send nothing more, and cancel the children that work."""
        self._give_up("cancelled")

    def child_ended(self, child: WorkingOrder) -> None:
        """Take the end of a child."""
        self._live.remove(child)
        self._filled_lots += child.filled_lots
        never_worked = child.state in (OrderState.REJECTED, OrderState.FAILED)
        self._refusals = self._refusals + 1 if never_worked else 0
        if self.filled_lots >= self.lots:
            self._finish("")
        elif self.done:
            if not self._live:
                self._finish(self.reason)
        elif self._refusals >= REFUSALS_MAX:
            self._give_up(f"{REFUSALS_MAX} slices in a row were refused: {child.result.error}")
        else:
            self._go_on(child)

    def _go_on(self, child: WorkingOrder) -> None:
        """Decide what follows a child that is over."""
        raise NotImplementedError

    def _send(self, room: int, time_in_force: TimeInForce, *, post_only: bool = False) -> WorkingOrder | None:
        """Send the next child for at most `room` lots, or all when too little would be left; None: too few."""
        step = self.instrument.quantity_step_lots
        rest = self.lots - self.filled_lots - self.live_lots
        lots = min(room, rest) // step * step
        if rest - lots > 0 and not self._sendable(rest - lots):
            lots = rest // step * step
        if lots <= 0 or not self._sendable(lots):
            return None
        child = self._host.submit(
            self.instrument,
            self.side,
            lots,
            self.price_ticks,
            post_only,
            time_in_force,
            self._reduce_only,
            OrderType.LIMIT if self.price_ticks else OrderType.MARKET,
            OrderTerms(parent=self.number),
        )
        self.children_count += 1
        self._live.append(child)
        return child

    def _sendable(self, lots: int) -> bool:
        """Say whether the venue takes an order of so many lots at the price that it would have."""
        rules = self.instrument
        quote = self._host.market(rules.index).quote
        price_ticks = self.price_ticks or (quote.bid_ticks if quote is not None else 0)
        whole = lots // rules.quantity_step_lots * rules.quantity_step_lots
        if whole < max(rules.lots_min, 1):
            return False
        return not price_ticks or proceeds(price_ticks, whole, rules.scale) >= rules.notional_min

    def _give_up(self, reason: str) -> None:
        """Send nothing more; it is over when the last child is."""
        if self.done:
            return
        self.done, self.reason = True, reason
        for child in self._live:
            self._host.cancel(child)
        if not self._live:
            self._finish(reason)

    def _finish(self, reason: str) -> None:
        self.done, self.reason = True, reason
        self._host.parents.close(self)


class Twap(Parent):
    """So many slices at equal distances of time, each an IOC order; what one leaves goes into the next."""

    def __init__(
        self,
        host: StrategyActor,
        instrument: Instrument,
        side: Side,
        lots: int,
        price_ticks: int,
        *,
        duration: Number,
        slices: int,
        reduce_only: bool,
    ) -> None:
        """Send the first slice now and the last at the end of `duration` seconds.

        Raises:
            UsageError: no quantity, a number of slices that is not 2 to 10,000, no duration, or slices that are too
                small for the venue.
        """
        if isinstance(slices, bool) or not 2 <= slices <= SLICES_MAX:
            raise UsageError(f"slices is {slices}; expected 2 to {SLICES_MAX:,}")
        self._slices = slices
        self._sent = 0
        self._swept = False
        self._period_ns = _seconds_ns(duration, "duration") // (slices - 1)
        _refuse_small(instrument, lots, lots // slices, f"{slices} slices")
        super().__init__(host, instrument, side, lots, price_ticks, reduce_only=reduce_only)
        self._slice()

    def due_lots(self, number: int) -> int:
        """Return what shall have been sent with so many slices: equal parts in whole steps, all with the last."""
        step = self.instrument.quantity_step_lots
        return self.lots if number >= self._slices else self.lots // step * number // self._slices * step

    def _slice(self) -> None:
        """Send what is due by now."""
        if self.done:
            return
        self._sent = min(self._sent + 1, self._slices)
        if self._sent < self._slices:
            self._host.after_ns(self._period_ns, self._slice)
        child = self._send(self.due_lots(self._sent) - self.filled_lots - self.live_lots, TimeInForce.IOC)
        if child is None and self._sent >= self._slices and not self._live:
            self._finish("what is left is too small for the venue")

    def _go_on(self, child: WorkingOrder) -> None:
        """The clock decides when the next slice goes; after the last, what earlier ones left has one more chance."""
        if self._sent < self._slices or self._live:
            return
        if self._swept or child.state in (OrderState.REJECTED, OrderState.FAILED):
            self._finish("the last slice was not filled whole")
        else:
            self._swept = True
            self._host.after_ns(0, self._slice)


class Iceberg(Parent):
    """A limit order of which one slice at a time is in the book; the next follows when it is filled."""

    def __init__(
        self,
        host: StrategyActor,
        instrument: Instrument,
        side: Side,
        lots: int,
        price_ticks: int,
        *,
        display_lots: int,
        post_only: bool,
        reduce_only: bool,
        retry: Number = 1,
    ) -> None:
        """Show the first slice now.

        Raises:
            UsageError: no quantity, a display that is not above 0 and below the whole, or too small for the venue.
        """
        if not 0 < display_lots < lots:
            shown, whole = (instrument.scale.lots_text(each) for each in (display_lots, lots))
            raise UsageError(f"display is {shown}; expected more than 0 and less than the whole of {whole}")
        self._display_lots = display_lots
        self._post_only = post_only
        self._retry_ns = _seconds_ns(retry, "retry")
        _refuse_small(instrument, lots, display_lots, "a display")
        super().__init__(host, instrument, side, lots, price_ticks, reduce_only=reduce_only)
        self._show()

    def _show(self) -> None:
        """Show the next slice."""
        if not self.done and not self._live:
            child = self._send(self._display_lots, TimeInForce.GTC, post_only=self._post_only)
            if child is None:
                self._finish("what is left is too small for the venue")

    def _go_on(self, child: WorkingOrder) -> None:
        """Show the next slice at once, or after a while when this one never worked; a cancelled one ends it all."""
        if child.state is OrderState.FILLED:
            age_ns = self._host.context.now_ns - child.request.time_ns
            self._host.after_ns(max(REPEAT_NS - age_ns, 0), self._show)
        elif child.state in (OrderState.REJECTED, OrderState.FAILED):
            self._host.after_ns(self._retry_ns, self._show)
        else:
            self._give_up("a slice was taken out of the book")


def _seconds_ns(value: Number, what: str) -> int:
    """Return seconds in ns. UsageError unless they are above 0."""
    time_ns = exact(lambda given: int(Decimal(given) * NS_PER_SECOND), value, what)
    if time_ns <= 0:
        raise UsageError(f"{what} is {value} s; expected more than 0")
    return time_ns


def _refuse_small(instrument: Instrument, lots: int, slice_lots: int, what: str) -> None:
    """Raise UsageError for a quantity that cannot be sliced like this."""
    if lots <= 0 or lots % instrument.quantity_step_lots:
        text = instrument.scale.lots_text(lots)
        raise UsageError(f"quantity is {text}; expected whole steps of the venue: round it with self.round_quantity")
    least = max(instrument.lots_min, instrument.quantity_step_lots)
    if slice_lots < least:
        small, smallest = (instrument.scale.lots_text(each) for each in (slice_lots, least))
        raise UsageError(f"{what} of {small} are below the venue's smallest order {smallest}: ask for larger ones")
