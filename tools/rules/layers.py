"""Who may know whom: layers, siblings, the root, cycles, homes of dependencies, words that the runtime must not know.

The tables are the rule; the design page draws the same picture. An import counts wherever it stands, inside a function
or under TYPE_CHECKING, and a cimport is an import. Tests, tools, benchmarks and examples may import everything.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from graphlib import CycleError, TopologicalSorter

from tools.rules.source import PACKAGES, File, Finding, Tree, python_imports

LAYERS = (
    ("engine.__main__", 3),
    ("engine.cli", 3),
    ("tiercel", 3),
    ("actors", 2),
    ("gateways", 2),
    ("engine", 1),
    ("hotpath", 0),
)
ROOT_MODULES = ("engine.__main__", "engine.cli")
MAY_IMPORT_ROOT = ("engine/__main__.py", "engine/cli/", "tiercel/", "tests/", "benchmarks/", "tools/")
TOPOLOGY = "actors/desk"
HOTPATH_KNOWS_NO = {
    "asyncio",
    "io",
    "logging",
    "os",
    "pathlib",
    "selectors",
    "socket",
    "ssl",
    "subprocess",
    "threading",
}

HOMES = {
    "aiohttp": ("gateways/transport/*", "gateways/operator/*", "gateways/*/simulator*", "gateways/simulator/*"),
    "click": ("engine/cli/*", "engine/__main__.py"),
    "cryptography": ("gateways/*/signing.py", "gateways/*/simulator*", "engine/audit/*"),
    "Cython": ("setup.py",),
    "msgspec": ("engine/*", "actors/*", "gateways/*", "hotpath/*.pyi"),
    "numpy": ("hotpath/options/chain.*", "hotpath/options/*.pyi"),
    "orjson": ("engine/audit/*", "gateways/operator/*"),
    "picows": ("gateways/transport/*", "gateways/*/simulator*", "gateways/simulator/*"),
    "rich": ("engine/cli/*", "engine/telemetry/*"),
    "setuptools": ("setup.py",),
    "sortedcontainers": ("gateways/simulator/*", "gateways/*/simulator*"),
    "stamina": ("gateways/transport/*",),
    "uvloop": ("engine/runtime/turn.py",),
    "zstandard": ("engine/tape/*",),
}
PART_OF_CYTHON = {"cython", "libc", "libcpp", "cpython", "posix"}
TRADING_WORDS = {
    "ask", "bid", "book", "denial", "exposure", "fill", "instrument", "intent", "lot", "order", "portfolio", "position",
    "price", "quantity", "quote", "risk", "strategy", "symbol", "trade", "trading", "venue",
}  # fmt: skip
LANE_NAMES = {"ORDERS"}
"""The name of a lane, which the dispatcher gives; the runtime knows of it that it comes before the next one."""


def layer(module: str) -> int:
    """Return the layer of one of our modules; 3 for those that may import everything."""
    for name, number in LAYERS:
        if module == name or module.startswith(f"{name}."):
            return number
    return 3


def layers(file: File) -> Iterator[Finding]:
    """Find imports that point upwards, sideways or at the root."""
    if not file.is_source or not file.in_package:
        return
    own = layer(file.module)
    for line, name in file.imports:
        top = name.split(".")[0]
        if top not in PACKAGES:
            if own == 0 and top in HOTPATH_KNOWS_NO:
                yield Finding(
                    file.path, line, f"hotpath imports {top}", "no asyncio, log, file or socket", "move it up"
                )
            continue
        if layer(name) > own:
            what = f"layer {own} imports {name} of layer {layer(name)}"
            yield Finding(
                file.path, line, what, "arrows that point down", "send a message, or move what both need down"
            )
        elif own == 2 and layer(name) == 2 and (problem := sideways(file, name)):
            yield Finding(
                file.path, line, problem, "siblings that meet as messages", "put the message in engine/messages"
            )


def sideways(file: File, name: str) -> str:
    """Say what is wrong with an import inside layer 2; empty when nothing is."""
    own, other = file.module.split("."), name.split(".")
    if own[0] != other[0]:
        return f"{own[0]} imports {name}"
    if own[0] == "actors" and not file.path.startswith(TOPOLOGY) and own[1:2] != other[1:2]:
        return f"the actor package {own[1]} imports {name}"
    return ""


def root_imports(file: File) -> Iterator[Finding]:
    """Find imports of the composition root outside the few places that start the engine."""
    if not file.is_python or file.path.startswith(MAY_IMPORT_ROOT):
        return
    for line, name in file.imports:
        if name.startswith(ROOT_MODULES):
            yield Finding(
                file.path, line, f"imports {name}", "the root imported by tiercel alone", "import what it uses"
            )


def homes(file: File) -> Iterator[Finding]:
    """Find third-party imports outside the home that a dependency has."""
    if not file.is_source or not (file.in_package or file.path == "setup.py"):
        return
    for line, name in file.imports:
        top = name.split(".")[0]
        if top in PACKAGES or top in sys.stdlib_module_names or (file.is_cython and top in PART_OF_CYTHON):
            continue
        if top not in HOMES:
            what = f"imports {top}, which has no home"
            yield Finding(
                file.path, line, what, "a dependency of pyproject.toml", "write a decision record, add its home"
            )
        elif not any(fnmatch(file.path, home) for home in HOMES[top]):
            where = ", ".join(HOMES[top])
            yield Finding(
                file.path, line, f"imports {top}", f"it only in {where}", "use that module, or write a record"
            )


def trading_words(file: File) -> Iterator[Finding]:
    """Find names of the trade in what must not know any: engine/runtime and engine/supervision."""
    if not file.is_python or not file.path.startswith(("engine/runtime/", "engine/supervision/")):
        return
    for line, name in identifiers(file):
        parts = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
        known = {part.lower() for part in parts} | {part.lower().removesuffix("s") for part in parts}
        if name not in LANE_NAMES and (words := known & TRADING_WORDS):
            what = f"the name {name} holds the trading word {min(words)!r}"
            yield Finding(file.path, line, what, "a runtime that knows no trading word", "name what the runtime sees")


def identifiers(file: File) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of every name that a Python file binds or uses."""
    for node in file.nodes:
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield node.lineno, name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name):
                yield node.lineno, name
            case ast.keyword(arg=str(name)):
                yield node.value.lineno, name
            case ast.Import(names=names) | ast.ImportFrom(names=names):
                yield from ((node.lineno, part) for alias in names for part in alias.name.split("."))


def cycles(tree: Tree) -> Iterator[Finding]:
    """Find modules that import each other when they load, directly or in a ring."""
    files = {file.module: file for file in tree.values() if file.in_package and file.suffix in {".py", ".pyx"}}
    try:
        TopologicalSorter({module: loaded_modules(file, files) for module, file in files.items()}).prepare()
    except CycleError as error:
        ring: list[str] = error.args[1][::-1]
        what = "imports itself: " + " -> ".join(ring)
        yield Finding(files[ring[0]].path, 1, what, "no cycles", "move what both need into a module below them")


def loaded_modules(file: File, files: dict[str, File]) -> list[str]:
    """Return those of our modules that a module loads at its top level."""
    imports = python_imports(file, file.tree.body) if file.is_python else file.imports
    known = {name if name in files else name.rpartition(".")[0] for _, name in imports}
    return sorted((known & files.keys()) - {file.module})
