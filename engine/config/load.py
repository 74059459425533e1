"""A TOML file, the environment and the command line into one Config, or every error at once.

Later wins: default, file, RISK_* of the environment (for [risk]), command line. It reads the file and looks whether
captures exist; it opens no socket and imports no strategy.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

from msgspec import structs

from engine.config import rules
from engine.config.lines import Path, key_lines
from engine.config.model import Config
from engine.config.reader import Reader, path_text
from engine.config.schema import fields
from engine.errors import ConfigError, ConfigErrors, UsageError

DEMONSTRATION = FilePath(__file__).with_name("demonstration.toml")
FILE_BYTES_MAX = 1_048_576
RISK_PREFIX = "RISK_"
COMMAND_LINE = "command line"


class Loaded:
    """A configuration that may run, with where it came from."""

    def __init__(self, config: Config, source: FilePath, origins: dict[Path, str], lines: dict[Path, int]) -> None:
        """Take the resolved configuration, its file, the origin of each value, and the lines of the file's keys."""
        self.config = config
        self.source = source
        self.origins = origins
        self._lines = {path_text(path): line for path, line in lines.items()}

    @property
    def folder(self) -> FilePath:
        """The folder of the file: strategies and captures are found from here."""
        return self.source.resolve().parent

    def line(self, key: str) -> int:
        """Return the line of a key, or of the nearest table around it; 0 when the file does not name it."""
        while key and key not in self._lines:
            key = key[: max(key.rfind("."), key.rfind("["), 0)]
        return self._lines.get(key, 0)


def load_config(
    path: FilePath | None, environ: Mapping[str, str], overrides: Mapping[str, Any] | None = None
) -> Loaded:
    """Read and resolve a configuration; without a path, the demonstration's.

    Args:
        path: the TOML file.
        environ: where RISK_* and the names of API keys are looked up.
        overrides: values of the command line by key, `{"engine.mode": "live"}`; paths in them must be absolute.

    Raises:
        UsageError: the file cannot be read.
        ConfigErrors: every wrong key, each with its line.
    """
    source = path or DEMONSTRATION
    text = _read(source)
    data = _parse(text, source)
    foreign = _overlay(data, environ, overrides or {})
    lines = key_lines(text)
    reader = Reader(source.name, lines, foreign)
    config = reader.struct(Config, data, ())
    folder = source.resolve().parent
    for where, problem in list(rules.findings(config, folder, environ, reader.failed)):
        reader.fail(where, problem)
    if reader.errors:
        raise ConfigErrors(str(source), sorted(reader.errors, key=lambda error: error.line))
    return Loaded(_resolve(config, folder, reader.origins), source, reader.origins, lines)


def _read(source: FilePath) -> str:
    try:
        if source.stat().st_size > FILE_BYTES_MAX:
            raise UsageError(f"{source} is larger than {FILE_BYTES_MAX} bytes: it is no configuration")
        return source.read_text(encoding="utf-8")
    except OSError as problem:
        raise UsageError(f"{source} cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise UsageError(f"{source} is not UTF-8 text (byte {problem.start})") from problem


def _parse(text: str, source: FilePath) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except RecursionError as problem:
        nested = ConfigError("TOML", "arrays or tables are nested too deeply to be read")
        raise ConfigErrors(str(source), [nested]) from problem
    except ArithmeticError as problem:
        huge = ConfigError("TOML", "a number has an exponent beyond every use; write it with fewer digits")
        raise ConfigErrors(str(source), [huge]) from problem
    except ValueError as problem:  # TOMLDecodeError, and what Python itself says of a number of thousands of digits
        words, _, place = str(problem).partition(" (at ")
        found = re.search(r"line (\d+)", place)
        line = int(found[1]) if found else text.count("\n") + 1
        raise ConfigErrors(str(source), [ConfigError("TOML", words, line=line)]) from problem


def _overlay(data: dict[str, Any], environ: Mapping[str, str], overrides: Mapping[str, Any]) -> dict[Path, str]:
    """Put environment and command line over the file's values; return the origin of each value that they gave."""
    foreign: dict[Path, str] = {}
    for name in sorted(environ):
        if name.startswith(RISK_PREFIX):
            _put(data, ("risk", name.removeprefix(RISK_PREFIX).lower()), environ[name])
            foreign["risk", name.removeprefix(RISK_PREFIX).lower()] = f"environment {name}"
    for key, value in overrides.items():
        where = tuple(key.split("."))
        _put(data, where, value)
        foreign[where] = COMMAND_LINE
    return foreign


def _put(data: dict[str, Any], where: tuple[str, ...], value: Any) -> None:
    table = data
    for part in where[:-1]:
        inner = table.setdefault(part, {})
        if not isinstance(inner, dict):  # the file is wrong here, and the reader will say so
            return
        table = inner
    table[where[-1]] = value


def _resolve(config: Config, folder: FilePath, origins: dict[Path, str]) -> Config:
    """Write out what is derived: the strategies' names, and the places of files."""
    engine = structs.replace(
        config.engine,
        captures=tuple(str((folder / capture).resolve()) for capture in config.engine.captures),
        strategies_from=str((folder / config.engine.strategies_from).resolve()),
    )
    strategies = tuple(structs.replace(strategy, name=rules.strategy_name(strategy)) for strategy in config.strategies)
    for number, strategy in enumerate(config.strategies):
        if not strategy.name:
            origins["strategies", number, "name"] = "made from class"
    if not config.engine.strategies_from:
        origins["engine", "strategies_from"] = "folder of the file"
    return structs.replace(config, engine=engine, strategies=strategies)


def risk_variables() -> tuple[str, ...]:
    """Return the names of the environment's variables that override [risk]."""
    return tuple(f"{RISK_PREFIX}{key.name.upper()}" for key in fields(type(Config().risk)))
