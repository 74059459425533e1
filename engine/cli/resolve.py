"""`tiercel resolve ORDER`: a person looked at the venue, and an order that stayed UNKNOWN is over.

The last of the rules for an order whose fate nobody could find out: asking comes first, and the engine refuses the word
while the venue may still show the order. If it does show it later, it is cancelled and trading halts.
"""

from __future__ import annotations

import click

from engine.cli.control import command, data_dir_option, directory_of


@click.command()
@click.argument("order")
@data_dir_option
def resolve(order: str, data_dir: str | None) -> None:
    """Say that ORDER, which is UNKNOWN, is over: you looked at the venue, and it is not there."""
    command(directory_of(data_dir), "resolve", {"order": order})
    click.echo(f"{order} is to be resolved; 'tiercel audit tail' shows whether the engine took the word")
