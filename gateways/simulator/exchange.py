"""The exchange of one instrument: takes clients' orders, keeps their money straight, tells what became of them.

The market behind it is a TradingBook, recorded or synthetic; the exchange does not know which. It owns order numbers,
locks, fees, and the history that a client may ask for (bounded: the oldest closed orders are forgotten first). Filters,
signatures and words are a venue's own and are not here. A fee is taken from what is received: the buyer pays in base,
the seller in quote.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import Protocol

from engine.errors import InvariantError
from engine.instruments import Instrument
from engine.messages.market import Side
from gateways.simulator.accounts import Account, Fees
from gateways.simulator.orders import ClientOrder, Fill, NewOrder, OrderStatus, Refusal
from hotpath.core.units import cost, lots_to_money, proceeds
from hotpath.market.matching import Kind, Outcome

HISTORY_MAX = 200_000
"""Closed orders, and fills, that can still be asked for."""


class OrderEvent(IntEnum):
    """What an order's report is about."""

    NEW = 1
    TRADE = 2
    CANCELED = 3
    EXPIRED = 4


class TradingBook(Protocol):
    """A market that clients' orders can meet."""

    on_client_fill: Callable[[int, int, int, int, int], None]

    @property
    def is_open(self) -> bool:
        """Whether there is a book to trade with."""

    @property
    def update_id(self) -> int:
        """The id at which depth() stands."""

    def best(self) -> tuple[int, int, int, int]:
        """Return (bid_ticks, bid_lots, ask_ticks, ask_lots), zeros where a side is empty."""

    def depth(self, levels_max: int) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
        """Return (bids, asks) at `update_id`, best first."""

    def offers(self, side: int) -> Iterable[tuple[int, int]]:
        """Return the (ticks, lots) that an order of `side` can take, best first."""

    def place(
        self, number: int, side: int, kind: int, price_ticks: int, lots: int, now_ns: int
    ) -> tuple[Outcome, list[tuple[int, int, int]]]:
        """Let an order meet the book; returns its outcome and its (trade id, price ticks, lots) as a taker."""

    def cancel(self, number: int, now_ns: int) -> None:
        """Take an order out."""


Report = Callable[[Instrument, ClientOrder, OrderEvent, Fill | None], None]


