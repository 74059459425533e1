"""The head of a tape: everything that a run starts from, so that replay needs nothing else.

Secrets stand in it by name only. Replay compares what describes the program (interpreter, versions, strategy files) and
says which differ; the rest it uses as it is.
"""

from __future__ import annotations

import platform
from importlib import metadata
from typing import Any

from msgspec import Struct


class Program(Struct, frozen=True):
    """What ran: a replay that differs in one of these may differ in everything."""

    package: str
    interpreter: str
    machine: str
    strategies: dict[str, str]
    """Strategy name -> SHA-256 of the file of its class."""


class RunHead(Struct, frozen=True):
    """The first frame of a tape."""

    run_id: str
    session_id: str
    program: Program
    config: dict[str, Any]
    """The resolved configuration as plain values."""
    config_folder: str
    mode: str
    seed: int
    started_ns: int
    node: str
    epoch: int
    first_seq: int
    previous_hash: str
    start_facts: dict[str, Any]
    """What recovery found, for the first records of the run."""
    latch_reason: str
    """Why the run starts latched; empty when it does not."""
    instruments: list[dict[str, Any]]
    rate_limits: dict[str, list[dict[str, Any]]]
    """What each venue said about its rate limits."""
    logs_on: dict[str, bool]
    """Whether the key of each venue logs on once or signs every request."""
    lease: dict[str, Any]
    desk_state: dict[str, Any]
    policy: dict[str, Any]
    """What persons decided in earlier runs, and whether it could be read (engine.policy.policy.PolicyStart)."""
    ports: list[str]


def describe_program(strategies: dict[str, str]) -> Program:
    """Describe the program that runs now."""
    return Program(
        package=metadata.version("tiercel"),
        interpreter=f"{platform.python_implementation()} {platform.python_version()}",
        machine=f"{platform.system()} {platform.machine()}",
        strategies=dict(sorted(strategies.items())),
    )


def differences(recorded: Program, running: Program) -> list[str]:
    """Say what differs between the program that ran and the one that replays."""
    found = [
        f"{name}: recorded {getattr(recorded, name)}, running {getattr(running, name)}"
        for name in ("package", "interpreter", "machine")
        if getattr(recorded, name) != getattr(running, name)
    ]
    for name, digest in recorded.strategies.items():
        other = running.strategies.get(name, "missing")
        if other != digest:
            found.append(f"strategy {name}: its file was {digest[:12]}, is {other[:12]}")
    return found
