"""Folding the trail: each record moves the state of the desk by what it says, and by nothing else.

It owns the meaning of records for money and orders. Executions count from order.fill alone; order.recovered tells how
one was found. It refuses to guess: a record that does not add up is an AuditError, and the start is not a normal one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.audit import policy_fold
from engine.audit.desk_state import DeskState, OrderState, PositionState
from engine.audit.fold_waiting import WAITING, fold_child, fold_child_fill, fold_waiting
from engine.audit.known import PERSON
from engine.audit.recent import forgive, note
from engine.audit.record import Record
from engine.audit.timestamps import timestamp_ns as timestamp_ns
from engine.errors import AuditError
from engine.instruments import Instruments
from engine.messages.control import Action
from engine.messages.market import Side
from hotpath.core.units import Scale, lots_to_money, money
from hotpath.orders.position import Position
from hotpath.orders.slippage import slippage_cost

FINISHED_MAX = 1_024
"""Orders that are over and still remembered; a venue shows executions of the last minutes, not of last year."""

KILL_LEVELS = ("instrument", "venue")
"""What can be killed beside everything; a strategy is disabled."""
TAKERS_MAX = 4_096
"""Decisions to trade at once of which no order has left yet: most of them in one turn, the others were denied."""

OVER = frozenset({"FILLED", "CANCELED", "EXPIRED", "REJECTED", "FAILED"})
VENUE_STATES = {"NEW": "OPEN", "PARTIALLY_FILLED": "PARTIAL"}


class Fold:
    """The state of the desk as records go by."""

    def __init__(self, instruments: Instruments, state: DeskState | None = None) -> None:
        """Go on from a state; the instruments give the scales of those that are configured."""
        self.state = state if state is not None else DeskState()
        self._scales = {instrument.name: instrument.scale for instrument in instruments}
        self._steps_money = {each.name: lots_to_money(each.quantity_step_lots, each.scale) for each in instruments}
        self._takers: dict[tuple[str, int], int] = {}
        self._positions: dict[str, Position] = {}
        for name, decimals in self.state.scales.items():
            self._scales.setdefault(name, Scale(*decimals))
        for name, kept in self.state.positions.items():
            self._positions[name] = Position(
                self._scales[name], kept.base, kept.quote, kept.lots, kept.cost, kept.realised, kept.base_rest
            )
        self._steps: dict[str, Callable[[Record, dict[str, Any], dict[str, Any]], None]] = {
            Action.SYSTEM_START.value: self._start,
            Action.SYSTEM_STOP.value: self._stop,
            Action.STATE_CHANGE.value: self._state_change,
            Action.EMERGENCY_TRIGGERED.value: self._emergency,
            Action.EMERGENCY_RECOVERED.value: self._rearmed,
            Action.STRATEGY_DISABLE.value: self._disable,
            Action.STRATEGY_ENABLE.value: self._enable,
            **dict.fromkeys(policy_fold.DECISIONS, self._decision),
            Action.TRADE_DECISION.value: self._decide,
            Action.TRADE_MODIFY.value: self._decide,
            Action.TRADE_CLOSE.value: self._close,
            Action.ORDER_APPROVE.value: self._approve,
            Action.ORDER_SUBMIT.value: self._submit,
            Action.ORDER_ACCEPT.value: self._accept,
            Action.ORDER_MODIFY.value: self._modify,
            Action.ORDER_CANCEL.value: self._move,
            Action.ORDER_EXPIRE.value: self._move,
            Action.ORDER_REJECT.value: self._move,
            Action.ORDER_UNKNOWN.value: self._move,
            Action.ORDER_FILL.value: self._fill,
            Action.ORDER_RECOVERED.value: self._recovered,
        }

    def add(self, record: Record) -> None:
        """Take the next record. AuditError when it is not the next one, or does not add up."""
        state = self.state
        if record.seq != state.seq + 1:
            raise AuditError(
                f"record {record.seq} follows {state.seq}: the desk cannot be rebuilt; run 'tiercel audit verify'"
            )
        day = record.timestamp[:10]
        if day > state.day:
            state.day, state.day_equity, state.day_orders = day, None, 0
            state.day_realised, state.day_fees, state.day_traded, state.day_slippage = {}, {}, {}, {}
            state.day_unrealised = 0
        step = self._steps.get(record.action) if record.resource_type != WAITING else self._waiting
        if step is not None:
            try:
                after, metadata = record.after_state or {}, record.metadata or {}
                step(record, after, metadata)
                note(self.state, record, after, metadata, timestamp_ns(record.timestamp))
            except (KeyError, TypeError, ValueError, OverflowError) as error:
                raise AuditError(
                    f"record {record.seq} ({record.action}) does not add up: {error!r}; the desk cannot be rebuilt"
                ) from error
        state = self.state  # a step may have begun a new one
        state.seq, state.head, state.time_ns = record.seq, record.hash, timestamp_ns(record.timestamp)

    def result(self) -> DeskState:
        """Return the state, positions included; what a backtest disabled is left out."""
        if self.state.mode == "backtest":
            self.state.disabled = dict(self.state.disabled_before)
        for name, position in self._positions.items():
            self.state.positions[name] = PositionState(
                position.base,
                position.quote,
                position.lots,
                position.cost,
                position.realised,
                position.base_rest,
            )
        return self.state

    # ---- runs, states, people

    def _start(self, _record: Record, _after: dict[str, Any], metadata: dict[str, Any]) -> None:
        if metadata.get("fresh_account") is True:
            self._forget_account()
        state = self.state
        state.mode = metadata["mode"]
        state.disabled_before = dict(state.disabled)
        self.state.epoch = metadata["epoch"]
        self.state.last_number = 0
        self.state.clean_stop = False
        policy_fold.begin(self.state, metadata)

    def _forget_account(self) -> None:
        """Begin the ledger anew."""
        self._positions.clear()
        self.state = self.state.without_account()

    def _stop(self, _record: Record, _after: dict[str, Any], metadata: dict[str, Any]) -> None:
        self.state.clean_stop = metadata["clean"] is True
        if metadata.get("peak_equity") is not None:
            self.state.peak_equity = _money(metadata["peak_equity"])

    def _state_change(self, record: Record, after: dict[str, Any], _metadata: dict[str, Any]) -> None:
        state = self.state
        if record.resource_type == "ledger":
            for asset, text in after["balances"].items():
                balance = money(text)
                state.opening[asset] = state.opening.get(asset, 0) + balance - state.ledger.get(asset, 0)
                state.ledger[asset] = balance
        elif record.resource_type == "day":
            state.currency = after["currency"]
            state.day_equity = _money(after["equity"])
            state.peak_equity = _money(after["peak_equity"])
            state.day_unrealised = _money(after.get("unrealised")) or 0
        else:
            state.trading_state = after["state"]

    def _emergency(self, record: Record, _after: dict[str, Any], _metadata: dict[str, Any]) -> None:
        if record.resource_type in KILL_LEVELS:
            self.state.killed[f"{record.resource_type} {record.resource_id}"] = record.reason or ""
            return
        self.state.latched = True
        self.state.latch_reason = record.reason or ""

    def _rearmed(self, record: Record, _after: dict[str, Any], _metadata: dict[str, Any]) -> None:
        if record.resource_type in KILL_LEVELS:
            self.state.killed.pop(f"{record.resource_type} {record.resource_id}", None)
            return
        self.state.latched = False
        self.state.latch_reason = ""

    def _disable(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        self.state.disabled[record.resource_id or ""] = record.reason or ""
        policy_fold.decide(self.state, record, after, metadata)

    def _enable(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        self.state.disabled.pop(record.resource_id or "", None)
        forgive(self.state, record.resource_id or "")
        policy_fold.decide(self.state, record, after, metadata)

    def _decision(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        policy_fold.decide(self.state, record, after, metadata)

    # ---- intents

    def _decide(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        strategy = metadata["strategy"]
        if strategy is not None and record.resource_type == "intent":
            intent = max(metadata["intent"], metadata.get("amendment", 0))
            self.state.last_intents[strategy] = max(intent, self.state.last_intents.get(strategy, 0))
            if metadata.get("terms", {}).get("fired_by"):
                fold_child(self.state, metadata)
            mid_ticks_twice = self._mid_of_taker(after, metadata)
            if mid_ticks_twice:
                if len(self._takers) >= TAKERS_MAX:
                    del self._takers[next(iter(self._takers))]
                self._takers[strategy, metadata["intent"]] = mid_ticks_twice

    def _mid_of_taker(self, after: dict[str, Any], metadata: dict[str, Any]) -> int:
        """Return twice the mid of a decision to trade at once, else 0; the rule is that of actors.risk.slippage."""
        quote, scale = metadata.get("quote"), self._scales.get(metadata["instrument"])
        if not quote or scale is None or metadata.get("post_only", True):
            return 0
        bid_ticks, ask_ticks = scale.price_ticks(quote["bid"]), scale.price_ticks(quote["ask"])
        price = after["price"]
        if price is not None:
            price_ticks = scale.price_ticks(price)
            if price_ticks < ask_ticks if metadata["side"] == "BUY" else price_ticks > bid_ticks:
                return 0
        return bid_ticks + ask_ticks if bid_ticks and ask_ticks else 0

    def _close(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        if record.resource_type == "position":
            self.state.losses_in_row = after["losses_in_row"]
            self.state.closing.pop(metadata["instrument"], None)

    def _approve(self, _record: Record, _after: dict[str, Any], metadata: dict[str, Any]) -> None:
        if "amendment" not in metadata and "waits" not in metadata:  # what waits is no order of the day yet
            self.state.day_orders += 1

    def _waiting(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        instrument, quantity = metadata.get("instrument"), after.get("quantity")
        if instrument is not None and quantity is not None:
            fold_waiting(self.state, record, self._scale(instrument, after["price"], quantity))

    # ---- orders

    def _submit(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        scale = self._scale(metadata["instrument"], after["price"], after["quantity"])
        order_id = record.resource_id or ""
        self.state.last_number = max(self.state.last_number, metadata["number"])
        self.state.orders[order_id] = OrderState(
            client_order_id=order_id,
            strategy=_strategy(metadata),
            intent=metadata["intent"] or 0,
            instrument=metadata["instrument"],
            side=metadata["side"],
            type=metadata["type"],
            time_in_force=metadata["time_in_force"],
            post_only=metadata["post_only"],
            price_ticks=scale.price_ticks(after["price"]) if after["price"] is not None else 0,
            lots=scale.lots(after["quantity"]),
            state=after["state"],
            sent_ns=timestamp_ns(record.timestamp),
            correlation_id=record.correlation_id or "",
            mid_ticks_twice=self._takers.pop((metadata["strategy"], metadata["intent"]), 0),
            approval=metadata["approval"] or 0,
        )

    def _accept(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        order = self._find(record)
        if order is not None:
            order.accepted = True
        self._move(record, after, metadata)

    def _modify(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        order = self._find(record)
        if order is None:
            return
        if after["state"] == "PENDING_AMEND":
            order.pending_id = metadata.get("new_client_order_id", "")
        elif "accepted" in metadata:
            if record.resource_id != order.client_order_id:
                order.other_ids.append(order.client_order_id)
                del self.state.orders[order.client_order_id]
                order.client_order_id = record.resource_id or ""
                self.state.orders[order.client_order_id] = order
            elif order.pending_id:  # refused; its id may still be told of
                order.other_ids.append(order.pending_id)
            order.pending_id = ""
            scale = self._scales[order.instrument]
            order.price_ticks, order.lots = scale.price_ticks(after["price"]), scale.lots(after["quantity"])
        self._move(record, after, metadata)

    def _move(self, record: Record, after: dict[str, Any], _metadata: dict[str, Any]) -> None:
        order = self._find(record)
        if order is None or after["state"] is None:
            return
        order.state = after["state"]
        if order.state in OVER:
            self._finish(self.state.orders.pop(order.client_order_id))

    def _finish(self, order: OrderState) -> None:
        finished = self.state.finished
        finished[order.client_order_id] = order
        if len(finished) > FINISHED_MAX:
            del finished[next(iter(finished))]

    def _recovered(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        """Take up an order that the venue has and the trail had not: its records were lost with a turn.

        One that is over already is remembered, too: its executions follow, and the venue will show them again.
        """
        order_id = record.resource_id or ""
        if self._find(record) is not None or order_id in self.state.finished or metadata.get("quantity") is None:
            return
        scale = self._scale(metadata["instrument"], metadata["price"], metadata["quantity"])
        self.state.day_orders += 1
        status = after["state"]
        if status not in VENUE_STATES and status not in OVER:
            return
        order = OrderState(
            client_order_id=order_id,
            strategy=_strategy(metadata),
            intent=metadata["intent"] or 0,
            instrument=metadata["instrument"],
            side=metadata["side"],
            type="LIMIT",
            time_in_force="GTC",
            post_only=False,
            price_ticks=scale.price_ticks(metadata["price"]) if metadata["price"] is not None else 0,
            lots=scale.lots(metadata["quantity"]),
            state=VENUE_STATES.get(status, status),
            sent_ns=timestamp_ns(record.timestamp),
            accepted=True,
        )
        if status in OVER:
            self._finish(order)
        else:
            self.state.orders[order_id] = order

    def _fill(self, record: Record, after: dict[str, Any], metadata: dict[str, Any]) -> None:
        name = metadata["instrument"]
        scale = self._scale(name, metadata["price"], metadata["quantity"])
        base, quote, side = metadata["base"], metadata["quote"], Side[metadata["side"]]
        lots, fee = scale.lots(metadata["quantity"]), money(metadata["fee"])
        currency, trade_id = metadata["fee_currency"], metadata["trade_id"]
        position = self._positions.get(name)
        if position is None:
            position = self._positions[name] = Position(scale, base, quote)
        lots_before = position.lots
        realised = position.fill(side, scale.price_ticks(metadata["price"]), lots, fee, currency or "")
        state = self.state
        trade = state.trades.setdefault(name, {})
        _add(trade, quote, realised)
        if currency is not None and fee:
            _add(trade, currency, -fee)
        if lots_before and lots_before * position.lots <= 0:
            state.closing[name] = state.trades.pop(name)
        _add(state.day_traded, quote, money(metadata["value"]))
        _add(state.ledger, base, side * money(metadata["quantity"]))
        _add(state.ledger, quote, -side * money(metadata["value"]))
        _add(state.day_realised, quote, realised)
        if currency is not None:
            for amounts, amount in ((state.ledger, -fee), (state.fees, fee), (state.day_fees, fee)):
                _add(amounts, currency, amount)
        own = state.held.setdefault(metadata["strategy"] or "", {})
        before = own.get(name, 0)
        _add(own, name, side * money(metadata["quantity"]) - (fee if currency == base else 0))
        if state.waiting:
            fold_child_fill(state, metadata, lots)
        since = state.held_since.setdefault(metadata["strategy"] or "", {})
        if abs(own[name]) < self._steps_money.get(name, 1):
            since.pop(name, None)
        elif name not in since or before * own[name] < 0:
            since[name] = timestamp_ns(record.timestamp)
        state.last_trade_ids[name] = max(trade_id, state.last_trade_ids.get(name, trade_id))
        order = self._find(record) or state.finished.get(record.resource_id or "")
        if order is not None:
            order.accepted = True
            order.filled_lots += lots
            order.trade_ids.append(trade_id)
            if order.mid_ticks_twice and metadata["liquidity"] == "TAKER":
                price_ticks = scale.price_ticks(metadata["price"])
                _add(state.day_slippage, quote, slippage_cost(side, price_ticks, lots, order.mid_ticks_twice, scale))
        self._move(record, after, metadata)

    def _find(self, record: Record) -> OrderState | None:
        """Return the order that is not over and that a record is about, by any of its ids."""
        order_id = record.resource_id or ""
        order = self.state.orders.get(order_id)
        if order is not None or not order_id:
            return order
        return next((known for known in self.state.orders.values() if known.pending_id == order_id), None)

    def _scale(self, name: str, price: str | None, quantity: str) -> Scale:
        """Return the scale of an instrument; one that is not configured any more is read off the digits."""
        scale = self._scales.get(name)
        if scale is None:
            scale = self._scales[name] = Scale(_decimals(price or ""), _decimals(quantity))
        if name not in self.state.scales:
            self.state.scales[name] = (scale.price_decimals, scale.quantity_decimals)
        return scale


def _strategy(metadata: dict[str, Any]) -> str:
    strategy = metadata["strategy"]
    return strategy if strategy is not None and strategy != PERSON else ""


def _money(text: str | None) -> int | None:
    """Return an amount; a day may begin before its first mark."""
    return None if text is None else money(text)


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])


def _add(amounts: dict[str, int], name: str, amount: int) -> None:
    amounts[name] = amounts.get(name, 0) + amount