class Exchange:
    """Clients' orders in one instrument."""

    def __init__(
        self,
        instrument: Instrument,
        book: TradingBook,
        account: Account,
        *,
        fees: Fees,
        numbers: Iterator[int],
        report: Report,
    ) -> None:
        """Trade `instrument` in `book` for `account`.

        Args:
            instrument: What is traded.
            book: Where it is traded.
            account: Who pays and receives.
            fees: What a trade costs.
            numbers: Where order numbers come from; exchanges of one venue share it.
            report: Called with (instrument, order, event, fill or None) for each event of an order, in order.
        """
        self.instrument = instrument
        self.book = book
        self.account = account
        self._fees = fees
        self._numbers = numbers
        self._report = report
        self._orders: dict[int, ClientOrder] = {}
        self._by_client_id: dict[str, ClientOrder] = {}
        self._open: dict[int, ClientOrder] = {}
        self._closed: deque[int] = deque()
        self._resting_fills: deque[tuple[int, int, int, int, int]] = deque()
        self.fills: deque[Fill] = deque(maxlen=HISTORY_MAX)
        self.fills_count = 0
        book.on_client_fill = lambda *fill: self._resting_fills.append(fill)

    # ---- requests

    def place(self, new: NewOrder, now_ns: int) -> ClientOrder | Refusal:
        """Take an order, or say why not; a refused order has changed nothing."""
        if not self.book.is_open:
            return Refusal.CLOSED
        former = self._by_client_id.get(new.client_order_id)
        if former is not None and former.is_open:
            return Refusal.DUPLICATE
        needed = self._needed(new)
        if self.account.free(self._paid_asset(new.side)) < needed:
            return Refusal.FUNDS
        number = next(self._numbers)
        outcome, executions = self.book.place(number, new.side, new.kind, new.price_ticks, new.lots, now_ns)
        if outcome is Outcome.WOULD_TAKE:
            return Refusal.WOULD_TAKE
        if outcome is Outcome.FULL:
            return Refusal.TOO_MANY
        order = self._accept(number, new, needed, now_ns)
        for trade_id, price_ticks, lots in executions:
            self._fill(order, trade_id, price_ticks, lots, now_ns, is_maker=False)
        if outcome in (Outcome.EXPIRED, Outcome.KILLED):
            self._close(order, OrderStatus.EXPIRED, now_ns)
            self._report(self.instrument, order, OrderEvent.EXPIRED, None)
        self.settle_resting()
        return order

    def cancel(self, order: ClientOrder, now_ns: int) -> None:
        """Take an open order out."""
        self.book.cancel(order.number, now_ns)
        self._close(order, OrderStatus.CANCELED, now_ns)
        self._report(self.instrument, order, OrderEvent.CANCELED, None)

    def settle_resting(self) -> None:
        """Book the fills of resting orders that the market brought."""
        while self._resting_fills:
            number, trade_id, price_ticks, lots, time_ns = self._resting_fills.popleft()
            self._fill(self._open[number], trade_id, price_ticks, lots, time_ns, is_maker=True)

    # ---- questions

    def order(self, number: int) -> ClientOrder | None:
        """Return an order by the venue's number."""
        return self._orders.get(number)

    def order_of(self, client_order_id: str) -> ClientOrder | None:
        """Return the newest order with a client order id."""
        return self._by_client_id.get(client_order_id)

    def open_orders(self) -> list[ClientOrder]:
        """Return the open orders, oldest first."""
        return list(self._open.values())

    def fills_since(self, fills_count: int) -> list[Fill]:
        """Return the fills since `fills_count` was what it was then, oldest first."""
        new_count = min(self.fills_count - fills_count, len(self.fills))
        return [self.fills[place] for place in range(len(self.fills) - new_count, len(self.fills))]

    def check(self) -> None:
        """Raise AssertionError when the locks and the account disagree, or a balance is below zero."""
        self.account.check()
        for side in Side:
            held = sum(order.locked for order in self._open.values() if order.side is side)
            asset = self._paid_asset(side)
            assert held <= self.account.locked(asset), (
                f"orders hold {held} of {asset}, {self.account.locked(asset)} is locked"
            )
        for order in self._orders.values():
            assert 0 <= order.filled_lots <= order.lots, f"order {order.number} is overfilled"
            assert order.is_open or not order.locked, f"order {order.number} is closed and holds {order.locked}"

    # ---- money

    def _paid_asset(self, side: Side) -> str:
        return self.instrument.quote if side is Side.BUY else self.instrument.base

    def _needed(self, new: NewOrder) -> int:
        """Return what an order may cost at most, in the asset that it pays with."""
        scale = self.instrument.scale
        if new.side is Side.SELL:
            return lots_to_money(new.lots, scale)
        if new.kind is not Kind.MARKET:
            return cost(new.price_ticks, new.lots, scale)
        needed = 0
        left_lots = new.lots
        for ticks, lots in self.book.offers(new.side):
            if not left_lots:
                break
            taken_lots = min(left_lots, lots)
            needed += cost(ticks, taken_lots, scale)
            left_lots -= taken_lots
        return needed

    def _accept(self, number: int, new: NewOrder, needed: int, now_ns: int) -> ClientOrder:
        """Register an order and set its money aside."""
        if not self.account.lock(self._paid_asset(new.side), needed):
            raise InvariantError(f"order {number} was checked for {needed} and cannot lock it")
        order = ClientOrder(number, new, now_ns)
        order.locked = needed
        self._orders[number] = order
        self._by_client_id[new.client_order_id] = order
        self._open[number] = order
        self._report(self.instrument, order, OrderEvent.NEW, None)
        return order

    def _fill(
        self, order: ClientOrder, trade_id: int, price_ticks: int, lots: int, now_ns: int, *, is_maker: bool
    ) -> None:
        """Book one execution: pay, receive less the fee, free what the better price saved."""
        scale = self.instrument.scale
        quote = proceeds(price_ticks, lots, scale)
        base = lots_to_money(lots, scale)
        buys = order.side is Side.BUY
        received, received_asset = (base, self.instrument.base) if buys else (quote, self.instrument.quote)
        fee = self._fees.fee(received, is_maker=is_maker)
        order.filled_lots += lots
        order.filled_quote += quote
        order.updated_ns = now_ns
        unlocked = order.locked - self._still_needed(order, quote)
        order.locked -= unlocked
        self.account.settle(
            paid=self._paid_asset(order.side),
            paid_amount=quote if buys else base,
            unlocked=unlocked,
            received=received_asset,
            received_amount=received - fee,
        )
        fill = Fill(trade_id, order.number, order.side, price_ticks, lots, quote, fee, received_asset, is_maker, now_ns)
        self.fills.append(fill)
        self.fills_count += 1
        if order.open_lots:
            order.status = OrderStatus.PARTIALLY_FILLED
        else:
            self._close(order, OrderStatus.FILLED, now_ns)
        self._report(self.instrument, order, OrderEvent.TRADE, fill)

    def _still_needed(self, order: ClientOrder, quote: int) -> int:
        """Return what an order must hold after a fill that paid `quote`."""
        scale = self.instrument.scale
        if order.side is Side.SELL:
            return lots_to_money(order.open_lots, scale)
        if order.kind is Kind.MARKET:
            return order.locked - quote
        return cost(order.price_ticks, order.open_lots, scale)

    def _close(self, order: ClientOrder, status: OrderStatus, now_ns: int) -> None:
        """End an order, give back what it held, and forget the oldest of those that ended."""
        order.status = status
        order.updated_ns = now_ns
        self.account.unlock(self._paid_asset(order.side), order.locked)
        order.locked = 0
        del self._open[order.number]
        self._closed.append(order.number)
        if len(self._closed) > HISTORY_MAX:
            oldest = self._orders.pop(self._closed.popleft())
            if self._by_client_id.get(oldest.client_order_id) is oldest:
                del self._by_client_id[oldest.client_order_id]
