"""Other libraries under the same work as ours: one module for each kind of work, one function for each library.

A function here runs in the environment that `make peers` makes, in a process of its own, in the same rounds as our row.
It takes its library through `peer`, inside the function, because this package is also imported where none is installed.
It makes the same input as our row, from the same seed, and answers under the name `row@package`.
"""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.measurement import NotMeasured


def peer(module: str) -> Any:
    """Import a library that is measured beside ours. NotMeasured where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as missing:
        raise NotMeasured(f"{module} cannot be imported here ({missing}); `make peers` installs it") from missing
