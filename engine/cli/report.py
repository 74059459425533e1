"""What a run looks like from outside: the snapshot for table, status and heartbeat, and the summary at the end.

It reads the actors' counters and changes nothing; whoever calls it is at the end of a turn, so nothing moves meanwhile.
"""

from __future__ import annotations

import os

from engine.cli.assembly import Assembled
from engine.clock import NS_PER_SECOND
from engine.runtime.turn import Turn
from engine.tape.head import RunHead
from engine.tape.sent import SentDigest
from engine.telemetry.execution import ExecutionSummary, quantiles
from engine.telemetry.metrics import Latency, Rate, latency, peak_rss_mib
from engine.telemetry.snapshot import BookRow, Snapshot, StrategyRow
from engine.telemetry.summary import (
    AuditSummary,
    FeedSummary,
    LatencySummary,
    OrderCounts,
    PositionSummary,
    ProfitAndLoss,
    SentSummary,
    Summary,
    TapeSummary,
    WaitingCounts,
)
from hotpath.core.histogram import Histogram


class Report:
    """Looks at one run."""

    def __init__(self, run: Assembled, turn: Turn, head: RunHead) -> None:
        """Take the run as it was assembled."""
        self._run = run
        self._turn = turn
        self._head = head
        self._rate = Rate(head.started_ns)
        self.note = ""
        self.failures: list[str] = []
        """What the authors of strategies should read at the end."""

    def feeds(self) -> dict[str, FeedSummary]:
        """Return each instrument's feed."""
        run = self._run
        return {
            instrument.name: FeedSummary(**run.actor(f"feed:{instrument.venue}").summary(instrument.index))
            for instrument in run.instruments
        }

    def orders(self) -> tuple[OrderCounts, int]:
        """Return what became of the orders, and how many executions there were."""
        counts = self._run.actor("orders").summary()
        fills = counts.pop("fills")
        return OrderCounts(**counts, denied=self._run.actor("risk").denied_count), fills

    def waiting(self) -> WaitingCounts:
        """Return what became of the orders that waited in the engine."""
        return WaitingCounts(**self._run.actor("triggers").summary())

    def money(self) -> tuple[list[PositionSummary], ProfitAndLoss]:
        """Return positions and profit."""
        said = self._run.actor("portfolio").summary()
        return [PositionSummary(**row) for row in said["positions"]], ProfitAndLoss(**said["pnl"])

    def hops(self) -> dict[str, Latency]:
        """Return how long the handlers of each edge take, those that were timed."""
        dispatcher = self._run.system.dispatcher
        found = {}
        for mailbox in dispatcher.all_mailboxes():
            histogram = dispatcher.histograms[mailbox.index]
            if histogram.count:
                found[mailbox.name] = latency(histogram)
        return found

    def execution(self) -> ExecutionSummary:
        """Return how well orders were executed."""
        decisions = Histogram()
        dispatcher = self._run.system.dispatcher
        for mailbox in dispatcher.all_mailboxes():
            if mailbox.owner.name.startswith("strategy:"):
                decisions.merge(dispatcher.histograms[mailbox.index])
        return self._run.quality.summary(
            {"decision": quantiles(decisions), "order": quantiles(self._turn.reaction.times)}
        )

    def snapshot(self, now_ns: int, progress: float | None) -> Snapshot:
        """Return the engine at this moment."""
        run, head, safety = self._run, self._head, self._run.safety
        orders, fills = self.orders()
        positions, pnl = self.money()
        market_count = self._turn.market_count
        return Snapshot(
            pid=os.getpid(),
            run_id=head.run_id,
            node=head.node,
            mode=head.mode,
            state=safety.state.name,
            reason="; ".join([safety.last_reason, *(f"waits: {words}" for words in safety.trading.waits_for)]),
            gate=run.gate.peek().name,
            time_ns=now_ns,
            elapsed_s=(now_ns - head.started_ns) / NS_PER_SECOND,
            progress=progress,
            market_messages=market_count,
            market_rate=self._rate.look(market_count, now_ns),
            books=self._books(),
            strategies=self._strategies(),
            positions=positions,
            pnl=pnl,
            orders=orders,
            open_orders=safety.working_count,
            fills=fills,
            latency_ns={"tick to order": latency(self._turn.reaction.times)},
            audit_records=run.writer.records_count,
            dead_letters=run.dead_letters_count,
            halts=safety.halts_count,
            policy=safety.policy.words,
            note=self.note,
        )

    def _books(self) -> list[BookRow]:
        rows = []
        for name, feed in self.feeds().items():
            status = self._run.safety.facts.feeds[self._run.instruments.find(name).index].name
            rows.append(
                BookRow(
                    name,
                    status,
                    feed.best_bid,
                    feed.best_bid_quantity,
                    feed.best_ask,
                    feed.best_ask_quantity,
                    feed.gaps,
                )
            )
        return rows

    def _strategies(self) -> list[StrategyRow]:
        safety = self._run.safety
        return [
            StrategyRow(
                plan.name,
                plan.name not in safety.roster.disabled,
                list(plan.instruments),
                safety.roster.disabled.get(plan.name, ""),
                len(self._run.actor(f"strategy:{plan.name}").working_orders(None)),
            )
            for plan in self._run.config.strategies
        ]

    def summary(self, ended_ns: int, tape: TapeSummary, sent: SentDigest) -> Summary:
        """Return what the run came to."""
        run, head, writer = self._run, self._head, self._run.writer
        orders, fills = self.orders()
        positions, pnl = self.money()
        return Summary(
            run_id=head.run_id,
            mode=head.mode,
            duration_s=round((ended_ns - head.started_ns) / NS_PER_SECOND),
            market_messages=self._turn.market_count,
            feeds=self.feeds(),
            orders=orders,
            fills=fills,
            waiting=self.waiting(),
            positions=positions,
            pnl=pnl,
            latency_ns=LatencySummary(latency(self._turn.reaction.times), self.hops()),
            audit=AuditSummary(writer.records_count, writer.first_seq, writer.head),
            tape=tape,
            sent=SentSummary(sent.payloads, sent.hexdigest()),
            peak_rss_mib=peak_rss_mib(),
            dead_letters=run.dead_letters_count,
            halts=run.safety.halts_count,
            state=run.safety.state.name,
            execution=self.execution(),
        )
