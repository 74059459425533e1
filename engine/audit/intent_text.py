"""Decisions, approvals and denials as text of the trail: all that happens to an intent before it is an order.

It owns the wording of those records and nothing else. Keys stand sorted in the words, because nothing sorts them later;
the encoder reads the first record of each kind back and checks it.
"""

from __future__ import annotations

from typing import Any

from engine.audit.known import BOOLEANS, SIDES, SIDES_QUOTED, TIMES_IN_FORCE, TYPES, Desk, number, said
from engine.audit.record import AS_RENDERED, Words, json_object, optional, quoted, type_of_rendering, type_of_values
from engine.audit.terms import terms_of
from engine.messages.approved import ApprovedOrder
from engine.messages.market import Quote
from engine.messages.orders import (
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    ApprovedToWait,
    CancelIntent,
    DenialReason,
    OrderDenied,
    OrderIntent,
)
from hotpath.core.fact import AuditEvent
from hotpath.core.text import timestamp_text

DENIALS = {reason: quoted(reason.name) for reason in DenialReason}


DECISION = Words(
    "side quantity bare name at mark price correlation intent post_only quote reduce_only strategy terms tif type",
    '"decide <side> <quantity> <bare> at <at>"',
    '"resource_type":"intent","resource_id":<correlation>',
    "null",
    '{"price":<mark><price><mark>,"quantity":"<quantity>","state":"DECIDED"}',
    "null",
    "<correlation>",
    '{"instrument":<name>,"intent":<intent>,"post_only":<post_only>,"quote":<quote>,"reduce_only":<reduce_only>,'
    '"side":"<side>","strategy":<strategy><terms>,"time_in_force":"<tif>","type":"<type>"}',
)
APPROVAL = Words(
    "side quantity bare name at mark price correlation approval intent limits_version shrinks strategy",
    '"approve <side> <quantity> <bare> at <at>"',
    '"resource_type":"intent","resource_id":<correlation>',
    '{"state":"DECIDED"}',
    '{"price":<mark><price><mark>,"quantity":"<quantity>","state":"APPROVED"}',
    "null",
    "<correlation>",
    '{"approval":<approval>,"instrument":<name>,"intent":<intent>,"limits_version":<limits_version>,'
    '"shrinks":<shrinks>,"side":"<side>","strategy":<strategy>}',
)
PARKED = APPROVAL._replace(
    description='"let <side> <quantity> <bare> at <at> wait"',
    metadata=APPROVAL.metadata.replace('"strategy":<strategy>', '"strategy":<strategy>,"waits":true'),
)
DENIAL = Words(
    "bare name reason why correlation limit observed count intent limits_version strategy",
    '"deny an order of <bare>: <why>"',
    '"resource_type":"intent","resource_id":<correlation>',
    '{"state":"DECIDED"}',
    '{"limit":<limit>,"observed":<observed>,"state":"DENIED"}',
    "<reason>",
    "<correlation>",
    '{"count":<count>,"instrument":<name>,"intent":<intent>,"limits_version":<limits_version>,"strategy":<strategy>}',
)


