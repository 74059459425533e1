"""Cython text is understood well enough for rules: strings, functions, blocks and imports."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.rules.source import File, code_only, read_tree


def test_strings_and_comments_are_blanked_in_place() -> None:
    text = 'a = "x # y"  # float\n"""def f(\n1.5"""\nb = \'it\\\'s\'\n'
    code = code_only(text)
    assert len(code) == len(text)
    assert code.count("\n") == text.count("\n")
    assert code.split() == ["a", "=", "b", "="]


def test_a_function_over_several_lines_is_one_header() -> None:
    text = (
        "cdef class A:\n    cdef int go(\n        self, int a  # why\n    ) except -1:\n        return a\n\n    x = 1\n"
    )
    (function,) = File("hotpath/a.pyx", text).functions
    assert (function.kind, function.name, function.result) == ("cdef", "go", "int")
    assert (function.line, function.lines_count) == (2, 4)
    assert function.header == "cdef int go( self, int a ) except -1:"


@pytest.mark.parametrize(
    ("line", "result", "name"),
    [
        ("cdef inline const unsigned char* scan(char* a) noexcept nogil:", "const unsigned char*", "scan"),
        ("cpdef public object f(x):", "object", "f"),
        ("cdef (int, int) pair(self)", "(int, int)", "pair"),
        ("cdef Slot *find(int a) noexcept nogil", "Slot*", "find"),
        ("def plain(self):", "", "plain"),
    ],
)
def test_the_result_of_a_function_is_read(line: str, result: str, name: str) -> None:
    (function,) = File("hotpath/a.pxd", f"{line}\n    pass\n").functions
    assert (function.result.replace(" *", "*"), function.name) == (result, name)


@pytest.mark.parametrize(
    "line", ["cdef int x = f(1)", "cdef int[4] a", "cdef object y", "cdef struct S:", "cdef class A(B):"]
)
def test_what_is_no_function_is_not_taken_for_one(line: str) -> None:
    names = [function.name for function in File("hotpath/a.pyx", f"{line}\n    pass\n").functions]
    assert names == []


def test_imports_of_both_languages_are_read_with_their_lines() -> None:
    cython = "cimport cython\nfrom a.b cimport (\n    C,\n    d as e,\n)\nif x:\n    import f.g as h, i\n"
    assert sorted(File("hotpath/a.pyx", cython).imports) == [
        (1, "cython"),
        (2, "a.b.C"),
        (2, "a.b.d"),
        (7, "f.g"),
        (7, "i"),
    ]
    python = "from . import x\nfrom ..c import y\nimport z.w\n"
    assert File("a/b/m.py", python).imports == [(1, "a.b.x"), (2, "a.c.y"), (3, "z.w")]
    assert File("a/b/__init__.py", "from .m import x\n").imports == [(1, "a.b.m.x")]


def test_the_tree_holds_what_git_tracks_or_would_track(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("ignored.py\n")
    for name in ("ignored.py", "new.py"):
        (tmp_path / name).write_text("x = 1\n")
    assert set(read_tree(tmp_path)) == {".gitignore", "new.py"}


def test_without_git_the_sources_are_found_by_their_folders(tmp_path: Path) -> None:
    for name in ("engine/a.py", "engine/a.so", "elsewhere/b.py"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
    assert set(read_tree(tmp_path)) == {"engine/a.py"}


def test_a_binary_file_is_refused_by_name(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "photo.py").write_bytes(b"\xff\xfe")
    with pytest.raises(SystemExit, match=r"photo\.py: not UTF-8 text at byte 0"):
        read_tree(tmp_path)
