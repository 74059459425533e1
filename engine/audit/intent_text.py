"""Decisions, approvals and denials as text of the trail: all that happens to an intent before it is an order.

It owns the wording of those records and nothing else. Keys stand sorted in the templates, because the hot ones are put
together by hand; the encoder reads the first record of each kind back and checks it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.audit.known import BOOLEANS, SIDES, TIMES_IN_FORCE, TYPES, Desk
from engine.audit.record import json_object, optional, quoted, type_of_fragments, type_of_render
from engine.messages.control import AuditEvent
from engine.messages.market import Quote
from engine.messages.orders import (
    AmendIntent,
    ApprovedAmend,
    ApprovedCancel,
    ApprovedOrder,
    CancelIntent,
    DenialReason,
    OrderDenied,
    OrderIntent,
)
from hotpath.core.text import timestamp_text

DENIALS = {reason: quoted(reason.name) for reason in DenialReason}


class IntentText:
    """Renders what strategies want and what risk answers."""

    def __init__(self, desk: Desk) -> None:
        """Take the names and the orders at work."""
        self._desk = desk
        self._quote: Quote | None = None
        self._quote_text = "null"

    def renders(self) -> dict[type, type_of_render]:
        """Return the method for each message about an intent."""
        return {
            OrderIntent: self._intent,
            CancelIntent: lambda event: self._cancel(event.subject),
            AmendIntent: self._amend,
            ApprovedOrder: self._approve,
            ApprovedCancel: lambda event: self._cancel(event.subject.intent),
            ApprovedAmend: self._approve_amend,
            OrderDenied: self._denied,
        }

    def _intent(self, event: AuditEvent) -> type_of_fragments:
        intent: OrderIntent = event.subject
        index = intent.instrument
        scale = self._desk.instruments[index].scale
        price = scale.price_text(intent.price_ticks) if intent.price_ticks else ""
        quantity = scale.lots_text(intent.lots)
        side = SIDES[intent.side]
        correlation_id = f'{self._desk.correlations[intent.strategy]}{intent.intent}"'
        quote = intent.quote
        if quote is not self._quote:
            self._quote = quote
            self._quote_text = _quote(quote)
        return (
            f'"decide {side} {quantity} {self._desk.bare_names[index]} at {price or "market"}"',
            f'"resource_type":"intent","resource_id":{correlation_id}',
            "null",
            f'{{"price":{_price(price)},"quantity":"{quantity}","state":"DECIDED"}}',
            "null",
            correlation_id,
            (
                f'{{"instrument":{self._desk.names[index]},"intent":{intent.intent},"post_only":{BOOLEANS[intent.post_only]},'
                f'"quote":{self._quote_text},"reduce_only":{BOOLEANS[intent.reduce_only]},"side":"{side}",'
                f'"strategy":{self._desk.strategies[intent.strategy]},"time_in_force":"{TIMES_IN_FORCE[intent.time_in_force]}",'
                f'"type":"{TYPES[intent.type]}"}}'
            ),
        )

    def _approve(self, event: AuditEvent) -> type_of_fragments:
        approved: ApprovedOrder = event.subject
        intent = approved.intent
        index = intent.instrument
        scale = self._desk.instruments[index].scale
        price = scale.price_text(approved.price_ticks) if approved.price_ticks else ""
        quantity = scale.lots_text(intent.lots)
        side = SIDES[intent.side]
        order = self._desk.approved(
            event.seq,
            intent.strategy,
            intent.intent,
            index,
            f'"{side}"',
            approved.approval,
            approved.limits_version,
        )
        return (
            f'"approve {side} {quantity} {self._desk.bare_names[index]} at {price or "market"}"',
            f'"resource_type":"intent","resource_id":{order.correlation_id}',
            '{"state":"DECIDED"}',
            f'{{"price":{_price(price)},"quantity":"{quantity}","state":"APPROVED"}}',
            "null",
            order.correlation_id,
            (
                f'{{"approval":{order.approval},"instrument":{self._desk.names[index]},"intent":{order.intent_text},'
                f'"limits_version":{order.limits_version},"shrinks":{BOOLEANS[approved.shrinks]},"side":"{side}",'
                f'"strategy":{order.strategy_name}}}'
            ),
        )

    def _denied(self, event: AuditEvent) -> type_of_fragments:
        denied: OrderDenied = event.subject
        correlation_id = f'{self._desk.correlations[denied.strategy]}{denied.intent}"'
        reason = DENIALS[denied.reason]
        name, bare = self._desk.instrument_texts(denied.instrument)
        return (
            f'"deny an order of {bare}: {reason[1:-1]}"',
            f'"resource_type":"intent","resource_id":{correlation_id}',
            '{"state":"DECIDED"}',
            f'{{"limit":{optional(denied.limit)},"observed":{optional(denied.observed)},"state":"DENIED"}}',
            reason,
            correlation_id,
            (
                f'{{"count":{denied.count},"instrument":{name},"intent":{denied.intent},'
                f'"limits_version":{denied.limits_version},"strategy":{self._desk.strategies[denied.strategy]}}}'
            ),
        )

    def _amend(self, event: AuditEvent) -> type_of_fragments:
        intent: AmendIntent = event.subject
        return self._wish(intent, "amend", "DECIDED", amendment=intent.amendment)

    def _approve_amend(self, event: AuditEvent) -> type_of_fragments:
        approved: ApprovedAmend = event.subject
        order = self._desk.order_of(approved.intent.strategy, approved.intent.intent)
        return self._wish(
            approved.intent,
            "approve an amend of",
            "APPROVED",
            approval=approved.approval,
            amendment=approved.intent.amendment,
            limits_version=_read(order.limits_version),
        )

    def _cancel(self, intent: CancelIntent) -> type_of_fragments:
        return self._wish(intent, "cancel", "PENDING_CANCEL", by_person=intent.by_person)

    def _wish(self, intent: AmendIntent | CancelIntent, verb: str, state: str, **more: Any) -> type_of_fragments:
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
            "approval": _read(order.approval),
            "instrument": _read(name),
            "intent": intent.intent,
            "quote": None,
            "side": _read(order.side),
            "strategy": _read(self._desk.strategies[intent.strategy]),
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


def _price(text: str) -> str:
    """Return a price as JSON; a market order has none."""
    return f'"{text}"' if text else "null"


def _read(text: str) -> Any:
    """Return what a JSON text says."""
    return msgspec.json.decode(text)


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
