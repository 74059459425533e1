"""The layers hold when the modules are really loaded: nothing below reaches up, not even by a detour."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tools import tidy
from tools.rules.layers import layer
from tools.rules.source import PACKAGES, read_tree

LOADER = """
import importlib, json, sys
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
print(json.dumps(sorted(name for name in sys.modules if name.split(".")[0] in json.loads(sys.argv[2]))))
"""


def loaded_by(modules: list[str]) -> list[str]:
    """Load modules in a process of their own and return those of our modules that came with them."""
    done = subprocess.run(
        [sys.executable, "-c", LOADER, json.dumps(modules), json.dumps(PACKAGES)],
        cwd=tidy.ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    loaded: list[str] = json.loads(done.stdout)
    return loaded


@pytest.mark.parametrize(
    ("package", "level", "strangers"),
    [
        ("hotpath", 0, ("engine", "actors", "gateways", "tiercel")),
        ("engine", 1, ("actors", "gateways", "tiercel", "engine.cli")),
        ("actors", 2, ("gateways", "tiercel", "engine.cli")),
        ("gateways", 2, ("actors", "tiercel", "engine.cli")),
    ],
)
def test_loading_a_layer_loads_nothing_above_or_beside_it(package: str, level: int, strangers: tuple[str, ...]) -> None:
    modules = [
        file.module
        for file in read_tree(tidy.ROOT).values()
        if file.path.startswith(f"{package}/") and file.suffix in {".py", ".pyx"} and layer(file.module) == level
    ]
    assert modules
    intruders = [name for name in loaded_by(modules) if name.startswith(strangers) and "." in name]
    assert intruders == []


def test_the_layers_of_the_table_are_those_of_the_design() -> None:
    assert [layer(name) for name in ("hotpath.core.units", "engine.ids", "actors.desk", "gateways.gate")] == [
        0,
        1,
        2,
        2,
    ]
    assert [layer(name) for name in ("engine.__main__", "engine.cli.run", "tiercel", "tests.unit")] == [3, 3, 3, 3]
