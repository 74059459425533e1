"""Print requirements that pyproject.toml names, one a line, for `pip install -r`.

`run` is what Tiercel itself needs, `build` what a build without isolation needs, `dev` the developers' group. The pip
of a fresh environment may be too old to read dependency groups itself.
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent / "pyproject.toml"


def requirements(which: str) -> list[str]:
    """Return the requirements called `run`, `build` or `dev`."""
    project = tomllib.loads(PROJECT.read_text())
    groups: dict[str, list[str]] = {
        "run": project["project"]["dependencies"],
        "build": project["build-system"]["requires"],
        **project["dependency-groups"],
    }
    return groups[which]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(sys.argv[1])) + "\n")
