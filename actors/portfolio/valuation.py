"""What things are worth in risk currency: the last mid of each instrument, and amounts converted by them.

Amounts stay in their own currency until somebody wants to see them; this is where that happens, rounded down. A
currency that no instrument trades against the risk currency has no worth that anybody knows: None, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.instruments import Instruments


class Valuation:
    """The last marks, and what follows from them."""

    def __init__(self, instruments: Instruments, currency: str) -> None:
        """`currency`: the one that everything is shown in."""
        self.currency = currency
        self._mids_twice: dict[int, int] = {}
        self._units: dict[int, int] = {each.index: 2 * 10**each.scale.price_decimals for each in instruments}
        self._direct: dict[str, int] = {}
        self._inverse: dict[str, int] = {}
        for each in instruments:
            if each.quote == currency:
                self._direct.setdefault(each.base, each.index)
            elif each.base == currency:
                self._inverse.setdefault(each.quote, each.index)

    def mark(self, instrument: int, mid_ticks_twice: int) -> None:
        """Note twice the mid of an instrument in ticks; what is no price changes nothing."""
        if mid_ticks_twice > 0:
            self._mids_twice[instrument] = mid_ticks_twice

    def mid_ticks_twice(self, instrument: int) -> int | None:
        """Return twice the last mid of an instrument; None before there was one."""
        return self._mids_twice.get(instrument)

    def worth(self, currency: str, money: int) -> int | None:
        """Return an amount of a currency in risk currency, rounded down; None when nobody knows."""
        if currency == self.currency or money == 0:
            return money
        instrument = self._direct.get(currency)
        twice = self._mids_twice.get(instrument) if instrument is not None else None
        if instrument is not None and twice is not None:
            return money * twice // self._units[instrument]
        instrument = self._inverse.get(currency)
        twice = self._mids_twice.get(instrument) if instrument is not None else None
        if instrument is not None and twice is not None:
            return money * self._units[instrument] // twice
        return None

    def total(self, amounts: Mapping[str, int]) -> int | None:
        """Return the sum of amounts in risk currency; None when the worth of one is not known."""
        sum_money = 0
        for currency, money in amounts.items():
            worth = self.worth(currency, money)
            if worth is None:
                return None
            sum_money += worth
        return sum_money

    def known_total(self, amounts: Mapping[str, int]) -> int:
        """Return the sum of those amounts whose worth is known."""
        return sum(self.worth(currency, money) or 0 for currency, money in amounts.items())
