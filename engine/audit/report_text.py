"""Reports of the venue as text of the trail: what came of an order.

It owns the wording of those records and nothing else. A fill tells its whole arithmetic (price, quantity, value, fee),
so that the ledger can be added up from the trail alone. Keys stand sorted in the words, because nothing sorts them
later; the encoder reads the first record of each kind back and checks it.
"""

from __future__ import annotations

from typing import Any

from engine.audit.known import FILLED, LIQUIDITIES, SIDES, Desk, KnownOrder, said
from engine.audit.record import (
    AS_RENDERED,
    Words,
    json_object,
    optional,
    resource,
    type_of_rendering,
    type_of_values,
)
from engine.messages.market import Side
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
from hotpath.core.fact import AuditEvent
from hotpath.core.units import cost, money_text, proceeds

NOT_WORKING_YET = ('"IN_FLIGHT"', '"UNKNOWN"', "null")
"""The states that an acceptance changes: the order works."""
AFTER_PART = {'"IN_FLIGHT"': '"PARTIAL"', '"OPEN"': '"PARTIAL"', "null": '"PARTIAL"'}
"""What a partial fill makes of a state; a state that is not named stays."""

ENDED = ('"CANCELED"', '"EXPIRED"', '"REJECTED"', '"FAILED"')
"""The states that an execution, told late, does not change."""

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


ACCEPT = Words(
    "order bare name before after mark price quantity correlation approval intent side strategy",
    '"accept <order> of <bare>"',
    '"resource_type":"order","resource_id":"<order>"',
    '{"state":<before>}',
    '{"price":<mark><price><mark>,"quantity":"<quantity>","state":<after>}',
    "null",
    "<correlation>",
    '{"approval":<approval>,"instrument":<name>,"intent":<intent>,"side":"<side>","strategy":<strategy>}',
)
FILL = Words(
    "order bare name side price quantity leaves_before leaves before after correlation approval base quote fee "
    "fee_currency intent liquidity strategy trade_id value",
    '"fill <order>: <side> <quantity> <bare> at <price>"',
    '"resource_type":"order","resource_id":"<order>"',
    '{"leaves":"<leaves_before>","state":<before>}',
    '{"leaves":"<leaves>","state":<after>}',
    "null",
    "<correlation>",
    '{"approval":<approval>,"base":<base>,"fee":"<fee>","fee_currency":<fee_currency>,"instrument":<name>,'
    '"intent":<intent>,"liquidity":"<liquidity>","price":"<price>","quantity":"<quantity>","quote":<quote>,'
    '"side":"<side>","strategy":<strategy>,"trade_id":<trade_id>,"value":"<value>"}',
)
END = Words(
    "order bare name before state filled correlation approval intent side strategy",
    '"<order> of <bare> is <state>"',
    '"resource_type":"order","resource_id":"<order>"',
    '{"state":<before>}',
    '{"filled":<filled>,"state":"<state>"}',
    "null",
    "<correlation>",
    '{"approval":<approval>,"instrument":<name>,"intent":<intent>,"side":"<side>","strategy":<strategy>}',
)


