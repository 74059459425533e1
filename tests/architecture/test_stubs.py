"""Each .pyi says what its compiled module really has: no name more, no class or function less, the same parameters."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.conftest import ROOT

STUBS = sorted((ROOT / "hotpath").rglob("*.pyi"))
SOURCES = sorted((ROOT / "hotpath").rglob("*.pyx"))


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def declared(body: list[ast.stmt]) -> dict[str, ast.stmt]:
    """Return what a stub declares in a module or a class, by name."""
    found: dict[str, ast.stmt] = {}
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = node
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                found[name] = node
    return found


def public(names: Iterable[str]) -> set[str]:
    return {name for name in names if not name.startswith("_")}


def parameters(node: ast.FunctionDef) -> list[str]:
    arguments = node.args
    return [argument.arg for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def real_parameters(function: object) -> list[str] | None:
    """Return the names of a compiled function's parameters; None where it does not tell them."""
    try:
        signature = inspect.signature(function)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return [name for name, parameter in signature.parameters.items() if parameter.kind is not parameter.VAR_POSITIONAL]


def differences(stub: Path) -> list[str]:
    """Compare a stub with its built module."""
    module = importlib.import_module(module_of(stub))
    names = declared(ast.parse(stub.read_text()).body)
    own = public(name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__)
    problems = [f"{name} is declared but not there" for name in public(names) - set(vars(module))]
    problems += [f"{name} is there but not declared" for name in own - set(names)]
    for name, node in names.items():
        real = getattr(module, name, None)
        if isinstance(node, ast.ClassDef) and inspect.isclass(real):
            problems += class_differences(node, real)
        elif isinstance(node, ast.FunctionDef) and real_parameters(real) not in (None, parameters(node)):
            problems.append(f"{name} takes {real_parameters(real)}, declared are {parameters(node)}")
    return sorted(problems)


def class_differences(node: ast.ClassDef, real: type) -> list[str]:
    """Compare the public members of a class."""
    names = declared(node.body)
    members = public(vars(real))
    problems = [f"{node.name}.{name} is declared but not there" for name in public(names) - members]
    problems += [f"{node.name}.{name} is there but not declared" for name in members - set(names)]
    for name, method in names.items():
        if isinstance(method, ast.FunctionDef) and not method.decorator_list and name in members:
            found = real_parameters(getattr(real, name))
            if found not in (None, parameters(method)):
                problems.append(f"{node.name}.{name} takes {found}, declared are {parameters(method)}")
    return problems


@pytest.mark.parametrize("stub", STUBS, ids=module_of)
def test_a_stub_declares_what_its_module_has(stub: Path) -> None:
    assert differences(stub) == []


@pytest.mark.parametrize("source", SOURCES, ids=module_of)
def test_every_compiled_module_has_a_header_and_a_stub(source: Path) -> None:
    assert source.with_suffix(".pxd").exists()
    assert source.with_suffix(".pyi").exists()
