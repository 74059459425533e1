"""`tiercel sim`: a simulated venue on loopback that somebody starts by hand, for engines with environment = "local".

It plays a capture, or a seeded synthetic market, until it is stopped; the account and the book live as long as it does,
so engines may come, be killed and come again. It prints what an engine must be told: addresses and the key pair.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from pathlib import Path

import click

from engine.cli.venue_process import VenueOrder, make_simulator
from engine.clock import WallClock
from engine.config.credentials import Credentials, variable_names
from engine.config.endpoints import VENUES
from engine.config.model import SimulatorConfig
from engine.config.reader import nearest
from engine.config.unbuilt import unbuilt
from engine.errors import UsageError
from gateways.simulator.server import Listening, run_server

PORT_MAX = 65_534
RATE_MAX = 100_000


@click.command()
@click.argument("venue", metavar="VENUE")
@click.option("--capture", "captures", metavar="FILE", multiple=True, help="Play a recording; several are one session.")
@click.option("--symbol", "symbols", metavar="SYMBOL", multiple=True, help="What it lists [BTCUSDT].")
@click.option(
    "--port", type=click.IntRange(0, PORT_MAX), default=0, help="Of streams and API; REST takes the next one."
)
@click.option(
    "--seed", type=click.IntRange(0), default=1, show_default=True, help="Of the synthetic market and the keys."
)
@click.option(
    "--messages-per-second", type=click.IntRange(1, RATE_MAX), metavar="N", help="Of the synthetic market, each symbol."
)
@click.option("--key-file", metavar="FILE", help="Also write the Ed25519 key that it accepts, as PEM with mode 0600.")
def sim(
    venue: str,
    captures: tuple[str, ...],
    symbols: tuple[str, ...],
    port: int,
    seed: int,
    messages_per_second: int | None,
    key_file: str | None,
) -> None:
    """Start a simulated VENUE on loopback; Ctrl-C ends it."""
    if venue not in VENUES:
        row = unbuilt("venues", venue)
        raise UsageError(row.problem if row else f"no venue {venue!r}; {nearest(venue, list(VENUES))}")
    for capture in captures:
        if not Path(capture).is_file():
            raise UsageError(f"--capture {capture}: there is no such file")
    simulator = make_simulator(venue_order(venue, captures, symbols, seed, messages_per_second), begins_when_heard=True)
    if key_file is not None:
        write_key(Path(key_file), simulator.keys.ed25519)

    def ready(listening: Listening) -> None:
        for line in told(venue, listening, simulator.keys.hmac, key_file, simulator.keys.ed25519):
            click.echo(line)
        sys.stdout.flush()

    try:
        run_server(simulator, WallClock().read_ns, ready, port=port)
    except KeyboardInterrupt:
        click.echo("the simulator has ended")


def venue_order(
    venue: str, captures: tuple[str, ...], symbols: tuple[str, ...], seed: int, messages_per_second: int | None = None
) -> VenueOrder:
    """Return what the words of the command line ask for; the rest is as a configuration has it by default."""
    default = SimulatorConfig()
    return VenueOrder(
        venue=venue,
        seed=seed,
        captures=list(captures),
        symbols=list(symbols or ("BTCUSDT",)),
        balances={asset: f"{amount:f}" for asset, amount in default.balances.items()},
        maker_fee_bps=f"{Decimal(default.maker_fee_bps):f}",
        taker_fee_bps=f"{Decimal(default.taker_fee_bps):f}",
        start_price=f"{Decimal(default.start_price):f}",
        messages_per_second=messages_per_second or default.messages_per_second,
        speed=1.0,
    )


def write_key(path: Path, pair: Credentials) -> None:
    """Write a private key for its owner alone. UsageError when it cannot be written."""
    try:
        path.unlink(missing_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(pair.private_key_pem)
    except OSError as problem:
        raise UsageError(f"--key-file {path} cannot be written: {problem.strerror}") from problem


def told(
    venue: str, listening: Listening, hmac_pair: Credentials, key_file: str | None, ed25519: Credentials
) -> list[str]:
    """Return what an engine must be told, ready to be pasted."""
    key, secret, file = variable_names(venue)
    lines = [
        f"# the simulated {venue} listens; in the configuration:",
        f"[venues.{venue}]",
        'environment = "local"',
        *(f'{name} = "{getattr(listening, name)}"' for name in listening._fields),
        "# in the environment:",
    ]
    if key_file is None:
        return [*lines, f"export {key}={hmac_pair.api_key} {secret}={hmac_pair.secret}"]
    return [*lines, f"export {key}={ed25519.api_key} {file}={Path(key_file).resolve()}"]
