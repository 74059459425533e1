"""Strategies of the scenarios; each trades in one plain way, so what happens to its orders is what is looked at."""

from __future__ import annotations

from decimal import Decimal

from tiercel import Quote, Side, Strategy, StrategyParams, TimeInForce

FAR = 'quantity = "0.01", away = "50"'
"""Parameters of an order that rests and is not filled in a calm market."""


class Sized(StrategyParams):
    """How much, and how far from the market."""

    quantity: Decimal = Decimal("0.01")
    away: Decimal = Decimal("0")


class OneBuy(Strategy):
    """Keeps one resting buy; whenever it hears that none works it places the next one."""

    class Params(Sized):
        """How much, and how far."""

    params: Params

    def on_quote(self, quote: Quote) -> None:
        """Place one where none is."""
        if self.working(quote.instrument, Side.BUY) is None:
            price = quote.bid - self.params.away
            self.buy(quote.instrument, self.params.quantity, price=price.quantize(Decimal("0.01")), post_only=True)


class BothSides(Strategy):
    """Buys when it holds nothing and sells when it does, resting and taking: fills of every kind."""

    class Params(Sized):
        """How much, and how far."""

    params: Params

    def on_start(self) -> None:
        self._count = 0

    def on_quote(self, quote: Quote) -> None:
        """Rest at the best price of one side, and take at every fifth quote."""
        self._count += 1
        buys = self.position(quote.instrument) <= 0
        side, other = (Side.BUY, Side.SELL) if buys else (Side.SELL, Side.BUY)
        near, far = (quote.bid, quote.ask) if buys else (quote.ask, quote.bid)
        place, quantity = (self.buy if buys else self.sell), self.params.quantity
        left = self.working(quote.instrument, other)
        mine = self.working(quote.instrument, side)
        if left is not None:
            self.cancel(left)
        elif mine is None:
            place(quote.instrument, quantity, price=near, post_only=True)
        elif mine.price != near:
            self.cancel(mine)
        if left is None and self._count % 5 == 0:
            place(quote.instrument, quantity, price=far, time_in_force=TimeInForce.IOC)


class Buyer(Strategy):
    """Buys whatever is offered at every quote, for as long as it is let."""

    class Params(Sized):
        """How much, and how far."""

    params: Params

    def on_quote(self, quote: Quote) -> None:
        """Take the ask."""
        self.buy(quote.instrument, self.params.quantity, price=quote.ask, time_in_force=TimeInForce.IOC)


class Seller(Strategy):
    """Sells whatever is asked for at every quote, for as long as it is let."""

    class Params(Sized):
        """How much, and how far."""

    params: Params

    def on_quote(self, quote: Quote) -> None:
        """Hit the bid."""
        self.sell(quote.instrument, self.params.quantity, price=quote.bid, time_in_force=TimeInForce.IOC)


class Restless(Strategy):
    """Does everything that may be done to an order, at random and at every quote."""

    class Params(Sized):
        """How much, and how far."""

    params: Params

    def on_quote(self, quote: Quote) -> None:
        """Draw what to do."""
        draw, index = self.random, quote.instrument
        mine, what = self.orders(index), draw.random()
        side = draw.choice([Side.BUY, Side.SELL])
        place = self.buy if side is Side.BUY else self.sell
        quantity = self.params.quantity * draw.choice([1, 2, 3, 5])
        near, far = (quote.bid, quote.ask) if side is Side.BUY else (quote.ask, quote.bid)
        if mine and what < 0.3:
            order = draw.choice(mine)
            price = (quote.bid if order.side is Side.BUY else quote.ask) + Decimal("0.01") * draw.choice([-9, 0, 9])
            self.amend(order, price, order.quantity + self.params.quantity * draw.choice([-1, 0, 1, 3]))
        elif mine and what < 0.4:
            self.cancel(draw.choice(mine))
        elif what < 0.7:
            place(index, quantity, far, time_in_force=TimeInForce.IOC)
        elif what < 0.8:
            place(index, quantity)
        else:
            place(index, quantity, near - side * Decimal(draw.choice([0, 0, 20])))


class Mover(Strategy):
    """Keeps one resting buy and amends it at every tenth quote."""

    class Params(Sized):
        """How much, and how far."""

    params: Params

    def on_start(self) -> None:
        self._count = 0

    def on_quote(self, quote: Quote) -> None:
        """Place one, or move it."""
        self._count += 1
        mine = self.working(quote.instrument, Side.BUY)
        price = quote.bid - self.params.away
        if mine is None:
            self.buy(quote.instrument, self.params.quantity, price=price, post_only=True)
        elif self._count % 10 == 0:
            self.amend(mine, price - Decimal("0.01") * (self._count % 7), mine.quantity)


class Littering(Restless):
    """Leaves cycles behind at every quote."""

    def on_quote(self, quote: Quote) -> None:
        """Make some, and go on."""
        for _ in range(50):
            cycle: list[object] = []
            cycle.append(cycle)
        super().on_quote(quote)
