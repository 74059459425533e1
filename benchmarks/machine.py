"""Where a figure comes from: the machine and the commit that were measured."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CPUINFO = Path("/proc/cpuinfo")
UNKNOWN = "unknown"


def machine() -> str:
    """Return processor, number of cores, system and interpreter in one line."""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    system = f"{platform.system()} {platform.machine()}"
    return f"{_processor()}, {os.cpu_count()} cores, {system}, {python}"


def commit() -> str:
    """Return the commit that is checked out, with a plus where sources differ from it; unknown without git."""
    head = _git("rev-parse", "HEAD")
    if not head:
        return UNKNOWN
    return head + ("+" if _git("status", "--porcelain", "--untracked-files=no") else "")


def _processor() -> str:
    if CPUINFO.is_file():
        for line in CPUINFO.read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or UNKNOWN


def _git(*words: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            ["git", *words],  # noqa: S607 - whichever git the person uses
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):  # expected: without git the commit is unknown
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
