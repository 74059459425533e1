"""Which instruction set the option kernels run on, decided once for a process.

The same C source is built for every x86-64, for x86-64-v3 (AVX2) and for x86-64-v4 (AVX-512); the best that this
machine has is taken, and TIERCEL_ISA=baseline, v3 or v4 asks for another. Results are the same to the last bit, so the
choice is one of speed alone. It knows nothing of options.
"""

from libc.stdlib cimport getenv

LEVELS = ("baseline", "v3", "v4")


class InstructionSetError(RuntimeError):
    """TIERCEL_ISA asks for what this machine, or this build, cannot run."""


cdef int level_of(str name) except -1:
    """Return the place of a level in LEVELS, of the best that runs here for an empty name."""
    cdef list here = [known for level, known in enumerate(LEVELS) if kernels_of(level) != NULL]
    if not name:
        return LEVELS.index(here.pop())
    if name not in LEVELS:
        raise InstructionSetError(f"TIERCEL_ISA is {name!r}; expected one of {', '.join(LEVELS)}, or nothing")
    if name not in here:
        raise InstructionSetError(
            f"TIERCEL_ISA={name} does not run here: this machine and this build have {', '.join(here)}; unset it"
        )
    return LEVELS.index(name)


cdef str asked():
    """Return what TIERCEL_ISA says, empty where it is not set."""
    cdef const char* value = getenv("TIERCEL_ISA")
    return "" if value == NULL else (<bytes>value).decode("ascii", "replace")


NAME = LEVELS[level_of(asked())]
active = kernels_of(LEVELS.index(NAME))
