"""Portfolio: what the desk owns, what it holds, what it earned. Derived from fills, marks and the venue's balances.

Ledger, positions and the day's profit are integers in their own currencies; risk currency is for showing. It approves
nothing and limits nothing. When a person asks to flatten, it says which orders would do it, and risk judges them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from actors.portfolio.agreement import Agreement
from actors.portfolio.day import PARTS, Day
from actors.portfolio.flatten import Flatten
from actors.portfolio.hold_time import HoldTime
from actors.portfolio.ledger import Ledger
from actors.portfolio.reconcile import Transfer
from actors.portfolio.trade_records import TradeRecords, price_text
from actors.portfolio.trades import Trades
from actors.portfolio.valuation import Valuation
from engine.audit.desk_state import DeskState
from engine.clock import NS_PER_SECOND
from engine.config.risk import RiskLimits, risk_currency
from engine.instruments import Instrument, Instruments
from engine.messages.control import Account, Action, FlattenRequest, LimitsChanged, PeakReset, Reconciled, Start, Stop
from engine.messages.market import Mark, Side
from engine.messages.reports import Balances, OrderFilled
from engine.runtime.actor import Actor, Ref, type_of_handlers
from hotpath.core.units import cost, lots_to_money, money_text, proceeds
from hotpath.orders.position import Position

PERSON = "operator"


class _Second(Struct, frozen=True, gc=False):
    """A second has passed."""


class Portfolio(Actor):
    """Keeps ledger, positions and profit."""

    risk: Ref
    safety: Ref
    orders: Ref
    strategies: Sequence[Ref]

    def __init__(
        self,
        instruments: Instruments,
        strategy_names: Sequence[str],
        limits: RiskLimits,
        state: DeskState | None = None,
        limits_version: int = 1,
    ) -> None:
        """Take up what earlier runs left.

        Args:
            instruments: of the run.
            strategy_names: in the order of their indices.
            limits: the risk currency, whether inventory is adopted, how positions are closed.
            state: ledger, positions and day of earlier runs; None before the first run.
            limits_version: the number of these limits, for records.
        """
        state = state or DeskState()
        self.instruments = instruments
        self.valuation = Valuation(instruments, risk_currency(instruments, limits))
        self.ledger = Ledger(state.ledger, state.opening)
        self.agreement = Agreement(self.ledger, self._book_transfers)
        self.day = Day(state)
        self.trades = Trades(state)
        self._told_equity: int | None = None
        self.positions = [_position(each, state) for each in instruments]
        self.realised: dict[str, int] = {}
        """Of this run, by quote currency, before fees."""
        self.fees: dict[str, int] = {}
        """Of this run, by the currency that they were charged in."""
        self.names = [*strategy_names, PERSON]
        by_name = {each.name: each.index for each in instruments}
        self._held: list[dict[int, int]] = [
            {by_name[key]: money for key, money in state.held.get(name, {}).items() if key in by_name}
            for name in self.names
        ]
        self._adopting = limits.adopt
        self._flatten = Flatten(self, limits)
        self._trade_records = TradeRecords(self)
        since = {
            (index, by_name[key]): since_ns
            for index, name in enumerate(strategy_names)
            for key, since_ns in state.held_since.get(name, {}).items()
            if key in by_name
        }
        self._hold_time = HoldTime(self, limits.hold_time_s, limits_version, since)

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return {
            Start: self.on_start,
            Stop: self.on_stop,
            OrderFilled: self.on_filled,
            Mark: self.on_mark,
            Balances: self.on_balances,
            Reconciled: self.on_reconciled,
            FlattenRequest: self._flatten.on_request,
            PeakReset: self.on_peak_reset,
            LimitsChanged: self.on_limits_changed,
            _Second: self.on_second,
        }

    def on_start(self, _: Start) -> None:
        """Begin the day, or go on with it."""
        self.day.turn(self.context.now_ns)
        self.context.every(NS_PER_SECOND, _Second())

    def on_stop(self, _: Stop) -> None:
        """Leave the baselines in the trail as they are at the end."""
        self._flatten.end()
        if self.day.equity is not None:
            self._record_day("the run ends")

    def on_limits_changed(self, change: LimitsChanged) -> None:
        """Close positions by other limits from now on."""
        self._flatten.set_limits(change.limits)
        self._hold_time.set_limit(change.limits.hold_time_s, change.version)

    def on_filled(self, fill: OrderFilled) -> None:
        """Book an execution."""
        self.day.turn(self.context.now_ns)
        instrument = self.instruments[fill.instrument]
        position = self.positions[fill.instrument]
        lots_before, average_before, losses_before = position.lots, position.average_price, self.trades.losses_in_row
        realised = position.fill(fill.side, fill.price_ticks, fill.lots, fill.fee, fill.fee_currency)
        pay = cost if fill.side is Side.BUY else proceeds
        value = pay(fill.price_ticks, fill.lots, instrument.scale)
        self.ledger.move(instrument.quote, -fill.side * value)
        self.ledger.move(instrument.base, fill.side * lots_to_money(fill.lots, instrument.scale))
        self.realised[instrument.quote] = self.realised.get(instrument.quote, 0) + realised
        if fill.fee:
            self.ledger.move(fill.fee_currency, -fill.fee)
            self.fees[fill.fee_currency] = self.fees.get(fill.fee_currency, 0) + fill.fee
        self.day.add(instrument.quote, value, realised, fill.fee_currency, fill.fee)
        self.trades.add(instrument.name, {instrument.quote: realised})
        if fill.fee:
            self.trades.add(instrument.name, {fill.fee_currency: -fill.fee})
        base_fee = fill.fee if fill.fee_currency == instrument.base else 0
        own = self._held[fill.strategy]
        bought = fill.side * lots_to_money(fill.lots, instrument.scale)
        before = own.get(instrument.index, 0)
        own[instrument.index] = before + bought - base_fee
        self._hold_time.on_filled(fill.strategy, instrument, before, before + bought - base_fee, self.context.now_ns)
        self._trade_records.record(fill, lots_before, average_before, realised)
        if self.trades.losses_in_row > losses_before and self._told_equity is not None:
            equity = self.equity
            if equity is not None:
                self._tell_account(equity, self.context.now_ns)

    def on_mark(self, mark: Mark) -> None:
        """Value everything at a new mid; the first one of a day is where its profit begins."""
        now_ns = self.context.now_ns
        self.day.turn(now_ns)
        self.valuation.mark(mark.instrument, mark.mid_ticks_twice)
        if self._adopting:
            self._adopt()
        equity = self._see(now_ns)
        told = self._told_equity
        if equity is not None and (told is None or (told - equity) * PARTS > abs(told)):
            self._tell_account(equity, now_ns)

    def on_balances(self, balances: Balances) -> None:
        """Note what the venue says we own; the first word of it opens the ledger."""
        if self.ledger.hear(balances.balances):
            self._record_ledger(self.ledger.balances, "opening balances")

    def on_reconciled(self, reconciled: Reconciled) -> None:
        """Orders agree with the venue, or do not: see whether the money does."""
        self.agreement.hear(self.context, reconciled)

    def on_second(self, _: _Second) -> None:
        """Look again where money differs, tell strategies the account, and go on flattening."""
        self.day.turn(self.context.now_ns)
        self.agreement.look_again(self.context)
        now_ns = self.context.now_ns
        equity = self._see(now_ns)
        if equity is not None:
            self._tell_account(equity, now_ns)
        self._flatten.go_on()
        self._hold_time.look(self.context.now_ns)

    def close(self, instrument: Instrument, held: int, strategy: int) -> bool:
        """Ask risk for the order that closes so many lots of a strategy's; False when no order could."""
        return self._flatten.close(instrument, held, strategy)

    def name_of(self, strategy: int) -> str:
        """Return the name of a strategy; -1 is a person."""
        return self.names[strategy]

    def on_peak_reset(self, reset: PeakReset) -> None:
        """Count drawdown from the equity of now on; without one the peak stays."""
        equity = self.equity if self.ledger.opened else None
        if equity is not None:
            self.day.peak_equity = equity
            self._record_day(f"peak reset by {reset.user}")
            self._tell_account(equity, self.context.now_ns)

    def _see(self, now_ns: int) -> int | None:
        """Bring the baselines up to date and return equity; None before the ledger began or when nobody knows."""
        equity = self.equity if self.ledger.opened else None
        if equity is not None:
            if self.day.equity is None:
                self.day.begin(self.unrealised)
            if self.day.see(equity, now_ns):
                self._record_day("")
        return equity

    def _tell_account(self, equity: int, now_ns: int) -> None:
        """Tell everyone who decides by it what the account is."""
        day, worth = self.day, self.valuation.known_total
        self._told_equity = equity
        realised, unrealised, fees = worth(day.realised), self.unrealised, worth(day.fees)
        account = Account(
            equity=equity,
            realised=realised,
            unrealised=unrealised,
            fees=fees,
            time_ns=now_ns,
            day_equity=equity if day.equity is None else day.equity,
            peak_equity=equity if day.peak_equity is None else day.peak_equity,
            losses_in_row=self.trades.losses_in_row,
            day_result=realised + unrealised - day.unrealised - fees,
            traded_today=worth(day.traded),
        )
        self.risk.tell(account)
        self.safety.tell(account)
        for strategy in self.strategies:
            strategy.tell(account)  # a strategy that is behind hears the next one

    @property
    def equity(self) -> int | None:
        """Every balance at its mark, in risk currency; None while the worth of one is not known."""
        return self.valuation.total(self.ledger.balances)

    @property
    def unrealised(self) -> int:
        """What closing every position at its mark would realise, in risk currency; those without a mark not counted."""
        return sum(self._unrealised(instrument) or 0 for instrument in self.instruments)

    @property
    def peak_equity(self) -> int | None:
        """The highest equity since the ledger began."""
        return self.day.peak_equity

    def held(self, strategy: int) -> dict[int, int]:
        """Return what a strategy holds by instrument, in 1e-8 of the base currency; fills while it was stopped count.

        A host that was stopped hears nothing any more, so what its last orders filled is known here alone.
        """
        return dict(self._held[strategy])

    def difference(self, balances: dict[str, int] | None = None) -> list[str]:
        """Return a line for each asset in which ledger and venue differ; none when they are equal to the last unit.

        Args:
            balances: the venue's, money of 1e-8 by asset; None takes what it said last.
        """
        return self.ledger.words(self.ledger.venue if balances is None else balances)

    def summary(self) -> dict[str, Any]:
        """Return positions and profit as text: `pnl` of this run, `day` since midnight UTC."""
        valuation = self.valuation
        return {
            "positions": [
                self._row(instrument) for instrument in self.instruments if self.positions[instrument.index].lots
            ],
            "pnl": {
                "currency": valuation.currency,
                "realised": money_text(valuation.known_total(self.realised)),
                "unrealised": money_text(self.unrealised),
                "fees": money_text(valuation.known_total(self.fees)),
            },
            "day": {
                "date": self.day.date,
                "realised": money_text(valuation.known_total(self.day.realised)),
                "fees": money_text(valuation.known_total(self.day.fees)),
                "equity": _text(self.day.equity),
            },
            "equity": _text(self.equity),
            "peak_equity": _text(self.day.peak_equity),
        }

    def _row(self, instrument: Instrument) -> dict[str, str]:
        position = self.positions[instrument.index]
        return {
            "instrument": instrument.name,
            "quantity": instrument.scale.lots_text(position.lots),
            "average_price": price_text(position.average_price),
            "unrealised": _text(self._unrealised(instrument)) or "0",
        }

    def _unrealised(self, instrument: Instrument) -> int | None:
        twice = self.valuation.mid_ticks_twice(instrument.index)
        position = self.positions[instrument.index]
        if twice is None or not position.lots:
            return None
        return self.valuation.worth(instrument.quote, position.unrealised(twice))

    def _adopt(self) -> None:
        """Make positions of the balances that the ledger began with, as if they were bought at the mark."""
        found = dict(self.ledger.opening)
        mids = [self.valuation.mid_ticks_twice(each.index) for each in self.instruments]
        if not self.ledger.opened or None in mids:
            return
        self._adopting = False
        for instrument, twice in zip(self.instruments, mids, strict=True):
            lots = found.pop(instrument.base, 0) // lots_to_money(1, instrument.scale)
            if lots > 0 and twice is not None:
                self.positions[instrument.index].fill(Side.BUY, max(twice // 2, 1), lots)

    def _book_transfers(self, transfers: list[Transfer]) -> None:
        """Move ledger and baselines by what came or went without a trade."""
        for transfer in transfers:
            self.ledger.transfer(transfer.asset, transfer.money)
        self.day.shift(self.valuation.known_total({each.asset: each.money for each in transfers}))
        self._record_ledger(
            {each.asset: self.ledger.balances[each.asset] for each in transfers},
            "transfers found by reconciliation",
            {"corrections": [each.identity for each in transfers]},
        )

    def _record_ledger(self, balances: dict[str, int], reason: str, metadata: dict[str, Any] | None = None) -> None:
        after = {"balances": {asset: money_text(money) for asset, money in sorted(balances.items())}}
        self.context.record(
            Action.STATE_CHANGE,
            "ledger",
            self.valuation.currency,
            before={},
            after=after,
            reason=reason,
            metadata=metadata,
        )

    def _record_day(self, reason: str) -> None:
        after = {
            "currency": self.valuation.currency,
            "equity": _text(self.day.equity),
            "peak_equity": _text(self.day.peak_equity),
            "unrealised": money_text(self.day.unrealised),
        }
        self.context.record(Action.STATE_CHANGE, "day", self.day.date, before={}, after=after, reason=reason)


def _position(instrument: Instrument, state: DeskState) -> Position:
    kept = state.positions.get(instrument.name)
    if kept is None:
        return Position(instrument.scale, instrument.base, instrument.quote)
    return Position(
        instrument.scale, instrument.base, instrument.quote, kept.lots, kept.cost, kept.realised, kept.base_rest
    )


def _text(money: int | None) -> str | None:
    return None if money is None else money_text(money)
