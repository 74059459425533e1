"""Orders and what became of them as text of the trail: from the command to the venue to the last fill.

It owns the wording of those records and nothing else. A fill tells its whole arithmetic (price, quantity, value, fee),
so that the ledger can be added up from the trail alone. Keys stand sorted in the templates of the hot records; the
encoder reads the first record of each kind back and checks it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.audit.known import BOOLEANS, LIQUIDITIES, SIDES, TIMES_IN_FORCE, TYPES, Desk, KnownOrder
from engine.audit.record import json_object, optional, quoted, resource, type_of_fragments, type_of_render
from engine.messages.control import AuditEvent
from engine.messages.market import Side
from engine.messages.orders import (
    AmendOrder,
    CancelAll,
    CancelOrder,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderCancelRejected,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderUnknown,
    QueryOrder,
    SubmitOrder,
    VenueOrder,
)
from hotpath.core.units import cost, money_text, proceeds

AFTER_ACCEPT = {'"IN_FLIGHT"': '"OPEN"', "null": '"OPEN"'}
AFTER_PART = {'"IN_FLIGHT"': '"PARTIAL"', '"OPEN"': '"PARTIAL"', "null": '"PARTIAL"'}
"""What an acceptance or a partial fill makes of a state; a state that is not named stays."""

type_of_report = (
    OrderAccepted
    | OrderFilled
    | OrderCanceled
    | OrderExpired
    | OrderRejected
    | OrderAmended
    | OrderCancelRejected
    | OrderUnknown
)


class OrderText:
    """Renders what we tell the venue about an order, and what came of it."""

    def __init__(self, desk: Desk) -> None:
        """Take the names and the orders at work."""
        self._desk = desk

    def renders(self) -> dict[type, type_of_render]:
        """Return the method for each message about an order."""
        return {
            SubmitOrder: self._submit,
            CancelOrder: self._cancel,
            CancelAll: self._cancel_all,
            AmendOrder: self._amend,
            QueryOrder: self._query,
            OrderAccepted: self._accepted,
            OrderFilled: self._filled,
            OrderCanceled: lambda event: self._ended(event.subject, "CANCELED"),
            OrderExpired: lambda event: self._ended(event.subject, "EXPIRED"),
            OrderRejected: self._rejected,
            OrderAmended: self._amended,
            OrderCancelRejected: self._cancel_rejected,
            OrderUnknown: self._unknown,
            VenueOrder: self._venue_order,
        }

    # ---- what we tell the venue

    def _submit(self, event: AuditEvent) -> type_of_fragments:
        submit: SubmitOrder = event.subject
        desk = self._desk
        index = submit.instrument
        scale = desk.instruments[index].scale
        price = scale.price_text(submit.price_ticks) if submit.price_ticks else ""
        quantity = scale.lots_text(submit.lots)
        side = SIDES[submit.side]
        order = desk.submitted(event.cause, submit.client_order_id)
        return (
            f'"submit {side} {quantity} {desk.bare_names[index]} at {price or "market"}"',
            f'"resource_type":"order","resource_id":"{submit.client_order_id}"',
            '{"state":"APPROVED"}',
            f'{{"price":{_price(price)},"quantity":"{quantity}","state":"IN_FLIGHT"}}',
            "null",
            order.correlation_id,
            (
                f'{{"approval":{order.approval},"instrument":{desk.names[index]},"intent":{order.intent_text},'
                f'"limits_version":{order.limits_version},"number":{submit.number},'
                f'"post_only":{BOOLEANS[submit.post_only]},"side":"{side}","strategy":{order.strategy_name},'
                f'"time_in_force":"{TIMES_IN_FORCE[submit.time_in_force]}","type":"{TYPES[submit.type]}"}}'
            ),
        )

    def _cancel(self, event: AuditEvent) -> type_of_fragments:
        cancel: CancelOrder = event.subject
        return self._command(cancel.client_order_id, cancel.instrument, "cancel", '"PENDING_CANCEL"', {}, {})

    def _query(self, event: AuditEvent) -> type_of_fragments:
        query: QueryOrder = event.subject
        order = self._desk.order(query.client_order_id)
        return self._command(query.client_order_id, query.instrument, "ask for", order.state, {}, {})

    def _amend(self, event: AuditEvent) -> type_of_fragments:
        amend: AmendOrder = event.subject
        scale = self._desk.instruments[amend.instrument].scale
        order = self._desk.order(amend.client_order_id)
        self._desk.also(order, amend.new_client_order_id)
        return self._command(
            amend.client_order_id,
            amend.instrument,
            "amend",
            '"PENDING_AMEND"',
            {"price": scale.price_text(amend.price_ticks), "quantity": scale.lots_text(amend.lots)},
            {"new_client_order_id": amend.new_client_order_id},
        )

    def _command(
        self,
        client_order_id: str,
        instrument: int,
        verb: str,
        state: str,
        after: dict[str, Any],
        metadata: dict[str, Any],
    ) -> type_of_fragments:
        """Render a command about an order that was submitted before."""
        order = self._desk.order(client_order_id)
        before = order.state
        self._desk.move(order, state)
        name, bare = self._desk.instrument_texts(instrument)
        return (
            f'"{verb} {client_order_id} of {bare}"',
            resource("order", client_order_id),
            f'{{"state":{before}}}',
            json_object({"state": _read(state), **after}),
            "null",
            order.correlation_id,
            json_object(
                {
                    "approval": _read(order.approval),
                    "instrument": _read(name),
                    "intent": _read(order.intent_text),
                    "side": _read(order.side),
                    "strategy": _read(order.strategy_name),
                    **metadata,
                }
            ),
        )

    def _cancel_all(self, event: AuditEvent) -> type_of_fragments:
        everything: CancelAll = event.subject
        one = everything.strategy >= 0
        name = self._desk.strategies[everything.strategy] if one else "null"
        return (
            f'"cancel every open order{f" of {name[1:-1]}" if one else ""}"',
            f'"resource_type":"{"strategy" if one else "desk"}","resource_id":{name}',
            '{"state":null}',
            '{"state":"PENDING_CANCEL"}',
            optional(everything.reason),
            "null",
            f'{{"approval":null,"instrument":null,"intent":null,"side":null,"strategy":{name}}}',
        )

    # ---- what came of it

    def _accepted(self, event: AuditEvent) -> type_of_fragments:
        report: OrderAccepted = event.subject
        desk = self._desk
        index = report.instrument
        scale = desk.instruments[index].scale
        price = scale.price_text(report.price_ticks) if report.price_ticks else ""
        order = desk.order(report.client_order_id)
        before = order.state
        after = AFTER_ACCEPT.get(before, before)
        desk.move(order, after)
        return (
            f'"accept {report.client_order_id} of {desk.bare_names[index]}"',
            f'"resource_type":"order","resource_id":"{report.client_order_id}"',
            f'{{"state":{before}}}',
            f'{{"price":{_price(price)},"quantity":"{scale.lots_text(report.lots)}","state":{after}}}',
            "null",
            desk.correlation(order, report.strategy, report.intent),
            (
                f'{{"approval":{report.approval},"instrument":{desk.names[index]},"intent":{report.intent},'
                f'"side":"{SIDES[report.side]}","strategy":{desk.strategies[report.strategy]}}}'
            ),
        )

    def _filled(self, event: AuditEvent) -> type_of_fragments:
        report: OrderFilled = event.subject
        desk = self._desk
        index = report.instrument
        scale = report.scale
        price = scale.price_text(report.price_ticks)
        quantity = scale.lots_text(report.lots)
        leaves_lots = report.leaves_lots
        value = (cost if report.side is Side.BUY else proceeds)(report.price_ticks, report.lots, scale)
        order = desk.order(report.client_order_id)
        before = order.state
        after = '"FILLED"' if report.done else AFTER_PART.get(before, before)
        if report.done:
            desk.forget(order)
        else:
            desk.move(order, after)
        side = SIDES[report.side]
        return (
            f'"fill {report.client_order_id}: {side} {quantity} {desk.bare_names[index]} at {price}"',
            f'"resource_type":"order","resource_id":"{report.client_order_id}"',
            f'{{"leaves":"{scale.lots_text(leaves_lots + report.lots)}","state":{before}}}',
            f'{{"leaves":"{scale.lots_text(leaves_lots)}","state":{after}}}',
            "null",
            desk.correlation(order, report.strategy, report.intent),
            (
                f'{{"approval":{report.approval},"base":{desk.bases[index]},"fee":"{money_text(report.fee)}",'
                f'"fee_currency":{optional(report.fee_currency)},"instrument":{desk.names[index]},"intent":{report.intent},'
                f'"liquidity":"{LIQUIDITIES[report.liquidity]}","price":"{price}","quantity":"{quantity}",'
                f'"quote":{desk.quotes[index]},"side":"{side}","strategy":{desk.strategies[report.strategy]},'
                f'"trade_id":{report.trade_id},"value":"{money_text(value)}"}}'
            ),
        )

    def _ended(self, report: OrderCanceled | OrderExpired, state: str) -> type_of_fragments:
        desk = self._desk
        index = report.instrument
        filled_lots = report.filled_lots
        filled = f'"{desk.instruments[index].scale.lots_text(filled_lots)}"' if filled_lots >= 0 else "null"
        order = desk.order(report.client_order_id)
        before = order.state
        desk.forget(order)
        return (
            f'"{report.client_order_id} of {desk.bare_names[index]} is {state}"',
            f'"resource_type":"order","resource_id":"{report.client_order_id}"',
            f'{{"state":{before}}}',
            f'{{"filled":{filled},"state":"{state}"}}',
            "null",
            desk.correlation(order, report.strategy, report.intent),
            (
                f'{{"approval":{report.approval},"instrument":{desk.names[index]},"intent":{report.intent},'
                f'"side":"{SIDES[report.side]}","strategy":{desk.strategies[report.strategy]}}}'
            ),
        )

    def _rejected(self, event: AuditEvent) -> type_of_fragments:
        report: OrderRejected = event.subject
        order = self._desk.order(report.client_order_id)
        state = '"REJECTED"' if report.sent else '"FAILED"'
        fragments = self._report(report, order, "reject", state, report.text, {}, code=report.code, sent=report.sent)
        self._desk.forget(order)
        return fragments

    def _amended(self, event: AuditEvent) -> type_of_fragments:
        report: OrderAmended = event.subject
        scale = self._desk.instruments[report.instrument].scale
        order = self._desk.order(report.client_order_id)
        self._desk.only(order, report.client_order_id)
        return self._report(
            report,
            order,
            "amend" if report.accepted else "do not amend",
            '"OPEN"',
            report.text,
            {"price": scale.price_text(report.price_ticks), "quantity": scale.lots_text(report.lots)},
            accepted=report.accepted,
        )

    def _cancel_rejected(self, event: AuditEvent) -> type_of_fragments:
        report: OrderCancelRejected = event.subject
        order = self._desk.order(report.client_order_id)
        after = '"OPEN"' if order.state == '"PENDING_CANCEL"' else order.state
        return self._report(report, order, "do not cancel", after, report.text, {}, code=report.code)

    def _unknown(self, event: AuditEvent) -> type_of_fragments:
        report: OrderUnknown = event.subject
        order = self._desk.order(report.client_order_id)
        return self._report(report, order, "lose sight of", '"UNKNOWN"', report.text, {})

    def _report(
        self,
        report: type_of_report,
        order: KnownOrder,
        verb: str,
        state: str,
        reason: str,
        after: dict[str, Any],
        **metadata: Any,
    ) -> type_of_fragments:
        """Render a report that is too rare for a template of its own."""
        desk = self._desk
        name, bare = desk.instrument_texts(report.instrument)
        before = order.state
        desk.move(order, state)
        return (
            f'"{verb} {report.client_order_id} of {bare}"',
            resource("order", report.client_order_id),
            f'{{"state":{before}}}',
            json_object({"state": _read(state), **after}),
            optional(reason),
            desk.correlation(order, report.strategy, report.intent),
            json_object(
                {
                    "approval": report.approval,
                    "instrument": _read(name),
                    "intent": report.intent,
                    "side": SIDES[report.side],
                    "strategy": _read(desk.strategies[report.strategy]),
                    **metadata,
                }
            ),
        )

    def _venue_order(self, event: AuditEvent) -> type_of_fragments:
        """Render what the venue says about an order that we asked about, or that it has and we have not."""
        found: VenueOrder = event.subject
        order = self._desk.order(found.client_order_id)
        scale = self._desk.instruments[found.instrument].scale
        name, bare = self._desk.instrument_texts(found.instrument)
        return (
            quoted(f"the venue says {found.status} of {found.client_order_id}")[:-1] + f' of {bare}"',
            resource("order", found.client_order_id),
            f'{{"state":{order.state}}}',
            json_object({"filled": scale.lots_text(found.filled_lots), "state": found.status}),
            "null",
            order.correlation_id,
            json_object(
                {
                    "approval": _read(order.approval),
                    "instrument": _read(name),
                    "intent": _read(order.intent_text),
                    "price": scale.price_text(found.price_ticks) if found.price_ticks else None,
                    "quantity": scale.lots_text(found.lots),
                    "side": SIDES[found.side],
                    "strategy": _read(order.strategy_name),
                    "venue_order_id": found.venue_order_id,
                }
            ),
        )


def _price(text: str) -> str:
    """Return a price as JSON; a market order has none."""
    return f'"{text}"' if text else "null"


def _read(text: str) -> Any:
    """Return what a JSON text says."""
    return msgspec.json.decode(text)
