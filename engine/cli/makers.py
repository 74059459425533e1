"""How each actor is made and wired: one method for one actor, called at the start and again at each restart.

A maker hands an actor what it may know (configuration, instruments, what earlier runs left) and the edges that it may
send on. Who may say what to whom is declared in actors/desk.py; here it is only plugged in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import msgspec

from actors import desk
from actors.audit_writer.actor import AuditWriter
from actors.feed.actor import Feed
from actors.feed.line import Subscriber
from actors.health.actor import HealthDesk
from actors.orders.actor import Orders
from actors.orders.recovered import RecoveredOrder
from actors.orders.venue_view import Timing
from actors.portfolio.actor import Portfolio
from actors.risk.actor import Risk
from actors.risk.manual import ManualRules
from actors.safety.actor import Safety
from actors.safety.dead_man import DeadMan
from actors.safety.policy import PolicySetup
from actors.safety.start import StartFacts
from actors.strategy.actor import StrategyActor
from actors.triggers.actor import Triggers
from actors.triggers.recovered import orphans, recovered_orders
from engine.audit.chain import Chain
from engine.audit.encoder import Encoder
from engine.audit.render import Renderer
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.messages.market import Side
from engine.policy.policy import PolicyStart
from gateways.binance.gateway import BinanceGateway
from gateways.operator.control import OperatorDesk
from gateways.throttle import RateLimit, Throttle
from hotpath.orders.transitions import OrderState

if TYPE_CHECKING:
    from engine.audit.desk_state import DeskState
    from engine.cli.assembly import Assembled, Outside
    from engine.tape.head import RunHead
    from hotpath.core.mailbox import Mailbox


SINCE_MARGIN_NS = 60 * NS_PER_SECOND
"""How far behind the trail's last record the first reconciliation looks for executions: clocks differ."""


