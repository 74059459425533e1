"""Orders that belong together: two exits that share one quantity, and an entry with its exits.

It owns no state: each order is one of `buy` and `sell`, tied to the others by its terms; what the ties mean is kept by
the actor that has the orders wait. A part of Strategy, apart from it because it is read apart.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from actors.strategy.conditions import Conditions, Number, place
from actors.strategy.order import WorkingOrder
from engine.errors import UsageError
from engine.instruments import Instrument
from engine.messages.market import Side
from engine.messages.orders import TimeInForce

if TYPE_CHECKING:
    from actors.strategy.actor import StrategyActor


class Bracket(NamedTuple):
    """An entry and its two exits."""

    entry: WorkingOrder
    take_profit: WorkingOrder
    stop_loss: WorkingOrder


class OrderLists:
    """The actions that place several orders at once."""

    _host: StrategyActor

    def oco(
        self,
        instrument: int | str | Instrument,
        side: Side,
        quantity: Decimal | str | int,
        *,
        take_profit: Number,
        stop_loss: Number | None = None,
        trail: Number | None = None,
        good_till: datetime | None = None,
    ) -> tuple[WorkingOrder, WorkingOrder]:
        """Get out of a position in one of two ways, whichever comes first: one cancels the other.

        Both share one quantity and only reduce: what one of them fills the other is smaller by. One order at a time is
        at the venue.

        Args:
            instrument: index, name or Instrument.
            side: of both orders: SELL to leave a long position.
            quantity: in base currency, at most the position.
            take_profit: the limit at which a profit is taken, when the market touches it.
            stop_loss: the price at which a loss is stopped, at the market ...
            trail: ... or the distance at which a trailing stop follows.
            good_till: when both are cancelled.

        Returns:
            Both handles, the take-profit's first.
        """
        group = self._host.context.next_seq
        return self._exits(instrument, side, quantity, take_profit, stop_loss, trail, good_till, group, None)

    def bracket(
        self,
        instrument: int | str | Instrument,
        side: Side,
        quantity: Decimal | str | int,
        *,
        take_profit: Number,
        stop_loss: Number | None = None,
        trail: Number | None = None,
        price: Number | None = None,
        stop: Number | None = None,
        good_till: datetime | None = None,
    ) -> Bracket:
        """Enter, and have both exits wait from the first fill on, for as much as is filled.

        Args:
            instrument: index, name or Instrument.
            side: of the entry.
            quantity: in base currency.
            take_profit: the limit at which a profit is taken, when the market touches it.
            stop_loss: the price at which a loss is stopped, at the market ...
            trail: ... or the distance at which a trailing stop follows.
            price: the entry's limit; left out it enters at the market.
            stop: the entry waits until the market reaches this.
            good_till: when what is left of the entry is cancelled; exits stay.

        Returns:
            The three handles.
        """
        if price is not None and stop is None:
            _refuse_crossed(side, price, take_profit, stop_loss)
        words: Conditions = {"leads": True}
        if stop is not None:
            words["stop"] = stop
        if good_till is not None:
            words["good_till"] = good_till
        entry = place(self._host, side, instrument, quantity, price, False, TimeInForce.GTC, False, words)
        exits = self._exits(
            instrument, side.opposite, quantity, take_profit, stop_loss, trail, None, entry.intent, entry
        )
        return Bracket(entry, *exits)

    def _exits(
        self,
        instrument: int | str | Instrument,
        side: Side,
        quantity: Decimal | str | int,
        take_profit: Number,
        stop_loss: Number | None,
        trail: Number | None,
        good_till: datetime | None,
        group: int,
        entry: WorkingOrder | None,
    ) -> tuple[WorkingOrder, WorkingOrder]:
        """Place both exits of a group."""
        if (stop_loss is None) is (trail is None):
            raise UsageError("an exit needs stop_loss or trail, and one of them alone")
        profit: Conditions = {"touch": take_profit}
        loss: Conditions = {"stop": stop_loss} if stop_loss is not None else {}
        if trail is not None:
            loss["trail"] = trail
        for words in (profit, loss):
            if good_till is not None:
                words["good_till"] = good_till
            if entry is not None:
                words["after"] = entry
        host, stays = self._host, TimeInForce.GTC
        first = place(host, side, instrument, quantity, take_profit, False, stays, True, profit, group)
        return first, place(host, side, instrument, quantity, None, False, stays, True, loss, group)


def _refuse_crossed(side: Side, price: Number, take_profit: Number, stop_loss: Number | None) -> None:
    """Refuse exits on the wrong side of the entry: one of them would be reached at once."""
    entry, profit = Decimal(price), Decimal(take_profit)
    loss = None if stop_loss is None else Decimal(stop_loss)
    wrong = profit <= entry or (loss is not None and loss >= entry)
    if side is Side.SELL:
        wrong = profit >= entry or (loss is not None and loss <= entry)
    if wrong:
        need = "take_profit above and stop_loss below" if side is Side.BUY else "take_profit below and stop_loss above"
        raise UsageError(f"a {side.name.lower()} at {price} needs {need} its price, not {take_profit} and {stop_loss}")
