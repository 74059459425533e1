"""Where each venue is reached: base addresses of its testnet and of the venue itself, without a path.

The path behind a base belongs to the gateway. `embedded` and `local` have no row: the first is reported by the
simulator that we start, the second stands in the configuration.
"""

from __future__ import annotations

from msgspec import Struct

from engine.config.model import Environment, VenueConfig

VENUES = ("binance_spot",)
"""The venues that have a gateway, by the name they have everywhere."""


class Endpoints(Struct, frozen=True):
    """The three bases of one venue."""

    rest_url: str
    stream_url: str
    api_url: str


ENDPOINTS = {
    ("binance_spot", Environment.TESTNET): Endpoints(
        "https://testnet.binance.vision", "wss://stream.testnet.binance.vision", "wss://ws-api.testnet.binance.vision"
    ),
    ("binance_spot", Environment.PRODUCTION): Endpoints(
        "https://api.binance.com", "wss://stream.binance.com:9443", "wss://ws-api.binance.com:443"
    ),
}


def endpoints(venue: str, config: VenueConfig) -> Endpoints | None:
    """Return the bases to use, or None for `embedded`, whose simulator reports its own."""
    known = ENDPOINTS.get((venue, config.environment))
    if known is not None or config.environment is Environment.LOCAL:
        return Endpoints(
            config.rest_url or (known.rest_url if known else ""),
            config.stream_url or (known.stream_url if known else ""),
            config.api_url or (known.api_url if known else ""),
        )
    return None
