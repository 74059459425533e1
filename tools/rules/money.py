"""Money is integers and Decimal; a float in its code is a rounding that nobody decided.

Looked at: units, orders, and every room that reserves, books or encodes money. A true division counts, because of two
integers it makes a float. Ratios are allowed where tools/rules/exemptions.py names the file and the reason, or where
the line ends in `# ratio: <what it is>`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from fnmatch import fnmatch

from tools.rules.source import File, Finding

MONEY = (
    "hotpath/core/units.*",
    "hotpath/orders/*",
    "actors/risk/*",
    "actors/portfolio/*",
    "actors/orders/*",
    "gateways/*/orders*",
    "gateways/*/account*",
    "gateways/*/market*",
)
RATIO = re.compile(r"#.*\bratio: \S")
CYTHON_FLOAT = re.compile(r"\b(?:float|double)\b|(?<![\w.])\d+\.\d*(?![\w.])|(?<![\w.])\d+[eE]-?\d+|(?<!/)/(?!/)=?")
INTEGERS = "integers or Decimal"
DO = "keep it in ticks, lots or money, or say `# ratio: ...`"


def floats(file: File) -> Iterator[Finding]:
    """Find floats in money code: literals, calls, annotations and true divisions."""
    if not file.is_source or not any(fnmatch(file.path, pattern) for pattern in MONEY):
        return
    for line, what in cython_floats(file) if file.is_cython else python_floats(file):
        if not RATIO.search(file.lines[line - 1]):
            yield Finding(file.path, line, what, INTEGERS, DO)


def python_floats(file: File) -> Iterator[tuple[int, str]]:
    """Yield (line, what) of the floats of a Python file."""
    refused = {id(name) for call in file.nodes if is_instance_check(call) for name in ast.walk(call)}
    for node in file.nodes:
        match node:
            case _ if id(node) in refused:
                continue
            case ast.Constant(value=float()):
                yield node.lineno, f"the float {node.value!r}"
            case ast.Name(id="float"):
                yield node.lineno, "the type float"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()):
                yield node.lineno, "a true division"


def is_instance_check(node: ast.AST) -> bool:
    """Say whether a node asks for a type: code that refuses a float has to name it."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance"


def cython_floats(file: File) -> Iterator[tuple[int, str]]:
    """Yield (line, what) of the floats of a Cython file."""
    for number, text in enumerate(file.code.splitlines(), 1):
        if found := CYTHON_FLOAT.search(re.sub(r"\bisinstance\([^()]*\)", "", text)):
            yield number, "a true division" if "/" in found[0] else f"the float {found[0]}"
