"""`tiercel check`: what a configuration comes to, value by value, with the origin of each; or every error in it."""

from __future__ import annotations

import os
from pathlib import Path

import click

from engine.cli.strategies import load_strategies
from engine.config.credentials import variable_names
from engine.config.load import load_config
from engine.config.render import described
from engine.config.rules import instrument_names

KEY_COLUMN_MAX = 48
VALUE_COLUMN_MAX = 40


@click.command()
@click.argument("config", metavar="[CONFIG.toml]", required=False)
def check(config: str | None) -> None:
    """Show the resolved configuration with the origin of each value, or every error at once.

    Without CONFIG.toml it is the demonstration's. Nothing is started; strategies are imported.
    """
    loaded = load_config(Path(config) if config else None, os.environ)
    strategies = load_strategies(loaded)
    rows = list(described(loaded))
    keys = min(max(len(key) for key, _, _ in rows), KEY_COLUMN_MAX)
    values = min(max(len(value) for _, value, _ in rows), VALUE_COLUMN_MAX)
    for key, value, origin in rows:
        click.echo(f"{key:{keys}}  {value:{values}}  {origin}")
    click.echo()
    for venue in loaded.config.venues:
        named = [name for name in variable_names(venue) if os.environ.get(name)]
        click.echo(f"keys of {venue}: {', '.join(named) + ' set' if named else 'none set'}")
    for configured, strategy in zip(loaded.config.strategies, strategies, strict=True):
        click.echo(f"strategy {configured.name}: {strategy.file}")
    click.echo(f"instruments: {', '.join(instrument_names(loaded.config))}")
    click.echo(f"{loaded.source}: ok")
