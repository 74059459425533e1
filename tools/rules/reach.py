"""What nobody reaches: modules that nothing imports, outcomes and table cells that no test provokes.

The second part is an approximation by text: each member of an enum stands in a test that names the enum, or a test
walks the whole enum, which is not enough for outcomes; each life-cycle table is walked whole by a test. That the test
then checks something is what reviews are for.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from tools.rules.source import File, Finding, Tree

ENTRANCES = (
    "engine.__main__", "engine.cli.approve", "engine.cli.audit", "engine.cli.cancel",
    "engine.cli.check", "engine.cli.control", "engine.cli.doctor", "engine.cli.limits", "engine.cli.new",
    "engine.cli.resolve", "engine.cli.sim", "engine.cli.watchdog", "engine.telemetry.table", "tools.mutate",
    "tools.preflight", "tools.requirements", "tools.tidy", "tools.verify_audit", "tiercel.testing",
)  # fmt: skip
ENUM_BASES = {"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"}
OUTCOMES = {
    "DenialReason", "Directive", "FeedStatus", "GateWord", "InputKind", "Refusal", "TradingState", "Verdict",
}  # fmt: skip
"""Enums of which a loop over all members proves nothing: each one has to be brought about by name."""
TABLE = re.compile(r"^(TRANSITIONS|(\w+_)?TABLE)$")


def unreferenced(tree: Tree) -> Iterator[Finding]:
    """Find modules of the packages, tools and models that nothing but tests imports; models need a test."""
    names = {module: file for module, file in modules(tree).items() if not module.startswith("tests.")}
    models = {module: file for module, file in modules(tree).items() if module.startswith("tests.models.")}
    users = [file for file in tree.values() if not file.is_test]
    used = imported(users) | set(ENTRANCES)
    mentioned = "\n".join(file.text for file in users if not file.is_source)
    for module, file in sorted(names.items()):
        if module not in used and not re.search(rf"\b{re.escape(module)}\b", mentioned):
            yield Finding(file.path, 1, "nobody imports it", "a user for every module", "use it or delete it")
    used_by_tests = imported([file for file in tree.values() if file.is_test])
    for module, file in sorted(models.items()):
        if module not in used_by_tests:
            yield Finding(file.path, 1, "no test imports it", "a test for every model", "compare with it or delete it")


def modules(tree: Tree) -> dict[str, File]:
    """Return the modules that have content, by name; packages are reached through their modules."""
    found = {}
    for file in tree.values():
        looked_at = file.in_package or file.path.startswith(("tools/", "tests/models/"))
        if looked_at and file.suffix in {".py", ".pyx"} and not file.path.endswith(("__init__.py", "conftest.py")):
            found[file.module] = file
    return found


def imported(files: list[File]) -> set[str]:
    """Return every dotted name that files import, and its packages; a .pyi or a .pxd twin is no user of its module."""
    names: set[str] = set()
    for file in files:
        if file.suffix not in {".py", ".pyx", ".pxd"}:
            continue
        for _, name in file.imports:
            for used in (name, name.rpartition(".")[0]):
                if used != file.module:
                    names.add(used)
    return names


def provoking(tree: Tree) -> list[File]:
    """Return the tests that can provoke something: those of the rules only hold examples."""
    return [
        file
        for file in tree.values()
        if file.is_test and file.is_python and not file.path.startswith("tests/architecture/")
    ]


def unprovoked_members(tree: Tree) -> Iterator[Finding]:
    """Find members of enums that no test names, nor reaches by walking the enum."""
    tests = [file.text for file in provoking(tree)]
    for file in tree.values():
        if not file.in_package or file.suffix != ".py":
            continue
        for node in file.nodes:
            if not (isinstance(node, ast.ClassDef) and ENUM_BASES & {ast.unparse(base) for base in node.bases}):
                continue
            text = "\n".join(test for test in tests if re.search(rf"\b{node.name}\b", test))
            if node.name not in OUTCOMES and loops_over(node.name, text):
                continue
            for line, member, value in members(node):
                if not re.search(rf"\b{member}\b", text) and not (value and any(value in test for test in tests)):
                    what = f"{node.name}.{member} is in no test"
                    yield Finding(file.path, line, what, "a test that provokes it", "provoke it, or delete it")


def loops_over(name: str, text: str) -> bool:
    """Say whether a text iterates over a whole enum or table."""
    return (
        re.search(rf"(\bin|\bsorted\(|\blist\(|\bparametrize\(|\bproduct\()[^\n]*\n?[^\n]*\b{name}\b", text) is not None
    )


def members(node: ast.ClassDef) -> Iterator[tuple[int, str, str]]:
    """Yield (line, name, quoted text of the value, empty for numbers) of the members of an enum."""
    for statement in node.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            value = statement.value.value if isinstance(statement.value, ast.Constant) else None
            yield statement.lineno, statement.targets[0].id, f'"{value}"' if isinstance(value, str) else ""


def unwalked_tables(tree: Tree) -> Iterator[Finding]:
    """Find life-cycle tables that no test walks from end to end."""
    tests = provoking(tree)
    for file in tree.values():
        if not file.in_package or file.suffix != ".py":
            continue
        for line, name in tables(file):
            if not any(walks(test, file.module, name) for test in tests):
                what = f"no test walks the whole of {name}"
                do = "write one test over every state and every event"
                yield Finding(file.path, line, what, "every cell of the table in a test", do)


def tables(file: File) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of the life-cycle tables of a module."""
    for node in file.tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                if TABLE.match(name):
                    yield node.lineno, name


def walks(test: File, module: str, table: str) -> bool:
    """Say whether a test imports a table, or its module, and iterates over it or over every pair of its keys."""
    if module not in imported([test]):
        return False
    return loops_over(table, test.text) or re.search(r"\bproduct\(", test.text) is not None
