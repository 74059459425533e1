"""Commands for a running engine: status, stop, kill, rearm, flatten, strategy.

`kill` needs nobody: it closes the gate and sets the latch itself, by files, and only then asks the engine. The others
ask over state/control.sock. Without --data-dir they find the running engine by themselves, from any folder.
"""

from __future__ import annotations

import os
import pwd
import secrets
import sys
import time
from pathlib import Path
from typing import Any, NoReturn

import click
import msgspec

from engine.datadir import DataDir, holder, running_data_dir
from engine.errors import UsageError
from engine.latch import CODE_LIFE_NS, Latch, clear_latch, issue_code, read_latch, set_latch, spend_code
from engine.messages.control import GateWord
from gateways.gate_file import GateFile, read_gate
from gateways.operator.client import Answer, Conversation, ask

STATUS_SECONDS = 0.5
COMMAND_SECONDS = 5.0
KILL_ANSWER_SECONDS = 0.25
KILL_REPORT_SECONDS = 10.0
STOP_SECONDS = 30.0
FLAT_SECONDS = 15.0
LOOK_SECONDS = 0.05
WORD_CELL = 1
NS_PER_MS = 1_000_000
NS_PER_SECOND = 1_000_000_000

data_dir_option = click.option(
    "--data-dir", metavar="DIR", help="The engine's directory [TIERCEL_DATA_DIR, else the only engine that runs]."
)


instrument_option = click.option("--instrument", metavar="NAME", help="This instrument alone: venue:SYMBOL or SYMBOL.")
venue_option = click.option("--venue", metavar="NAME", help="This venue alone, with all of its instruments.")


def directory_of(data_dir: str | None) -> DataDir:
    """Return the directory that a command is about."""
    return running_data_dir(Path(data_dir) if data_dir else None, os.environ)


