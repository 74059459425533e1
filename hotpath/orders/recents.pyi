from typing import final

@final
class Recents:
    """What each strategy did last. Strategies are numbered from 0; -1 is a person, who may always act."""

    strategies_count: int

    def __init__(self, strategies_count: int) -> None:
        """Start with no strategy enabled."""
    def enable(self, strategy: int, enabled: bool) -> None:
        """Say whether a strategy may trade."""
    def is_enabled(self, strategy: int) -> bool:
        """Return whether a strategy may trade; one that nobody knows may not."""
    def set_last_intent(self, strategy: int, intent: int) -> None:
        """Say which intent number of a strategy was the last one."""
    def last_intent(self, strategy: int) -> int:
        """Return the highest intent number that was seen of a strategy."""

def key_of(strategy: int, instrument: int, side: int, price_ticks: int, lots: int) -> int:
    """Return 64 bits that tell orders apart: of 10,000 two agree by chance once in 10^11 windows. Never 0."""
