"""Four hops: a message through four asyncio queues, and one through four mailboxes of ours drained inline.

The first is the reference of most rows: what a program pays that gives each stage a task and a queue. One message is
under way at a time, so a figure is the time of four hops and not of waiting for others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from benchmarks.measurement import Measurement, of_times, type_of_measurements
from engine.runtime.turn import new_event_loop
from hotpath.core.histogram import stamp
from hotpath.core.mailbox import ALL, HALT, ORDERS, Dispatcher, Mailbox

HOPS = 4
QUEUE_MAX = 256
SAMPLES, SAMPLES_TINY = 20_000, 500
WARM_UP, WARM_UP_TINY = 2_000, 50


class Message(Struct, frozen=True, gc=False):
    """What goes through the four hops."""

    number: int


class Stage:
    """One of four: counts what it sees and passes it on."""

    def __init__(self) -> None:
        """Count from 0."""
        self.total = 0
        self.tell: Callable[[Message], object] | None = None

    def receive(self, message: Message) -> None:
        """Look at a message and pass it on, when there is anybody to pass it to."""
        self.total += message.number
        if self.tell is not None:
            self.tell(message)


async def _forward(stage: Stage, source: asyncio.Queue[Message], target: asyncio.Queue[Message]) -> None:
    while True:
        message = await source.get()
        stage.receive(message)
        await target.put(message)


async def _through_queues(samples: int, warm_up: int) -> tuple[list[int], list[int]]:
    queues: list[asyncio.Queue[Message]] = [asyncio.Queue(QUEUE_MAX) for _ in range(HOPS)]
    stages = [Stage() for _ in range(HOPS)]
    tasks = [
        asyncio.create_task(_forward(stage, source, target))
        for stage, source, target in zip(stages[:-1], queues[:-1], queues[1:], strict=True)
    ]
    first, last, last_stage = queues[0], queues[-1], stages[-1]
    times_ns: list[int] = []
    for number in range(samples + warm_up):
        message = Message(number)
        begun_ns = stamp()
        await first.put(message)
        last_stage.receive(await last.get())
        times_ns.append(stamp() - begun_ns)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return times_ns[warm_up:], [stage.total for stage in stages]


def through_queues(quick: bool) -> type_of_measurements:
    """Measure four asyncio.Queues on uvloop, three tasks between them."""
    loop = new_event_loop()
    try:
        times_ns, totals = loop.run_until_complete(_through_queues(*_counts(quick)))
    finally:
        loop.close()
    return {"asyncio_hops_4": _measured(times_ns, totals)}


def through_mailboxes(quick: bool) -> type_of_measurements:
    """Measure four mailboxes of the dispatcher, drained as a turn drains them."""
    samples, warm_up = _counts(quick)
    dispatcher = Dispatcher()
    stages = [Stage() for _ in range(HOPS)]
    mailboxes = [_mailbox(dispatcher, number, stage) for number, stage in enumerate(stages)]
    for stage, mailbox in zip(stages[:-1], mailboxes[1:], strict=True):
        stage.tell = mailbox.tell
    first = mailboxes[0]
    times_ns: list[int] = []
    for number in range(samples + warm_up):
        message = Message(number)
        begun_ns = stamp()
        first.tell(message)
        dispatcher.drain(ALL, ALL, -1)
        times_ns.append(stamp() - begun_ns)
    return {"actor_hops_4": _measured(times_ns[warm_up:], [stage.total for stage in stages])}


def _mailbox(dispatcher: Dispatcher, number: int, stage: Stage) -> Mailbox:
    handlers: dict[type, Callable[[Any], None]] = {Message: stage.receive}
    return dispatcher.mailbox(f"hop {number}", stage, handlers, ORDERS, QUEUE_MAX, HALT)


def _counts(quick: bool) -> tuple[int, int]:
    return (SAMPLES_TINY, WARM_UP_TINY) if quick else (SAMPLES, WARM_UP)


def _measured(times_ns: list[int], totals: list[int]) -> Measurement:
    if len(set(totals)) != 1:
        raise ValueError(f"the stages saw different messages: {totals}; a hop lost one")
    return of_times(times_ns, totals)
