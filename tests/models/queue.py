"""Queue position as its sources write it, with floats and logarithms: short, and exact to a lot or so."""

from __future__ import annotations

import math


class Model:
    """What a queue model believes to stand ahead of an order, when levels shrink without trades."""

    def __init__(self, displayed: float, exponent: int | None) -> None:
        """Join behind what is displayed; an exponent makes f a power, None the logarithm."""
        self.displayed = self.ahead = float(displayed)
        self.exponent = exponent

    def weight(self, lots: float) -> float:
        """Return f."""
        return math.log1p(lots) if self.exponent is None else lots**self.exponent

    def on_level(self, displayed: float) -> None:
        """Let the level show another size."""
        gone = self.displayed - displayed
        if gone > 0 and self.ahead > 0:
            behind = max(self.displayed - self.ahead, 0)
            ahead_share = self.weight(self.ahead) / (self.weight(self.ahead) + self.weight(behind))
            self.ahead = max(self.ahead - max(ahead_share * gone, gone - behind), 0)
        self.ahead = min(self.ahead, displayed)
        self.displayed = displayed
