"""Sliced orders as risk knows them: whose they are, so that their caps end with the strategy that wanted them.

The cap itself (C27) is in hotpath.orders.parents, where it is compared. A plan that cannot be taken is recorded, and
its slices are denied for want of it.
"""

from __future__ import annotations

from engine.messages.control import Action
from engine.messages.orders import ParentClosed, ParentOpened
from engine.runtime.actor import Context
from hotpath.orders.parents import Parents


class Plans:
    """The sliced orders that are not over."""

    context: Context

    def __init__(self, parents: Parents, limits_version: int) -> None:
        """Open and close the caps of `parents`."""
        self._parents = parents
        self._limits_version = limits_version
        self._open: dict[tuple[int, int], None] = {}
        """(strategy, number) of those that are open; as many as `parents` has places at most."""

    def set_version(self, limits_version: int) -> None:
        """Count the limits that are in force under another version."""
        self._limits_version = limits_version

    def on_opened(self, opened: ParentOpened) -> None:
        """Take what the children of a parent may come to."""
        try:
            self._parents.open(opened.strategy, opened.parent, opened.lots)
        except (ValueError, OverflowError) as error:
            self.context.record(
                Action.RISK_BLOCK,
                "parent",
                str(opened.parent),
                reason=f"PARENT_CHILD_CAP_INPUT: {error}",
                metadata={"limits_version": self._limits_version},
            )
            return
        self._open[opened.strategy, opened.parent] = None

    def on_closed(self, closed: ParentClosed) -> None:
        """Let a parent have no child any more."""
        if (closed.strategy, closed.parent) in self._open:
            self._end(closed.strategy, closed.parent)

    def end_all(self, strategy: int) -> None:
        """End every parent of a strategy that was stopped."""
        for parent in [number for owner, number in self._open if owner == strategy]:
            self._end(strategy, parent)

    def _end(self, strategy: int, parent: int) -> None:
        del self._open[strategy, parent]
        self._parents.close(strategy, parent)
