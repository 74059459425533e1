"""Commands to the venue as text of the trail: submit, cancel, amend, ask.

It owns the wording of those records and nothing else. A command names its order by id alone; the rest of the record
comes from the orders at work. Keys stand sorted in the words, because nothing sorts them later; the encoder reads the
first record of each kind back and checks it.
"""

from __future__ import annotations

from typing import Any

from engine.audit.known import BOOLEANS, SIDES, TIMES_IN_FORCE, TYPES, Desk, number, said
from engine.audit.record import (
    AS_RENDERED,
    Words,
    json_object,
    optional,
    quoted,
    resource,
    type_of_rendering,
    type_of_values,
)
from engine.messages.orders import AmendOrder, CancelAll, CancelOrder, QueryOrder, SubmitOrder
from engine.messages.reports import VenueOrder
from hotpath.core.fact import AuditEvent

SUBMIT = Words(
    "side quantity bare name at mark price order correlation approval intent limits_version number post_only strategy "
    "tif type",
    '"submit <side> <quantity> <bare> at <at>"',
    '"resource_type":"order","resource_id":"<order>"',
    '{"state":"APPROVED"}',
    '{"price":<mark><price><mark>,"quantity":"<quantity>","state":"IN_FLIGHT"}',
    "null",
    "<correlation>",
    '{"approval":<approval>,"instrument":<name>,"intent":<intent>,"limits_version":<limits_version>,'
    '"number":<number>,"post_only":<post_only>,"side":"<side>","strategy":<strategy>,"time_in_force":"<tif>",'
    '"type":"<type>"}',
)


class CommandText:
    """Renders what we tell the venue about an order, and what it says when it is asked."""

    def __init__(self, desk: Desk) -> None:
        """Take the names and the orders at work."""
        self._desk = desk

    def renderings(self) -> dict[type, type_of_rendering]:
        """Return words and method for each command."""
        return {
            SubmitOrder: (SUBMIT, self._submit),
            CancelOrder: (AS_RENDERED, self._cancel),
            CancelAll: (AS_RENDERED, self._cancel_all),
            AmendOrder: (AS_RENDERED, self._amend),
            QueryOrder: (AS_RENDERED, self._query),
            VenueOrder: (AS_RENDERED, self._venue_order),
        }

    def _submit(self, event: AuditEvent) -> type_of_values:
        submit: SubmitOrder = event.subject
        desk = self._desk
        index = submit.instrument
        scale = desk.instruments[index].scale
        price = scale.price_text(submit.price_ticks) if submit.price_ticks else ""
        order = desk.submitted(event.cause, submit.client_order_id)
        return (
            SIDES[submit.side],
            scale.lots_text(submit.lots),
            desk.bare_names[index],
            desk.names[index],
            price or "market",
            '"' if price else "",
            price or "null",
            submit.client_order_id,
            order.correlation_id,
            order.approval,
            order.intent,
            order.limits_version,
            submit.number,
            BOOLEANS[submit.post_only],
            order.strategy_name,
            TIMES_IN_FORCE[submit.time_in_force],
            TYPES[submit.type],
        )

    def _cancel(self, event: AuditEvent) -> type_of_values:
        cancel: CancelOrder = event.subject
        before = self._desk.order(cancel.client_order_id).state
        state = before if before == '"UNKNOWN"' else '"PENDING_CANCEL"'  # of an order that is UNKNOWN it is a try
        return self._command(cancel.client_order_id, cancel.instrument, "cancel", state, {}, {})

    def _query(self, event: AuditEvent) -> type_of_values:
        query: QueryOrder = event.subject
        order = self._desk.order(query.client_order_id)
        return self._command(query.client_order_id, query.instrument, "ask for", order.state, {}, {})

    def _amend(self, event: AuditEvent) -> type_of_values:
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
    ) -> type_of_values:
        """Render a command about an order that was submitted before."""
        order = self._desk.order(client_order_id)
        before = order.state
        self._desk.move(order, state)
        name, bare = self._desk.instrument_texts(instrument)
        return (
            f'"{verb} {client_order_id} of {bare}"',
            resource("order", client_order_id),
            f'{{"state":{before}}}',
            json_object({"state": said(state), **after}),
            "null",
            order.correlation_id,
            json_object(
                {
                    "approval": number(order.approval),
                    "instrument": said(name),
                    "intent": number(order.intent),
                    "side": said(order.side),
                    "strategy": said(order.strategy_name),
                    **metadata,
                }
            ),
        )

    def _cancel_all(self, event: AuditEvent) -> type_of_values:
        everything: CancelAll = event.subject
        one = everything.strategy >= 0
        name = self._desk.strategies[everything.strategy] if one else "null"
        where, _ = self._desk.instrument_texts(everything.instrument)
        metadata = f'{{"approval":null,"instrument":{where},"intent":null,"side":null,"strategy":{name}}}'
        if everything.order:
            return (
                quoted(f"cancel order {everything.order}"),
                resource("order", everything.order),
                '{"state":null}',
                '{"state":"PENDING_CANCEL"}',
                optional(everything.reason),
                "null",
                metadata,
            )
        return (
            f'"cancel every open order{f" of {name[1:-1]}" if one else ""}"',
            f'"resource_type":"{"strategy" if one else "desk"}","resource_id":{name}',
            '{"state":null}',
            '{"state":"PENDING_CANCEL"}',
            optional(everything.reason),
            "null",
            metadata,
        )

    def _venue_order(self, event: AuditEvent) -> type_of_values:
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
                    "approval": number(order.approval),
                    "instrument": said(name),
                    "intent": number(order.intent),
                    "price": scale.price_text(found.price_ticks) if found.price_ticks else None,
                    "quantity": scale.lots_text(found.lots),
                    "side": SIDES[found.side],
                    "strategy": said(order.strategy_name),
                    "venue_order_id": found.venue_order_id,
                }
            ),
        )
