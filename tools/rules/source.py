"""What every rule reads: a file with its text and its syntax tree, the whole tree of files, and what a rule finds.

A rule is a pure function: it looks at a File or a Tree and yields Findings. It opens nothing itself, so its test gives
it a few lines of text under an invented path. Cython has no parser here: `code_only` blanks strings and comments, and
`functions` finds each def, cdef and cpdef by its header and its indentation.
"""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGES = ("hotpath", "engine", "actors", "gateways", "tiercel")
STRING_OR_COMMENT = re.compile(
    r"\"\"\".*?\"\"\"|'''.*?'''|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|#[^\n]*", re.DOTALL
)
HEADER = re.compile(r"^[ \t]*(def|cdef|cpdef)\b(?P<rest>[^=(\n]*(?:\([^()\n]*\)[^=(\n]*)?)\((?!\*)", re.MULTILINE)
BLOCK_OF_C = re.compile(r"^([ \t]*)cdef extern\b", re.MULTILINE)


@dataclass(frozen=True)
class Finding:
    """One violation: where it is, what was found, what was expected and what to do."""

    path: str
    line: int
    what: str
    expected: str
    do: str

    def text(self, rule: str) -> str:
        """Return the line that a person reads."""
        return f"{self.path}:{self.line}: {rule}: {self.what}; expected {self.expected}; {self.do}"


@dataclass(frozen=True)
class Function:
    """A function of a Cython file: `header` is everything from def or cdef to the colon, on one line."""

    kind: str
    name: str
    header: str
    result: str
    line: int
    lines_count: int


class File:
    """One tracked file. `path` is relative to the repository, with slashes."""

    def __init__(self, path: str, text: str) -> None:
        """Take a path and a text; nothing is read from disk."""
        self.path = path
        self.text = text
        self.suffix = Path(path).suffix
        self.is_python = self.suffix in {".py", ".pyi"}
        self.is_cython = self.suffix in {".pyx", ".pxd"}
        self.is_source = self.is_python or self.is_cython
        self.is_test = path.startswith("tests/")
        self.in_package = path.startswith(tuple(f"{package}/" for package in PACKAGES))

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a Python file; empty for any other."""
        return ast.parse(self.text if self.is_python else "", self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node of the syntax tree."""
        return list(ast.walk(self.tree))

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.text.splitlines()

    @cached_property
    def code(self) -> str:
        """The text with strings and comments blanked, line for line."""
        return code_only(self.text)

    @cached_property
    def module(self) -> str:
        """The dotted name: hotpath/core/units.pyx is hotpath.core.units; a package has the name of its folder."""
        name = self.path[: -len(self.suffix)].replace("/", ".")
        return name.removesuffix(".__init__")

    @cached_property
    def imports(self) -> list[tuple[int, str]]:
        """(line, dotted name) of everything imported or cimported; `from a import b` gives a.b."""
        return list(python_imports(self, self.nodes) if self.is_python else cython_imports(self.code))

    @cached_property
    def functions(self) -> list[Function]:
        """The functions of a Cython file."""
        return list(functions(self.code)) if self.is_cython else []


Tree = dict[str, File]


def code_only(text: str) -> str:
    """Replace strings and comments by spaces; every line and column stays where it is."""
    return STRING_OR_COMMENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def line_of(text: str, position: int) -> int:
    """Return the number of the line that holds a position."""
    return text.count("\n", 0, position) + 1


def python_imports(file: File, nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield what those of `nodes` import that are imports; relative ones are resolved."""
    package = file.module if file.path.endswith("/__init__.py") else file.module.rpartition(".")[0]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*parts, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{name.name}") for name in node.names)


def cython_imports(code: str) -> Iterator[tuple[int, str]]:
    """Find the imports and cimports of a Cython file in its text."""
    for found in re.finditer(r"^[ \t]*from[ \t]+([\w.]+)[ \t]+c?import[ \t]+(\([^)]*\)|[^\n]*)", code, re.MULTILINE):
        names = re.findall(r"(\w+)(?:\s+as\s+\w+)?", found[2])
        yield from ((line_of(code, found.start()), f"{found[1]}.{name}") for name in names)
    for found in re.finditer(r"^[ \t]*c?import[ \t]+([^\n]+)", code, re.MULTILINE):
        names = [part.split()[0] for part in found[1].split(",") if part.split()]
        yield from ((line_of(code, found.start()), name) for name in names)


def functions(code: str) -> Iterator[Function]:
    """Find the functions of a Cython text without those that `cdef extern` only declares."""
    foreign = [block_of(code, found.start()) for found in BLOCK_OF_C.finditer(code)]
    for found in HEADER.finditer(code):
        words = found["rest"].split()
        if not words or words[0] == "class" or any(first <= found.start() < last for first, last in foreign):
            continue
        end = header_end(code, found.end() - 1)
        header = " ".join(code[found.start() : end].split())
        name = re.sub(r"\W", "", words[-1])
        result = found["rest"].strip().removesuffix(words[-1]) + ("*" if words[-1].startswith("*") else "")
        for prefix in ("inline", "public", "api"):
            result = re.sub(rf"\b{prefix}\b", "", result).strip()
        body_end = block_of(code, found.start(), end)[1] if header.endswith(":") else end
        first = line_of(code, found.start())
        last = line_of(code, len(code[:body_end].rstrip()))
        yield Function(found[1], name, header, result, first, last - first + 1)


def header_end(code: str, opening: int) -> int:
    """Return where the line ends in which the parenthesis at `opening` is closed."""
    depth = 0
    for position in range(opening, len(code)):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(code[position], 0)
        if depth == 0 and code[position] == "\n":
            return position
    return len(code)


def block_of(code: str, start: int, body: int | None = None) -> tuple[int, int]:
    """Return (start, end) of an indented block: up to the first line after its header that is not deeper."""
    line_start = code.rfind("\n", 0, start) + 1
    indent = len(code[line_start:]) - len(code[line_start:].lstrip(" \t"))
    position = body if body is not None else code.find("\n", start)
    while 0 <= position < len(code):
        following = code.find("\n", position + 1)
        following = len(code) if following < 0 else following
        line = code[position + 1 : following]
        if line.strip() and len(line) - len(line.lstrip(" \t")) <= indent:
            return start, position
        position = following
    return start, len(code)


def read_tree(root: Path) -> Tree:
    """Read every file that git tracks, or would track; without git, every file that is no build product."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git, wherever it is
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    names = listed.stdout.splitlines() if listed.returncode == 0 else list(walk(root))
    tree: Tree = {}
    for name in sorted(set(names)):
        path = root / name
        if not path.is_file():
            continue
        try:
            tree[name] = File(name, path.read_text(encoding="utf-8"))
        except UnicodeDecodeError as problem:
            raise SystemExit(f"{name}: not UTF-8 text at byte {problem.start}; keep binary files out of git") from None
    return tree


def walk(root: Path) -> Iterator[str]:
    """Name the sources below a folder that is no git repository."""
    for folder in (*PACKAGES, "tools", "tests", "benchmarks", "examples", "docs"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in {".py", ".pyi", ".pyx", ".pxd", ".md", ".toml"}:
                yield path.relative_to(root).as_posix()
