"""M-03: a whole engine whose strategy makes cycles: none of them stays, and no handler is held up by the search."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

from tests.simulation.desk import Simulation


def test_the_search_for_garbage_never_begins_in_a_handler(tmp_path: Path) -> None:
    run = Simulation(tmp_path, "Littering", seconds=20)
    dispatcher = run._run.system.dispatcher
    searches: list[tuple[int, bool]] = []
    found: list[int] = []

    def watch(phase: str, info: dict[str, Any]) -> None:
        if phase == "start":
            searches.append((info["generation"], dispatcher.running))
        else:
            found.append(info["collected"])

    gc.callbacks.append(watch)
    try:
        run.go()
    finally:
        gc.callbacks.remove(watch)
    assert len(searches) > 5
    assert not any(in_handler for _, in_handler in searches)
    assert sum(found) > 5_000, "the strategy's cycles are gone"
