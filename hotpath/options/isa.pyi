LEVELS: tuple[str, ...]
"""Every instruction set that kernels are built for, slowest first."""

NAME: str
"""The one of LEVELS that this process uses: the best that runs here, or what TIERCEL_ISA asked for."""

class InstructionSetError(RuntimeError):
    """TIERCEL_ISA asks for what this machine, or this build, cannot run."""
