"""Where an end-to-end test runs: a folder of its own, a simulated venue, and the wire between it and the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.engines import Place, place
from tests.e2e.venue import Venue, Wire, wire


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Place]:
    """Yield a folder; what was started there is ended with it."""
    with place(tmp_path) as one:
        yield one


@pytest.fixture
def venue(here: Place) -> Venue:
    """Return a venue whose keys engines of this folder have."""
    one = Venue(here)
    here.environ |= one.environ
    return one


@pytest.fixture
def between(venue: Venue) -> Iterator[Wire]:
    """Yield what stands between engine and venue and notes each request."""
    with wire(venue.api_url) as one:
        yield one
