"""The command: `python -m benchmarks` (`make bench`) measures every row, prints the table and writes latest.json."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec
from rich.console import Console

from benchmarks import harness, report


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 when every row was measured or cannot be on this machine, 1 when one failed, 2 when the words make no sense.
    """
    options = _parse(arguments)
    if options.measure:
        sys.stdout.buffer.write(msgspec.json.encode(harness.measure_here(options.measure, quick=options.quick)))
        return 0
    if options.write_readme and (options.quick or options.rows or options.peers):
        print("the table of the protocol needs every row and whole inputs: leave out --quick and names of rows")
        return 2
    try:
        rows = harness.with_references(options.rows or (harness.with_peers() if options.peers else []))
    except LookupError as unknown:
        print(unknown.args[0], file=sys.stderr)
        return 2
    console = Console(width=None if sys.stdout.isatty() else 240)
    with console.status("measuring") as status:
        results = harness.run(
            rows,
            quick=options.quick,
            progress=lambda number, name: status.update(f"round {number + 1}: {name}"),
        )
    report.print_table(results, console, quick=options.quick)
    report.write_json(results, options.output)
    if options.write_readme:
        report.write_readme(results)
    return 1 if any(result.problem.startswith("failed") for result in results) else 0


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure what has a budget.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help="only these rows and their references")
    parser.add_argument("--quick", action="store_true", help="tiny inputs: does everything still run?")
    parser.add_argument("--peers", action="store_true", help="only the rows that are compared with other libraries")
    parser.add_argument("--output", type=Path, default=report.LATEST, help="where the results go as JSON")
    parser.add_argument("--write-readme", action="store_true", help="put the table into benchmarks/README.md")
    parser.add_argument("--measure", metavar="ROW", help=argparse.SUPPRESS)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
