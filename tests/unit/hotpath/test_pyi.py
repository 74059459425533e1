"""Every compiled module and its .pyi say the same: names, and the public attributes of classes."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[3]
ROOMS = ("hotpath", "engine", "actors", "gateways")
SOURCES = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.pyx"))
STUBS = sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.pyi"))
# what a stub may say of a class though its dictionary does not: construction, and the buffer before Python 3.12
NOT_IN_THE_DICTIONARY = {"__init__", "__new__", "__buffer__"}


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def built(path: Path) -> ModuleType:
    """Import the module of a .pyi, or fail by its name."""
    try:
        return importlib.import_module(module_name(path))
    except ImportError as error:
        pytest.fail(f"{module_name(path)} has a .pyi but cannot be imported ({error}); build it")


def declared(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """Return what a module's or a class's body declares, by name; imports are not declarations."""
    names: dict[str, ast.stmt] = {}
    for statement in body:
        match statement:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                names[name] = statement
            case ast.AnnAssign(target=ast.Name(id=name)):
                names[name] = statement
            case ast.Assign(targets=targets):
                names.update({target.id: statement for target in targets if isinstance(target, ast.Name)})
    return names


def own_names(stub: Path) -> set[str]:
    """Return the public names that a built module itself defines: not what its source imports."""
    source = stub.with_suffix(".pyx").read_text()
    imports = re.findall(r"^(?:from [\w.]+ )?import ([^(\n]+|\([^)]*\))", source, re.MULTILINE)
    imported = set(re.findall(r"\w+", " ".join(imports)))
    return {name for name in vars(built(stub)) if not name.startswith("_")} - imported


def test_every_source_has_a_stub_and_every_stub_a_source() -> None:
    assert [module_name(path) for path in SOURCES] == [module_name(path) for path in STUBS]


@pytest.mark.parametrize("stub", STUBS, ids=module_name)
def test_the_stub_names_what_the_module_defines(stub: Path) -> None:
    in_stub = {name for name in declared(ast.parse(stub.read_text()).body) if not name.startswith("_")}
    assert in_stub == own_names(stub)


@pytest.mark.parametrize("stub", STUBS, ids=module_name)
def test_the_classes_of_the_stub_have_the_attributes_of_the_built_ones(stub: Path) -> None:
    module = built(stub)
    for name, statement in declared(ast.parse(stub.read_text()).body).items():
        if isinstance(statement, ast.ClassDef):
            in_stub = set(declared(statement.body))
            there = vars(getattr(module, name))
            public = {attribute for attribute in there if not attribute.startswith("_")}
            assert {attribute for attribute in in_stub if not attribute.startswith("_")} == public, name
            special = {attribute for attribute in in_stub if attribute.startswith("__")} - NOT_IN_THE_DICTIONARY
            assert special <= set(there), name
