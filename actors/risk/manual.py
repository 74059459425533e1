"""MANUAL: the intents of strategies that wait until a person approves them, each under the number of its record.

While it is on, nothing of a strategy is judged when it comes: it waits here, bounded and not for long, and is judged by
every check when a person says yes, by the quotes of that moment. A number is the seq of the record that it began with,
so it names one intent for the life of the data directory and an old one never names another. It reserves nothing and
approves nothing. Cancels never wait: that of an intent which waits withdraws it. Neither does what an approved stop
sends when the market reaches it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from engine.audit.policy_fold import INTENT, WAITING
from engine.clock import NS_PER_SECOND
from engine.limits import MANUAL_WAITING_MAX
from engine.messages.control import Action, ManualDecision, ManualOutcome, TradingState
from engine.messages.market import Side
from engine.messages.orders import AmendIntent, CancelIntent, DenialReason, OrderDenied, OrderIntent
from hotpath.core.mailbox import ACCEPTED

if TYPE_CHECKING:
    from actors.risk.actor import Risk
    from actors.risk.parking import Parking

OVER_MAX = 256
"""Numbers whose end is remembered, for a person who decides too late."""


class ManualRules(Struct, frozen=True):
    """Whether each order of a strategy waits for a person from the start, and after how long it is denied."""

    on: bool = False
    expires_ns: int = 30 * NS_PER_SECOND


class ManualExpired(Struct, frozen=True, gc=False):
    """Nobody decided about this number in time."""

    number: int


class Waiting(Struct, frozen=True):
    """One intent that waits."""

    intent: OrderIntent | AmendIntent
    instrument: int
    side: str
    timer: int
    since_ns: int


class Manual:
    """Holds intents, and lets them go when a person says so."""

    def __init__(
        self,
        risk: Risk,
        strategy_names: Sequence[str],
        rules: ManualRules,
        handles: Mapping[tuple[int, int], int],
        parking: Parking,
        dropped: Mapping[str, str],
    ) -> None:
        """Act for `risk`.

        Args:
            risk: judges what is approved, and tells strategies and safety.
            strategy_names: in the order of their indices.
            rules: how long an intent may wait.
            handles: the reservation of each order that is out, by strategy and intent.
            parking: the orders that wait in the engine for the market.
            dropped: what waited for a person when an earlier run ended, in words by its number.
        """
        self._risk = risk
        self._names = strategy_names
        self._expires_ns = rules.expires_ns
        self._handles = handles
        self._parking = parking
        self._dropped = dropped
        self._over: dict[int, str] = {}
        self.waiting: dict[int, Waiting] = {}

    def begin(self) -> None:
        """Report what an earlier run left: it is dropped, because nobody knows any more what it was decided by."""
        for number in self._dropped:
            self._record_end(int(number), "", "DROPPED", "the engine ended while it waited")

    def hold(self, intent: OrderIntent | AmendIntent) -> bool:
        """Let an intent wait; False when the checks shall say no to it at once, or when it is a person's own."""
        risk, strategy, number = self._risk, intent.strategy, number_of(intent)
        if strategy < 0 or _fired(intent) or risk.limits.state <= TradingState.EMERGENCY:
            return False
        recents = risk.limits.recents
        if not recents.is_enabled(strategy) or number <= recents.last_intent(strategy):
            return False
        instrument, side, lots, price_ticks = self._described(intent)
        if not 0 <= instrument < len(risk.instruments):
            return False
        recents.set_last_intent(strategy, number)
        if len(self.waiting) >= MANUAL_WAITING_MAX:
            risk.deny(strategy, number, instrument, DenialReason.BUSY, len(self.waiting), MANUAL_WAITING_MAX)
            return True
        context, market = risk.context, risk.instruments[instrument]
        waits = context.next_seq
        texts = {
            "instrument": market.name,
            "price": market.scale.price_text(price_ticks) if price_ticks else "market",
            "quantity": market.scale.lots_text(lots),
            "side": side,
            "strategy": self._names[strategy],
        }
        context.record(
            Action.RISK_BLOCK,
            INTENT,
            self._name(intent),
            cause=intent.decision,
            after={"state": WAITING, **texts},
            reason="each order waits for a person",
            metadata={"intent": number, "limits_version": risk.limits_version, "number": waits},
        )
        timer = context.after(self._expires_ns, ManualExpired(waits))
        self.waiting[waits] = Waiting(intent, instrument, side, timer, context.now_ns)
        return True

    def withdraw(self, cancel: CancelIntent) -> bool:
        """Take back the intent that a cancel is about, if it waits; its strategy is told that it is over."""
        for number, held in self.waiting.items():
            intent = held.intent
            if isinstance(intent, OrderIntent) and (intent.strategy, intent.intent) == (cancel.strategy, cancel.intent):
                self._take(number, "WITHDRAWN", "cancelled by its strategy before anybody decided")
                self._tell(held, DenialReason.MANUAL_DENIED)
                return True
        return False

    def on_decision(self, decision: ManualDecision) -> None:
        """Do what a person decided, and say what came of it."""
        number, user = decision.number, decision.user
        held = self.waiting.get(number)
        if held is None:
            gone = self._over.get(number)
            problem = f"{number} {gone}" if gone else f"no order waits under number {number}"
            self._answer(decision, False, {"error": f"{problem}; 'tiercel approve' lists what waits"})
        elif not decision.approved:
            self._take(number, "DENIED", f"denied by {user}", user)
            self._deny(held, DenialReason.MANUAL_DENIED)
            self._answer(decision, True, {"number": number, "denied": True})
        else:
            self._take(number, "APPROVED", f"approved by {user}", user)
            denied = self._judge(held)
            if denied is None:
                self._answer(decision, True, {"number": number, "approved": True})
            else:
                why = f"{denied.reason.name}, {denied.observed} where {denied.limit} is the limit"
                self._answer(decision, False, {"error": f"{number} was approved, and the checks deny it: {why}"})

    def on_expired(self, expired: ManualExpired) -> None:
        """Deny what waited for too long."""
        held = self.waiting.get(expired.number)
        if held is not None:
            self._take(expired.number, "EXPIRED", f"nobody decided in {self._expires_ns // NS_PER_SECOND} s")
            self._deny(held, DenialReason.MANUAL_EXPIRED)

    def drop_all(self, reason: str) -> None:
        """Drop everything that waits, and tell the strategies: a person said stop."""
        for number, held in list(self.waiting.items()):
            self._take(number, "DROPPED", reason)
            self._tell(held, DenialReason.MODE_GATE)

    def drop_of(self, strategy: int) -> None:
        """Drop what a strategy that was stopped left."""
        for number, held in list(self.waiting.items()):
            if held.intent.strategy == strategy:
                self._take(number, "DROPPED", "its strategy was stopped")

    def rows(self, now_ns: int) -> Iterator[dict[str, Any]]:
        """Yield what waits as a person reads it, oldest first."""
        for number, held in self.waiting.items():
            scale = self._risk.instruments[held.instrument].scale
            _, _, lots, price_ticks = self._described(held.intent)
            waited_ns = max(now_ns - held.since_ns, 0)
            yield {
                "number": number,
                "strategy": self._names[held.intent.strategy],
                "what": "amend" if isinstance(held.intent, AmendIntent) else held.intent.type.name.lower(),
                "instrument": self._risk.instruments[held.instrument].name,
                "side": held.side,
                "quantity": scale.lots_text(lots),
                "price": scale.price_text(price_ticks) if price_ticks else "market",
                "age_s": waited_ns // NS_PER_SECOND,
                "expires_in_s": max(self._expires_ns - waited_ns, 0) // NS_PER_SECOND,
            }

    def _judge(self, held: Waiting) -> OrderDenied | None:
        """Have the checks judge an intent whose number was taken when it came; returns the denial, if there is one."""
        risk, intent = self._risk, held.intent
        recents = risk.limits.recents
        last, number = recents.last_intent(intent.strategy), number_of(intent)
        recents.set_last_intent(intent.strategy, number - 1)
        before = risk.denied_count
        risk.judge(intent)
        recents.set_last_intent(intent.strategy, last)
        return risk.last_denial if risk.denied_count > before else None

    def _take(self, number: int, state: str, reason: str, user: str = "") -> None:
        """Let an intent wait no longer, and record why."""
        held = self.waiting.pop(number)
        self._risk.context.cancel_timer(held.timer)
        self._record_end(number, self._name(held.intent), state, reason, user)
        self._over[number] = f"waits no longer: {reason}"
        if len(self._over) > OVER_MAX:
            del self._over[next(iter(self._over))]

    def _record_end(self, number: int, name: str, state: str, reason: str, user: str = "") -> None:
        context = self._risk.context
        context.record(
            Action.MANUAL_INTERVENTION if user else Action.RISK_BLOCK,
            INTENT,
            name or str(number),
            actor=f"user:{user}" if user else "",
            cause=number,
            after={"state": state},
            reason=reason,
            metadata={"limits_version": self._risk.limits_version, "number": number},
        )

    def _deny(self, held: Waiting, reason: DenialReason) -> None:
        intent = held.intent
        self._risk.deny(intent.strategy, number_of(intent), held.instrument, reason, 0, 0)

    def _tell(self, held: Waiting, reason: DenialReason) -> None:
        """Tell a strategy that its intent is over by no fault of its own: it does not count as a denial."""
        strategy, risk = held.intent.strategy, self._risk
        denied = OrderDenied(
            strategy, number_of(held.intent), held.instrument, reason, "", "", risk.limits_version, risk.context.now_ns
        )
        if risk.strategies[strategy].tell(denied) != ACCEPTED:
            risk.context.halt(f"strategy {self._names[strategy]} could not hear what became of its intent")

    def _answer(self, decision: ManualDecision, ok: bool, answer: dict[str, Any]) -> None:
        if self._risk.safety.tell(ManualOutcome(decision.request, ok, answer)) != ACCEPTED:
            self._risk.context.halt("safety could not hear what became of a person's decision")

    def _name(self, intent: OrderIntent | AmendIntent) -> str:
        return f"{self._names[intent.strategy]}-{number_of(intent)}"

    def _described(self, intent: OrderIntent | AmendIntent) -> tuple[int, str, int, int]:
        """Return instrument, side, lots and price in ticks; instrument -1 for an amend of an order that nobody has."""
        if isinstance(intent, OrderIntent):
            return intent.instrument, intent.side.name, intent.lots, intent.price_ticks
        order, exposure = (intent.strategy, intent.intent), self._risk.exposure
        handle = self._handles.get(order, 0)
        instrument, side = exposure.order(handle)[:2] if exposure.is_open(handle) else self._parking.place_of(*order)
        return instrument, Side(side).name if side else "", intent.lots, intent.price_ticks


def _fired(intent: OrderIntent | AmendIntent) -> bool:
    """Say whether an intent leaves for an order that waited for the market: a person has approved that one."""
    return isinstance(intent, OrderIntent) and intent.terms is not None and intent.terms.fired_by != 0


def number_of(intent: OrderIntent | AmendIntent) -> int:
    """Return the number that an intent came with."""
    return intent.intent if isinstance(intent, OrderIntent) else intent.amendment