class IntentText:
    """Renders what strategies want and what risk answers."""

    def __init__(self, desk: Desk) -> None:
        """Take the names and the orders at work."""
        self._desk = desk
        self._quote: Quote | None = None
        self._quote_text = "null"

    def renderings(self) -> dict[type, type_of_rendering]:
        """Return words and method for each message about an intent."""
        return {
            OrderIntent: (DECISION, self._intent),
            CancelIntent: (AS_RENDERED, lambda event: self._cancel(event.subject)),
            AmendIntent: (AS_RENDERED, self._amend),
            ApprovedOrder: (APPROVAL, self._approve),
            ApprovedToWait: (PARKED, self._park),
            ApprovedCancel: (AS_RENDERED, lambda event: self._cancel(event.subject.intent)),
            ApprovedAmend: (AS_RENDERED, self._approve_amend),
            OrderDenied: (DENIAL, self._denied),
        }

    def _intent(self, event: AuditEvent) -> type_of_values:
        intent: OrderIntent = event.subject
        desk = self._desk
        index = intent.instrument
        scale = desk.instruments[index].scale
        price = scale.price_text(intent.price_ticks) if intent.price_ticks else ""
        quote = intent.quote
        if quote is not self._quote:
            self._quote = quote
            self._quote_text = _quote(quote)
        return (
            SIDES[intent.side],
            scale.lots_text(intent.lots),
            desk.bare_names[index],
            desk.names[index],
            price or "market",
            '"' if price else "",
            price or "null",
            f'{desk.correlations[intent.strategy]}{intent.intent}"'
            if intent.terms is None
            else desk.correlation_of(intent),
            intent.intent,
            BOOLEANS[intent.post_only],
            self._quote_text,
            BOOLEANS[intent.reduce_only],
            desk.strategies[intent.strategy],
            "" if intent.terms is None else f',"terms":{json_object(terms_of(intent.terms, scale))}',
            TIMES_IN_FORCE[intent.time_in_force],
            TYPES[intent.type],
        )

    def _approve(self, event: AuditEvent) -> type_of_values:
        approved: ApprovedOrder = event.subject
        intent = approved.intent
        desk = self._desk
        index = intent.instrument
        scale = desk.instruments[index].scale
        price = scale.price_text(approved.price_ticks) if approved.price_ticks else ""
        order = desk.approved(
            event.seq,
            intent.strategy,
            intent.intent,
            index,
            SIDES_QUOTED[intent.side],
            approved.approval,
            approved.limits_version,
            "" if intent.terms is None else desk.correlation_of(intent),
        )
        return (
            SIDES[intent.side],
            scale.lots_text(intent.lots),
            desk.bare_names[index],
            desk.names[index],
            price or "market",
            '"' if price else "",
            price or "null",
            order.correlation_id,
            order.approval,
            order.intent,
            order.limits_version,
            BOOLEANS[approved.shrinks],
            order.strategy_name,
        )

    def _park(self, event: AuditEvent) -> type_of_values:
        parked: ApprovedToWait = event.subject
        intent = parked.intent
        desk = self._desk
        scale = desk.instruments[intent.instrument].scale
        price = scale.price_text(intent.price_ticks) if intent.price_ticks else ""
        order = desk.approved(
            event.seq,
            intent.strategy,
            intent.intent,
            intent.instrument,
            SIDES_QUOTED[intent.side],
            parked.approval,
            parked.limits_version,
        )
        return (
            SIDES[intent.side],
            scale.lots_text(intent.lots),
            desk.bare_names[intent.instrument],
            desk.names[intent.instrument],
            price or "market",
            '"' if price else "",
            price or "null",
            order.correlation_id,
            order.approval,
            order.intent,
            order.limits_version,
            BOOLEANS[False],
            order.strategy_name,
        )

    def _denied(self, event: AuditEvent) -> type_of_values:
        denied: OrderDenied = event.subject
        desk = self._desk
        name, bare = desk.instrument_texts(denied.instrument)
        reason = DENIALS[denied.reason]
        return (
            bare,
            name,
            reason,
            reason[1:-1],
            f'{desk.correlations[denied.strategy]}{denied.intent}"',
            optional(denied.limit),
            optional(denied.observed),
            denied.count,
            denied.intent,
            denied.limits_version,
            desk.strategies[denied.strategy],
        )

    def _amend(self, event: AuditEvent) -> type_of_values:
        intent: AmendIntent = event.subject
        return self._wish(intent, "amend", "DECIDED", amendment=intent.amendment)

    def _approve_amend(self, event: AuditEvent) -> type_of_values:
        approved: ApprovedAmend = event.subject
        order = self._desk.order_of(approved.intent.strategy, approved.intent.intent)
        return self._wish(
            approved.intent,
            "approve an amend of",
            "APPROVED",
            approval=approved.approval,
            amendment=approved.intent.amendment,
            limits_version=number(order.limits_version),
        )

    def _cancel(self, intent: CancelIntent) -> type_of_values:
        return self._wish(intent, "cancel", "PENDING_CANCEL", by_person=intent.by_person)

    def _wish(self, intent: AmendIntent | CancelIntent, verb: str, state: str, **more: Any) -> type_of_values:
        """Render what somebody wants to happen to an order that was decided before."""
        order = self._desk.order_of(intent.strategy, intent.intent)
        name, bare = self._desk.instrument_texts(order.instrument)
        correlation_id = f'{self._desk.correlations[intent.strategy]}{intent.intent}"'
        after: dict[str, Any] = {"state": state}
        if isinstance(intent, AmendIntent):
            known = order.instrument >= 0
            scale = self._desk.instruments[order.instrument].scale if known else None
            after["price"] = scale.price_text(intent.price_ticks) if scale else None
            after["quantity"] = scale.lots_text(intent.lots) if scale else None
        metadata = {
            "approval": number(order.approval),
            "instrument": said(name),
            "intent": intent.intent,
            "quote": None,
            "side": said(order.side),
            "strategy": said(self._desk.strategies[intent.strategy]),
            **more,
        }
        return (
            f'"{verb} intent {intent.intent} of {bare}"',
            f'"resource_type":"intent","resource_id":{correlation_id}',
            f'{{"state":{order.state}}}',
            json_object(after),
            "null",
            correlation_id,
            json_object(metadata),
        )


def _quote(quote: Quote | None) -> str:
    """Return the market as the strategy saw it, as JSON."""
    if quote is None:
        return "null"
    scale = quote.scale
    return (
        f'{{"ask":"{scale.price_text(quote.ask_ticks)}","ask_quantity":"{scale.lots_text(quote.ask_lots)}",'
        f'"bid":"{scale.price_text(quote.bid_ticks)}","bid_quantity":"{scale.lots_text(quote.bid_lots)}",'
        f'"time":"{timestamp_text(quote.time_ns)}","update_id":{quote.update_id}}}'
    )
