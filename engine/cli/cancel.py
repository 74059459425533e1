"""`tiercel cancel`: a person takes orders out of the market while trading goes on.

One order by its id (also one that waits in the engine, `trigger-812`), those of a strategy or of an instrument, or all.
Who wants that nothing new leaves asks for `kill` instead.
"""

from __future__ import annotations

import click

from engine.cli.control import command, data_dir_option, directory_of, instrument_option
from engine.errors import UsageError


@click.command()
@click.argument("order", default="")
@click.option("--strategy", metavar="NAME", help="The orders of this strategy.")
@instrument_option
@click.option("--all", "every", is_flag=True, help="Every order.")
@data_dir_option
def cancel(order: str, strategy: str | None, instrument: str | None, every: bool, data_dir: str | None) -> None:
    """Cancel ORDER, or the orders of a strategy or an instrument, or --all of them; trading goes on."""
    asked = {"order": order, "strategy": strategy or "", "instrument": instrument or ""}
    arguments = {word: value for word, value in asked.items() if value}
    if len(arguments) + every != 1:
        raise UsageError("cancel one thing: ORDER, --strategy NAME, --instrument NAME or --all")
    answer = command(directory_of(data_dir), "cancel", arguments)
    click.echo(f"asked for the cancel of {answer['asked']}; 'tiercel audit tail -f' shows it go")
