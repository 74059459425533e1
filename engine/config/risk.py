"""[risk]: how large an order, a position and exposure may be, with unit, default and bounds of each limit.

What ends or slows trading as a whole stands in engine.config.trips. The rules themselves stand in
hotpath.orders.limits and actors.risk; this file knows numbers only. Amounts are in
`currency`, percents are of equity unless a field says otherwise, and where a limit has a relative and an absolute form
the tighter one binds. Bounds exist because an absurd limit is a typing error, and a typing error must not trade.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated

from msgspec import Meta, field

from engine.config.amounts import TighterLimits, check_decimal, decimals_of
from engine.config.trips import TripLimits
from engine.errors import ConfigError
from engine.instruments import Instruments

Names = Annotated[tuple[str, ...], Meta(max_length=1_024)]


class RiskLimits(TripLimits, frozen=True, forbid_unknown_fields=True):
    """[risk]: the limits of one run. A change at run time makes a new one with the next version."""

    currency: Annotated[
        str,
        Meta(
            pattern=r"^[A-Z0-9]{0,16}$",
            description="Currency of every amount; empty: the only quote currency of the instruments.",
        ),
    ] = ""
    adopt: Annotated[
        bool, Meta(description="Whether balances found at the first start become positions, at the mark.")
    ] = False
    allowed: Annotated[
        Names, Meta(description="Instruments that may be traded (name, symbol or base); empty: all configured.")
    ] = ()
    blocked: Annotated[
        Names, Meta(description="Instruments that may never be traded (name, symbol or base), whatever `allowed` says.")
    ] = ("GME", "AMC", "BBBY")
    market_data_age_ms: Annotated[
        int,
        Meta(ge=1, le=60_000, extra={"unit": "ms"}, description="Age above which a quote is no reference."),
    ] = 1_000
    price_collar_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "50"},
            description="Largest distance of a price from the mid; market orders are protected there.",
        ),
    ] = Decimal(5)
    max_order_value: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Value of one order, priced at the collar's edge.",
        ),
    ] = Decimal(50_000)
    protective_order_pct: Annotated[
        int,
        Meta(ge=1, le=100, extra={"unit": "%"}, description="Part of max_order_value that is left in PROTECTIVE."),
    ] = 10
    cautious_pct: Annotated[
        int,
        Meta(
            ge=1,
            le=100,
            extra={"unit": "%"},
            description="Part that is left in CAUTIOUS of what sizes orders, positions and exposure.",
        ),
    ] = 25
    cautious_age_ms: Annotated[
        int,
        Meta(ge=1, le=60_000, extra={"unit": "ms"}, description="Age in CAUTIOUS above which a quote is no reference."),
    ] = 500
    depth_order_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "100"},
            description="Part of the best ten levels that one order may take, where depth is known.",
        ),
    ] = Decimal(10)
    duplicate_window_ms: Annotated[
        int,
        Meta(ge=0, le=60_000, extra={"unit": "ms"}, description="Time in which an order may not be repeated; 0: off."),
    ] = 500
    open_orders_instrument_max: Annotated[
        int, Meta(ge=1, le=4_096, extra={"unit": "orders"}, description="Working and in flight, in one instrument.")
    ] = 20
    open_orders_max: Annotated[
        int, Meta(ge=1, le=4_096, extra={"unit": "orders"}, description="Working and in flight, in all instruments.")
    ] = 100
    daily_orders_max: Annotated[
        int, Meta(ge=1, le=100_000_000, extra={"unit": "orders"}, description="Approved in one UTC day.")
    ] = 100
    max_position_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "1000"},
            description="Worst case of each side of one instrument, as a part of equity.",
        ),
    ] = Decimal(25)
    max_position_value: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Worst case of each side of one instrument.",
        ),
    ] = Decimal(10_000)
    gross_exposure_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "1000"},
            description="Sum of the worst cases of all instruments, as a part of equity.",
        ),
    ] = Decimal(100)
    net_exposure_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "above": "0", "maximum": "1000"},
            description="Worst case of long minus short over all instruments, as a part of equity.",
        ),
    ] = Decimal(50)
    turnover_max: Annotated[
        Decimal,
        Meta(
            extra={"unit": "x equity", "above": "0", "maximum": "1000000"},
            description="Value traded since 00:00 UTC, as a multiple of equity.",
        ),
    ] = Decimal(10)
    edge_to_cost_min: Annotated[
        Decimal,
        Meta(
            extra={"unit": "x", "minimum": "0", "maximum": "1000"},
            description="Least ratio of the edge that a strategy expects, if it says so, to what the trade costs.",
        ),
    ] = Decimal(2)
    max_delta: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Value of the underlying that positions in options move like, worst case of one underlying.",
        ),
    ] = Decimal(10_000)
    max_delta_total: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Value of the underlying that positions in options move like, worst case of all underlyings.",
        ),
    ] = Decimal(20_000)
    max_gamma: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Change of that value for a move of one percent, worst case of one underlying.",
        ),
    ] = Decimal(2_000)
    max_gamma_total: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Change of that value for a move of one percent, worst case of all underlyings.",
        ),
    ] = Decimal(4_000)
    max_vega: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Change of value for one point of volatility, worst case of one underlying.",
        ),
    ] = Decimal(1_000)
    max_vega_total: Annotated[
        Decimal,
        Meta(
            extra={"unit": "risk currency", "above": "0", "maximum": "10000000000"},
            description="Change of value for one point of volatility, worst case of all underlyings.",
        ),
    ] = Decimal(2_000)
    fee_reserve_pct: Annotated[
        Decimal,
        Meta(
            extra={"unit": "%", "minimum": "0", "maximum": "5"},
            description="Reserved for fees on top of what a buy pays, as a part of it.",
        ),
    ] = Decimal("0.1")
    denials_max: Annotated[
        int,
        Meta(ge=1, le=1_000_000, extra={"unit": "denials"}, description="In 10 s; one more stops the strategy."),
    ] = 100
    warn_pct: Annotated[
        int, Meta(ge=1, le=100, extra={"unit": "%"}, description="Part of a limit from which on it warns.")
    ] = 80
    strategies: Annotated[
        dict[str, TighterLimits], Meta(description="Tighter limits of single strategies, by name.")
    ] = field(default_factory=dict)
    instruments: Annotated[
        dict[str, TighterLimits], Meta(description="Tighter limits of single instruments, by `venue:SYMBOL` or symbol.")
    ] = field(default_factory=dict)
    venues: Annotated[
        dict[str, TighterLimits], Meta(description="Tighter limits of the instruments of one venue, by its name.")
    ] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what the type cannot: decimals out of their bounds or too fine, and limits that contradict another."""
        for name, meta in _DECIMALS.items():
            check_decimal(name, getattr(self, name), meta)
        for smaller, larger in _ORDERED:
            if getattr(self, smaller) > getattr(self, larger):
                raise ValueError(
                    f"{smaller} is {getattr(self, smaller)}, more than {larger} ({getattr(self, larger)}): "
                    "lower the first or raise the second"
                )
        for section in ("strategies", "instruments", "venues"):
            for name, tighter in getattr(self, section).items():
                self._refuse_looser(f"{section}.{name}", tighter)

    def _refuse_looser(self, path: str, tighter: TighterLimits) -> None:
        """Raise ValueError when a limit of a part is above that of the whole."""
        for name in tighter.__struct_fields__:
            value, most = getattr(tighter, name), getattr(self, name)
            if value is not None and value > most:
                raise ValueError(
                    f"{path}.{name} is {value}, more than {name} ({most}): a part's limit may only tighten"
                )


