"""Try the wheel as a user gets it: `python -m tools.wheel_trial` (`make wheel-trial`), on each supported Python.

For every interpreter that this machine has: build the wheel, install it into a new environment, run the unit tests on
what was installed, and then the demonstration from an empty folder. Tests of what is in no wheel are left out. The
tests reach our tree through links, so that no package of it can be imported instead of the installed one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.preflight import SUPPORTED
from tools.requirements import requirements

ROOT = Path(__file__).resolve().parent.parent
PLACE = ROOT / "build" / "wheel-trial"
LINKED = ("tests", "tools", "benchmarks", "examples", "pyproject.toml")
NOT_IN_A_WHEEL = ("benchmarks", "tools")
TESTS_NEED = ("hypothesis", "mypy", "pytest", "setuptools")
STEP_S_MAX = 900


def interpreter(version: tuple[int, int]) -> Path | None:
    """Return an interpreter of a version that can make environments, None where there is none."""
    name = f"python{version[0]}.{version[1]}"
    kept = Path.home() / ".pyenv" / "versions"
    found = [*sorted(kept.glob(f"{name.removeprefix('python')}.*/bin/python")), Path(shutil.which(name) or "none")]
    return next((path for path in found if path.is_file() and makes_environments(path)), None)


def makes_environments(python: Path) -> bool:
    """Say whether an interpreter works: a shim that names a version that is not installed answers with an error."""
    words = [str(python), "-c", "import venv"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603 - a path that we found


def run(words: Sequence[str | Path], cwd: Path, **variables: str) -> None:
    """Run one step in a clean environment. CalledProcessError when it fails."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH", "TIERCEL_SHARED_DATA") if name in os.environ}
    kept["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    subprocess.run(words, cwd=cwd, env=kept | variables, timeout=STEP_S_MAX, check=True)  # noqa: S603 - our own words


def build(python: Path, place: Path) -> Path:
    """Build the wheel with an interpreter, warnings being errors; returns its path."""
    run([python, "-m", "venv", place / "build"], ROOT)
    with_pip = place / "build" / "bin" / "python"
    run([with_pip, "-m", "pip", "install", "-q", *requirements("build")], ROOT)
    for old in (ROOT / "build").glob("lib*"):
        shutil.rmtree(old)
    words = ["-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--wheel-dir", str(place), "."]
    run([with_pip, *words], ROOT, TIERCEL_WERROR="1")
    (wheel,) = place.glob("tiercel-*.whl")
    return wheel


def links(place: Path) -> Path:
    """Make the folder through which the tests are reached."""
    folder = place / "tree"
    folder.mkdir()
    for name in LINKED:
        (folder / name).symlink_to(ROOT / name)
    return folder


def shared_data() -> str:
    """Return where the recordings are, or would be."""
    return os.environ.get("TIERCEL_SHARED_DATA", str(ROOT.parent / "shared" / "data"))


def trial(python: Path, place: Path) -> None:
    """Build, install, test, run. CalledProcessError at the first step that fails."""
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    wheel = build(python, place)
    run([python, "-m", "venv", place / "clean"], place)
    clean = place / "clean" / "bin"
    run([clean / "python", "-m", "pip", "install", "-q", wheel], place)
    empty = place / "empty"
    empty.mkdir()
    run([clean / "tiercel", "run", "--duration", "5s"], empty)
    versions = [line for line in requirements("dev") if line.startswith(TESTS_NEED)]
    run([clean / "python", "-m", "pip", "install", "-q", *versions], place)
    tree = links(place)
    left_out = [f"--ignore=tests/unit/{name}" for name in NOT_IN_A_WHEEL]
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--override-ini", "testpaths=tests/unit", *left_out]
    variables = {"PYTHONPATH": str(tree), "TIERCEL_BUILD": "wheel", "TIERCEL_SHARED_DATA": shared_data()}
    run([clean / "python", *words, "tests/unit"], tree, **variables)


def main() -> int:
    """Try the versions that are named, or every one; the exit code is 0 when all that are here passed, and one is."""
    outcomes = []
    for version in SUPPORTED:
        name = f"{version[0]}.{version[1]}"
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        python = interpreter(version)
        if python is None:
            outcomes.append((name, "not tried: there is no such interpreter", True))
            continue
        print(f"=== the wheel on {name}, {python}", flush=True)
        begun_s = time.monotonic()
        try:
            trial(python, PLACE / name)
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as problem:
            outcomes.append((name, f"FAILED: {problem}", False))
        else:
            outcomes.append((name, f"passes, {time.monotonic() - begun_s:.0f} s", True))
    for name, said, _ in outcomes:
        print(f"{name:5} {said}")
    tried = [good for _, said, good in outcomes if not said.startswith("not tried")]
    return 0 if tried and all(tried) else 1


if __name__ == "__main__":
    sys.exit(main())
