"""Audit records: a typical `order.submit` from the event to the line that is handed to the day file.

Rendered, encoded, chained by SHA-256 and appended, as the audit writer does it in its lane; every 64 records are
written to a real file, as the end of a turn does it. Latencies are taken one by one, the rate over whole batches
without a stamp in between.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from actors.audit_writer.actor import AuditWriter
from benchmarks.macro.market import SYMBOL, SYNTHETIC_START_NS
from benchmarks.measurement import Measurement, of_times, type_of_measurements
from engine.audit.chain import Chain
from engine.audit.checkpoints import RECORDS_MAX
from engine.audit.encoder import Encoder
from engine.audit.files import DayFiles
from engine.audit.render import Renderer
from engine.clock import NS_PER_SECOND
from engine.instruments import Instruments
from engine.limits import AUDIT_EVENTS_MAX
from engine.messages.control import Action
from engine.messages.market import Side
from engine.messages.orders import OrderType, SubmitOrder, TimeInForce
from engine.runtime.system import System
from engine.supervision.directive import Directive
from gateways.binance.simulator_rules import listed
from hotpath.core.fact import AuditEvent
from hotpath.core.histogram import stamp
from hotpath.core.mailbox import ALL, AUDIT, HALT

BATCH = RECORDS_MAX // 2
"""A checkpoint is due every RECORDS_MAX records: with these batches it falls between two of them."""
BATCHES, BATCHES_TINY = 20, 2
TURN_RECORDS = 64
EPOCH = 7
PRICE_TICKS = 6_168_599
LOTS = 150_000


class Workload:
    """Orders of one strategy that were approved, and the events that say that they are submitted."""

    def __init__(self, directory: Path) -> None:
        """Begin a chain in a fresh directory."""
        self._renderer = Renderer(Instruments([listed(SYMBOL)]), ["maker"], EPOCH)
        self._trail = DayFiles(directory)
        self.writer = AuditWriter(Encoder("t1", EPOCH, self._renderer.render_of), Chain(), self._trail)
        self._system = System(seed=1, first_seq=1, started_ns=SYNTHETIC_START_NS)
        name = "audit_writer"
        self._system.add(name, Directive.ESCALATE, lambda: self.writer)
        trail = self._system.edge("everyone", name, (AuditEvent,), lane=AUDIT, capacity=AUDIT_EVENTS_MAX, full=HALT)
        self._system.build(trail, name)

    def batch(self) -> list[AuditEvent]:
        """Return the events of the next orders; their approvals are known already."""
        self._system.dispatcher.drain(ALL, ALL, -1)  # a checkpoint may have been recorded
        return list(self._events())

    def _events(self) -> Iterator[AuditEvent]:
        sequence = self._system.numbers
        first_seq = sequence.next_seq
        sequence.next_seq += BATCH
        for seq in range(first_seq, first_seq + BATCH):
            side = Side.BUY if seq % 2 else Side.SELL
            self._renderer.desk.approved(seq, 0, seq, 0, f'"{side.name}"', seq, 1)
            submit = SubmitOrder(
                number=seq,
                client_order_id=f"t1-{EPOCH}-{seq}",
                instrument=0,
                side=side,
                type=OrderType.LIMIT,
                time_in_force=TimeInForce.GTC,
                post_only=True,
                price_ticks=PRICE_TICKS - seq % 100,
                lots=LOTS + 1_000 * (seq % 50),
                shrinks=False,
            )
            yield AuditEvent(
                seq, SYNTHETIC_START_NS + 200_000 * seq, 5 * seq, Action.ORDER_SUBMIT, "orders", seq, submit
            )

    def flush(self) -> None:
        """Write what was handed over, as the end of a turn does."""
        self.writer.flush()

    def close(self) -> None:
        """End the trail."""
        self._trail.close()


def audit_records(quick: bool) -> type_of_measurements:
    """Measure one record, and how many there are in a second."""
    with tempfile.TemporaryDirectory(prefix="tiercel-bench-") as directory:
        work = Workload(Path(directory))
        times_ns: list[int] = []
        taken_ns = 0
        batches = BATCHES_TINY if quick else BATCHES
        _one_by_one(work, [])
        for _ in range(batches):
            _one_by_one(work, times_ns)
            taken_ns += _at_once(work)
        measured = of_times(times_ns, work.writer.head)
        work.close()
    rate = batches * BATCH * NS_PER_SECOND / taken_ns
    note = f"{len(times_ns)} records one by one, {batches * BATCH} for the rate, written every {TURN_RECORDS}"
    return {"audit_records": Measurement(measured.p50, measured.p99, rate, measured.work, note)}


def _one_by_one(work: Workload, times_ns: list[int]) -> None:
    on_event = work.writer.on_event
    for number, event in enumerate(work.batch(), 1):
        begun_ns = stamp()
        on_event(event)
        times_ns.append(stamp() - begun_ns)
        if number % TURN_RECORDS == 0:
            work.flush()


def _at_once(work: Workload) -> int:
    on_event = work.writer.on_event
    events = work.batch()
    begun_ns = stamp()
    for number, event in enumerate(events, 1):
        on_event(event)
        if number % TURN_RECORDS == 0:
            work.flush()
    return stamp() - begun_ns
