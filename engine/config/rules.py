"""What the values of a configuration mean together: rules over several keys, checked after each key alone is right.

Every rule returns its findings as (path, problem); the loader adds line and origin. Also the derived names: strategies
without a name, instruments in the order of configuration.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath

from engine.config.credentials import load_credentials, variable_names
from engine.config.endpoints import VENUES
from engine.config.lines import Path
from engine.config.model import Config, Environment, Mode, StrategyConfig
from engine.config.reader import nearest
from engine.config.unbuilt import unbuilt
from engine.errors import UsageError

Finding = tuple[Path, str]
URLS = ("rest_url", "stream_url", "api_url")


def strategy_name(strategy: StrategyConfig) -> str:
    """Return the strategy's name, made from its class when it has none: `m:JoinTheBid` is `join_the_bid`."""
    if strategy.name:
        return strategy.name
    class_name = strategy.class_path.partition(":")[2]
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", class_name).lower().strip("_")


def instrument_name(config: Config, text: str) -> str:
    """Return `venue:SYMBOL` for what a strategy names.

    Raises:
        UsageError: the venue is not configured, or a bare symbol could mean several.
    """
    venue, colon, symbol = text.rpartition(":")
    if colon:
        if venue not in config.venues:
            hint = nearest(venue, list(config.venues))
            raise UsageError(f"{text!r} is on venue {venue!r}, which is not configured; {hint}")
        return text if symbol else _no_symbol(text)
    if not symbol:
        return _no_symbol(text)
    having = [name for name, table in config.venues.items() if symbol in table.instruments]
    if len(config.venues) == 1:
        having = list(config.venues)
    if len(having) == 1:
        return f"{having[0]}:{symbol}"
    raise UsageError(f"{text!r} could be on {', '.join(having or config.venues)}: write venue:SYMBOL")


def instrument_names(config: Config) -> tuple[str, ...]:
    """Return every instrument as `venue:SYMBOL` in the order of configuration; its place here is its index."""
    names = [instrument_name(config, text) for strategy in config.strategies for text in strategy.instruments]
    names += [f"{venue}:{symbol}" for venue, table in config.venues.items() for symbol in table.instruments]
    return tuple(dict.fromkeys(names))


def findings(
    config: Config, folder: FilePath, environ: Mapping[str, str], failed: Mapping[Path, None]
) -> Iterator[Finding]:
    """Yield what is wrong with a configuration as a whole; a rule that needs a `failed` section is left out."""
    if ("venues",) not in failed:
        yield from _venues(config)
        if ("engine",) not in failed:
            yield from _environments(config, environ)
            yield from _run(config, folder)
        if ("strategies",) not in failed:
            yield from _instruments(config)
    if ("strategies",) not in failed:
        yield from _names(config)
    if ("limits",) not in failed and config.limits.handler_warn_ms >= config.limits.handler_stop_ms:
        yield (
            ("limits", "handler_warn_ms"),
            f"{config.limits.handler_warn_ms} ms is not below handler_stop_ms ({config.limits.handler_stop_ms} ms)",
        )


def _venues(config: Config) -> Iterator[Finding]:
    if not config.venues:
        yield ("venues",), f"no venue is configured; write [venues.{VENUES[0]}]"
    for venue, table in config.venues.items():
        path: Path = ("venues", venue)
        if venue not in VENUES:
            row = unbuilt("venues", venue)
            yield path, row.problem if row else f"unknown venue; {nearest(venue, list(VENUES))}"
        for url in URLS:
            given = bool(getattr(table, url))
            if table.environment is Environment.LOCAL and not given:
                yield (*path, url), "is missing; environment local needs the address of a running simulator"
            if table.environment is Environment.EMBEDDED and given:
                yield (*path, url), "is given, but environment embedded starts a simulator of its own; remove it"
        for number, symbol in enumerate(table.instruments):
            if not re.fullmatch(r"[A-Z0-9]{2,20}", symbol):
                yield (*path, "instruments", number), f"{symbol!r} is no symbol; expected capitals and digits: BTCUSDT"


def _environments(config: Config, environ: Mapping[str, str]) -> Iterator[Finding]:
    for venue, table in config.venues.items():
        path: Path = ("venues", venue, "environment")
        row = unbuilt("paper environment", table.environment.value)
        if config.engine.mode is Mode.PAPER and row:
            yield path, f"mode paper with {row.problem}"
        if config.engine.mode is Mode.LIVE and table.environment in (Environment.TESTNET, Environment.PRODUCTION):
            yield from _keys(venue, table.environment, environ)


def _keys(venue: str, environment: Environment, environ: Mapping[str, str]) -> Iterator[Finding]:
    key, secret, file = variable_names(venue)
    path: Path = ("venues", venue, "environment")
    try:
        if load_credentials(venue, environ) is None:
            yield path, f"{environment.value} needs an API key in the environment: {key}, and {secret} or {file}"
    except UsageError as problem:
        yield path, str(problem)


def _run(config: Config, folder: FilePath) -> Iterator[Finding]:
    engine = config.engine
    backtest = engine.mode is Mode.BACKTEST
    embedded = all(table.environment is Environment.EMBEDDED for table in config.venues.values())
    if backtest and not engine.captures and not engine.duration_s:
        problem = "a backtest needs a capture (--capture FILE), or a duration on the synthetic market (--duration 10m)"
        yield ("engine", "captures"), f"is empty; {problem}"
    if backtest and not embedded:
        yield ("engine", "mode"), 'backtest plays in a simulator of its own; set environment = "embedded"'
    elif engine.captures and not embedded:
        yield ("engine", "captures"), 'only an embedded simulator plays captures; set environment = "embedded"'
    if engine.speed == "max" and not backtest:
        yield ("engine", "speed"), f"max is for mode backtest, on one simulated clock; the mode is {engine.mode.value}"
    elif engine.speed not in ("1", "max") and backtest:
        yield ("engine", "speed"), f"{engine.speed} contradicts mode backtest, which runs at full speed"
    elif engine.speed != "max" and float(engine.speed) <= 0:
        yield ("engine", "speed"), "0 would never end; expected a number above 0, or max"
    elif engine.speed not in ("1", "max") and not engine.captures:
        yield ("engine", "speed"), f"{engine.speed} needs a capture to play (--capture FILE); a live market has speed 1"
    for number, capture in enumerate(engine.captures):
        if not (folder / capture).is_file():
            yield ("engine", "captures", number), f"{capture} is not a file"


def _names(config: Config) -> Iterator[Finding]:
    names: dict[str, int] = {}
    for number, strategy in enumerate(config.strategies):
        name = strategy_name(strategy)
        if name in names:
            yield (
                ("strategies", number, "name"),
                f"{name!r} is the name of strategies[{names[name]}] too; give one of them another name",
            )
        names.setdefault(name, number)


def _instruments(config: Config) -> Iterator[Finding]:
    for number, strategy in enumerate(config.strategies):
        for place, text in enumerate(strategy.instruments if config.venues else ()):
            try:
                instrument_name(config, text)
            except UsageError as problem:
                yield ("strategies", number, "instruments", place), str(problem)


def _no_symbol(text: str) -> str:
    raise UsageError(f"{text!r} names no symbol; expected venue:SYMBOL")
