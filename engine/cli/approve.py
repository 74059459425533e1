"""`tiercel manual` and `tiercel approve`: each order waits for a person, and a person lets it go or not.

The engine decides what came of it: an order that is approved is judged by every check at that moment, and this command
says so when they deny it. The list is asked for and changes nothing.
"""

from __future__ import annotations

from typing import Any

import click
import msgspec

from engine.cli.control import command, data_dir_option, directory_of
from engine.errors import UsageError

COLUMNS = ("number", "strategy", "what", "side", "quantity", "instrument", "price", "age_s", "expires_in_s")
HEADINGS = ("number", "strategy", "what", "side", "quantity", "instrument", "price", "age", "expires in")


@click.command()
@click.argument("number", required=False, metavar="[NUMBER]")
@click.option("--deny", is_flag=True, help="Deny it instead.")
@click.option("--json", "as_json", is_flag=True, help="Print the engine's own words as JSON.")
@data_dir_option
def approve(number: str | None, deny: bool, as_json: bool, data_dir: str | None) -> None:
    """List the orders that wait for a person; with a NUMBER, let that one go to the checks, or deny it.

    Exit code 1 when it waits no longer, or the checks deny it.
    """
    directory = directory_of(data_dir)
    if number is None:
        if deny:
            raise UsageError("--deny needs the NUMBER of an order; 'tiercel approve' lists those that wait")
        _show(command(directory, "waiting", {}), as_json)
        return
    answer = command(directory, "approve", {"number": number, "verdict": "deny" if deny else "approve"})
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
    else:
        click.echo(f"{answer['number']} is denied" if deny else f"{answer['number']} is approved and on its way")


def _show(answer: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
        return
    word = "on: each order of a strategy waits for a person" if answer["manual"] else "off"
    rows = [tuple(_cell(name, row[name]) for name in COLUMNS) for row in answer["waiting"]]
    click.echo(f"manual is {word}; {len(rows) or 'nothing'} waiting")
    widths = [max(len(row[place]) for row in (HEADINGS, *rows)) for place in range(len(COLUMNS))]
    for row in (HEADINGS, *rows) if rows else ():
        click.echo("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip())


def _cell(name: str, value: Any) -> str:
    return f"{value} s" if name.endswith("_s") else str(value)


@click.command()
@click.argument("to", type=click.Choice(["on", "off"]), metavar="on|off")
@click.option("--reason", metavar="TEXT", default="", help="Why; it stands in the audit trail.")
@data_dir_option
def manual(to: str, reason: str, data_dir: str | None) -> None:
    """Let each order of a strategy wait for `tiercel approve`, or go by itself again; it stays so over restarts."""
    answer = command(directory_of(data_dir), "manual", {"to": to} | ({"reason": reason} if reason else {}))
    already = "" if answer["changed"] else " already"
    click.echo(f"manual is {'on' if answer['manual'] else 'off'}{already}")
