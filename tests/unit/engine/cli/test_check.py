"""`tiercel check` finds what is wrong with strategies too, with the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.cli.strategies import load_strategies
from engine.config.load import load_config
from engine.errors import ConfigErrors

CONFIG = """
[engine]
mode = "live"
[venues.binance_spot]
[[strategies]]
class = "absent_module_of_this_test:It"
instruments = ["BTCUSDT"]
[[strategies]]
class = "owl_of_this_test:Owl"
instruments = ["BTCUSDT"]
name = "two"
params = { quantity = "1",
}
"""
STRATEGY = """
from decimal import Decimal
from tiercel import Strategy, StrategyParams
class Owl(Strategy):
    class Params(StrategyParams):
        size: Decimal = Decimal(1)
"""


def test_every_wrong_strategy_is_named_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "owl_of_this_test.py").write_text(STRATEGY)
    (tmp_path / "desk.toml").write_text(CONFIG.replace('"1",\n}', '"1" }'))
    with pytest.raises(ConfigErrors) as caught:
        load_strategies(load_config(tmp_path / "desk.toml", {}))
    first, second = (str(error) for error in caught.value.errors)
    assert first.startswith("line 6: strategies[0].class: there is no module 'absent_module_of_this_test'")
    assert second.startswith("line 12: strategies[1].params.quantity: is unknown")


def test_a_right_strategy_is_found_beside_the_file(tmp_path: Path) -> None:
    (tmp_path / "heron_of_this_test.py").write_text(STRATEGY.replace("Owl", "Heron"))
    (tmp_path / "desk.toml").write_text(
        '[engine]\nmode = "live"\n[venues.binance_spot]\n[[strategies]]\nclass = "heron_of_this_test:Heron"\n'
        'instruments = ["BTCUSDT"]\nparams = { size = 0.25 }\n'
    )
    (found,) = load_strategies(load_config(tmp_path / "desk.toml", {}))
    assert found.file == tmp_path / "heron_of_this_test.py"
    assert str(found.params.size) == "0.25"  # type: ignore[attr-defined]
