"""Extensions only; everything else about the project stands in pyproject.toml.

Every .pyx of the four rooms is one extension module. TIERCEL_DEBUG=1 makes the checked build, TIERCEL_TRACE=1 the build
that coverage can follow; both are slow and both run the same tests. TIERCEL_WERROR=1 turns the C compiler's warnings
into errors, as those two builds always do: a compiler that nobody tried yet may warn, but must not keep a newcomer from
running. TIERCEL_SANITIZE=1 lets the compiler watch memory and undefined behaviour in what is otherwise the release
build; it needs libasan loaded first, as `make sanitize` does. TIERCEL_BENCH=1 builds the loops below benchmarks/
instead, which are in no wheel. TIERCEL_LINK_ONLY=1 compiles nothing: the Makefile builds in steps of its own.
TIERCEL_OPTIMISE names another level than -O3, and TIERCEL_TRANSLATED the folder of the translated C, which is the same
for every Python: CI saves minutes by both.

Cython's checks have gaps that sources must know. The one for None does not compile without the GIL and stays off: say
`not None` in signatures. The one for overflow crashes on an enum whose value is an expression: write a literal. It does
not know __int128 ("Bad size for int type") nor that pointers can be subtracted ("makes integer from pointer"): such a
leaf takes @cython.overflowcheck(False).
"""

import os
import platform
import sys
from pathlib import Path

from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.modified import newer_group

DEBUG = os.environ.get("TIERCEL_DEBUG") == "1"
TRACE = os.environ.get("TIERCEL_TRACE") == "1"
SANITIZE = os.environ.get("TIERCEL_SANITIZE") == "1"
BENCH = os.environ.get("TIERCEL_BENCH") == "1"
WERROR = DEBUG or TRACE or os.environ.get("TIERCEL_WERROR") == "1"
LINK_ONLY = os.environ.get("TIERCEL_LINK_ONLY") == "1"
OPTIMISE = os.environ.get("TIERCEL_OPTIMISE", "-O3")
TRANSLATED = os.environ.get("TIERCEL_TRANSLATED", f"build/cython-{sys.implementation.cache_tag}")
ROOMS = ("benchmarks",) if BENCH else ("hotpath", "engine", "actors", "gateways")
JOBS_COUNT = os.cpu_count() or 1

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": DEBUG,
    "wraparound": False,
    "initializedcheck": DEBUG,
    "overflowcheck": DEBUG,
    "cdivision": False,
    "linetrace": TRACE,
    "embedsignature": True,
}
SANITIZERS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"] if SANITIZE else []
COMPILE_ARGS = [
    "-O0" if DEBUG or TRACE else OPTIMISE,
    "-ffp-contract=off",
    "-Wall",
    "-Wextra",
    *(["-Werror"] if WERROR else []),
    *([*SANITIZERS, "-O1", "-g", "-fno-omit-frame-pointer"] if SANITIZE else []),
]
OPTION_KERNELS = "hotpath/options/kernels"
KERNEL_ARGS = ["-O3", "-fno-math-errno", "-fno-trapping-math", *COMPILE_ARGS[1:]]


def kernel_levels() -> list[list[str]]:
    """Return the compiler's words for each instruction set of the option kernels; the first runs on every machine."""
    if sys.platform == "darwin":  # one build may serve two processors
        return [[], *(["-Xarch_x86_64", f"-march=x86-64-{level}"] for level in ("v3", "v4"))]
    if platform.machine().lower() in {"x86_64", "amd64"}:
        return [[], ["-march=x86-64-v3"], ["-march=x86-64-v4", "-mprefer-vector-width=512"]]
    return [[]]


class BuildExtensions(build_ext):
    """Compiles the kernels once for each instruction set and links all of them into the module that chooses."""

    def build_extension(self, ext: Extension) -> None:
        """Build one extension."""
        if ext.name == "hotpath.options.isa":
            levels = kernel_levels()
            for level, words in enumerate(levels):
                ext.extra_objects.append(self.kernels(ext.depends, level, len(levels), words))
        super().build_extension(ext)

    def kernels(self, depends: list[str], level: int, levels_count: int, words: list[str]) -> str:
        """Return the object file of one instruction set, compiled if anything is newer."""
        source, folder = f"{OPTION_KERNELS}/kernels.c", f"{self.build_temp}/level-{level}"
        (compiled,) = self.compiler.object_filenames([source], output_dir=folder)
        if self.force or newer_group(depends, compiled):
            self.compiler.compile(
                [source],
                output_dir=folder,
                macros=[("TIERCEL_LEVEL", str(level)), ("TIERCEL_LEVELS", str(levels_count))],
                include_dirs=[OPTION_KERNELS],
                extra_postargs=[*KERNEL_ARGS, *words],
            )
        return compiled


def extension(source: Path) -> Extension:
    """Name the module after its path: hotpath/core/units.pyx is hotpath.core.units."""
    in_options = source.is_relative_to("hotpath/options")
    return Extension(
        ".".join(source.with_suffix("").parts),
        [str(source)],
        depends=["setup.py", *(sorted(map(str, Path(OPTION_KERNELS).iterdir())) if in_options else [])],
        include_dirs=[OPTION_KERNELS] if in_options else [],
        extra_compile_args=COMPILE_ARGS,
        extra_link_args=SANITIZERS,
        define_macros=[("CYTHON_TRACE", "1"), ("CYTHON_TRACE_NOGIL", "1")] if TRACE else [],
    )


def extensions() -> list[Extension]:
    """Translate what changed. The traced C stays beside its source, because Cython.Coverage looks for it there."""
    return cythonize(
        [extension(source) for source in sorted(source for room in ROOMS for source in Path(room).rglob("*.pyx"))],
        compiler_directives=DIRECTIVES,
        build_dir=None if TRACE else TRANSLATED + ("-debug" if DEBUG else ""),
        nthreads=JOBS_COUNT if sys.platform == "linux" else 0,
    )


setup(
    cmdclass={"build_ext": BuildExtensions},
    ext_modules=[] if LINK_ONLY else extensions(),
    options={"build_ext": {"parallel": JOBS_COUNT}},
)
