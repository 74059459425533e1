"""How long a processor may take to wake up: a request to the kernel that holds for as long as the run does.

A loop that waits for bytes lets its processor fall asleep, and what wakes up after that is slow for longer than the
waking itself: caches and predictors were given to others. Linux takes a limit in us for as long as somebody keeps its
device open, and forgets it when that process is gone, however it went
(https://docs.kernel.org/power/pm_qos_interface.html).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from struct import Struct

from engine.errors import UsageError

DEVICE = Path("/dev/cpu_dma_latency")
LIMIT = Struct("i")
"""What the device takes."""
NOT_ASKED_US = -1
"""Nothing is asked of the kernel."""


@contextmanager
def cpu_latency(limit_us: int, device: Path = DEVICE) -> Iterator[None]:
    """Let no processor take longer than `limit_us` to wake up while this is entered; -1 asks for nothing.

    Raises:
        UsageError: the system takes no such request, or not from this user.
    """
    if limit_us == NOT_ASKED_US:
        yield
        return
    with ExitStack() as held:
        try:
            descriptor = os.open(device, os.O_WRONLY)
            held.callback(os.close, descriptor)
            os.write(descriptor, LIMIT.pack(limit_us))
        except OSError as problem:
            raise UsageError(
                f"engine.cpu_latency_us is {limit_us}, but {device} cannot be written ({problem.strerror}): "
                "let this user write it, or leave the key out"
            ) from None
        yield
