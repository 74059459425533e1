"""Markets that follow a path: the seeded makers and takers of the simulated venue around a fair price that we say."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.clock import NS_PER_SECOND
from gateways.binance.simulator import BinanceSimulator, SimulatorOptions
from gateways.binance.simulator_rules import listed
from gateways.binance.simulator_streams import SyntheticFeed
from gateways.simulator.synthetic import MAKERS_COUNT, SyntheticMarket

START = {"BTCUSDT": 6_000_000, "ETHUSDT": 300_000}
"""Price ticks of 0.01 at which the markets begin."""

MOVED = 400
"""A move of a four hundredth has every maker quote anew: a book that nobody follows would hide a crash."""

Path = Callable[[float], float]
"""Says by what the start price is multiplied, so many seconds after the start."""


def calm(_seconds: float) -> float:
    """Nothing happens."""
    return 1.0


class SteeredMarket(SyntheticMarket):
    """A synthetic market whose fair price is said from outside."""

    def follow(self, path: Path) -> None:
        """Follow a path from the first action on."""
        self._path = path
        self._first_ns = 0
        self._quoted_ticks = self._start_ticks

    def _act(self, now_ns: int) -> None:
        self._first_ns = self._first_ns or now_ns
        factor = self._path((now_ns - self._first_ns) / NS_PER_SECOND)
        self._fair_ticks = max(int(self._start_ticks * factor), 20_000)
        if abs(self._fair_ticks - self._quoted_ticks) * MOVED > self._quoted_ticks:
            self._quoted_ticks = self._fair_ticks
            while self._makers:
                self._withdraw()
            for _ in range(MAKERS_COUNT):
                self._quote()
        super()._act(now_ns)


def steered(options: SimulatorOptions, paths: Mapping[str, Path], messages_per_second: int) -> BinanceSimulator:
    """Return a venue with one steered market for each symbol."""
    venue = BinanceSimulator(options)
    for symbol, path in paths.items():
        market = SteeredMarket(
            listed(symbol), options.seed, price_ticks=START[symbol], messages_per_second=messages_per_second
        )
        market.follow(path)
        venue._feeds.append(SyntheticFeed(market, venue._list(symbol, market), venue._streams))
    return venue
