"""The request for a wake-up time holds as long as it should, and one that cannot be made is an error with a remedy."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest

from engine.cpu_latency import DEVICE, NOT_ASKED_US, cpu_latency
from engine.errors import UsageError


def in_force_us() -> int:
    """Return the kernel's limit: the least that any process asks for."""
    device = os.open(DEVICE, os.O_RDONLY)
    try:
        (limit,) = struct.unpack("i", os.read(device, 4))
    finally:
        os.close(device)
    return int(limit)


def holds(pid: int) -> bool:
    """Say whether a process has a request."""
    descriptors = Path(f"/proc/{pid}/fd")
    return str(DEVICE) in {str(link.readlink()) for link in descriptors.iterdir() if link.is_symlink()}


@pytest.mark.skipif(not os.access(DEVICE, os.W_OK), reason="the kernel takes no such request from this user")
@pytest.mark.parametrize("limit_us", [0, 7])
def test_the_kernel_has_the_limit_as_long_as_it_is_held_and_not_after_an_error(limit_us: int) -> None:
    assert not holds(os.getpid())
    with cpu_latency(limit_us):
        assert holds(os.getpid())
        assert in_force_us() <= limit_us
    assert not holds(os.getpid())
    with pytest.raises(KeyError), cpu_latency(limit_us):
        raise KeyError
    assert not holds(os.getpid())


def test_the_kernel_is_told_the_limit_as_four_bytes(tmp_path: Path) -> None:
    device = tmp_path / "device"
    device.touch()
    with cpu_latency(2_000, device):
        assert device.read_bytes() == struct.pack("i", 2_000)


def test_without_a_limit_nothing_is_asked_for(tmp_path: Path) -> None:
    with cpu_latency(NOT_ASKED_US, tmp_path / "nowhere"):
        assert not (tmp_path / "nowhere").exists()


def test_a_machine_that_takes_no_limit_is_told_with_the_key_and_what_to_do(tmp_path: Path) -> None:
    missing = tmp_path / "nowhere"
    with pytest.raises(UsageError) as refused, cpu_latency(0, missing):
        raise AssertionError("it must not be entered")
    assert str(refused.value) == (
        f"engine.cpu_latency_us is 0, but {missing} cannot be written (No such file or directory): "
        "let this user write it, or leave the key out"
    )
    assert not missing.exists()
