"""A run is a pure function of its inputs: no clock, no chance, no accidental order outside the context.

Whoever reads a clock or draws a number outside breaks replay. The few files that stand at the edge of the world are
named in tools/rules/exemptions.py, each with its reason. Tests do not sleep: their clock is theirs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TypeGuard

from tools.rules.source import File, Finding

CONTEXT = "time, chance and identifiers from the context"
MODULES = {"time", "uuid", "secrets"}
SEEDED = {"random.Random"}
CALLS = {
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today", "os.urandom", "os.getrandom",
    "random.SystemRandom",
}  # fmt: skip
CYTHON_CLOCK = re.compile(r"\b(clock_gettime|gettimeofday|posix\.time|libc\.time|perf_counter\w*|monotonic\w*)\b")
FOLDER_CALLS = {"iterdir", "glob", "rglob", "listdir", "scandir", "walk"}
KEEPS_NO_ORDER = {"sorted", "set", "frozenset", "len", "sum", "any", "all", "min", "max"}
SLEEPS = {"time.sleep", "asyncio.sleep"}
PROCESS_TESTS = ("tests/e2e/", "tests/conftest.py")


def dotted(node: ast.AST) -> str:
    """Return a.b.c of an expression made of names and attributes; empty for any other."""
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return node.id if isinstance(node, ast.Name) else ""


def clocks(file: File) -> Iterator[Finding]:
    """Find clocks, randomness and identifiers that the context did not give."""
    if not file.in_package or not file.is_source:
        return
    for line, name in file.imports:
        top = name.split(".")[0]
        if top in MODULES or (top == "random" and name not in SEEDED):
            yield Finding(file.path, line, f"imports {name}", CONTEXT, "use context.now_ns or context.rng")
    if file.is_cython:
        for number, text in enumerate(file.code.splitlines(), 1):
            if found := CYTHON_CLOCK.search(text):
                yield Finding(file.path, number, f"uses {found[0]}", CONTEXT, "take the time as an argument")
    for node in file.nodes:
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        if ".".join(name.split(".")[-2:]) in CALLS:
            yield Finding(file.path, node.lineno, f"calls {name}", CONTEXT, "use context.now_ns or context.rng")
        elif name.split(".")[-1] == "Random" and not node.args:
            yield Finding(file.path, node.lineno, "a Random without a seed", CONTEXT, "seed it from the run's seed")


def accidental_order(file: File) -> Iterator[Finding]:
    """Find order that depends on memory or on the disk: sets walked, keys of id or hash, folders unsorted."""
    if not file.in_package or not file.is_python:
        return
    ordered = {id(argument) for node in file.nodes if isinstance(node, ast.Call) for argument in safe_arguments(node)}
    for node in file.nodes:
        if isinstance(node, ast.For | ast.comprehension) and is_set(node.iter):
            line = node.iter.lineno
            yield Finding(
                file.path, line, "iterates over a set", "an order that is the same each run", "walk sorted(...)"
            )
        elif isinstance(node, ast.keyword) and node.arg == "key" and dotted(node.value) in {"id", "hash"}:
            line = node.value.lineno
            yield Finding(
                file.path, line, f"orders by {dotted(node.value)}()", "an order of values", "order by a field"
            )
        elif is_folder_call(node) and id(node) not in ordered:
            what = f"takes the order of a folder: {ast.unparse(node)}"
            yield Finding(file.path, node.lineno, what, "an order that is the same each run", "put sorted() around it")


def is_folder_call(node: ast.AST) -> TypeGuard[ast.Call]:
    """Say whether a node lists a folder."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in FOLDER_CALLS


def safe_arguments(call: ast.Call) -> list[ast.AST]:
    """Return what a call sorts or counts, so that the order of its argument does not matter."""
    if dotted(call.func) not in KEEPS_NO_ORDER or not call.args:
        return []
    first = call.args[0]
    if isinstance(first, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        return [first, *(generator.iter for generator in first.generators)]
    return [first]


def is_set(node: ast.AST) -> bool:
    """Say whether an expression is visibly a set."""
    return isinstance(node, ast.Set | ast.SetComp) or (
        isinstance(node, ast.Call) and dotted(node.func) in {"set", "frozenset"}
    )


def sleeps(file: File) -> Iterator[Finding]:
    """Find tests that sleep where no other process has to be waited for."""
    if not file.is_test or file.path.startswith(PROCESS_TESTS):
        return
    for node in file.nodes:
        if isinstance(node, ast.Call) and (name := dotted(node.func)) in SLEEPS:
            yield Finding(
                file.path, node.lineno, f"calls {name}", "a test with a clock of its own", "advance its clock"
            )
