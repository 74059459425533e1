"""Extensions only; everything else about the project stands in pyproject.toml.

Every .pyx below hotpath/ is one extension module. TIERCEL_DEBUG=1 makes the checked build (bounds, overflow,
None), TIERCEL_TRACE=1 the build that coverage can follow; both are slow and both run the same tests.
"""

import os
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup

DEBUG = os.environ.get("TIERCEL_DEBUG") == "1"
TRACE = os.environ.get("TIERCEL_TRACE") == "1"

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "nonecheck": DEBUG,
    "overflowcheck": DEBUG,
    "cdivision": False,
    "linetrace": TRACE,
    "embedsignature": True,
}


def extension(source: Path) -> Extension:
    """Name the module after its path: hotpath/core/units.pyx is hotpath.core.units."""
    return Extension(
        ".".join(source.with_suffix("").parts),
        [str(source)],
        extra_compile_args=["-O0" if DEBUG or TRACE else "-O3", "-ffp-contract=off", "-Wall", "-Wextra"],
        define_macros=[("CYTHON_TRACE", "1"), ("CYTHON_TRACE_NOGIL", "1")] if TRACE else [],
    )


setup(
    ext_modules=cythonize(
        [extension(source) for source in sorted(Path("hotpath").rglob("*.pyx"))],
        compiler_directives=DIRECTIVES,
        build_dir="build/cython" + ("-debug" if DEBUG else "-trace" if TRACE else ""),
    )
)
