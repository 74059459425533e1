"""`engine.cpu_latency_us` holds for as long as an engine runs."""

from __future__ import annotations

import os

import pytest

from engine.cpu_latency import DEVICE
from tests.e2e.engines import QUOTER, Place, reached
from tests.unit.engine.test_cpu_latency import holds, in_force_us

LIMIT_US = 11
LIVE = f"""
[engine]
mode = "live"
cpu_latency_us = {LIMIT_US}
{QUOTER}"""


@pytest.mark.skipif(not os.access(DEVICE, os.W_OK), reason="the kernel takes no such request from this user")
def test_the_kernel_has_the_limit_while_the_engine_runs(here: Place) -> None:
    here.configure(LIVE, "quoter")
    engine = here.start("run", str(here.root / "config.toml"), "--json")
    engine.until(lambda: reached(here, "NORMAL"), 20, "the state NORMAL")
    assert holds(engine.pid)
    assert in_force_us() <= LIMIT_US
    engine.interrupt()
    assert engine.wait() == 0
    assert here.json("replay")["same"]


def test_a_backtest_asks_for_nothing(here: Place) -> None:
    here.configure(LIVE, "quoter")
    engine = here.start("run", str(here.root / "config.toml"), "--mode", "backtest", "--duration", "10h", "--json")
    engine.until(lambda: reached(here, "NORMAL"), 20, "the state NORMAL")
    assert not holds(engine.pid)
    engine.destroy()
