"""How long a file and a function may be, and the names that say nothing.

A bound is not a target: what does not fit has two concepts. Declarations count as what they are, lines of a file.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.rules.source import File, Finding

FILE_LINES_MAX = 400
TEST_LINES_MAX = 500
FUNCTION_LINES_MAX = 60
BANNED = ("utils", "util", "helpers", "helper", "common", "misc", "manager", "managers")
BANNED_MODULE = re.compile(rf"(^|_)({'|'.join(BANNED)})\d*$")
BANNED_CLASS = re.compile(r"(Utils?|Helpers?|Common|Misc|Managers?)\d*$")
CYTHON_CLASS = re.compile(r"^[ \t]*(?:cdef )?class (\w+)", re.MULTILINE)


def file_lines(file: File) -> Iterator[Finding]:
    """Find files over their bound."""
    most = TEST_LINES_MAX if file.is_test else FILE_LINES_MAX
    if file.is_source and len(file.lines) > most:
        what = f"{len(file.lines)} lines"
        yield Finding(file.path, most + 1, what, f"at most {most}", "give the second concept a file of its own")


def function_lines(file: File) -> Iterator[Finding]:
    """Find functions over their bound, in Python and in Cython."""
    for name, line, count in lengths(file):
        if count > FUNCTION_LINES_MAX:
            what = f"{name} has {count} lines"
            yield Finding(file.path, line, what, f"at most {FUNCTION_LINES_MAX}", "give its parts names of their own")


def lengths(file: File) -> Iterator[tuple[str, int, int]]:
    """Yield (name, line, lines) of every function."""
    for node in file.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, (node.end_lineno or node.lineno) - node.lineno + 1
    for function in file.functions:
        yield function.name, function.line, function.lines_count


def banned_names(file: File) -> Iterator[Finding]:
    """Find modules, packages and classes whose name says nothing."""
    if not file.is_source:
        return
    for part in Path(file.path).with_suffix("").parts:
        if BANNED_MODULE.search(part):
            yield Finding(
                file.path, 1, f"the name {part}", "a name that says what is in it", "name it after its concept"
            )
    classes = [(node.lineno, node.name) for node in file.nodes if isinstance(node, ast.ClassDef)]
    if file.is_cython:
        classes = [
            (file.code.count("\n", 0, found.start(1)) + 1, found[1]) for found in CYTHON_CLASS.finditer(file.code)
        ]
    for line, name in classes:
        if BANNED_CLASS.search(name):
            yield Finding(
                file.path, line, f"the class {name}", "a name that says what it is", "name it after what it owns"
            )
