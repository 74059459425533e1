"""`tiercel doctor`: what this machine must have, one line each: ok, or the problem and what to do about it.

It changes nothing but a file that it writes into the data directory and removes again. Some findings are only advice:
they slow the engine down or make a clock less exact, and do not end with exit code 1.
"""

from __future__ import annotations

import os
import resource
import shutil
import socket
import sys
import sysconfig
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path

import click
from msgspec import Struct

from engine.cpu_latency import DEVICE
from engine.datadir import DataDir, data_dir, holder

DISK_FREE_PCT_MIN = 5
DISK_FREE_BYTES_MIN = 1 << 30
FILES_MIN = 256
PYTHONS = ((3, 11), (3, 12), (3, 13))
EXTENSIONS = ("hotpath.core.units", "hotpath.core.mailbox", "hotpath.market.book", "hotpath.orders.lifecycle")
IDLE_DRIVER = Path("/sys/devices/system/cpu/cpuidle/current_driver")
CLOCK_RESOLUTION_NS_MAX = 1_000
YEAR_MIN = 2024


class Finding(Struct, frozen=True):
    """One line: what was looked at, whether it is fine, what was found, and what to do."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
    advice_only: bool = False


def python(_: DataDir) -> Finding:
    """Look at the interpreter."""
    found = f"{sys.implementation.name} {sys.version.split()[0]}"
    fits = sys.version_info[:2] in PYTHONS and sys.implementation.name == "cpython"
    return Finding("python", fits, found, "install CPython 3.11, 3.12 or 3.13")


def extensions(_: DataDir) -> Finding:
    """Import the compiled modules."""
    try:
        for name in EXTENSIONS:
            import_module(name)
    except ImportError as problem:
        return Finding("extensions", False, str(problem), "build them: make build, or pip install tiercel again")
    return Finding("extensions", True, f"compiled for {sysconfig.get_platform()}")


def compiler(_: DataDir) -> Finding:
    """Look for a C compiler and Python's headers: needed to build only."""
    command = (sysconfig.get_config_var("CC") or "cc").split()[0]
    found = shutil.which(command) or shutil.which("cc")
    header = Path(sysconfig.get_path("include")) / "Python.h"
    if found is None:
        return Finding(
            "compiler", False, "none", "needed to build only: apt install gcc, or xcode-select --install", True
        )
    if not header.is_file():
        return Finding(
            "compiler", False, f"{found}, no Python.h", "needed to build only: apt install python3-dev", True
        )
    return Finding("compiler", True, found)


def loop(_: DataDir) -> Finding:
    """Import uvloop."""
    try:
        module = import_module("uvloop")
    except ImportError as problem:
        return Finding("uvloop", False, str(problem), "pip install uvloop")
    return Finding("uvloop", True, str(module.__version__))


def writable(directory: DataDir) -> Finding:
    """Write, sync and remove a file in the data directory, or in the nearest folder above that exists."""
    folder = directory.root
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    probe = folder / f".tiercel-doctor-{os.getpid()}"
    try:
        with probe.open("xb") as file:
            file.write(b"x")
            os.fsync(file.fileno())
        probe.unlink()
    except OSError as problem:
        return Finding("data directory", False, f"{folder}: {problem.strerror}", "make it writable, or give --data-dir")
    pid = holder(directory)
    held = f", held by the engine with pid {pid}" if pid else ""
    return Finding("data directory", True, f"{directory.root}{held}")


def disk(directory: DataDir) -> Finding:
    """Look at the space that is left: below 5 % trading is reduce-only."""
    folder = directory.root
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    percent = 100 * usage.free // usage.total
    enough = percent >= DISK_FREE_PCT_MIN and usage.free >= DISK_FREE_BYTES_MIN
    found = f"{usage.free / 2**30:,.1f} GiB free, {percent} %"
    return Finding("disk", enough, found, f"free some: at least 1 GiB and {DISK_FREE_PCT_MIN} % are needed")


def clock(_: DataDir) -> Finding:
    """Look at the machine's clocks."""
    import time

    year = time.gmtime().tm_year
    resolution_ns = round(time.get_clock_info("monotonic").resolution * 1e9)
    if year < YEAR_MIN:
        return Finding("clock", False, f"it is {year} here", "set the clock: timedatectl set-ntp true")
    fine = resolution_ns <= CLOCK_RESOLUTION_NS_MAX
    return Finding("clock", fine, f"resolution {resolution_ns} ns", "latencies will be coarse here", advice_only=True)


def files(_: DataDir) -> Finding:
    """Look at how many files and sockets a process may have."""
    soft, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Finding("open files", soft >= FILES_MIN, f"{soft} allowed", f"ulimit -n {FILES_MIN * 4}")


def loopback(_: DataDir) -> Finding:
    """Connect to ourselves, as the engine does with an embedded simulator."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            with socket.create_connection(("127.0.0.1", port), timeout=2):
                pass
    except OSError as problem:
        return Finding("loopback", False, str(problem), "allow TCP on 127.0.0.1: the embedded simulator needs it")
    return Finding("loopback", True, "127.0.0.1")


def cores(_: DataDir) -> Finding:
    """Count the cores: the engine and a simulator are a process each."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return Finding("cores", count >= 2, str(count), "one core is shared by engine and simulator", advice_only=True)


def wake_up(_: DataDir) -> Finding:
    """Look whether engine.cpu_latency_us could be used, and would change anything."""
    name = "wake-up time"
    if not DEVICE.exists():
        return Finding(name, False, f"no {DEVICE}", "engine.cpu_latency_us cannot be used here: it needs Linux", True)
    if not os.access(DEVICE, os.W_OK):
        remedy = "engine.cpu_latency_us cannot be used: let this user write it"
        return Finding(name, False, f"{DEVICE} cannot be written", remedy, True)
    try:
        driver = IDLE_DRIVER.read_text().strip()
    except OSError:  # expected: a kernel without any
        driver = "none"
    if driver == "none":
        remedy = "engine.cpu_latency_us would change nothing: this kernel chooses no idle states"
        return Finding(name, False, "no cpuidle driver", remedy, True)
    return Finding(name, True, f"engine.cpu_latency_us can be used, cpuidle driver {driver}")


CHECKS: tuple[Callable[[DataDir], Finding], ...] = (
    python,
    extensions,
    compiler,
    loop,
    writable,
    disk,
    clock,
    files,
    loopback,
    cores,
    wake_up,
)


def examine(data_dir_given: str | None, environ: Mapping[str, str]) -> list[Finding]:
    """Return what every check found, in the order of the page."""
    directory = data_dir(Path(data_dir_given) if data_dir_given else None, environ)
    return [look(directory) for look in CHECKS]


@click.command()
@click.option("--data-dir", metavar="DIR", help="The directory to look at [TIERCEL_DATA_DIR, else ./var].")
def doctor(data_dir: str | None) -> None:
    """Check this machine and its set-up; exit code 1 when something is missing."""
    findings = examine(data_dir, os.environ)
    for finding in findings:
        word = "ok" if finding.ok else "advice" if finding.advice_only else "problem"
        click.echo(f"{word:8} {finding.name:15} {finding.found}" + ("" if finding.ok else f": {finding.remedy}"))
    if any(not finding.ok and not finding.advice_only for finding in findings):
        sys.exit(1)
