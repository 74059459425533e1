"""What a function does with an error, and where it may wait.

A cdef function that says nothing about exceptions makes its caller ask after every call, and a void one takes the GIL
to do so. An `except` that swallows hides the first sign of a fault; where the exception is the answer, the line says
so: `except KeyError:  # expected: <why>`. Between a check and the act that it permits nothing is awaited.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch

from tools.rules.source import File, Finding, Function, Tree

OBJECTS = {
    "object", "str", "bytes", "bytearray", "tuple", "list", "dict", "set", "frozenset", "type", "unicode", "memoryview",
}  # fmt: skip
CLASS = re.compile(r"^[ \t]*cdef class (\w+)", re.MULTILINE)
EXPECTED = re.compile(r"#.*\bexpected: \S")
CYTHON_EXCEPT = re.compile(r"^([ \t]*)except\b[^\n]*:[ \t]*(\S[^\n]*)?$", re.MULTILINE)
SILENT_WORDS = re.compile(r"^(pass|continue|break|\.\.\.|return( +(None|True|False|-?\d+|\w+|\(\)|\[\]|\{\}))?)$")
AWAIT_HOMES = (
    "gateways/transport/*",
    "gateways/operator/*",
    "gateways/*/simulator*",
    "gateways/simulator/*",
    "engine/runtime/turn.py",
)


def bare_cdef(tree: Tree) -> Iterator[Finding]:
    """Find cdef and cpdef functions with a C result that say neither `noexcept` nor `except`."""
    files = [file for file in tree.values() if file.is_cython]
    objects = OBJECTS | {name for file in files for name in CLASS.findall(file.code)}
    for file in files:
        for function in file.functions:
            if function.kind != "def" and not returns_object(function, objects) and not states_contract(function):
                what = f"{function.name} has no contract"
                do = "say noexcept nogil, except -1 or except? -1"
                yield Finding(file.path, function.line, what, "noexcept or except", do)


def returns_object(function: Function, objects: set[str]) -> bool:
    """Say whether the result is a Python object, which carries its own sign of an error."""
    result = function.result
    return not result or (not result.endswith("*") and result.split("[")[0].split(".")[-1].split()[-1] in objects)


def states_contract(function: Function) -> bool:
    """Say whether a header names what an exception does."""
    return re.search(r"\)[^()]*\b(noexcept|except)\b", function.header) is not None


def silent_except(file: File) -> Iterator[Finding]:
    """Find exceptions that disappear: no raise, no record, no word of why."""
    if not file.is_source or file.is_test:
        return
    for line in cython_silences(file) if file.is_cython else python_silences(file):
        if not EXPECTED.search(file.lines[line - 1]):
            what = "an exception disappears"
            do = "raise, record it, or end the line with `# expected: <why it is the answer>`"
            yield Finding(file.path, line, what, "a trace of every exception", do)


def python_silences(file: File) -> Iterator[int]:
    """Yield the lines of silent handlers and of contextlib.suppress."""
    for node in file.nodes:
        if isinstance(node, ast.ExceptHandler) and all(is_silent(statement) for statement in node.body):
            yield node.lineno
        elif isinstance(node, ast.With | ast.AsyncWith):
            for item in node.items:
                call = item.context_expr
                name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
                if name in {"suppress", "contextlib.suppress"}:
                    yield node.lineno


def is_silent(statement: ast.stmt) -> bool:
    """Say whether a statement leaves no trace."""
    match statement:
        case ast.Pass() | ast.Continue() | ast.Break() | ast.Return(value=None):
            return True
        case ast.Return(value=ast.expr() as value):
            return not any(isinstance(node, ast.Call | ast.Await) for node in ast.walk(value))
        case ast.Expr(value=ast.Constant()):
            return True
    return False


def cython_silences(file: File) -> Iterator[int]:
    """Yield the lines of silent handlers of a Cython file."""
    lines = file.code.splitlines()
    for found in CYTHON_EXCEPT.finditer(file.code):
        number = file.code.count("\n", 0, found.start()) + 1
        body = [found[2]] if found[2] else []
        for text in lines[number:]:
            if text.strip() and len(text) - len(text.lstrip()) <= len(found[1]):
                break
            if text.strip():
                body.append(text)
        if all(SILENT_WORDS.match(text.strip()) for text in body):
            yield number


def awaits(file: File) -> Iterator[Finding]:
    """Find coroutines outside the places where the engine waits for the world."""
    if not file.in_package or not file.is_python or any(fnmatch(file.path, home) for home in AWAIT_HOMES):
        return
    for node in file.nodes:
        if isinstance(node, ast.Await | ast.AsyncFor | ast.AsyncWith | ast.AsyncFunctionDef):
            what = "waits here" if not isinstance(node, ast.AsyncFunctionDef) else f"{node.name} is a coroutine"
            where = ", ".join(AWAIT_HOMES)
            yield Finding(file.path, node.lineno, what, f"awaiting only in {where}", "take events as messages")
            return
