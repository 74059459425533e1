"""What every test may ask for: the recordings, and runs that are the same each time.

Recordings and reference values lie beside the repository in ../shared/data (TIERCEL_SHARED_DATA names another place).
They are never copied into it: a test that needs one takes the fixture `shared_data` and is skipped, with the reason,
where they are absent. Hypothesis runs from a fixed seed; TIERCEL_HYPOTHESIS=explore looks for new examples.
"""

from __future__ import annotations

import os
import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = Path(os.environ.get("TIERCEL_SHARED_DATA", ROOT.parent / "shared" / "data"))
BUILD = os.environ.get("TIERCEL_BUILD", "")

settings.register_profile(
    "fixed",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.register_profile(
    "explore", settings.get_profile("fixed"), derandomize=False, max_examples=2000, print_blob=True
)
settings.register_profile("few", settings.get_profile("fixed"), max_examples=20)
settings.load_profile(os.environ.get("TIERCEL_HYPOTHESIS", "fixed"))


def pytest_report_header() -> str:
    """Say which build of hotpath the tests run on."""
    return f"build: {BUILD or 'in place'}; recordings: {SHARED_DATA if SHARED_DATA.is_dir() else 'absent'}"


def pytest_sessionstart() -> None:
    """Refuse to test another build than the one that was asked for."""
    import hotpath

    wanted = ROOT / "build" / BUILD if BUILD else ROOT
    if BUILD == "wheel":  # what was installed, wherever that is
        wanted = Path(sysconfig.get_path("platlib"))
    found = Path(hotpath.__path__[0]).absolute().parent
    if found != wanted:
        raise pytest.UsageError(
            f"hotpath comes from {found}, expected {wanted}: put it first in PYTHONPATH and set PYTHONSAFEPATH=1 "
            "(`make test` does both)"
        )


@pytest.fixture(scope="session")
def shared_data() -> Callable[[str], Path]:
    """Return a function that finds a recording by its path below ../shared/data, or skips the test."""

    def find(name: str) -> Path:
        path = SHARED_DATA / name
        if not path.exists():
            pytest.skip(
                f"needs the recording {name}: {SHARED_DATA} does not hold it (TIERCEL_SHARED_DATA names the folder)"
            )
        return path

    return find