def user_name() -> str:
    """Return the name of whoever gives the command."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def command(directory: DataDir, verb: str, arguments: dict[str, str]) -> dict[str, Any]:
    """Ask the running engine and return its answer; ends with its exit code when it says no, with 1 when nothing."""
    pid = holder(directory)
    if not pid:
        failed(f"no engine runs in {directory.root}")
    answer = ask(directory.control_socket, verb, arguments, user_name(), COMMAND_SECONDS)
    if answer is None:
        failed(
            f"the engine (pid {pid}) did not answer within {COMMAND_SECONDS:.0f} s; "
            f"'tiercel kill --reason TEXT' closes the gate without its help"
        )
    if not answer.ok:
        failed(answer.error, int(answer.answer.get("exit_code", 1)))
    return answer.answer


def failed(problem: str, code: int = 1) -> NoReturn:
    """Say what did not work and end with an exit code."""
    click.echo(f"tiercel: {problem}", err=True)
    sys.exit(code)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the engine's own words as JSON.")
@data_dir_option
def status(as_json: bool, data_dir: str | None) -> None:
    """Show what the running engine does; exit code 1 when none runs or it does not answer."""
    directory = directory_of(data_dir)
    pid = holder(directory)
    if not pid:
        _describe_files(directory)
        failed(f"no engine runs in {directory.root}")
    answer = ask(directory.control_socket, "status", {}, user_name(), STATUS_SECONDS)
    if answer is None:
        _describe_files(directory)
        failed(f"the engine (pid {pid}) runs in {directory.root} and did not answer within {STATUS_SECONDS} s")
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer.answer), indent=2))
        return
    from engine.telemetry.snapshot import Snapshot, status_lines

    click.echo("\n".join(status_lines(msgspec.convert(answer.answer, Snapshot))))
    click.echo(f"data directory {directory.root}")
    if not directory.watchdog_pid.exists():
        click.echo("no watchdog runs beside it; see logs/watchdog.txt")
    _describe_latch(directory)


def _describe_files(directory: DataDir) -> None:
    """Say what the files of an engine that is silent tell."""
    if directory.state.is_dir():
        click.echo(f"gate {read_gate(directory.gate).name}")
    _describe_latch(directory)
    try:
        heartbeat = directory.heartbeat.stat().st_mtime_ns
    except OSError:  # expected: an engine that never ran has no heartbeat
        return
    click.echo(f"last heartbeat {(time.time_ns() - heartbeat) / NS_PER_SECOND:,.1f} s ago")


def _describe_latch(directory: DataDir) -> None:
    latch = read_latch(directory.latch)
    if latch is not None:
        click.echo(f"killed by {latch.user}: {latch.reason}; 'tiercel rearm' when the cause is understood")


@click.command()
@data_dir_option
def stop(data_dir: str | None) -> None:
    """End the running engine cleanly: cancel what is open, wait for the reports, write the summary."""
    directory = directory_of(data_dir)
    pid = holder(directory)
    command(directory, "stop", {})
    if not _until(lambda: holder(directory) != pid, STOP_SECONDS):
        failed(f"the engine (pid {pid}) took the command and still runs after {STOP_SECONDS:.0f} s")
    click.echo(f"the engine (pid {pid}) has stopped")


@click.command()
@click.option("--reason", metavar="TEXT", required=True, help="Why; it stands in the latch and in the audit trail.")
@click.option("--strategy", metavar="NAME", help="Kill this strategy alone; 'tiercel strategy enable NAME' undoes it.")
@instrument_option
@venue_option
@data_dir_option
def kill(reason: str, strategy: str | None, instrument: str | None, venue: str | None, data_dir: str | None) -> None:
    """Close the gate at once, set the latch, then have everything cancelled. Works with a stuck engine, or none.

    With a strategy, an instrument or a venue only that is killed, by the running engine: its orders are cancelled and
    nothing new leaves, until a person undoes it, also after a restart.
    """
    directory = directory_of(data_dir)
    level = _level(strategy=strategy, instrument=instrument, venue=venue)
    if level:
        click.echo(_words(command(directory, "kill", {"reason": reason, **level})))
        return
    if not directory.state.is_dir():
        raise UsageError(f"{directory.root} is no data directory: nothing was killed; name it with --data-dir")
    begun_ns = time.perf_counter_ns()
    gate = GateFile.open(directory.gate)
    gate.cells[WORD_CELL] = int(GateWord.CLOSED)  # from here on every engine sees it; the disk may take its time
    closed_ns = time.perf_counter_ns() - begun_ns
    gate.write(GateWord.CLOSED)
    set_latch(directory.latch, Latch(time.time_ns(), user_name(), reason))
    gate.write(GateWord.CLOSED)  # again: an engine that started meanwhile has opened it before it could see the latch
    directory.rearm.unlink(missing_ok=True)
    click.echo(f"gate closed in {closed_ns / NS_PER_MS:.2f} ms, latch set: {reason}")
    pid = holder(directory)
    if not pid:
        click.echo(f"no engine runs in {directory.root}; until 'tiercel rearm' the next one starts in EMERGENCY")
        return
    try:
        _have_all_cancelled(directory, pid, reason)
    except OSError:
        _warn(f"the engine (pid {pid}) did not answer; nothing more leaves it, but its open orders may still stand")


def _level(**named: str | None) -> dict[str, str]:
    """Return what a command names that is smaller than everything.

    Raises:
        UsageError: it names two things.
    """
    found = {level: name for level, name in named.items() if name is not None}
    if len(found) > 1:
        raise UsageError(
            f"{' and '.join(f'--{level}' for level in found)} cannot be combined: give one command for each"
        )
    return found


def _have_all_cancelled(directory: DataDir, pid: int, reason: str) -> None:
    with Conversation(directory.control_socket, KILL_ANSWER_SECONDS) as conversation:
        conversation.say("kill", {"reason": reason}, user_name())
        answer = conversation.wait(KILL_ANSWER_SECONDS)
        if answer is None:
            _warn(
                f"the engine (pid {pid}) did not report within {KILL_ANSWER_SECONDS * 1e3:.0f} ms; the gate is closed"
            )
            answer = conversation.wait(KILL_REPORT_SECONDS)
    if answer is None:
        _warn("it still has not: the watchdog cancels, see logs/engine_…; look at the venue for open orders")
    elif answer.ok:
        click.echo(f"everything is cancelled: {_words(answer.answer)}")
    else:
        _warn(f"the engine says: {answer.error}")


def _warn(problem: str) -> None:
    click.echo(f"tiercel: warning: {problem}", err=True)


def _words(answer: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in answer.items())


@click.command()
@click.option("--confirm", metavar="CODE", help="The code that 'tiercel rearm' printed less than 60 s ago.")
@instrument_option
@venue_option
@click.option("--reset-peak", is_flag=True, help="Count drawdown from the equity of now on; nothing else changes.")
@data_dir_option
def rearm(
    confirm: str | None, instrument: str | None, venue: str | None, reset_peak: bool, data_dir: str | None
) -> None:
    """Allow trading again after a kill: first shows what it would enable and a code, then takes the code.

    With an instrument or a venue the kill of that alone is lifted, in one step.
    """
    directory = directory_of(data_dir)
    level = _level(instrument=instrument, venue=venue, peak="reset" if reset_peak else None)
    if level:
        click.echo(_words(command(directory, "rearm", level)))
        return
    if holder(directory):
        answer = command(directory, "rearm", {"code": confirm} if confirm else {})
        _tell_rearm(answer, str(answer.get("code", "")), confirm)
        return
    latch = read_latch(directory.latch)
    if latch is None:
        raise UsageError(f"nothing to re-arm: no engine runs in {directory.root} and no latch is set there")
    if confirm is None:
        code = secrets.token_hex(3).upper()
        issue_code(directory.rearm, code, latch, time.time_ns())
        enabled = {"latch": f"set by {latch.user}: {latch.reason}", "gate": read_gate(directory.gate).name}
        _tell_rearm(enabled, code, None)
        return
    problem = spend_code(directory.rearm, confirm, latch, time.time_ns())
    if problem:
        raise UsageError(problem)
    clear_latch(directory.latch)
    gate = GateFile.open(directory.gate)
    gate.write(GateWord.OPEN)
    gate.close()
    _tell_rearm({"latch": "cleared", "gate": "OPEN"}, "", confirm)


def _tell_rearm(answer: dict[str, Any], code: str, confirm: str | None) -> None:
    for name, value in answer.items():
        if name not in ("code", "seconds"):
            click.echo(
                f"{name.replace('_', ' ')}: {(', '.join(value) or 'nothing') if isinstance(value, list) else value}"
            )
    if confirm is None:
        click.echo(f"to allow trading again, within {CODE_LIFE_NS // NS_PER_SECOND} s: tiercel rearm --confirm {code}")
    else:
        click.echo("re-armed")


@click.command()
@data_dir_option
def flatten(data_dir: str | None) -> None:
    """Cancel everything and close every position, reduce-only; exit code 1 when something is still open after 15 s."""
    directory = directory_of(data_dir)
    click.echo(_words(command(directory, "flatten", {})))
    held: list[str] = []

    def is_flat() -> bool:
        answer = ask(directory.control_socket, "status", {}, user_name(), STATUS_SECONDS)
        held[:] = _held(answer)
        return answer is not None and not held

    if not _until(is_flat, FLAT_SECONDS):
        failed(f"still held after {FLAT_SECONDS:.0f} s: {', '.join(held) or 'unknown, the engine does not answer'}")
    click.echo("flat")


def _held(answer: Answer | None) -> list[str]:
    positions = answer.answer.get("positions", []) if answer else []
    return [f"{row['quantity']} {row['instrument']}" for row in positions if row["quantity"].strip("-0.")]


def _until(holds: Any, seconds: float) -> bool:
    """Look again and again until a condition holds; False when it still does not after `seconds`."""
    end_ns = time.monotonic_ns() + int(seconds * NS_PER_SECOND)
    while not holds():
        if time.monotonic_ns() > end_ns:
            return False
        time.sleep(LOOK_SECONDS)
    return True


@click.group()
def strategy() -> None:
    """List, enable or disable the strategies of the running engine."""


@strategy.command("list")
@data_dir_option
def list_strategies(data_dir: str | None) -> None:
    """Show each strategy, whether it is enabled, and why not."""
    for row in command(directory_of(data_dir), "status", {}).get("strategies", []):
        word = "enabled" if row["enabled"] else f"off: {row['reason']}"
        click.echo(f"{row['name']:24}  {', '.join(row['instruments']):32}  {word}")


@strategy.command()
@click.argument("name")
@data_dir_option
def enable(name: str, data_dir: str | None) -> None:
    """Let a strategy trade again, with the code that the engine has."""
    command(directory_of(data_dir), "strategy", {"verb": "enable", "name": name})
    click.echo(f"{name} is enabled")


@strategy.command()
@click.argument("name")
@data_dir_option
def disable(name: str, data_dir: str | None) -> None:
    """Stop a strategy and cancel its orders."""
    command(directory_of(data_dir), "strategy", {"verb": "disable", "name": name})
    click.echo(f"{name} is disabled and its orders are cancelled")
