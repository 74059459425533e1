"""A unix socket's address that fits, however deep the data directory lies.

The kernel takes about 100 bytes of path. On Linux a longer one is reached through the descriptor of its folder; where
that does not exist the error says what to shorten.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.errors import UsageError

ADDRESS_BYTES_MAX = 100


@contextmanager
def short_address(path: Path) -> Iterator[str]:
    """Give an address for the socket at `path` that counts while the block runs.

    Raises:
        UsageError: the path is too long and this system has no shorter name for it.
        FileNotFoundError: the folder does not exist.
    """
    if len(os.fsencode(path)) <= ADDRESS_BYTES_MAX:
        yield str(path)
        return
    if not sys.platform.startswith("linux"):
        raise UsageError(f"{path} is too long for a socket's name: give a shorter --data-dir")
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)
