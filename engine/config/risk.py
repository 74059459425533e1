"""[risk]: every limit of the checks, with its unit, default and bounds.

The rules themselves stand in hotpath.orders.limits and actors.risk; this file knows numbers only. Amounts are in
`currency`, percents are of equity unless a field says otherwise, and where a limit has a relative and an absolute form
the tighter one binds. Bounds exist because an absurd limit is a typing error, and a typing error must not trade.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, get_args, get_type_hints

from msgspec import Meta, Struct

from engine.errors import ConfigError
from engine.instruments import Instruments

PERCENT_DECIMALS = 4
MONEY_DECIMALS = 8

Names = Annotated[tuple[str, ...], Meta(max_length=1_024)]


class RiskLimits(Struct, frozen=True, forbid_unknown_fields=True):
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

    def __post_init__(self) -> None:
        """Refuse what the type cannot: decimals out of their bounds or too fine, and limits that contradict another."""
        for name, meta in _DECIMALS.items():
            _check_decimal(name, getattr(self, name), meta)
        if self.open_orders_instrument_max > self.open_orders_max:
            raise ValueError(
                f"open_orders_instrument_max is {self.open_orders_instrument_max}, more than open_orders_max "
                f"({self.open_orders_max}): lower the first or raise the second"
            )


def _check_decimal(name: str, value: Decimal, meta: Meta) -> None:
    """Raise ValueError when a decimal is not a number, out of its bounds, or finer than it is kept."""
    bounds = meta.extra or {}
    if not value.is_finite():
        raise ValueError(f"{name} is {value}, expected a number")
    if "above" in bounds and value <= Decimal(bounds["above"]):
        raise ValueError(f"{name} is {value}, expected more than {bounds['above']}")
    if "minimum" in bounds and value < Decimal(bounds["minimum"]):
        raise ValueError(f"{name} is {value}, expected at least {bounds['minimum']}")
    if value > Decimal(bounds["maximum"]):
        raise ValueError(f"{name} is {value}, expected at most {bounds['maximum']}")
    decimals = PERCENT_DECIMALS if bounds["unit"] == "%" else MONEY_DECIMALS
    if value != round(value, decimals):
        raise ValueError(f"{name} is {value}, finer than the {decimals} decimals that it is kept with")


_DECIMALS: dict[str, Meta] = {
    name: get_args(hint)[1]
    for name, hint in get_type_hints(RiskLimits, include_extras=True).items()
    if get_args(hint) and get_args(hint)[0] is Decimal
}


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
