"""The one table of what Tiercel knows by name and does not build yet.

Whatever stands here is refused with exit code 2 and named, and does not stand in any --help. A row goes when the thing
is built; nothing else has to change.
"""

from __future__ import annotations

from msgspec import Struct


class Unbuilt(Struct, frozen=True):
    """One refusal: `where` it would be written, the `value` that is refused (empty: any), and what is `missing`."""

    where: str
    value: str
    missing: str

    @property
    def problem(self) -> str:
        """The refusal as a sentence."""
        return f"{self.value or self.where} is not built yet: {self.missing} is missing"


UNBUILT = (
    Unbuilt("engine.mode", "shadow", "the report of orders that were checked and not sent"),
    Unbuilt("venues", "binance_us", "the Binance.US gateway"),
    Unbuilt("venues", "binance_usdm", "the gateway for Binance USD-M futures, with margin and funding"),
    Unbuilt("venues", "kraken", "the Kraken gateway"),
    Unbuilt("paper environment", "local", "a simulator fed with another venue's live data"),
    Unbuilt("paper environment", "testnet", "a simulator fed with a venue's live data"),
    Unbuilt("paper environment", "production", "a simulator fed with a venue's live data"),
)


def unbuilt(where: str, value: str) -> Unbuilt | None:
    """Return the refusal of `value` at `where`, or None when it is built or unknown."""
    return next((row for row in UNBUILT if row.where == where and row.value in ("", value)), None)
