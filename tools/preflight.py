"""Say what this machine lacks before anything is built, and which package brings it.

It runs on whatever Python it is given, an old one too, so it imports nothing but the standard library. It tries a real
compilation, because a compiler without the C library's headers, or a Python without Python.h, is found in no other way.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

SUPPORTED = ((3, 11), (3, 12), (3, 13))
VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}"


def hint(debian: str, macos: str) -> str:
    """Return the command that installs what is missing."""
    if sys.platform == "darwin":
        return macos
    if shutil.which("apt-get"):
        return f"sudo apt-get install {debian}"
    return f"install the package that Debian calls {debian}"


def find_compiler() -> list[str]:
    """Return the C compiler's command: CC, what built this Python, cc, gcc or clang; empty without one."""
    named = os.environ.get("CC", "").split()
    if named:
        return named if shutil.which(named[0]) else []
    built_with = (sysconfig.get_config_var("CC") or "cc").split()[0]
    for command in (built_with, "cc", "gcc", "clang"):
        if shutil.which(command):
            return [command]
    return []


def compiles(compiler: list[str], header: str) -> bool:
    """Try to compile one #include against this Python's headers."""
    includes = {sysconfig.get_path("include"), sysconfig.get_path("platinclude")}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "try.c")
        source.write_text(f"#include <{header}>\n")
        command = [*compiler, *(f"-I{path}" for path in sorted(includes)), "-c", str(source), "-o", f"{source}.o"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - our own words


def missing() -> list[str]:
    """Return a line for each thing that is missing, the first to repair first."""
    if sys.version_info[:2] not in SUPPORTED:
        return [f"Python {VERSION} is not supported, 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.12 ..."]
    problems = []
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        install = hint(f"python3-venv (or python{VERSION}-venv)", "brew install python")
        problems.append(f"Python's modules venv and ensurepip are missing: {install}")
    compiler = find_compiler()
    if not compiler:
        problems.append(f"a C compiler is missing: {hint('gcc libc6-dev', 'xcode-select --install')}")
    elif not compiles(compiler, "stdio.h"):
        problems.append(f"the C library's headers are missing: {hint('libc6-dev', 'xcode-select --install')}")
    elif not compiles(compiler, "Python.h"):
        install = hint(f"python3-dev (or python{VERSION}-dev)", "brew install python")
        problems.append(f"the header Python.h is missing: {install}")
    return problems


def main() -> int:
    """Print what is missing and return the exit code: 0 when nothing is."""
    problems = missing()
    for problem in problems:
        sys.stderr.write(f"tiercel: {problem}\n")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
