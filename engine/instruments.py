"""What can be traded: one immutable Instrument for each, in the order of configuration.

Scales say what the venue can print; steps and bounds say what it accepts in our orders. The two differ: a recording
holds quantities off the order step, and that is normal. A change is a new version, never a mutation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct, structs

from engine.errors import UsageError
from hotpath.core.units import Scale


class Instrument(Struct, frozen=True):
    """One instrument of one venue. Ticks and lots are in the units of `scale`, money in 1e-8 of `quote`."""

    index: int
    venue: str
    symbol: str
    base: str
    quote: str
    scale: Scale
    price_step_ticks: int
    quantity_step_lots: int
    lots_min: int
    lots_max: int
    market_lots_max: int
    price_ticks_min: int
    price_ticks_max: int
    notional_min: int
    trading: bool
    version: int = 1

    @property
    def name(self) -> str:
        """`venue:SYMBOL`, as in configuration, audit and summary."""
        return f"{self.venue}:{self.symbol}"

    def plain(self) -> dict[str, Any]:
        """Return plain values, for a tape's head."""
        values = structs.asdict(self)
        values["scale"] = [self.scale.price_decimals, self.scale.quantity_decimals]
        return values

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Instrument:
        """Return the instrument that `plain` described."""
        return cls(**{**plain, "scale": Scale(*plain["scale"])})

    def next_version(self, changed: Instrument) -> Instrument:
        """Return `changed` with this instrument's index and the version after this one."""
        return structs.replace(changed, index=self.index, version=self.version + 1)


class Instruments:
    """The instruments of a run by index and by name; replaced one by one when the venue changes its rules."""

    def __init__(self, instruments: Sequence[Instrument]) -> None:
        """Take the instruments in the order of their indices, 0 first."""
        self._by_index = list(instruments)
        self._by_name = {instrument.name: instrument for instrument in instruments}
        if [instrument.index for instrument in instruments] != list(range(len(instruments))):
            raise UsageError("instruments must be given in the order of their indices, 0 first")

    def __getitem__(self, index: int) -> Instrument:
        return self._by_index[index]

    def __iter__(self) -> Iterator[Instrument]:
        return iter(self._by_index)

    def __len__(self) -> int:
        return len(self._by_index)

    @property
    def by_index(self) -> list[Instrument]:
        """The list behind, always current: for those who look an instrument up for every message. Do not change it."""
        return self._by_index

    def find(self, name: str) -> Instrument:
        """Return the instrument `venue:SYMBOL`, or `SYMBOL` where only one venue has it."""
        found = self._by_name.get(name)
        if found is not None:
            return found
        bare = [instrument for instrument in self._by_index if instrument.symbol == name]
        if len(bare) == 1:
            return bare[0]
        known = ", ".join(self._by_name)
        problem = "is on several venues; write venue:SYMBOL" if bare else "is not configured"
        raise UsageError(f"instrument {name!r} {problem}; configured: {known}")

    def replace(self, instrument: Instrument) -> None:
        """Put a new version in the place of the old one."""
        self._by_index[instrument.index] = instrument
        self._by_name[instrument.name] = instrument
