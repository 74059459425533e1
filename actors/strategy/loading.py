"""Finding the class that a configuration names as `module:Class`, and its parameters.

It owns the errors of that: no such module, no such class, not a Strategy, bad parameters, each with what was found
instead. The folder of the configuration is appended to sys.path, never put first: a strategy file called `random.py`
must not replace the library's. The file's SHA-256 goes to the tape, so that a replay can say that the code changed.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from msgspec import Struct

from actors.strategy.blame import author_frames
from actors.strategy.params import StrategyParams, make_params
from actors.strategy.strategy import Strategy
from engine.errors import ConfigError


class LoadedStrategy(Struct, frozen=True):
    """A strategy class that was found, its parameters, and the file that it came from."""

    strategy_class: type[Strategy]
    params: StrategyParams
    file: Path
    sha256: str


def load_strategy(path: str, folder: Path, params: Mapping[str, Any], key: str = "strategies") -> LoadedStrategy:
    """Find `module:Class` and make its parameters.

    Args:
        path: where the class is, as in the configuration.
        folder: where strategies are found beside the installed packages: the configuration file's folder.
        params: the configured parameters.
        key: the strategy's path in the configuration, for errors.

    Raises:
        ConfigError: naming the key, what was found, and what comes nearest.
    """
    module_name, _, class_name = path.partition(":")
    where = f"{key}.class"
    if not module_name or not class_name:
        raise ConfigError(where, f"{path!r} names no class; write module:Class, for example join_the_bid:JoinTheBid")
    place = str(folder.resolve())
    if place not in sys.path:
        sys.path.append(place)
    module = _import(module_name, folder, where)
    strategy_class = _find(module, class_name, where)
    file = Path(module.__file__ or "")
    return LoadedStrategy(
        strategy_class=strategy_class,
        params=make_params(strategy_class.Params, params, f"{key}.params"),
        file=file,
        sha256=hashlib.sha256(file.read_bytes()).hexdigest(),
    )


def _import(name: str, folder: Path, where: str) -> ModuleType:
    importlib.invalidate_caches()
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name is not None and (name == error.name or name.startswith(error.name + ".")):
            raise ConfigError(where, _no_module(name, folder)) from error
        raise ConfigError(where, _broken(name, folder, error)) from error
    except SyntaxError as error:
        raise ConfigError(where, f"{error.filename}, line {error.lineno}: {error.msg}") from error
    except Exception as error:
        raise ConfigError(where, _broken(name, folder, error)) from error


def _find(module: ModuleType, name: str, where: str) -> type[Strategy]:
    found = getattr(module, name, None)
    if isinstance(found, type) and issubclass(found, Strategy) and found is not Strategy:
        return found
    known = [
        each
        for each, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Strategy) and value is not Strategy
    ]
    has = f"it has {', '.join(known)}" if known else "it has no strategy: derive a class from tiercel.Strategy"
    if found is not None:
        kind = "a class that does not derive from tiercel.Strategy" if isinstance(found, type) else "no class"
        raise ConfigError(where, f"{name!r} of {module.__file__} is {kind}; {has}")
    nearest = difflib.get_close_matches(name, known, 1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    raise ConfigError(where, f"{module.__file__} has no class {name!r}; {hint}{has}")


def _no_module(name: str, folder: Path) -> str:
    files = sorted(path.stem for path in folder.glob("*.py"))
    nearest = difflib.get_close_matches(name, files, 1)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return f"there is no module {name!r}, neither installed nor in {folder.resolve()}; {hint}put {name}.py there"


def _broken(name: str, folder: Path, error: Exception) -> str:
    spec = importlib.util.find_spec(name)
    file = Path(spec.origin) if spec is not None and spec.origin else folder / f"{name}.py"
    return f"importing {name!r} failed:\n{author_frames(error, file)}"