class Makers:
    """Makes the actors of one run."""

    def __init__(self, run: Assembled, head: RunHead, outside: Outside, state: DeskState) -> None:
        """Take what the run starts from and what is outside of it."""
        self._run = run
        self._head = head
        self._outside = outside
        self._state = state
        self._policy = msgspec.convert(head.policy, PolicyStart)

    def _edge(self, sender: str, receiver: str) -> Mailbox:
        return self._run.edges.to[f"{sender} -> {receiver}"]

    def audit_writer(self) -> AuditWriter:
        """Make the audit writer, at the head of the chain."""
        head, outside = self._head, self._outside
        renderer = Renderer(self._run.instruments, self._run.strategy_names, head.epoch, self._state)
        encoder = Encoder(head.node, head.epoch, renderer.render_of)
        chain = Chain(head.first_seq - 1, head.previous_hash)
        return AuditWriter(encoder, chain, outside.trail, outside.checkpoints, self._run.quality.observe)

    def safety(self) -> Safety:
        """Make the guardian."""
        outside = self._outside
        safety = Safety(
            outside.gate,
            outside.latch,
            self._run.system,
            self._run.strategy_names,
            self._run.venues,
            self._disabled(),
            outside.reply,
            msgspec.convert(self._head.start_facts, StartFacts),
            self._run.config.safety,
            self._policy.in_force(self._run.config.risk),
            [instrument.name for instrument in self._run.instruments],
            self._state.killed,
            policy=PolicySetup(
                self._policy,
                self._run.config.risk,
                self._run.config.safety.manual,
                outside.policy,
                [word for each in self._run.instruments for word in (each.name, each.symbol, each.base)],
            ),
        )
        safety.risk = self._edge("safety", "risk")
        safety.orders = self._edge("safety", "orders")
        safety.portfolio = self._edge("safety", "portfolio")
        safety.triggers = self._edge("safety", "triggers")
        safety.strategies = self._run.edges.states
        safety.dead_man = DeadMan(
            {
                venue: (self._edge("safety", f"gateway:{venue}"), BinanceGateway.dead_man_ns)
                for venue in self._run.venues
            }
        )
        safety.myself = self._edge("audit_writer", "safety")
        return safety

    def _disabled(self) -> dict[str, str]:
        """Return the strategies that are off from the start, and why."""
        chosen = self._policy.policy.strategies
        off = {
            plan.name: "disabled by its configuration"
            for plan in self._run.config.strategies
            if not plan.enabled and not chosen.get(plan.name)
        }
        return off | {name: why for name, why in self._state.disabled.items() if name in self._run.strategy_names}

    def operator(self) -> OperatorDesk:
        """Make the desk that brings a person's commands."""
        operator = OperatorDesk()
        operator.safety = self._edge("operator", "safety")
        return operator

    def health(self) -> HealthDesk:
        """Make the desk that brings what the engine measured of itself."""
        health = HealthDesk()
        health.risk = self._edge("health", "risk")
        health.safety = self._edge("health", "safety")
        return health

    def feed(self, venue: str) -> Feed:
        """Make the keeper of a venue's books."""
        run, name = self._run, f"feed:{venue}"
        config = run.config.feed
        feed = Feed(
            venue,
            [instrument for instrument in run.instruments if instrument.venue == venue],
            depth_levels=config.depth_levels,
            stale_after_ns=config.stale_after_ms * NS_PER_MS,
            levels_max=run.config.book.levels_max,
        )
        feed.gateway = self._edge(name, f"gateway:{venue}")
        feed.risk = self._edge(name, "risk")
        feed.portfolio = self._edge(name, "portfolio")
        feed.safety = self._edge(name, "safety")
        feed.subscribers = [self._subscribers(instrument.name) for instrument in run.instruments]
        quotes = self._edge(name, "triggers")
        feed.triggers = Subscriber(quotes, self._edge(f"{name} trades", "triggers"), quotes)
        feed.watched = dict(cast("Triggers", run.actor("triggers")).watched)
        return feed

    def _subscribers(self, instrument: str) -> list[Subscriber]:
        run = self._run
        found = []
        for index, plan in enumerate(run.config.strategies):
            if instrument not in [run.instruments.find(name).name for name in plan.instruments]:
                continue
            actor = run.actor(desk.strategy_cell(plan.name))
            trades = run.edges.trades[index] if actor.wants_trades else None
            found.append(Subscriber(run.edges.quotes[index], trades, run.edges.gaps[index], actor.wants_depth))
        return found

    def strategy(self, index: int) -> StrategyActor:
        """Make the host of a strategy, and in it a fresh instance of the author's class."""
        run = self._run
        plan, loaded = run.config.strategies[index], run.strategies[index]
        actor = StrategyActor(
            index,
            plan.name,
            loaded.strategy_class,
            loaded.params,
            [run.instruments.find(name) for name in plan.instruments],
            positions=cast("Portfolio", run.actor("portfolio")).held(index),
            waiting=cast("Triggers", run.actor("triggers")).kept(index),
            log=lambda text: self._log(plan.name, text),
        )
        actor.risk = run.edges.intents[index]
        return actor

    def _log(self, name: str, text: str) -> None:
        if self._outside.log is not None:
            self._outside.log(name, text)

    def portfolio(self) -> Portfolio:
        """Make the keeper of ledger, positions and profit."""
        run = self._run
        policy = self._policy
        limits, version = policy.in_force(run.config.risk), policy.policy.limits_version
        portfolio = Portfolio(run.instruments, run.strategy_names, limits, self._state, version)
        portfolio.risk = self._edge("portfolio", "risk")
        portfolio.safety = self._edge("portfolio", "safety")
        portfolio.orders = self._edge("portfolio", "orders")
        portfolio.strategies = run.edges.accounts
        portfolio.agreement.orders = self._edge("portfolio", "orders")
        portfolio.agreement.safety = self._edge("portfolio", "safety")
        return portfolio

    def risk(self) -> Risk:
        """Make the only one who approves."""
        run = self._run
        takes = [BinanceGateway.takes for _ in run.instruments]
        policy, config = self._policy, run.config.safety
        risk = Risk(
            run.instruments,
            run.strategy_names,
            policy.in_force(run.config.risk),
            self._state,
            venues=takes,
            limits_version=policy.policy.limits_version,
            manual=ManualRules(policy.is_manual(config.manual), config.manual_seconds * NS_PER_SECOND),
        )
        risk.triggers = self._edge("risk", "triggers")
        risk.inputs.take_rates(
            {
                venue: [(limit["limit"], limit["interval_ns"]) for limit in limits if limit["orders"]]
                for venue, limits in self._head.rate_limits.items()
            }
        )
        risk.orders = self._edge("risk", "orders")
        risk.safety = self._edge("risk", "safety")
        risk.strategies = run.edges.denials
        return risk

    def orders(self) -> Orders:
        """Make the owner of every order, with those that earlier runs left."""
        run = self._run
        orders = Orders(
            run.instruments,
            run.strategy_names,
            run.ids,
            recovered=self._recovered_orders(),
            since_ns=max(self._state.time_ns - SINCE_MARGIN_NS, 0),
            timing=Timing(
                run.config.reconcile.every_seconds * NS_PER_SECOND,
                {name: venue.receive_window_ms * NS_PER_MS for name, venue in run.config.venues.items()},
            ),
        )
        orders.risk = self._edge("orders", "risk")
        orders.portfolio = self._edge("orders", "portfolio")
        orders.safety = self._edge("orders", "safety")
        orders.strategies = run.edges.reports
        orders.triggers = self._edge("orders", "triggers")
        orders.gateways = [self._edge("orders", f"gateway:{instrument.venue}") for instrument in run.instruments]
        return orders

    def triggers(self) -> Triggers:
        """Make the keeper of orders that wait, with those that earlier runs left."""
        run = self._run
        triggers = Triggers(
            run.instruments,
            run.strategy_names,
            self._head.epoch,
            list(recovered_orders(self._state, run.instruments, run.strategy_names)),
            run.config.triggers.on_restart,
            orphans=orphans(self._state, run.instruments, run.strategy_names),
        )
        triggers.risk = self._edge("triggers", "risk")
        triggers.safety = self._edge("triggers", "safety")
        triggers.strategies = run.edges.waiting
        triggers.feeds = [self._edge("triggers", f"feed:{instrument.venue}") for instrument in run.instruments]
        triggers.myself = self._edge("audit_writer", "triggers")
        return triggers

    def _recovered_orders(self) -> list[RecoveredOrder]:
        state, run = self._state, self._run
        children = {(order.strategy, order.child) for order in state.waiting.values() if order.child}
        configured = {instrument.name: instrument for instrument in run.instruments}
        names = run.strategy_names
        return [
            RecoveredOrder(
                client_order_id=order.client_order_id,
                strategy=names.index(order.strategy) if order.strategy in names else -1,
                intent=order.intent,
                instrument=configured[order.instrument].index,
                side=Side[order.side],
                price_ticks=order.price_ticks,
                lots=order.lots,
                filled_lots=order.filled_lots,
                state=OrderState[order.state],
                sent_ns=order.sent_ns,
                trade_ids=tuple(order.trade_ids),
                accepted=order.accepted,
                approval=order.approval,
                other_ids=tuple(order.other_ids),
                pending_id=order.pending_id,
                for_waiting=(order.strategy, order.intent) in children,
            )
            for order in [*state.orders.values(), *state.finished.values()]
            if order.instrument in configured
        ]

    def gateway(self, venue: str) -> BinanceGateway:
        """Make the gateway of a venue."""
        run, outside, name = self._run, self._outside, f"gateway:{venue}"
        gateway = BinanceGateway(
            venue,
            outside.urls[venue],
            [instrument for instrument in run.instruments if instrument.venue == venue],
            outside.signers[venue],
            outside.gate,
            Throttle(msgspec.convert(self._head.rate_limits[venue], list[RateLimit])),
            receive_window_ms=run.config.venues[venue].receive_window_ms,
        )
        gateway.feed = run.edges.feed_to[venue]
        gateway.orders = self._edge(name, "orders")
        gateway.risk = self._edge(name, "risk")
        gateway.safety = self._edge(name, "safety")
        if venue in run.links:
            gateway.attach(*run.links[venue])
        return gateway
