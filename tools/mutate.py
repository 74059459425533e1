"""Mutants of the code that guards money, and whether the tests notice: `python -m tools.mutate --count 200 --seed 1`.

One change at a time in a copy of the tree: a comparison or a sign is swapped, a constant moves by one, a statement or a
row of a table is dropped. Left alone are `check`, which decides nothing, and a `return 0` that means no error.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
COPIED = ("hotpath", "engine", "actors", "gateways", "tiercel", "tests", "pyproject.toml")
UNTOUCHED = re.compile(r"/(account|contract|fifo|fills|position)\.pyx$")
HOT, SAFETY = "tests/unit/hotpath/orders", ("states", "guards", "breaker", "ladder", "causes")
TARGETS = {
    "hotpath/orders/*.pyx": f"{HOT} tests/unit/actors/risk tests/unit/actors/orders/test_orders.py",
    "hotpath/orders/transitions.py": f"{HOT} tests/unit/actors/orders",
    **dict.fromkeys(map("actors/safety/{}.py".format, SAFETY), "tests/unit/actors/safety"),
}
SECONDS_MAX, KILLED_MIN, QUIET = 180, 0.95, subprocess.DEVNULL
PAIRS = (" <= : < ", " >= : > ", " == : != ", " + : - ", " += : -= ", " and : or ")
SWAPS = [pair for one in PAIRS for pair in (one.split(":"), one.split(":")[::-1])]
TEXT = re.compile(r'""".*?"""|"[^"\n]*"|#[^\n]*', re.DOTALL)
HEADER = re.compile(r"^ *(?:cdef|cpdef|def|class)\b[^\n=(]*\((?:[^()]|\([^()]*\))*\)[^\n:]*:", re.MULTILINE)
CHECK = re.compile(r"^( *)(?:cpdef|def)[^\n]* check\((?:.|\n)*?(?=^\1\S|\Z)", re.MULTILINE)
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
ROW = re.compile(r"^ *[(C].*: \(?(?:S|TradingState|SafetyEvent)\.([A-Z_]+),")
DROPPED = re.compile(r"^ +(?!(?:c?p?def|if|el\w+|for|while|return|pass|try|except)\b)[^\s\0@].*[^:,]$")


class Mutant(NamedTuple):
    """One change of one line."""

    file: str
    line: int
    kind: str
    before: str
    after: str

    def __str__(self) -> str:
        """Return where it is and what it does."""
        return f"{self.file}:{self.line}: {self.kind}: {self.before.strip()} -> {self.after.strip() or 'nothing'}"


def blanked(source: str) -> str:
    """Return the source with text, comments, headers of functions and bodies of `check` as NUL of equal length."""
    for pattern in (TEXT, CHECK, HEADER):
        source = pattern.sub(lambda found: re.sub(r"[^\n]", "\0", found[0]), source)
    return source


def mutants(file: str, source: str) -> Iterator[Mutant]:
    """Yield every change of a file, in the order of its lines."""
    lines = source.splitlines()
    states = list(dict.fromkeys(row[1] for line in lines if (row := ROW.match(line))))
    depth, only_raises = 0, False
    for number, (line, bare) in enumerate(zip(lines, blanked(source).splitlines(), strict=True), 1):
        begins, depth = not depth, depth + len(re.findall(r"[(\[{]", bare)) - len(re.findall(r"[)\]}]", bare))
        if line.endswith(":") and "def " in line:
            only_raises = " int " in line and "except -1" in line
        changes = [("swap", *at.span(), new) for old, new in SWAPS for at in re.finditer(re.escape(old), bare)]
        if not (only_raises and line.strip() == "return 0"):
            changes += [("shift", *at.span(), str(int(at[0]) + 1)) for at in NUMBER.finditer(bare)]
        if row := ROW.match(line):
            following = states[(states.index(row[1]) + 1) % len(states)]
            changes += [("shift", *row.span(1), following), ("drop", 0, len(line), "")]
        elif begins and depth == 0 and DROPPED.match(bare):
            changes.append(("drop", len(line) - len(line.lstrip()), len(line), "pass"))
        for kind, start, end, new in changes:
            yield Mutant(file, number, kind, line, line[:start] + new + line[end:])


class Bench:
    """A copy of the tree in which one file at a time is another."""

    def __init__(self, folder: Path) -> None:
        """Copy what the tests need."""
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        for name in COPIED:
            (shutil.copytree if (ROOT / name).is_dir() else shutil.copy2)(ROOT / name, folder / name)

    def survives(self, mutant: Mutant, tests: Sequence[str]) -> bool | None:
        """Return whether the tests like a mutant; None when it does not compile."""
        path = self.folder / mutant.file
        kept = {place: place.read_bytes() for place in (path, *path.parent.glob(f"{path.stem}.*.so"))}
        lines = path.read_text().splitlines()
        path.write_text("\n".join([*lines[: mutant.line - 1], mutant.after, *lines[mutant.line :], ""]))
        try:
            if path.suffix == ".pyx" and not self._builds(Path(mutant.file)):
                return None
            named = sorted(map(str, (self.folder / tests[0]).glob(f"test_{path.stem}*.py")))  # they notice first
            return self.tests_pass([*named, *tests])
        finally:
            for place, content in kept.items():
                place.write_bytes(content)

    def tests_pass(self, tests: Iterable[str]) -> bool:
        """Return whether the tests are content with the tree as it is."""
        return self._done(sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests)

    def _builds(self, source: Path) -> bool:
        target = str(source.with_suffix(str(sysconfig.get_config_var("EXT_SUFFIX"))))
        directives = "boundscheck=False,wraparound=False,initializedcheck=False,cdivision=False"
        build = ("cc", "-shared", "-fPIC", "-O0", "-w", f"-I{sysconfig.get_path('include')}", "mutant.c", "-o", target)
        cython = (sys.executable, "-m", "cython", "-3", "-X", directives, str(source), "-o", "mutant.c")
        return self._done(*cython) and self._done(*build)

    def _done(self, *words: str) -> bool:
        env = os.environ | {"PYTHONPATH": str(self.folder), "PYTHONDONTWRITEBYTECODE": "1", "TIERCEL_BUILD": ""}
        try:
            return not subprocess.call(words, cwd=self.folder, env=env, stdout=QUIET, stderr=QUIET, timeout=SECONDS_MAX)  # noqa: S603
        except subprocess.TimeoutExpired:  # expected: a mutant may never end, and that is noticed
            return False


def main(words: Sequence[str] | None = None) -> int:
    """Try mutants and return 0 when enough were killed."""
    parser = argparse.ArgumentParser(prog="python -m tools.mutate")
    for name, kind, default in (("count", int, 200), ("seed", int, 1), ("folder", Path, ROOT / "build" / "mutation")):
        parser.add_argument(f"--{name}", type=kind, default=default)
    parser.add_argument("files", nargs="*", help="only these files")
    asked = parser.parse_args(words)
    tests = {str(path.relative_to(ROOT)): told for pattern, told in TARGETS.items() for path in ROOT.glob(pattern)}
    chosen = [file for file in sorted(tests) if file in (asked.files or tests) and not UNTOUCHED.search(file)]
    every = [mutant for file in chosen for mutant in mutants(file, (ROOT / file).read_text())]
    Random(asked.seed).shuffle(every)  # noqa: S311 - a seeded choice is not a secret
    bench, killed, tried = Bench(asked.folder), 0, 0
    if not bench.tests_pass({test for file in chosen for test in tests[file].split()}):
        sys.exit("the tests fail before anything is changed; mend them first")
    for mutant in every:
        if tried < asked.count and (lives := bench.survives(mutant, tests[mutant.file].split())) is not None:
            killed, tried = killed + (not lives), tried + 1
            print(f"{'SURVIVED' if lives else 'killed  '} {mutant}", flush=True)
    print(f"{killed} of {tried} mutants killed (seed {asked.seed}, {len(every)} possible)")
    return 0 if tried and killed >= KILLED_MIN * tried else 1


if __name__ == "__main__":
    sys.exit(main())
