"""Whether a venue and we agree on everything: orders say so of orders and executions, this says so of the money.

Safety hears Reconciled from here alone, each time that a venue was compared: clean when nothing differs any more, with
the differences in words when looking again did not explain them. Looking again is asked of orders, so every look is a
whole truth: executions first, balances last.
"""

from __future__ import annotations

from collections.abc import Callable

from actors.portfolio.ledger import Ledger
from actors.portfolio.reconcile import Suspicion, Transfer, reconcile_money
from engine.messages.control import CompareAll, Reconciled
from engine.runtime.actor import Context, Ref
from hotpath.core.mailbox import REFUSED

LOOKS_MAX = 5
"""Looks in a row, a second apart, before a difference is told; the next comparison of the venue begins anew."""


class Agreement:
    """The comparison of the ledger with one venue after the other."""

    safety: Ref
    orders: Ref

    def __init__(self, ledger: Ledger, book: Callable[[list[Transfer]], None]) -> None:
        """`book` books transfers and records them."""
        self._ledger = ledger
        self._book = book
        self._suspected: dict[str, Suspicion] = {}
        self._looks_count = 0
        self._corrections_count = 0
        self._again = False

    def hear(self, context: Context, reconciled: Reconciled) -> None:
        """Orders agree with a venue, or not: compare the money, and tell safety or look again."""
        if reconciled.differences:
            self._tell(context, reconciled.venue, reconciled.corrections, reconciled.differences)
            return
        ledger = self._ledger
        transfers, self._suspected = reconcile_money(
            reconciled.venue, ledger.balances, ledger.venue, ledger.moves, self._suspected
        )
        if transfers:
            self._book(transfers)
        self._looks_count += 1
        self._corrections_count += reconciled.corrections + len(transfers)
        if self._suspected and self._looks_count < LOOKS_MAX:
            self._again = True
        else:
            words = tuple(ledger.words(ledger.venue)) if self._suspected else ()
            self._tell(context, reconciled.venue, self._corrections_count, words)

    def look_again(self, context: Context) -> None:
        """A second has passed: if something is suspected, have the venue asked again."""
        if self._again:
            self._again = False
            if self.orders.tell(CompareAll("the ledger and the venue differ")) == REFUSED:
                context.halt("orders could not be asked to compare the venue again")

    def _tell(self, context: Context, venue: str, corrections: int, words: tuple[str, ...]) -> None:
        self._suspected, self._looks_count, self._corrections_count, self._again = {}, 0, 0, False
        if self.safety.tell(Reconciled(venue, corrections, words, context.now_ns)) == REFUSED:
            context.halt(f"{venue} is reconciled and safety could not hear it")