class ReportText:
    """Renders what came of an order."""

    def __init__(self, desk: Desk) -> None:
        """Take the names and the orders at work."""
        self._desk = desk

    def renderings(self) -> dict[type, type_of_rendering]:
        """Return words and method for each report."""
        return {
            OrderAccepted: (ACCEPT, self._accepted),
            OrderFilled: (FILL, self._filled),
            OrderCanceled: (END, lambda event: self._ended(event.subject, "CANCELED")),
            OrderExpired: (END, lambda event: self._ended(event.subject, "EXPIRED")),
            OrderRejected: (AS_RENDERED, self._rejected),
            OrderAmended: (AS_RENDERED, self._amended),
            OrderCancelRejected: (AS_RENDERED, self._cancel_rejected),
            OrderUnknown: (AS_RENDERED, self._unknown),
        }

    def _accepted(self, event: AuditEvent) -> type_of_values:
        report: OrderAccepted = event.subject
        desk = self._desk
        index = report.instrument
        scale = desk.instruments[index].scale
        order = desk.order(report.client_order_id)
        before = order.state
        after = order.working if before in NOT_WORKING_YET else before
        desk.move(order, after)
        return (
            report.client_order_id,
            desk.bare_names[index],
            desk.names[index],
            before,
            after,
            '"' if report.price_ticks else "",
            scale.price_text(report.price_ticks) if report.price_ticks else "null",
            scale.lots_text(report.lots),
            desk.correlation(order, report.strategy, report.intent),
            report.approval,
            report.intent,
            SIDES[report.side],
            desk.strategies[report.strategy],
        )

    def _filled(self, event: AuditEvent) -> type_of_values:
        report: OrderFilled = event.subject
        desk = self._desk
        index = report.instrument
        scale = report.scale
        leaves_lots = report.leaves_lots
        value = (cost if report.side is Side.BUY else proceeds)(report.price_ticks, report.lots, scale)
        order = desk.order(report.client_order_id)
        before = order.state
        if before in ENDED:
            after = before
        elif report.done:
            after = FILLED
            desk.forget(order)
        else:
            after = AFTER_PART.get(before, before)
            desk.part(order)
            desk.move(order, after)
        return (
            report.client_order_id,
            desk.bare_names[index],
            desk.names[index],
            SIDES[report.side],
            scale.price_text(report.price_ticks),
            scale.lots_text(report.lots),
            scale.lots_text(leaves_lots + report.lots),
            scale.lots_text(leaves_lots),
            before,
            after,
            desk.correlation(order, report.strategy, report.intent),
            report.approval,
            desk.bases[index],
            desk.quotes[index],
            money_text(report.fee),
            optional(report.fee_currency),
            report.intent,
            LIQUIDITIES[report.liquidity],
            desk.strategies[report.strategy],
            report.trade_id,
            money_text(value),
        )

    def _ended(self, report: OrderCanceled | OrderExpired, state: str) -> type_of_values:
        desk = self._desk
        index = report.instrument
        filled_lots = report.filled_lots
        order = desk.order(report.client_order_id)
        before = order.state
        desk.end(order, f'"{state}"')
        return (
            report.client_order_id,
            desk.bare_names[index],
            desk.names[index],
            before,
            state,
            f'"{desk.instruments[index].scale.lots_text(filled_lots)}"' if filled_lots >= 0 else "null",
            desk.correlation(order, report.strategy, report.intent),
            report.approval,
            report.intent,
            SIDES[report.side],
            desk.strategies[report.strategy],
        )

    def _rejected(self, event: AuditEvent) -> type_of_values:
        report: OrderRejected = event.subject
        order = self._desk.order(report.client_order_id)
        state = '"REJECTED"' if report.sent else '"FAILED"'
        fragments = self._report(report, order, "reject", state, report.text, {}, code=report.code, sent=report.sent)
        self._desk.end(order, state)
        return fragments

    def _amended(self, event: AuditEvent) -> type_of_values:
        report: OrderAmended = event.subject
        scale = self._desk.instruments[report.instrument].scale
        order = self._desk.order(report.client_order_id)
        settles = report.accepted or bool(order.pending_id)
        self._desk.only(order, report.client_order_id)
        return self._report(
            report,
            order,
            "amend" if report.accepted else "do not amend",
            order.working if settles else order.state,
            report.text,
            {"price": scale.price_text(report.price_ticks), "quantity": scale.lots_text(report.lots)},
            accepted=report.accepted,
        )

    def _cancel_rejected(self, event: AuditEvent) -> type_of_values:
        report: OrderCancelRejected = event.subject
        order = self._desk.order(report.client_order_id)
        after = order.working if order.state == '"PENDING_CANCEL"' else order.state
        return self._report(report, order, "do not cancel", after, report.text, {}, code=report.code)

    def _unknown(self, event: AuditEvent) -> type_of_values:
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
    ) -> type_of_values:
        """Render a report that is too rare for a template of its own."""
        desk = self._desk
        name, bare = desk.instrument_texts(report.instrument)
        before = order.state
        desk.move(order, state)
        return (
            f'"{verb} {report.client_order_id} of {bare}"',
            resource("order", report.client_order_id),
            f'{{"state":{before}}}',
            json_object({"state": said(state), **after}),
            optional(reason),
            desk.correlation(order, report.strategy, report.intent),
            json_object(
                {
                    "approval": report.approval,
                    "instrument": said(name),
                    "intent": report.intent,
                    "side": SIDES[report.side],
                    "strategy": said(desk.strategies[report.strategy]),
                    **metadata,
                }
            ),
        )
