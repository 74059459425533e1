"""The public face of Tiercel: what a strategy and its tests need, and `run`. It only re-exports, and only when asked.

Importing it loads nothing of the engine; each name is found at its first use, so that `import tiercel` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from actors.strategy.conditions import Conditions as Conditions
    from actors.strategy.lists import Bracket as Bracket
    from actors.strategy.order import WorkingOrder as WorkingOrder
    from actors.strategy.params import StrategyParams as StrategyParams
    from actors.strategy.positions.closing import close_count as close_count
    from actors.strategy.positions.exits import Exits as Exits
    from actors.strategy.positions.plan import ByVolatility as ByVolatility
    from actors.strategy.positions.sizing import fixed_fraction as fixed_fraction
    from actors.strategy.positions.sizing import kelly as kelly
    from actors.strategy.positions.sizing import kelly_fraction as kelly_fraction
    from actors.strategy.positions.sizing import volatility_target as volatility_target
    from actors.strategy.positions.volatility import Volatility as Volatility
    from actors.strategy.strategy import Strategy as Strategy
    from engine.cli.program import run as run
    from engine.errors import TiercelError as TiercelError
    from engine.errors import UsageError as UsageError
    from engine.instruments import Instrument as Instrument
    from engine.messages.control import StateChanged as StateChanged
    from engine.messages.control import TradingState as TradingState
    from engine.messages.execution import ExecutionResult as ExecutionResult
    from engine.messages.execution import ExecutionStatus as ExecutionStatus
    from engine.messages.market import Depth as Depth
    from engine.messages.market import FeedGap as FeedGap
    from engine.messages.market import Quote as Quote
    from engine.messages.market import Side as Side
    from engine.messages.market import Trade as Trade
    from engine.messages.market import TradesMissed as TradesMissed
    from engine.messages.orders import DenialReason as DenialReason
    from engine.messages.orders import Liquidity as Liquidity
    from engine.messages.orders import OrderDenied as OrderDenied
    from engine.messages.orders import OrderTerms as OrderTerms
    from engine.messages.orders import OrderType as OrderType
    from engine.messages.orders import TimeInForce as TimeInForce
    from engine.messages.orders import TriggerBy as TriggerBy
    from engine.messages.reports import OrderAccepted as OrderAccepted
    from engine.messages.reports import OrderAmended as OrderAmended
    from engine.messages.reports import OrderCanceled as OrderCanceled
    from engine.messages.reports import OrderExpired as OrderExpired
    from engine.messages.reports import OrderFilled as OrderFilled
    from engine.messages.reports import OrderRejected as OrderRejected
    from engine.messages.reports import OrderUnknown as OrderUnknown
    from hotpath.core.units import Scale as Scale
    from hotpath.orders.transitions import OrderState as OrderState

_HOMES = {
    "actors.strategy.conditions": ("Conditions",),
    "actors.strategy.lists": ("Bracket",),
    "actors.strategy.order": ("WorkingOrder",),
    "actors.strategy.params": ("StrategyParams",),
    "actors.strategy.positions.closing": ("close_count",),
    "actors.strategy.positions.exits": ("Exits",),
    "actors.strategy.positions.plan": ("ByVolatility",),
    "actors.strategy.positions.sizing": ("fixed_fraction", "kelly", "kelly_fraction", "volatility_target"),
    "actors.strategy.positions.volatility": ("Volatility",),
    "actors.strategy.strategy": ("Strategy",),
    "engine.cli.program": ("run",),
    "engine.errors": ("TiercelError", "UsageError"),
    "engine.instruments": ("Instrument",),
    "engine.messages.control": ("StateChanged", "TradingState"),
    "engine.messages.execution": ("ExecutionResult", "ExecutionStatus"),
    "engine.messages.market": ("Depth", "FeedGap", "Quote", "Side", "Trade", "TradesMissed"),
    "engine.messages.orders": (
        "DenialReason",
        "Liquidity",
        "OrderDenied",
        "OrderTerms",
        "OrderType",
        "TimeInForce",
        "TriggerBy",
    ),
    "engine.messages.reports": (
        "OrderAccepted",
        "OrderAmended",
        "OrderCanceled",
        "OrderExpired",
        "OrderFilled",
        "OrderRejected",
        "OrderUnknown",
    ),
    "hotpath.core.units": ("Scale",),
    "hotpath.orders.transitions": ("OrderState",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [  # noqa: RUF022 - grouped as they are explained
    "Strategy",
    "StrategyParams",
    "WorkingOrder",
    "Quote",
    "Depth",
    "Trade",
    "TradesMissed",
    "FeedGap",
    "Side",
    "TimeInForce",
    "OrderType",
    "Conditions",
    "TriggerBy",
    "OrderTerms",
    "Bracket",
    "OrderState",
    "Liquidity",
    "OrderAccepted",
    "OrderFilled",
    "OrderCanceled",
    "OrderExpired",
    "OrderRejected",
    "OrderDenied",
    "DenialReason",
    "OrderAmended",
    "OrderUnknown",
    "ExecutionResult",
    "ExecutionStatus",
    "Exits",
    "ByVolatility",
    "Volatility",
    "close_count",
    "fixed_fraction",
    "volatility_target",
    "kelly",
    "kelly_fraction",
    "StateChanged",
    "TradingState",
    "Instrument",
    "Scale",
    "run",
    "TiercelError",
    "UsageError",
]


if not TYPE_CHECKING:  # a type checker shall see the names above and no others

    def __getattr__(name: str) -> Any:
        home = _HOME_OF.get(name)
        if home is None:
            raise AttributeError(f"module 'tiercel' has no attribute {name!r}; it has {', '.join(__all__)}")
        value = getattr(import_module(home), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
