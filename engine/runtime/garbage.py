"""Python's search for cycles, between passes instead of in the middle of one.

Messages hold no cycles and are no business of the collector's, but what authors write may make some, and so may
libraries. By itself the collector starts at one in 700 allocations, as likely as not on the way of an order; here it
looks at the end of a pass. A handler that makes very many objects is still interrupted: memory comes first. What was
there when the run began is left out of every search.
"""

from __future__ import annotations

import gc
from typing import Self

YOUNG_MAX = 2_000
"""Objects that wait for their first search."""
HANDLER_MAX = 20_000
"""Objects that one handler may leave before it is interrupted by a search."""
MIDDLE_EVERY = 10
OLD_MIN = 70_000
"""Objects that became old since everything was searched, before it is searched again; or a quarter of what was kept."""


class Garbage:
    """The collector of a run: while it is entered, `look` searches, and nothing else but a handler's excess."""

    def __init__(self) -> None:
        """Change nothing yet."""
        self.searches_count = 0
        self._since_old = 0
        self._kept = 0
        self._thresholds = gc.get_threshold()

    def __enter__(self) -> Self:
        """Search everything once, and leave it alone from then on."""
        self._thresholds = gc.get_threshold()
        gc.collect()
        gc.freeze()
        gc.set_threshold(HANDLER_MAX, *self._thresholds[1:])
        return self

    def __exit__(self, *_problem: object) -> None:
        """Leave the collector as it was found."""
        gc.unfreeze()
        gc.set_threshold(*self._thresholds)

    def look(self) -> None:
        """Search what is young when there is enough of it, and now and then what is older."""
        if gc.get_count()[0] < YOUNG_MAX:
            return
        self.searches_count += 1
        self._since_old += YOUNG_MAX
        if self._since_old >= max(OLD_MIN, self._kept // 4):
            gc.collect()
            self._since_old, self._kept = 0, len(gc.get_objects())
        else:
            gc.collect(int(self.searches_count % MIDDLE_EVERY == 0))
