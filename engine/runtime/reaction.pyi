from typing import final

from hotpath.core.histogram import Histogram

@final
class Reaction:
    """The reaction times of one run; `times` may be exchanged for another histogram at any moment."""

    times: Histogram

    def answered(self) -> None:
        """Note that an answer is being handed to a transport: the end of the reaction time, if market data began it."""
