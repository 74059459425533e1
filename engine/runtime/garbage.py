"""Python's search for cycles, between passes instead of in the middle of one.

Messages hold no cycles and are no business of the collector's, but what authors write may make some, and so may
libraries. By itself the collector starts at an allocation, which is as likely as not on the way of an order; here it
looks at the end of a pass. What was there when the run began is left out of every search.
"""

from __future__ import annotations

import gc
from typing import Self

YOUNG_MAX = 2_000
"""Objects that wait for their first search; some 40 us of it."""
MIDDLE_EVERY = 10
OLD_EVERY = 1_000
"""Searches until one goes through everything: milliseconds, when many orders are open."""


class Garbage:
    """The collector of a run: while it is entered, only `look` searches."""

    def __init__(self) -> None:
        """Change nothing yet."""
        self.searches_count = 0
        self._was_enabled = True

    def __enter__(self) -> Self:
        """Search everything once, leave it alone from then on, and stop the collector's own searches."""
        self._was_enabled = gc.isenabled()
        gc.disable()
        gc.collect()
        gc.freeze()
        return self

    def __exit__(self, *_problem: object) -> None:
        """Leave the collector as it was found."""
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

    def look(self) -> None:
        """Search what is young when there is enough of it, and now and then what is older."""
        if gc.get_count()[0] < YOUNG_MAX:
            return
        self.searches_count += 1
        if self.searches_count % OLD_EVERY == 0:
            gc.collect()
        else:
            gc.collect(int(self.searches_count % MIDDLE_EVERY == 0))
