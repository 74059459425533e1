"""A configuration names a class: what is found, and what is said when it is not."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from actors.strategy.loading import load_strategy
from engine.errors import ConfigError

SOURCE = """
from decimal import Decimal
from tiercel import Strategy, StrategyParams

class Careful(Strategy):
    class Params(StrategyParams):
        quantity: Decimal = Decimal("0.001")
        levels: int = 3
        edge: Decimal | None = None

class Needy(Strategy):
    class Params(StrategyParams):
        quantity: Decimal

class Plain:
    pass

number = 3
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before_path, before_modules = list(sys.path), set(sys.modules)
    (tmp_path / "a_careful_file.py").write_text(SOURCE)
    yield tmp_path
    sys.path[:] = before_path
    for name in [name for name in sys.modules if name not in before_modules]:
        del sys.modules[name]


def test_a_class_is_found_beside_the_configuration(folder: Path) -> None:
    loaded = load_strategy("a_careful_file:Careful", folder, {"quantity": "0.002", "levels": "5"})
    assert loaded.strategy_class.__name__ == "Careful"
    assert (loaded.params.quantity, loaded.params.levels) == (Decimal("0.002"), 5)  # type: ignore[attr-defined]
    assert loaded.file == folder / "a_careful_file.py"
    assert loaded.sha256 == hashlib.sha256(SOURCE.encode()).hexdigest()


def test_the_folder_comes_last_and_once_in_the_path(folder: Path) -> None:
    (folder / "random.py").write_text("raise AssertionError('replaced the library')")
    load_strategy("a_careful_file:Careful", folder, {})
    load_strategy("a_careful_file:Needy", folder, {"quantity": 1})
    assert sys.path[-1] == str(folder)
    assert sys.path.count(str(folder)) == 1


def test_parameters_are_frozen(folder: Path) -> None:
    loaded = load_strategy("a_careful_file:Careful", folder, {})
    with pytest.raises(AttributeError):
        loaded.params.quantity = Decimal(1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("path", "key", "words"),
    [
        ("a_careful_fiel:Careful", "s.class", ["no module 'a_careful_fiel'", "did you mean 'a_careful_file'"]),
        ("a_careful_file:Carefulx", "s.class", ["no class 'Carefulx'", "did you mean 'Careful'", "Careful, Needy"]),
        ("a_careful_file:Plain", "s.class", ["does not derive from tiercel.Strategy"]),
        ("a_careful_file:number", "s.class", ["is no class"]),
        ("a_careful_file:Strategy", "s.class", ["it has Careful, Needy"]),
        ("a_careful_file", "s.class", ["write module:Class"]),
        ("json:Careful", "s.class", ["it has no strategy: derive a class"]),
    ],
)
def test_what_is_not_found_is_explained(folder: Path, path: str, key: str, words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load_strategy(path, folder, {}, "s")
    assert caught.value.key == key
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize(
    ("name", "params", "key", "words"),
    [
        ("Careful", {"quantitty": "1"}, "s.params.quantitty", "did you mean 'quantity'? known: quantity, levels, edge"),
        ("Careful", {"quantity": 0.002}, "s.params.quantity", "write it in quotes, as '0.002'"),
        ("Careful", {"edge": 0.5}, "s.params.edge", "is a float"),
        ("Careful", {"quantity": "much"}, "s.params.quantity", "invalid decimal"),
        ("Careful", {"levels": "many"}, "s.params.levels", "expected `int`"),
        ("Needy", {}, "s.params", "required field `quantity`"),
    ],
)
def test_parameters_that_do_not_fit_are_explained(
    folder: Path, name: str, params: dict[str, object], key: str, words: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load_strategy(f"a_careful_file:{name}", folder, params, "s")
    assert caught.value.key == key
    assert words in str(caught.value)


def test_a_strategy_without_parameters_says_so(folder: Path) -> None:
    (folder / "a_bare_file.py").write_text("from tiercel import Strategy\nclass Bare(Strategy): pass\n")
    with pytest.raises(ConfigError, match="this strategy takes no parameters"):
        load_strategy("a_bare_file:Bare", folder, {"size": 1})


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import a_library_nobody_has\n", ["No module named 'a_library_nobody_has'", "line 1"]),
        ("def broken(:\n", ["a_broken_file.py, line 1", "invalid syntax"]),
        ("x = 1\ny = x / 0\n", ["ZeroDivisionError", "line 2", "y = x / 0"]),
    ],
)
def test_a_file_that_cannot_be_imported_shows_the_authors_line(folder: Path, source: str, words: list[str]) -> None:
    (folder / "a_broken_file.py").write_text(source)
    with pytest.raises(ConfigError) as caught:
        load_strategy("a_broken_file:Careful", folder, {}, "s")
    for word in words:
        assert word in str(caught.value)
    assert "importlib" not in str(caught.value)
