"""Every bound of the engine, with its reason, and the asserts that say how they relate.

These are capacities: what memory and latency allow. What trading allows stands in engine/config/risk.py. No queue, dict
or set of the engine grows without a bound from this page.
"""

from __future__ import annotations

OPEN_ORDERS_MAX = 4_096
"""Order slots: working, in flight and unknown. The venue allows 200 open orders a symbol; this leaves room for 20."""

CANCELS_RESERVE = 1_024
"""Room kept for cancels, so that a flood of orders can never delay getting out."""

MANUAL_WAITING_MAX = 64
"""Intents that wait for a person's approval. Nobody reads a longer list before it expires."""

INTENTS_MAX = 256
"""Intents that wait for risk. One turn drains them all, so more than a few mean that a strategy has gone wild."""

APPROVALS_MAX = OPEN_ORDERS_MAX + CANCELS_RESERVE
"""risk -> orders -> gateway: cannot be full before the order slots are."""

REPORTS_MAX = 16_384
"""Venue reports that wait: a fill, an accept and an end for every open order, and as much again."""

STRATEGY_REPORTS_MAX = 4_096
"""Reports that wait for one strategy; a strategy that is further behind is stopped."""

DELTAS_MAX = 1_024
"""Market messages that wait for feed; at three quarters the socket is no longer read."""

QUOTES_PER_INSTRUMENT_MAX = 4
"""Quotes and depths of one instrument that wait for one strategy before the newest replaces the older one."""

TRADES_MAX = 1_024
"""Trades that wait for one strategy before they are merged into TradesMissed."""

SIGNALS_MAX = 256
"""Signals that wait for one actor. They are rare; a full mailbox of them is a fault and halts."""

TIMER_FIRINGS_MAX = 256
"""Firings that wait for one actor; each timer has at most one pending."""

TRIGGERS_MAX = 1_024
"""Orders that wait in the engine at once: a quote looks at all those of its instrument, about 1 us each."""

TIMERS_MAX = 16_384
"""Timers that exist at once: a deadline for every request in flight, and the periodic ones."""

AUDIT_EVENTS_MAX = 65_536
"""Audit events that wait: ten seconds of the busiest market that was measured."""

RESTARTS_MAX = 3
"""Restarts of one actor within RESTART_WINDOW_NS; the next failure halts trading."""

RESTART_WINDOW_NS = 30_000_000_000

assert APPROVALS_MAX >= OPEN_ORDERS_MAX + CANCELS_RESERVE, "an approved order or cancel must always find room"
assert REPORTS_MAX >= 3 * OPEN_ORDERS_MAX, "reports are never dropped"
assert AUDIT_EVENTS_MAX >= 4 * REPORTS_MAX // 4, "no audit, no trading: the trail must outlast a burst of reports"
assert TIMERS_MAX >= 2 * APPROVALS_MAX, "each request in flight has a deadline"
assert INTENTS_MAX + TRIGGERS_MAX <= OPEN_ORDERS_MAX, "orders that are set off all at once find slots"
