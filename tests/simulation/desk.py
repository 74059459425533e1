"""A whole engine and a simulated venue on one simulated clock, in the hands of a test.

The engine is the one that `tiercel run --mode backtest` starts: real actors, real files, real tape. A test steers the
market, says what goes wrong between engine and venue, acts at moments of market time, and looks at the venue's own
truth after every input. A second run on the same folder and the same venue is a restart after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from engine.cli import opening, simulated
from engine.cli.ending import close_run
from engine.cli.opening import Opened
from engine.cli.simulated import SYNTHETIC_START_NS, SimulatedRun
from engine.cli.strategies import load_strategies
from engine.clock import NS_PER_SECOND
from engine.config.load import load_config
from engine.config.risk import RiskLimits
from engine.datadir import DataDir
from engine.messages.control import Role
from engine.runtime.port import InputKind
from engine.telemetry.display import choose_display
from gateways.binance.simulator import BinanceSimulator, SimulatorOptions
from gateways.operator.control import NumberedCommand
from gateways.simulator.accounts import Fees
from gateways.simulator.faults import FaultPlan
from tests.simulation.between import Between
from tests.simulation.market import Path as MarketPath
from tests.simulation.market import calm, steered

FOLDER = Path(__file__).parent
UNIT = 10**8
FEES = Fees()
BALANCES = {"BTC": 2 * UNIT, "ETH": 20 * UNIT, "USDT": 100_000 * UNIT}

CONFIG = """
[engine]
mode = "backtest"
speed = "max"
seed = {seed}
duration_s = 86_400
strategies_from = "{folder}"

[venues.binance_spot]
environment = "embedded"
instruments = {symbols}

{strategies}
[risk]
{risk}
{more}
"""
LOUD = {
    "currency": '"USDT"',
    "daily_orders_max": 1_000_000,
    "denials_max": 1_000_000,
    "duplicate_window_ms": 0,
    "execution_fills_max": 1_000,
    "losses_in_row_max": 1_000_000,
    "messages_per_second": 1_000,
    "new_orders_per_second": 1_000,
    "rejects_in_row_max": 64,
}
"""What keeps a careful desk quiet and is not looked at here."""
STRATEGY = """[[strategies]]
class = "strategies:{name}"
name = "{called}"
instruments = {instruments}
params = {{ {params} }}
"""


def configuration(names: Sequence[str], symbols: Sequence[str], seed: int, risk: str, more: str, params: str) -> str:
    """Return the file of a run in which these strategies trade these symbols."""
    listed = str(list(symbols)).replace("'", '"')
    strategies = "\n".join(
        STRATEGY.format(name=name, called=name.lower(), instruments=listed, params=params) for name in names
    )
    loud = [f"{key} = {word}" for key, word in LOUD.items() if key in RiskLimits.__struct_fields__ and key not in risk]
    risk = "\n".join([*loud, risk])
    return CONFIG.format(seed=seed, folder=FOLDER, risk=risk, more=more, symbols=listed, strategies=strategies)


def position_lots(exchange: Any) -> int:
    """Return what the venue's fills come to, less the fees that it took in base currency; a lot is a unit of it."""
    base = exchange.instrument.base
    return sum(fill.side * fill.lots - (fill.fee if fill.fee_asset == base else 0) for fill in exchange.fills)