_DECIMALS: dict[str, Meta] = decimals_of(RiskLimits)

_ORDERED = (
    ("open_orders_instrument_max", "open_orders_max"),
    ("new_orders_per_second", "messages_per_second"),
    ("net_exposure_pct", "gross_exposure_pct"),
    ("max_daily_loss_pct", "max_drawdown_pct"),
    ("max_daily_loss", "max_drawdown"),
    ("unknown_orders_instrument_max", "unknown_orders_max"),
    ("max_delta", "max_delta_total"),
    ("max_gamma", "max_gamma_total"),
    ("max_vega", "max_vega_total"),
)
"""Limits of which the first could never bind if it were above the second."""


def risk_currency(instruments: Instruments, limits: RiskLimits) -> str:
    """Return the currency that everything is counted in: the configured one, or the only quote currency.

    Raises:
        ConfigError: there are several quote currencies and none was chosen, or no instrument knows the chosen one.
    """
    quotes = sorted({instrument.quote for instrument in instruments})
    if limits.currency:
        known = {name for instrument in instruments for name in (instrument.base, instrument.quote)}
        if limits.currency not in known:
            raise ConfigError(
                "risk.currency", f"no instrument trades {limits.currency}; expected one of {sorted(known)}"
            )
        return limits.currency
    if len(quotes) != 1:
        raise ConfigError("risk.currency", f"quote currencies are {', '.join(quotes)}: choose the one of the limits")
    return quotes[0]
