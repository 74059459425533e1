"""A seeded market that never existed: makers and takers who meet our clients' orders in one price-time book.

Everything happens in one MatchingEngine, so the book is never crossed and nothing trades that was not offered. A fair
price wanders and sometimes trends; makers quote around it, and withdraw further when they are nervous; informed takers
buy up to the fair price or sell down to it, the others trade for reasons of their own; from time to time all of them
hurry. All of it is integers from one generator: the same seed gives the same market to the last byte. It knows no
venue: what it publishes are facts, and a venue's simulator writes them in its own words.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from engine.clock import NS_PER_SECOND
from engine.errors import UsageError
from engine.instruments import Instrument
from hotpath.market.matching import Kind, MatchingEngine, Outcome

MARKET = 0
CLIENT = 1
MARKET_NUMBERS_FROM = 1 << 48
"""The market's own orders are numbered from here, our clients' below, so they never share a number."""

DEPTH_PERIOD_NS = NS_PER_SECOND // 10
PRICE_TICKS = 6_000_000
"""The price for which the regimes are written; at another one their ticks are scaled."""
NATURAL_RATE = 140
"""Messages a second that the regimes give by themselves, on average."""
MAKERS_COUNT = 600
MAKERS_KNOWN_MAX = 1_000
REACHES_TICKS = (2, 5, 20, 80, 400, 3_000)
FAIR_TICKS_MIN = 10_000
ACTIONS_OF_A_MOVE = 12


class DepthChanged(NamedTuple):
    """Levels that changed between two update ids; 0 lots deletes one."""

    time_ns: int
    first_id: int
    last_id: int
    bids: tuple[tuple[int, int], ...]
    asks: tuple[tuple[int, int], ...]


class BestChanged(NamedTuple):
    """The best bid and ask as they stand at an update id."""

    time_ns: int
    update_id: int
    bid_ticks: int
    bid_lots: int
    ask_ticks: int
    ask_lots: int


class Traded(NamedTuple):
    """One trade; the aggressor sold when the buyer was the maker."""

    time_ns: int
    trade_id: int
    price_ticks: int
    lots: int
    buyer_is_maker: bool


MarketFact = DepthChanged | BestChanged | Traded


class Regime(NamedTuple):
    """How the market behaves for a while. Ticks are of 0.01 at a price of 60,000."""

    pause_ns: int
    """The average time between two actions."""
    drift_ticks: int
    """How far the fair price moves when it moves, on average; its direction is drawn when the regime begins."""
    noise_ticks: int
    half_spread_ticks: int
    takers_percent: int


REGIMES = (
    Regime(2_500_000, 0, 8, 1, 12),
    Regime(2_500_000, 0, 20, 2, 14),
    Regime(2_000_000, 8, 20, 2, 18),
    Regime(600_000, 12, 30, 4, 24),
    Regime(4_000_000, 0, 40, 120, 8),
)
REGIME_WEIGHTS = (5, 5, 3, 1, 1)
REGIME_ACTIONS_MIN = 200
REGIME_ACTIONS_MAX = 1_500


class SyntheticMarket:
    """A market for one instrument. Facts it publishes wait in `facts` until somebody takes them."""

    def __init__(
        self,
        instrument: Instrument,
        seed: int,
        *,
        price_ticks: int = PRICE_TICKS,
        messages_per_second: int = NATURAL_RATE,
    ) -> None:
        """Fill the book around `price_ticks`; it stands still until start(). The rate is an average over minutes."""
        if price_ticks < 2 * FAIR_TICKS_MIN or messages_per_second < 1:
            raise UsageError(
                f"a synthetic market at {price_ticks} ticks with {messages_per_second} messages a second; "
                f"give at least {2 * FAIR_TICKS_MIN} and 1"
            )
        self.instrument = instrument
        self._start_ticks = price_ticks
        self._rate = messages_per_second
        self._rng = Random(f"{seed}:{instrument.symbol}")  # noqa: S311 - a market, not a secret
        self._step_ticks = instrument.price_step_ticks
        self._step_lots = instrument.quantity_step_lots
        self._engine = MatchingEngine(1 << 14, track_changes=True)
        self._fair_ticks = price_ticks
        self._regime = REGIMES[0]
        self._direction = 0
        self._regime_actions_left = REGIME_ACTIONS_MIN
        self._makers: list[int] = []
        self._number = MARKET_NUMBERS_FROM
        self._pending: dict[tuple[int, int], int] = {}
        self._published_id = 1
        self._best = (0, 0, 0, 0)
        self._next_action_ns: int | None = None
        self._next_depth_ns = 0
        self.update_id = 1
        self.trade_id = 0
        self.facts: list[MarketFact] = []
        self.on_client_fill: Callable[[int, int, int, int, int], None] = lambda *_: None
        """Called with (order number, trade id, price ticks, lots, time) when a resting order of a client trades."""
        while len(self._engine) < MAKERS_COUNT:
            self._quote()
        self._engine.changes()
        self._best = self._engine.best()

    # ---- time

    @property
    def next_ns(self) -> int | None:
        """The time of the next action or publication, None before start()."""
        if self._next_action_ns is None:
            return None
        return min(self._next_action_ns, self._next_depth_ns)

    def start(self, now_ns: int) -> None:
        """Let the market live from now on; a second call changes nothing."""
        if self._next_action_ns is None:
            self._next_depth_ns = now_ns + DEPTH_PERIOD_NS
            self._next_action_ns = now_ns + self._pause()

    def step(self) -> None:
        """Do what is due next. LookupError before start()."""
        if self._next_action_ns is None:
            raise LookupError("the market has not been started")
        if self._next_depth_ns <= self._next_action_ns:
            self._publish_depth(self._next_depth_ns)
            self._next_depth_ns += DEPTH_PERIOD_NS
            return
        now_ns = self._next_action_ns
        self._act(now_ns)
        self._next_action_ns = now_ns + self._pause()

    # ---- what a venue needs

    is_open = True
    """A synthetic market has a book from the start."""

    def best(self) -> tuple[int, int, int, int]:
        """Return (bid_ticks, bid_lots, ask_ticks, ask_lots), zeros where a side is empty."""
        return self._engine.best()

    def depth(self, levels_max: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return (bids, asks) as they stand at `update_id`, best first."""
        return self._engine.depth(levels_max)

    def offers(self, side: int) -> tuple[tuple[int, int], ...]:
        """Return the (ticks, lots) that an order of `side` can take, best first."""
        bids, asks = self._engine.depth(self._engine.orders_max)
        return asks if side > 0 else bids

    def place(
        self, number: int, side: int, kind: int, price_ticks: int, lots: int, now_ns: int
    ) -> tuple[Outcome, list[tuple[int, int, int]]]:
        """Let a client's order meet the book; returns its outcome and its (trade id, price ticks, lots) as a taker."""
        outcome, executions = self._engine.submit(number, side, kind, price_ticks, lots, CLIENT)
        first_id = self.trade_id + 1
        self._settle(side, executions, now_ns)
        return outcome, [(first_id + place, ticks, lots) for place, (_, _, ticks, lots, _) in enumerate(executions)]

    def cancel(self, number: int, now_ns: int) -> None:
        """Take a client's order out."""
        self._engine.cancel(number)
        self._settle(0, [], now_ns)

    def check(self) -> None:
        """Raise AssertionError when an invariant is broken."""
        self._engine.check()
        assert self._published_id <= self.update_id, "published more than there is"

    # ---- the market's own actors

    def _pause(self) -> int:
        """Draw the time until the next action."""
        pause_ns = max(self._regime.pause_ns * NATURAL_RATE // self._rate, 8)
        return self._rng.randrange(pause_ns // 8, pause_ns * 15 // 8)

    def _scaled(self, ticks: int) -> int:
        """Return a distance that is written for PRICE_TICKS at the price of this market."""
        return -(-ticks * self._start_ticks // PRICE_TICKS)

    def _act(self, now_ns: int) -> None:
        """Move the fair price and let somebody do something."""
        self._regime_actions_left -= 1
        if self._regime_actions_left <= 0:
            [self._regime] = self._rng.choices(REGIMES, REGIME_WEIGHTS)
            self._direction = self._rng.choice((-1, 1))
            self._regime_actions_left = self._rng.randrange(REGIME_ACTIONS_MIN, REGIME_ACTIONS_MAX)
        regime = self._regime
        if self._rng.randrange(ACTIONS_OF_A_MOVE) == 0:
            noise_ticks = self._scaled(regime.noise_ticks)
            drift_ticks = self._direction * self._scaled(regime.drift_ticks)
            moved_ticks = self._fair_ticks + drift_ticks + self._rng.randint(-noise_ticks, noise_ticks)
            self._fair_ticks = max(moved_ticks, FAIR_TICKS_MIN)
        side = 0
        executions: list[tuple[int, int, int, int, int]] = []
        if self._rng.randrange(100) < regime.takers_percent:
            side, executions = self._take()
        elif len(self._engine) >= MAKERS_COUNT and self._rng.randrange(2):
            self._withdraw()
        else:
            self._quote()
        self._settle(side, executions, now_ns)

    def _take(self) -> tuple[int, list[tuple[int, int, int, int, int]]]:
        """Trade towards the fair price when the book is off it, else for no reason; returns side and executions."""
        bid_ticks, _, ask_ticks, _ = self._engine.best()
        lots = self._draw_lots(120)
        self._number += 1
        if ask_ticks and ask_ticks < self._fair_ticks:
            return 1, self._engine.submit(self._number, 1, Kind.IOC, self._fair_ticks, lots, MARKET)[1]
        if bid_ticks > self._fair_ticks:
            return -1, self._engine.submit(self._number, -1, Kind.IOC, self._fair_ticks, lots, MARKET)[1]
        side = self._rng.choice((1, -1))
        limit_ticks = self._fair_ticks + side * self._scaled(4 * max(self._regime.half_spread_ticks, 25))
        return side, self._engine.submit(self._number, side, Kind.IOC, limit_ticks, self._draw_lots(60), MARKET)[1]

    def _quote(self) -> None:
        """Offer on one side, most often near the fair price and never through it."""
        side = self._rng.choice((1, -1))
        reach_ticks = self._rng.choice(REACHES_TICKS)
        away_ticks = self._scaled(self._regime.half_spread_ticks) + self._rng.randrange(self._scaled(reach_ticks))
        price_ticks = self._fair_ticks - side * away_ticks
        price_ticks -= price_ticks % self._step_ticks
        lots = self._draw_lots(300)
        self._number += 1
        outcome, _ = self._engine.submit(self._number, side, Kind.POST_ONLY, price_ticks, lots, MARKET)
        if outcome is Outcome.RESTING:
            self._makers.append(self._number)
        if len(self._makers) > MAKERS_KNOWN_MAX:
            self._withdraw()

    def _draw_lots(self, root_max: int) -> int:
        """Draw a whole number of steps, many small and few large."""
        return self._rng.randrange(1, root_max) ** 2 * self._step_lots

    def _withdraw(self) -> None:
        """Take a maker's order out; orders that were filled meanwhile are forgotten on the way."""
        while self._makers:
            place = self._rng.randrange(len(self._makers))
            self._makers[place], self._makers[-1] = self._makers[-1], self._makers[place]
            if self._engine.cancel(self._makers.pop()) is Outcome.CANCELED:
                return

    # ---- publication

    def _settle(self, side: int, executions: list[tuple[int, int, int, int, int]], now_ns: int) -> None:
        """Publish the trades, tell clients of theirs, note what changed and say what the best is now."""
        for maker, _taker, price_ticks, lots, maker_owner in executions:
            self.trade_id += 1
            self.facts.append(Traded(now_ns, self.trade_id, price_ticks, lots, side < 0))
            if maker_owner == CLIENT:
                self.on_client_fill(maker, self.trade_id, price_ticks, lots, now_ns)
        changes = self._engine.changes()
        self.update_id += len(changes)
        for changed_side, ticks, lots in changes:
            self._pending[changed_side, ticks] = lots
        best = self._engine.best()
        if best != self._best:
            self._best = best
            self.facts.append(BestChanged(now_ns, self.update_id, *best))

    def _publish_depth(self, now_ns: int) -> None:
        """Publish the levels that changed since the last time, if any did."""
        if self.update_id == self._published_id:
            return
        changed = sorted(self._pending.items())
        bids = tuple((ticks, lots) for (side, ticks), lots in reversed(changed) if side > 0)
        asks = tuple((ticks, lots) for (side, ticks), lots in changed if side < 0)
        self.facts.append(DepthChanged(now_ns, self._published_id + 1, self.update_id, bids, asks))
        self._published_id = self.update_id
        self._pending.clear()
