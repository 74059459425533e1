"""`tiercel limits`: which limits are in force, where each came from, and setting one while the engine trades.

The engine decides what may be set; here are only the words. `show` asks and changes nothing, `set` is a command like
any other: on the tape, in the audit with the name of who gave it, and answered once it is durable and in force.
"""

from __future__ import annotations

import click
import msgspec

from engine.cli.control import command, data_dir_option, directory_of


@click.group()
def limits() -> None:
    """Show the limits that are in force, or set one."""


@limits.command()
@click.option("--json", "as_json", is_flag=True, help="Print the engine's own words as JSON.")
@data_dir_option
def show(as_json: bool, data_dir: str | None) -> None:
    """Show each limit with its value, unit, origin and the version that all of them are counted under."""
    answer = command(directory_of(data_dir), "limits", {})
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
        return
    rows = answer["limits"]
    widest = max(len(row["key"]) for row in rows)
    for row in rows:
        value = f"{row['value'] or '(empty)'} {row['unit']}".rstrip()
        click.echo(f"{row['key']:{widest}}  {value:32}  {row['origin']}")
    click.echo(f"limits version {answer['version']}; policy {answer['policy']}")


@limits.command("set")
@click.argument("key")
@click.argument("value")
@click.option("--reason", metavar="TEXT", default="", help="Why; it stands in the audit trail.")
@data_dir_option
def set_limit(key: str, value: str, reason: str, data_dir: str | None) -> None:
    """Set a limit of the running engine, to twice what it is at most; it stays set over restarts.

    Lists are written with commas. While trading is halted a limit can only be tightened (exit code 3).
    """
    asked = {"key": key, "value": value}
    answer = command(directory_of(data_dir), "set-limit", asked | ({"reason": reason} if reason else {}))
    if answer["changed"]:
        click.echo(
            f"{answer['key']} is {answer['value'] or '(empty)'} {answer['unit']}".rstrip()
            + f", was {answer['before'] or '(empty)'} (limits version {answer['version']})"
        )
    else:
        click.echo(f"{answer['key']} is {answer['value']} already (limits version {answer['version']})")
