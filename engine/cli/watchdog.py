"""`tiercel watchdog`: the process that looks after an engine and can cancel everything without it.

The engine starts one with every run on sockets; by hand it does the same for the engine that runs, from the order in
state/watchdog.json. Keys come from the environment alone: TIERCEL_<VENUE>_WATCHDOG_KEY and its secret or file where the
watchdog has a pair of its own, the engine's otherwise. It is deaf to Ctrl-C, because it belongs to no terminal.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import click
import msgspec

from engine.cli.guard import OWN_PAIR
from engine.clock import WallClock
from engine.config.credentials import load_credentials, variable_names
from engine.datadir import DataDir, holder, running_data_dir, write_whole
from engine.errors import UsageError
from engine.heartbeat import Heartbeat
from engine.latch import Latch, read_latch, set_latch
from engine.messages.control import GateWord
from engine.telemetry.logs import Logs
from engine.watch import Deed, WatchedVenue, WatchOrder, append_deed, read_order
from gateways.binance.cancel_session import CancelSession
from gateways.binance.orders import API_PATH
from gateways.binance.signing import Signer, signer_of
from gateways.gate_file import close_gate, read_gate
from gateways.operator.vigil import Look, Vigil
from gateways.operator.watchdog import Duty, Watchdog
from gateways.throttle import RateLimit, Throttle

IDS_MAX = 50
"""Ids that the trail is told of one deed; the log has them all."""


@click.command(hidden=True)
@click.option(
    "--data-dir", metavar="DIR", help="The engine's directory [TIERCEL_DATA_DIR, else the only engine that runs]."
)
def watchdog(data_dir: str | None) -> None:
    """Watch the engine of a data directory, and cancel everything when it stands still or has gone."""
    directory = running_data_dir(Path(data_dir) if data_dir else None, os.environ)
    order = read_order(directory.watch_order)
    dog = make(directory, order, os.environ)
    try:
        with ThreadPoolExecutor(1, "pid") as disk:  # which may take seconds, and the engine is to be looked at now
            disk.submit(write_whole, directory.watchdog_pid, f"{os.getpid()}\n".encode())
            click.echo(f"{order.run_id}: {asyncio.run(dog.run())}")
    finally:
        directory.watchdog_pid.unlink(missing_ok=True)


def make(directory: DataDir, order: WatchOrder, environ: Mapping[str, str]) -> Watchdog:
    """Return a watchdog that is ready to run.

    Raises:
        UsageError: a venue's keys are missing or cannot be used.
    """
    logs = Logs(directory.logs, order.run_id)
    duties = [_duty(venue, order.prefix, environ) for venue in order.venues]
    return Watchdog(
        Vigil(order.pid),
        duties,
        Eyes(directory, order.pid).see,
        partial(_halt, directory),
        partial(_tell, directory, logs),
        order.run_id,
    )


def _duty(venue: WatchedVenue, prefix: str, environ: Mapping[str, str]) -> Duty:
    signer = _signer(venue.venue, environ)
    throttle = Throttle([RateLimit(*limit) for limit in venue.limits])

    def begin(canceled: list[str]) -> CancelSession:
        return CancelSession(
            signer, venue.symbols, prefix, throttle, canceled, receive_window_ms=venue.receive_window_ms
        )

    return Duty(venue.venue, venue.api_url + API_PATH, begin, venue.dies_with_engine)


def _signer(venue: str, environ: Mapping[str, str]) -> Signer:
    credentials = load_credentials(f"{venue}_{OWN_PAIR}", environ) or load_credentials(venue, environ)
    if credentials is None:
        key, secret, file = variable_names(f"{venue}_{OWN_PAIR}")
        raise UsageError(f"the watchdog has no key pair for {venue}: set {key} with {file} or {secret}")
    return signer_of(credentials)


class Eyes:
    """Looks at an engine's files."""

    def __init__(self, directory: DataDir, pid: int) -> None:
        """Look after the engine with this pid."""
        self._directory = directory
        self._pid = pid
        self._page = Heartbeat.watch(directory.pulse)
        self._held = True

    def see(self) -> Look:
        """Look. Once the lock was found free nobody probes it again: a start must not find it taken by us."""
        page = self._page
        self._held = self._held and holder(self._directory) == self._pid
        shut = read_gate(self._directory.gate) is GateWord.CLOSED
        return Look(page.pid, page.beats, page.phase, self._held, shut)


def _halt(directory: DataDir, reason: str) -> None:
    """Close the gate and set the latch, unless a person or the engine was first."""
    close_gate(directory.gate)
    if read_latch(directory.latch) is None:
        set_latch(directory.latch, Latch(WallClock().read_ns(), "watchdog", reason))


def _tell(directory: DataDir, logs: Logs, deed: Deed) -> None:
    """Write a deed to the log, whole, and to the file that the next start tells the trail."""
    fields = {"reason": deed.reason, "canceled": deed.canceled, "unresolved": deed.unresolved}
    logs.engine(deed.time_ns, "watchdog", text=deed.what, **fields)
    logs.flush()
    more = len(deed.canceled) - IDS_MAX
    if more > 0:
        deed = msgspec.structs.replace(deed, canceled=[*deed.canceled[:IDS_MAX], f"and {more} more"])
    append_deed(directory.watch_deeds, deed)
