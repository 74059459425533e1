"""The command line: which commands there are, and how an error becomes a sentence and an exit code.

A command's module is imported when that command is called and not before, because `tiercel status` and `tiercel kill`
must be quick; only `run` and `replay` have their options here. Exit codes: 0 done, 1 the check failed, 2 bad usage or
configuration, 3 halted by safety, 4 another engine holds the directory, 130 interrupted before its end.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from types import FrameType, ModuleType
from typing import NoReturn

import click

from engine.errors import DirectoryHeld, TiercelError, UsageError

EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_HELD = 4
EXIT_INTERRUPTED = 130
PLATFORMS = ("linux", "darwin")

FAMILIES = {
    "check": "Show the resolved configuration, or every error in it.",
    "new": "Write a strategy, its test and a configuration that run at once.",
    "status": "Show what the running engine does.",
    "stop": "End the running engine cleanly.",
    "kill": "Close the gate at once, then cancel everything.",
    "rearm": "Allow trading again after a kill, in two steps.",
    "flatten": "Close every position, reduce-only.",
    "cancel": "Cancel an order, those of a strategy or an instrument, or all.",
    "resolve": "Say that an order which nobody could find out about is over.",
    "strategy": "List, enable or disable strategies.",
    "limits": "Show the limits in force, or set one.",
    "approve": "List the orders that wait for a person, approve or deny one.",
    "manual": "Let each order wait for a person, or go by itself again.",
    "audit": "Read and verify the audit trail.",
    "sim": "Start a simulated venue.",
    "doctor": "Check this machine and its set-up.",
}


HIDDEN = ("watchdog",)
"""Commands that the engine starts itself; they work by hand, too, and do not stand in the list."""

OWN_MODULE = ("check", "new", "cancel", "resolve", "limits", "approve", "audit", "sim", "doctor", "watchdog")
SHARED_MODULE = {"manual": "approve"}
"""Commands with a module of their own name, and those of another's; all others share engine.cli.control."""


def family(name: str) -> ModuleType:
    """Import the module of a command, and no other."""
    return import_module(f"engine.cli.{name if name in OWN_MODULE else SHARED_MODULE.get(name, 'control')}")


class Commands(click.Group):
    """The commands by name; the module of one is imported when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return every command in the order of the page."""
        return ["run", *FAMILIES, "replay"]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; its module is imported here."""
        if cmd_name not in FAMILIES and cmd_name not in HIDDEN:
            return super().get_command(ctx, cmd_name)
        command = getattr(family(cmd_name), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        helps = {"run": "Run strategies.", "replay": "Repeat a run and compare."}
        helps |= FAMILIES
        with formatter.section("Commands"):
            formatter.write_dl([(name, helps[name]) for name in self.list_commands(ctx)])

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; what is not built is refused by name, and a wrong name gets the nearest one."""
        name = args[0]
        if name not in (*self.list_commands(ctx), *HIDDEN) and not name.startswith("-"):
            from engine.config.reader import nearest
            from engine.config.unbuilt import unbuilt

            row = unbuilt("command", name)
            hint = nearest(name, self.list_commands(ctx))
            raise UsageError(f"tiercel {row.problem}" if row else f"no command {name!r}; {hint}")
        return super().resolve_command(ctx, args)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="tiercel", prog_name="tiercel")
def tiercel() -> None:
    """Tiercel, a low-latency trading engine. Without a configuration, `tiercel run` is a demonstration."""


@tiercel.command()
@click.argument("config", metavar="[CONFIG.toml]", required=False)
@click.option("--mode", metavar="MODE", help="backtest, paper or live; instead of the configuration's.")
@click.option("--duration", metavar="TIME", help="End after 30, 30s, 10m or 2h.")
@click.option("--capture", "captures", metavar="FILE", multiple=True, help="Play a recording; several are one session.")
@click.option("--speed", metavar="N|max", help="How fast captures are played; max is a backtest.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON and nothing else.")
@click.option("--data-dir", metavar="DIR", help="Where state, logs and runs are kept [TIERCEL_DATA_DIR, else ./var].")
def run(
    config: str | None,
    mode: str | None,
    duration: str | None,
    captures: tuple[str, ...],
    speed: str | None,
    as_json: bool,
    data_dir: str | None,
) -> NoReturn:
    """Run strategies: a backtest, on paper, or live. Ctrl-C once ends cleanly, twice at once."""
    before = signal.signal(signal.SIGINT, end_at_once)
    try:
        from engine.cli.options import run_options

        options = run_options(config, mode, duration, captures, speed, json=as_json, data_dir=data_dir)
        from engine.cli.run import run as run_engine

        sys.exit(run_engine(options))
    finally:
        signal.signal(signal.SIGINT, before)


@tiercel.command()
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option("--to-step", type=click.IntRange(min=0), metavar="STEP", help="Stop when this step has been handled.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON and nothing else.")
@click.option("--data-dir", metavar="DIR", help="Where the run is kept [TIERCEL_DATA_DIR, else ./var].")
def replay(run_id: str | None, to_step: int | None, as_json: bool, data_dir: str | None) -> NoReturn:
    """Repeat a run from its tape and compare the audit head and the sent bytes; the newest run when none is named."""
    from pathlib import Path

    from engine.cli.options import ReplayOptions
    from engine.cli.replay import replay as replay_run

    options = ReplayOptions(run_id, as_json, Path(data_dir) if data_dir else None, -1 if to_step is None else to_step)
    sys.exit(replay_run(options))


def end_at_once(_signal: int, _frame: FrameType | None) -> None:
    """End a run that has not begun: nothing is open anywhere, and what is on disk outlives worse.

    Python's own handler raises, in the middle of an import for one, and what imports in C may swallow that. An engine
    that goes on after Ctrl-C has lost an order of its operator's.
    """
    os._exit(EXIT_INTERRUPTED)


def main() -> NoReturn:
    """Run the command line; every error of ours ends as a sentence on standard error."""
    if not sys.platform.startswith(PLATFORMS):
        fail(f"Tiercel runs on Linux and macOS, not on {sys.platform}", EXIT_USAGE)
    try:
        result = tiercel.main(prog_name="tiercel", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.exceptions.Exit as ending:
        sys.exit(ending.exit_code)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except DirectoryHeld as problem:
        fail(str(problem), EXIT_HELD)
    except UsageError as problem:
        fail(str(problem), EXIT_USAGE)
    except TiercelError as problem:
        fail(str(problem), EXIT_FAILED)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(EXIT_INTERRUPTED)
    except BrokenPipeError:  # `tiercel audit tail | head`: the reader has seen enough
        sys.stderr.close()
        sys.exit(0)
    except OSError as problem:  # a full disk, mostly: behind standard output, or below the data directory
        fail(f"{problem.strerror or problem}{f': {problem.filename}' if problem.filename else ''}", EXIT_FAILED)


def fail(problem: str, code: int) -> NoReturn:
    """Print a problem as a person reads it and end."""
    click.echo(f"tiercel: {problem}", err=True)
    sys.exit(code)


if __name__ == "__main__":
    main()
