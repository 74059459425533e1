"""A run begins where the last one ended, and with limits that fit what it trades."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from actors.risk.setup import ASSETS_MAX, Assets, build
from engine.audit.desk_state import DeskState, OrderState, PositionState
from engine.config.risk import RiskLimits, risk_currency
from engine.errors import ConfigError, InvariantError
from engine.instruments import Instruments
from engine.messages.market import Side
from engine.messages.orders import DenialReason
from engine.messages.reports import Balances, GatewayState, OrderAmended, OrderCanceled
from tests.models.risk_desk import LOTS, NOW_NS, TICKS, UNIT, RiskDesk
from tiercel.testing import BTCUSDT

D = DenialReason


def order(**changed: Any) -> OrderState:
    """Return an order of an earlier run: 3/4 of LOTS bought, the rest open."""
    values: dict[str, Any] = {
        "client_order_id": "t1-1-5",
        "strategy": "one",
        "intent": 5,
        "instrument": "binance_spot:BTCUSDT",
        "side": "BUY",
        "type": "LIMIT",
        "time_in_force": "GTC",
        "post_only": False,
        "price_ticks": TICKS,
        "lots": LOTS,
        "state": "OPEN",
        "sent_ns": NOW_NS,
        "filled_lots": 3 * LOTS // 4,
    }
    return OrderState(**(values | changed))


def test_positions_orders_numbers_and_counts_go_on() -> None:
    state = DeskState(
        positions={
            "binance_spot:BTCUSDT": PositionState("BTC", "USDT", 3 * LOTS, UNIT),
            "gone": PositionState("A", "B", 1),
        },
        orders={"t1-1-5": order()},
        last_intents={"one": 700, "operator": 9},
        disabled={"two": "raised"},
        day="2024-08-09",
        day_orders=99,
        ledger={"BTC": UNIT},
    )
    desk = RiskDesk(state)
    assert desk.worst_lots() == (3 * LOTS + LOTS // 4, -3 * LOTS)
    assert desk.send(intent=700) is None
    assert desk.send(strategy=1) is None
    assert desk.approved(intent=701).approval > 0
    assert desk.send(intent=702, lots=2 * LOTS) is None
    assert desk.reasons() == [D.DUPLICATE_ORDER, D.MAX_DAILY_ORDERS]
    assert desk.reasons(1) == [D.STRATEGY_AUTHORISED]


def test_yesterdays_orders_do_not_count_today() -> None:
    assert RiskDesk(DeskState(day="2024-08-08", day_orders=100)).approved().approval > 0


def test_an_order_of_no_strategy_of_this_run_is_nobodys() -> None:
    state = DeskState(orders={"t1-1-5": order(strategy="", price_ticks=0), "t1-1-6": order(filled_lots=LOTS)})
    desk = RiskDesk(state)
    assert desk.worst_lots() == (LOTS // 4, 0)
    desk.tell(OrderCanceled(-1, 5, 0, Side.BUY, 0, "t1-1-5", 0, NOW_NS))
    assert desk.worst_lots() == (0, 0)


def test_an_amend_that_an_earlier_run_left_open_is_settled_whole_under_its_new_id() -> None:
    for strategy in ("one", "gone"):
        desk = RiskDesk(DeskState(orders={"t1-1-5": order(strategy=strategy, pending_id="t1-1-6")}))
        index = 0 if strategy == "one" else -1
        desk.tell(OrderAmended(index, 5, 0, Side.BUY, 0, "t1-1-6", True, TICKS, LOTS, "", NOW_NS))
        assert desk.worst_lots() == (LOTS // 4, 0)
        desk.tell(OrderCanceled(index, 5, 0, Side.BUY, 0, "t1-1-6", 0, NOW_NS))
        assert desk.worst_lots() == (0, 0)
        assert desk.actor.exposure.open_count == 0


def test_orders_of_nobody_with_the_same_intent_number_are_told_apart_and_from_a_persons() -> None:
    """Intents are numbered by strategy: those of two that are gone are alike, and a person's too."""
    orders = {"t1-1-5": order(strategy="gone"), "t1-1-6": order(strategy="away")}
    desk = RiskDesk(DeskState(orders=orders), unknown_orders_instrument_max=2)
    assert desk.approved(strategy=-1, intent=5).intent.intent == 5
    assert desk.worst_lots() == (LOTS + LOTS // 2, 0)
    for client_order_id in orders:
        desk.tell(OrderCanceled(-1, 5, 0, Side.BUY, 0, client_order_id, 0, NOW_NS))
    assert desk.worst_lots() == (LOTS, 0)
    desk.tell(OrderCanceled(-1, 5, 0, Side.BUY, 0, "t2-1-1", 0, NOW_NS))
    assert desk.worst_lots() == (0, 0)


def test_an_order_whose_intent_nobody_knows_goes_by_its_id() -> None:
    desk = RiskDesk(DeskState(orders={"t1-1-5": order(strategy="", intent=0), "t1-1-6": order(strategy="", intent=0)}))
    assert desk.worst_lots() == (LOTS // 2, 0)
    desk.tell(OrderCanceled(-1, 0, 0, Side.BUY, 0, "t1-1-6", 0, NOW_NS))
    assert desk.worst_lots() == (LOTS // 4, 0)


def test_inventory_is_no_position_unless_it_is_adopted() -> None:
    assert RiskDesk().actor.exposure.position_lots(0) == 0
    desk = RiskDesk(adopt=True)
    assert desk.actor.exposure.position_lots(0) == 10 * UNIT
    desk.tell(Balances("binance_spot", (("BTC", 20 * UNIT, 0),), NOW_NS))
    assert desk.actor.exposure.position_lots(0) == 10 * UNIT
    assert RiskDesk(DeskState(opening={"BTC": UNIT}), adopt=True).actor.exposure.position_lots(0) == UNIT


@pytest.mark.parametrize(
    ("limits", "permitted"),
    [
        ({}, True),
        ({"blocked": ("BTCUSDT",)}, False),
        ({"blocked": ("BTC",)}, False),
        ({"blocked": ("binance_spot:BTCUSDT",)}, False),
        ({"allowed": ("BTCUSDT",)}, True),
        ({"allowed": ("ETHUSDT",)}, False),
        ({"allowed": ("BTC",), "blocked": ("BTC",)}, False),
    ],
)
def test_an_instrument_is_permitted_when_allowed_and_not_blocked(limits: dict[str, Any], permitted: bool) -> None:
    desk = RiskDesk(**limits)
    assert (desk.send() is not None) is permitted
    assert desk.reasons() == ([] if permitted else [D.INSTRUMENT_PERMITTED])


def test_an_instrument_that_does_not_trade_is_not_ready_whatever_its_gateway_says() -> None:
    desk = RiskDesk()
    desk.actor.instruments.replace(msgspec.structs.replace(BTCUSDT, trading=False))
    desk.tell(GatewayState("binance_spot", True, "", NOW_NS))
    assert desk.send() is None
    assert desk.reasons() == [D.VENUE_READY]


ETHBTC = msgspec.structs.replace(BTCUSDT, index=1, symbol="ETHBTC", base="ETH", quote="BTC")


def test_the_risk_currency_is_the_only_quote_currency_or_must_be_chosen() -> None:
    assert risk_currency(Instruments([BTCUSDT]), RiskLimits()) == "USDT"
    two = Instruments([BTCUSDT, ETHBTC])
    assert risk_currency(two, RiskLimits(currency="BTC")) == "BTC"
    with pytest.raises(ConfigError, match=r"risk.currency: quote currencies are BTC, USDT: choose"):
        risk_currency(two, RiskLimits())
    with pytest.raises(ConfigError, match="no instrument trades EUR"):
        risk_currency(two, RiskLimits(currency="EUR"))


def test_limits_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"risk.open_orders_max: is 100; there are 99 order slots"):
        build(Instruments([BTCUSDT]), [], RiskLimits(), Assets(), 99)
    elsewhere = msgspec.structs.replace(BTCUSDT, index=1, venue="kraken")
    with pytest.raises(ConfigError, match="one venue a run"):
        build(Instruments([BTCUSDT, elsewhere]), [], RiskLimits(), Assets(), 200)


def test_assets_are_numbered_in_the_order_of_their_names_first_use_and_bounded() -> None:
    assets = Assets()
    assert [assets.number(name) for name in ("USDT", "BTC", "USDT")] == [0, 1, 0]
    for number in range(2, ASSETS_MAX):
        assets.number(f"A{number}")
    with pytest.raises(InvariantError, match="1024 can be told apart"):
        assets.number("ONE MORE")