class Simulation(SimulatedRun):
    """One run; `go()` lets it happen, `seconds` of market time at most."""

    def __init__(
        self,
        folder: Path,
        *names: str,
        seconds: float = 20,
        seed: int = 1,
        paths: Mapping[str, MarketPath] | None = None,
        faults: FaultPlan | None = None,
        messages_per_second: int = 60,
        balances: Mapping[str, int] = BALANCES,
        fees: Fees = FEES,
        risk: str = "",
        more: str = "",
        params: str = "",
        after: Simulation | None = None,
    ) -> None:
        """Make venue and engine.

        Args:
            folder: of the test; the data directory is made in it.
            names: classes of strategies.py that trade.
            seconds: how long the market lives.
            seed: of market, engine and faults.
            paths: where the fair price of each symbol goes.
            faults: what goes wrong with requests at the venue.
            messages_per_second: how busy the market is.
            balances: of the account.
            fees: of the venue.
            risk: more lines of [risk].
            more: more of the configuration.
            params: of every strategy, as TOML.
            after: the run that crashed before this one: its venue, its files and its clock go on.
        """
        paths = paths or {"BTCUSDT": calm}
        priced = {asset: money for asset, money in balances.items() if asset == "USDT" or f"{asset}USDT" in paths}
        options = SimulatorOptions(seed=seed, balances=priced, fees=fees, faults=faults)
        self.venue: BinanceSimulator = steered(options, paths, messages_per_second) if after is None else after.venue
        start_ns = SYNTHETIC_START_NS if after is None else after.now_ns + NS_PER_SECOND
        text = configuration(names, list(paths), seed, risk, more, params)
        (folder / "config.toml").write_text(text)
        loaded = load_config(folder / "config.toml", {})
        self.data = folder / "var"
        self.symbols = list(paths)
        self._files = Opened(DataDir(self.data))
        with (
            mock.patch.object(simulated, "make_simulator", return_value=self.venue),
            mock.patch.object(simulated, "SYNTHETIC_START_NS", start_ns),
            mock.patch.object(opening, "_account_is_fresh", return_value=after is None),
        ):
            super().__init__(loaded, self._files, choose_display(json=True), load_strategies(loaded))
        self.between = Between(self.venue, self._network)
        self.seconds = seconds
        self.looks: list[Callable[[], None]] = []
        """Called after every input."""
        self._plan: list[tuple[int, Callable[[], None]]] = []
        self._crashed = False
        self.system = self._run.system
        self.start_ns = self._turn.time_ns

    # ---- what a test does

    def at(self, seconds: float, act: Callable[[], None]) -> None:
        """Do something so many seconds after the start."""
        self._plan.append((self.start_ns + int(seconds * NS_PER_SECOND), act))
        self._plan.sort(key=lambda each: each[0])

    def crash(self) -> None:
        """Let the process end here, without a word: the files stay as they are, and the venue sees it go."""
        self._crashed = True
        self.between.gone()

    def actor(self, name: str) -> Any:
        """Return the living instance of an actor."""
        return self._run.actor(name)

    @property
    def head(self) -> Any:
        """What the run started from."""
        return self._files.head

    @property
    def now_ns(self) -> int:
        """The simulated time."""
        return self._turn.time_ns

    @property
    def elapsed(self) -> float:
        """Seconds since the start."""
        return (self.now_ns - self.start_ns) / NS_PER_SECOND

    def go(self) -> Any:
        """Run to the end and return the summary; None when it crashed."""
        try:
            self._run.system.start()
            self._turn.run(self._is_over)
            if self._crashed:
                self._files.syncer.stop()
                return None
            tape = close_run(self._run, self._opened, self.now_ns)
            return self._report.summary(self.now_ns, tape, self._sent)
        finally:
            self._files.close()

    def command(self, verb: str, **arguments: str) -> None:
        """Let a person command something."""
        payload = msgspec.json.encode(NumberedCommand(1, verb, arguments, "tester", tuple(Role)))
        self._run.ports["operator"].deliver(InputKind.COMMAND, payload)

    def _is_over(self) -> bool:
        while self._plan and self._plan[0][0] <= self.now_ns:
            self._plan.pop(0)[1]()
        for look in self.looks:
            look()
        if not self._ended and self.elapsed >= self.seconds:
            self._end("the scenario is over")
        return self._crashed or self._run.safety.finished

    def feeds(self) -> list[str]:
        """Return the state of each book, as safety knows it."""
        return [status.name for status in self.actor("safety").facts.feeds.values()]

    # ---- the venue's truth

    def exchange(self, symbol: str = "BTCUSDT") -> Any:
        """Return the venue's side of an instrument."""
        return self.venue._orders.exchanges[symbol]

    def venue_orders(self, symbol: str = "BTCUSDT") -> Sequence[Any]:
        """Return every order that the venue ever took."""
        return list(self.exchange(symbol)._orders.values())

    def venue_balances(self) -> dict[str, int]:
        """Return free and locked of each asset, in 1e-8."""
        return {asset: free + locked for asset, free, locked in self.venue.account}
