"""Price-time matching as one list in order of arrival: obvious, slow, and what the compiled engine must agree with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from hotpath.market.matching import Kind, Outcome, Prevention

type_of_execution = tuple[int, int, int, int, int]
STOPS = {Kind.STOP: Kind.MARKET, Kind.STOP_LIMIT: Kind.LIMIT}
STAYING = {Kind.LIMIT, Kind.POST_ONLY, *STOPS}


@dataclass
class Order:
    """One order: while it waits its kind is that of a stop."""

    number: int
    side: int
    kind: int
    ticks: int
    lots: int
    owner: int
    stop_ticks: int = 0
    expires_ns: int = 0
    prevention: int = 0


class Model:
    """The same requests and answers as MatchingEngine."""

    def __init__(self, orders_max: int) -> None:
        """Make an empty book."""
        self.orders_max = orders_max
        self.lots_max = (2**63 - 1) // orders_max
        self.book: list[Order] = []
        self.waiting: list[Order] = []
        self.elected: list[Order] = []
        self.executions: list[type_of_execution] = []
        self.told: list[tuple[int, Outcome, int]] = []
        self.last_ticks = 0
        self.now_ns = 0

    def begin(self) -> None:
        """Forget the last request."""
        self.executions, self.told, self.elected = [], [], []

    def offers(self, order: Order, kind: int) -> list[Order]:
        """Return what an order may take as `kind`, first to last."""
        other = [o for o in self.book if o.side != order.side]
        if kind != Kind.MARKET:
            other = [o for o in other if order.side * o.ticks <= order.side * order.ticks]
        return sorted(other, key=lambda o: order.side * o.ticks)

    def is_own(self, order: Order, maker: Order) -> bool:
        """Say whether prevention keeps the two from trading."""
        return order.prevention != Prevention.ALLOW and order.owner == maker.owner != 0

    def reachable(self, order: Order) -> int:
        """Return the lots that an order could take."""
        found = 0
        for maker in self.offers(order, order.kind):
            if not self.is_own(order, maker):
                found += maker.lots
            elif order.prevention != Prevention.CANCEL_OLDEST:
                break
        return found

    def find(self, number: int) -> Order | None:
        """Return an open order by its number."""
        return next((o for o in self.book + self.waiting if o.number == number), None)

    def is_possible(self, order: Order) -> bool:
        """Say whether an order makes sense."""
        if not 0 < order.lots <= self.lots_max or (order.ticks <= 0 and order.kind not in (Kind.MARKET, Kind.STOP)):
            return False
        if order.stop_ticks < 0 or (order.kind in STOPS) != (order.stop_ticks > 0):
            return False
        return order.expires_ns == 0 or (order.kind in STAYING and order.expires_ns > self.now_ns)

    def submit(
        self, number: int, side: int, kind: int, ticks: int, lots: int, owner: int = 0, **terms: int
    ) -> tuple[Outcome, list[type_of_execution]]:
        """Let an order meet the book."""
        order = Order(number, side, kind, ticks, lots, owner, **terms)
        self.begin()
        if not self.is_possible(order):
            return Outcome.INVALID, []
        if self.find(number):
            return Outcome.DUPLICATE, []
        if kind == Kind.FOK and self.reachable(order) < lots:
            return Outcome.KILLED, []
        if kind in STAYING and len(self.book) + len(self.waiting) == self.orders_max:
            return Outcome.FULL, []
        if kind == Kind.POST_ONLY and self.offers(order, kind):
            return Outcome.WOULD_TAKE, []
        if kind in STOPS and not (self.last_ticks and side * self.last_ticks >= side * order.stop_ticks):
            self.waiting.append(order)
            return Outcome.WAITING, []
        return self.meet_all(order)

    def meet_all(self, order: Order) -> tuple[Outcome, list[type_of_execution]]:
        """Let an order meet the book, then the stops that were elected."""
        outcome = self.meet(order)
        while self.elected:
            stop = self.elected.pop(0)
            became = self.meet(stop)
            self.told.append((stop.number, became, stop.lots))
        return outcome, self.executions

    def meet(self, order: Order) -> Outcome:
        """Let one order trade, elect what its trades reached, and stay if it may; its lots become what is left."""
        kind = STOPS.get(Kind(order.kind), order.kind)
        prices = []
        outcome = Outcome.RESTING if kind in STAYING else Outcome.EXPIRED
        for maker in self.offers(order, kind):
            if order.lots == 0:
                break
            if self.is_own(order, maker):
                if order.prevention != Prevention.CANCEL_NEWEST:
                    self.told.append((maker.number, Outcome.CANCELED, maker.lots))
                    self.book.remove(maker)
                if order.prevention != Prevention.CANCEL_OLDEST:
                    outcome = Outcome.PREVENTED
                    break
                continue
            traded = min(order.lots, maker.lots)
            self.executions.append((maker.number, order.number, maker.ticks, traded, maker.owner))
            prices.append(maker.ticks)
            maker.lots -= traded
            order.lots -= traded
            if maker.lots == 0:
                self.book.remove(maker)
        if prices:
            self.last_ticks = prices[-1]
            self.elect(min(prices), max(prices))
        if order.lots == 0:
            return Outcome.FILLED
        if outcome is Outcome.RESTING:
            self.book.append(replace(order, kind=kind))
        return outcome

    def elect(self, low_ticks: int, high_ticks: int) -> None:
        """Take the stops that trades between two prices reached: buys, then sells, nearest first, then by arrival."""
        rising = sorted((o for o in self.waiting if o.side == 1), key=lambda o: o.stop_ticks)
        falling = sorted((o for o in self.waiting if o.side == -1), key=lambda o: -o.stop_ticks)
        reached = [o for o in rising if o.stop_ticks <= high_ticks] + [o for o in falling if o.stop_ticks >= low_ticks]
        self.elected += reached
        self.waiting = [o for o in self.waiting if o not in reached]

    def cancel(self, number: int) -> Outcome:
        """Take an order out."""
        order = self.find(number)
        self.begin()
        self.book = [o for o in self.book if o is not order]
        self.waiting = [o for o in self.waiting if o is not order]
        return Outcome.CANCELED if order else Outcome.UNKNOWN

    def amend(self, number: int, ticks: int, lots: int) -> tuple[Outcome, list[type_of_execution]]:
        """Change a resting order, in its place where that is allowed."""
        order = next((o for o in self.book if o.number == number), None)
        self.begin()
        if not 0 < lots <= self.lots_max or ticks <= 0:
            return Outcome.INVALID, []
        if order is None:
            return Outcome.UNKNOWN, []
        if order.kind == Kind.POST_ONLY and self.offers(replace(order, ticks=ticks), Kind.LIMIT):
            return Outcome.WOULD_TAKE, []
        if ticks == order.ticks and lots <= order.lots:
            order.lots = lots
            return Outcome.REDUCED, []
        self.book.remove(order)
        return self.meet_all(replace(order, ticks=ticks, lots=lots))

    def expire(self, now_ns: int) -> list[tuple[int, Outcome, int]]:
        """Take out what was good till now."""
        self.begin()
        self.now_ns = now_ns
        due = [o for o in self.book + self.waiting if 0 < o.expires_ns <= now_ns]
        for order in sorted(due, key=lambda o: (o.expires_ns, o.number)):
            self.told.append((order.number, Outcome.EXPIRED, order.lots))
        self.book = [o for o in self.book if o not in due]
        self.waiting = [o for o in self.waiting if o not in due]
        return self.told

    def consequences(self) -> list[tuple[int, Outcome, int]]:
        """Return what became of other orders in the last request."""
        return self.told

    def levels(self) -> dict[tuple[int, int], int]:
        """Return the lots of each (side, ticks)."""
        found: dict[tuple[int, int], int] = {}
        for order in self.book:
            found[order.side, order.ticks] = found.get((order.side, order.ticks), 0) + order.lots
        return found

    def depth(self) -> Iterator[tuple[tuple[int, int], ...]]:
        """Yield (ticks, lots) of bids and of asks, best first."""
        levels = sorted(self.levels().items(), key=lambda item: -item[0][0] * item[0][1])
        for wanted in (1, -1):
            yield tuple((ticks, lots) for (side, ticks), lots in levels if side == wanted)
