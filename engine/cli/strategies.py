"""The strategy classes of a configuration, found and given their parameters, with every error at once.

The classes live with the actors and the file's lines with engine.config; this is where the two meet.
"""

from __future__ import annotations

from pathlib import Path

from actors.strategy.loading import LoadedStrategy, load_strategy
from engine.config.load import Loaded
from engine.errors import ConfigError, ConfigErrors


def load_strategies(loaded: Loaded) -> list[LoadedStrategy]:
    """Return the strategies in the order of the configuration.

    Raises:
        ConfigErrors: a module, class or parameter is wrong; each with its line.
    """
    config = loaded.config
    found, errors = [], []
    for number, strategy in enumerate(config.strategies):
        try:
            folder = Path(config.engine.strategies_from)
            found.append(load_strategy(strategy.class_path, folder, strategy.params, f"strategies[{number}]"))
        except ConfigError as problem:
            errors.append(ConfigError(problem.key, problem.problem, line=loaded.line(problem.key)))
    if errors:
        raise ConfigErrors(str(loaded.source), errors)
    return found
