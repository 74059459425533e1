"""From the trail alone: what is owned, what is open, what was spent of the day, and who may trade."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.audit import fold as fold_module
from engine.audit.chain import Chain
from engine.audit.desk_state import DeskState
from engine.audit.files import day_files
from engine.audit.fold import timestamp_ns
from engine.audit.rebuild import cache_path, rebuild
from engine.audit.recovery import recover
from engine.errors import AuditError
from engine.instruments import Instruments
from engine.messages.control import Action
from engine.messages.market import Side
from engine.messages.orders import (
    AmendIntent,
    AmendOrder,
    ApprovedAmend,
    CancelOrder,
    Liquidity,
    OrderType,
    TimeInForce,
)
from engine.messages.reports import (
    OrderAmended,
    OrderCancelRejected,
    OrderExpired,
    OrderRejected,
    OrderUnknown,
    VenueOrder,
)
from engine.policy.policy import Policy
from hotpath.core.text import timestamp_text
from hotpath.core.units import money
from tests.unit.engine.audit.conftest import DAY_NS, NOON_NS, SCALE, STRATEGY, TrailMaker, instrument

NAME = "binance_spot:BTCUSDT"
COIN = 100_000_000


@pytest.fixture
def maker(make_trail: Callable[..., TrailMaker]) -> TrailMaker:
    made = make_trail()
    made.start()
    return made


def state_of(maker: TrailMaker) -> DeskState:
    """Return the state, which must be the same from the cache and without it."""
    maker.files.flush()
    without = rebuild(maker.data_dir, maker.instruments, save=False)
    first = rebuild(maker.data_dir, maker.instruments)
    again = rebuild(maker.data_dir, maker.instruments)
    assert without == first == again
    assert DeskState.of(json.loads(msgspec.json.encode(again.plain()))) == again
    return again


def opened(maker: TrailMaker, **balances: str) -> None:
    maker.tell(
        Action.STATE_CHANGE, resource_type="ledger", resource_id="binance_spot", after={"balances": dict(balances)}
    )


def test_before_the_first_run_there_is_nothing(tmp_path: Path) -> None:
    assert rebuild(tmp_path, Instruments([])) == DeskState()
    assert not cache_path(tmp_path).exists()


def test_a_run_that_said_goodbye_stopped_cleanly(maker: TrailMaker) -> None:
    crashed = state_of(maker)
    assert (crashed.epoch, crashed.clean_stop, crashed.seq, crashed.head) == (1, False, 1, maker.chain.head)
    maker.stop(clean=False)
    assert state_of(maker).clean_stop is False
    maker.stop()
    assert state_of(maker).clean_stop is True


def test_the_ledger_is_the_opening_and_every_fill_and_fee(maker: TrailMaker) -> None:
    opened(maker, BTC="1", USDT="10000.5")
    bought = maker.place()
    maker.fill(bought, 150_000, 50_000, price_ticks=6_000_000, fee=150, fee_currency="BTC")
    maker.fill(bought, 50_000, price_ticks=6_000_001, fee=0)
    maker.fill(maker.place(Side.SELL), 100_000, side=Side.SELL, price_ticks=6_100_000, fee=6_100_000)
    state = state_of(maker)
    assert state.opening == {"BTC": COIN, "USDT": 1_000_050_000_000}
    assert state.ledger["BTC"] == COIN + 200_000 - 150 - 100_000
    spent = money("90") + money("30.000005")
    assert state.ledger["USDT"] == 1_000_050_000_000 - spent + money("61") - 6_100_000
    assert state.fees == state.day_fees == {"BTC": 150, "USDT": 6_100_000}
    position = state.positions[NAME]
    assert (position.lots, position.base, position.quote) == (99_850, "BTC", "USDT")
    assert state.day_realised == {"USDT": position.realised}
    assert state.last_trade_ids == {NAME: 103}
    assert state.day_orders == 2


def test_a_transfer_moves_the_opening_by_its_value(maker: TrailMaker) -> None:
    opened(maker, USDT="100")
    maker.fill(maker.place(lots=100_000), 100_000)
    opened(maker, USDT="50", ETH="2")
    state = state_of(maker)
    assert state.ledger == {"USDT": money("50"), "BTC": 100_000, "ETH": money("2")}
    assert state.opening == {"USDT": money("110"), "ETH": money("2")}


def test_an_order_that_is_not_over_is_taken_along(maker: TrailMaker) -> None:
    order_id = maker.place(lots=200_000)
    maker.accept(order_id)
    maker.fill(order_id, 50_000, 150_000)
    order = state_of(maker).orders[order_id]
    assert (order.strategy, order.intent, order.instrument, order.side) == (STRATEGY, 1, NAME, "BUY")
    assert (order.price_ticks, order.lots, order.filled_lots, order.state) == (6_000_000, 200_000, 50_000, "PARTIAL")
    assert (order.accepted, order.approval, order.trade_ids) == (True, 1, [101])
    assert (order.type, order.time_in_force, order.post_only, order.sent_ns) == ("LIMIT", "GTC", False, NOON_NS)
    assert order.correlation_id == f"1-{STRATEGY}-1"
    assert state_of(maker).last_number == 1


def test_an_order_that_is_over_is_only_remembered(maker: TrailMaker) -> None:
    filled, canceled, expired, rejected, failed, unknown = (maker.place() for _ in range(6))
    maker.fill(filled, 200_000)
    maker.cancel(canceled)
    maker.tell(Action.ORDER_EXPIRE, OrderExpired(0, 3, 0, Side.BUY, 3, expired, 0, 0))
    maker.tell(Action.ORDER_REJECT, OrderRejected(0, 4, 0, Side.BUY, 4, rejected, True, -1, "no", 0))
    maker.tell(Action.ORDER_REJECT, OrderRejected(0, 5, 0, Side.BUY, 5, failed, False, 0, "gate", 0))
    maker.tell(Action.ORDER_UNKNOWN, OrderUnknown(0, 6, 0, Side.BUY, 6, unknown, "timeout", 0))
    state = state_of(maker)
    assert {name: order.state for name, order in state.finished.items()} == {
        filled: "FILLED",
        canceled: "CANCELED",
        expired: "EXPIRED",
        rejected: "REJECTED",
        failed: "FAILED",
    }
    assert {name: order.state for name, order in state.orders.items()} == {unknown: "UNKNOWN"}


def test_a_late_fill_counts_and_wakes_nothing(maker: TrailMaker) -> None:
    order_id = maker.place()
    maker.cancel(order_id)
    maker.fill(order_id, 70_000, 130_000)
    state = state_of(maker)
    assert state.orders == {}
    assert state.finished[order_id].filled_lots == 70_000
    assert state.positions[NAME].lots == 70_000


def test_orders_that_are_over_are_forgotten_in_the_end(maker: TrailMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_module, "FINISHED_MAX", 3)
    for _ in range(6):
        maker.cancel(maker.place())
    assert list(state_of(maker).finished) == ["t1-1-4", "t1-1-5", "t1-1-6"]


def test_a_cancel_that_was_refused_leaves_the_order_open(maker: TrailMaker) -> None:
    order_id = maker.place()
    maker.accept(order_id)
    maker.tell(Action.ORDER_CANCEL, CancelOrder(1, order_id, 0))
    assert state_of(maker).orders[order_id].state == "PENDING_CANCEL"
    maker.tell(Action.ORDER_MODIFY, OrderCancelRejected(0, 1, 0, Side.BUY, 1, order_id, -2011, "", 0))
    assert state_of(maker).orders[order_id].state == "OPEN"


def test_an_amend_gives_an_order_its_next_id(maker: TrailMaker) -> None:
    order_id = maker.place()
    maker.accept(order_id)
    wish = AmendIntent(0, 1, 9, 6_100_000, 100_000, 0, 0)
    maker.tell(Action.TRADE_DECISION, wish)
    maker.tell(Action.ORDER_APPROVE, ApprovedAmend(wish, 8, 0))
    kind = (OrderType.LIMIT, TimeInForce.GTC)
    maker.tell(
        Action.ORDER_MODIFY, AmendOrder(2, order_id, "t1-1-2", 0, Side.BUY, *kind, False, 6_100_000, 100_000, False)
    )
    before = state_of(maker)
    assert (before.orders[order_id].pending_id, before.orders[order_id].price_ticks) == ("t1-1-2", 6_000_000)
    assert (before.day_orders, before.last_intents) == (1, {STRATEGY: 9})
    maker.tell(Action.ORDER_MODIFY, OrderAmended(0, 1, 0, Side.BUY, 8, "t1-1-2", True, 6_100_000, 100_000, "", 0))
    after = state_of(maker)
    assert list(after.orders) == ["t1-1-2"]
    order = after.orders["t1-1-2"]
    assert (order.client_order_id, order.other_ids, order.pending_id) == ("t1-1-2", [order_id], "")
    assert (order.price_ticks, order.lots, order.state) == (6_100_000, 100_000, "OPEN")


def test_an_amend_that_was_refused_changes_nothing(maker: TrailMaker) -> None:
    order_id = maker.place()
    maker.accept(order_id)
    kind = (OrderType.LIMIT, TimeInForce.GTC)
    maker.tell(Action.ORDER_MODIFY, AmendOrder(2, order_id, "t1-1-2", 0, Side.BUY, *kind, False, 6_100_000, 1, False))
    maker.tell(Action.ORDER_MODIFY, OrderAmended(0, 1, 0, Side.BUY, 8, order_id, False, 6_000_000, 200_000, "no", 0))
    maker.tell(Action.ORDER_MODIFY, AmendOrder(3, "t1-1-77", "t1-1-78", 0, Side.BUY, *kind, False, 1, 1, False))
    order = state_of(maker).orders[order_id]
    assert (order.pending_id, order.price_ticks, order.lots) == ("", 6_000_000, 200_000)


def test_an_order_that_is_filled_in_part_stays_so_whatever_is_asked_of_it(maker: TrailMaker) -> None:
    order_id = maker.place()
    maker.accept(order_id)
    maker.fill(order_id, 50_000, 150_000)
    kind = (OrderType.LIMIT, TimeInForce.GTC)
    maker.tell(Action.ORDER_MODIFY, AmendOrder(2, order_id, "t1-1-2", 0, Side.BUY, *kind, False, 6_100_000, 9, False))
    maker.tell(Action.ORDER_MODIFY, OrderAmended(0, 1, 0, Side.BUY, 8, "t1-1-2", True, 6_100_000, 50_009, "", 0))
    assert state_of(maker).orders["t1-1-2"].state == "PARTIAL"
    maker.tell(Action.ORDER_CANCEL, CancelOrder(1, "t1-1-2", 0))
    maker.tell(Action.ORDER_MODIFY, OrderAmended(0, 1, 0, Side.BUY, 8, "t1-1-2", False, 6_100_000, 50_009, "no", 0))
    assert state_of(maker).orders["t1-1-2"].state == "PENDING_CANCEL"
    maker.tell(Action.ORDER_MODIFY, OrderCancelRejected(0, 1, 0, Side.BUY, 1, "t1-1-2", -2011, "", 0))
    assert state_of(maker).orders["t1-1-2"].state == "PARTIAL"


def test_an_order_that_is_unknown_stays_so_while_its_cancel_is_tried_and_a_fill_proves_it(maker: TrailMaker) -> None:
    order_id = maker.place()
    maker.tell(Action.ORDER_UNKNOWN, OrderUnknown(0, 1, 0, Side.BUY, 1, order_id, "late", 0))
    maker.tell(Action.ORDER_CANCEL, CancelOrder(1, order_id, 0))
    order = state_of(maker).orders[order_id]
    assert (order.state, order.accepted) == ("UNKNOWN", False)
    maker.fill(order_id, 50_000, 150_000)
    order = state_of(maker).orders[order_id]
    assert (order.state, order.accepted) == ("UNKNOWN", True)


def test_an_order_that_was_lost_with_a_turn_is_taken_up_from_the_venue(maker: TrailMaker) -> None:
    for status in ("NEW", "FILLED"):
        found = VenueOrder(f"t1-1-{status}", "v", 0, Side.SELL, 6_000_000, 5, 0, status, 0)
        maker.tell(Action.ORDER_RECOVERED, found)
        maker.tell(Action.ORDER_RECOVERED, found)
    maker.tell(
        Action.ORDER_RECOVERED,
        resource_type="order",
        resource_id="t1-1-5",
        after={"state": "FILLED"},
        metadata={"lots": 5, "price_ticks": 6, "trade_id": 7},
    )
    state = state_of(maker)
    order = state.orders["t1-1-NEW"]
    assert (order.state, order.side, order.lots, order.strategy, order.accepted) == ("OPEN", "SELL", 5, "", True)
    assert list(state.orders) == ["t1-1-NEW"]
    assert state.positions == {}


def test_an_order_that_was_found_when_it_was_over_is_remembered_with_its_executions(maker: TrailMaker) -> None:
    found = VenueOrder("t1-1-9", "v", 0, Side.BUY, 6_000_000, 100_000, 100_000, "FILLED", 0)
    maker.tell(Action.ORDER_RECOVERED, found)
    maker.fill("t1-1-9", 100_000)
    state = state_of(maker)
    order = state.finished["t1-1-9"]
    assert (order.state, order.filled_lots, order.trade_ids) == ("FILLED", 100_000, [maker.trade_id])
    assert (state.orders, state.day_orders) == ({}, 1)


def test_the_day_begins_anew_at_midnight_and_the_ledger_does_not(maker: TrailMaker) -> None:
    day = {"currency": "USDT", "equity": "1000", "peak_equity": "1200", "unrealised": "3"}
    maker.tell(Action.STATE_CHANGE, resource_type="day", resource_id="2024-08-08", after=day)
    maker.fill(maker.place(lots=100_000), 100_000, fee=7)
    first = state_of(maker)
    assert (first.day, first.day_orders, first.day_fees, first.day_equity) == (
        "2024-08-08",
        1,
        {"USDT": 7},
        money("1000"),
    )
    maker.time_ns += DAY_NS
    maker.place()
    second = state_of(maker)
    assert (second.day, second.day_orders, second.day_fees, second.day_equity) == ("2024-08-09", 1, {}, None)
    assert (second.day_realised, second.fees, second.peak_equity) == ({}, {"USDT": 7}, money("1200"))
    assert (first.day_unrealised, second.day_unrealised) == (money("3"), 0)
    assert second.positions[NAME].lots == 100_000
    unmarked = {"currency": "USDT", "equity": None, "peak_equity": "1250", "unrealised": "0"}
    maker.tell(Action.STATE_CHANGE, resource_type="day", resource_id="2024-08-09", after=unmarked)
    assert (state_of(maker).day_equity, state_of(maker).peak_equity) == (None, money("1250"))
    maker.tell(Action.SYSTEM_STOP, metadata={"clean": True, "peak_equity": "1300"})
    assert state_of(maker).peak_equity == money("1300")


def test_states_latches_and_strategies_are_as_people_left_them(maker: TrailMaker) -> None:
    maker.tell(
        Action.STATE_CHANGE,
        resource_type="trading",
        resource_id="engine",
        before={"state": "NORMAL"},
        after={"state": "EMERGENCY"},
    )
    maker.tell(Action.EMERGENCY_TRIGGERED, after={"working_orders": 1, "unknown_orders": 0}, reason="kill")
    for action, enabled in ((Action.STRATEGY_DISABLE, False), (Action.STRATEGY_ENABLE, True)):
        for name in ("a", "b") if not enabled else ("b",):
            values = {"before": {"enabled": not enabled}, "after": {"enabled": enabled}, "reason": "it raised"}
            maker.tell(action, resource_type="strategy", resource_id=name, **values)
    state = state_of(maker)
    assert (state.trading_state, state.latched, state.latch_reason) == ("EMERGENCY", True, "kill")
    assert state.disabled == {"a": "it raised"}
    maker.tell(Action.EMERGENCY_RECOVERED)
    assert state_of(maker).latched is False


def test_a_kill_of_an_instrument_or_a_venue_goes_on_and_is_no_latch(maker: TrailMaker) -> None:
    after = {"working_orders": 1, "unknown_orders": 0}
    for level, name in (("instrument", "sim:BTCUSDT"), ("venue", "sim")):
        maker.tell(Action.EMERGENCY_TRIGGERED, resource_type=level, resource_id=name, after=after, reason="a split")
    state = state_of(maker)
    assert state.killed == {"instrument sim:BTCUSDT": "a split", "venue sim": "a split"}
    assert state.latched is False
    assert state.without_account().killed == state.killed
    maker.tell(Action.EMERGENCY_RECOVERED, resource_type="venue", resource_id="sim", reason="lifted")
    assert state_of(maker).killed == {"instrument sim:BTCUSDT": "a split"}


def test_the_next_run_numbers_anew_and_keeps_the_intents(
    maker: TrailMaker, make_trail: Callable[..., TrailMaker]
) -> None:
    maker.place()
    maker.place()
    maker.end()
    recovered = recover(maker.data_dir)
    later = make_trail(epoch=2, chain=Chain(recovered.seq, recovered.head))
    later.start()
    state = state_of(later)
    assert (state.epoch, state.last_number, state.last_intents) == (2, 0, {STRATEGY: 2})
    assert list(state.orders) == ["t1-1-1", "t1-1-2"]


def test_a_position_that_changed_is_no_intent(maker: TrailMaker) -> None:
    values = {"before": {}, "after": {"state": "OPEN", "quantity": "1"}}
    metadata = {"instrument": NAME, "intent": 77, "strategy": STRATEGY}
    maker.tell(Action.TRADE_MODIFY, resource_type="position", resource_id=NAME, metadata=metadata, **values)
    assert state_of(maker).last_intents == {}


def test_an_account_that_is_made_with_the_run_begins_the_ledger_anew(maker: TrailMaker) -> None:
    opened(maker, BTC="1")
    maker.fill(maker.place(), 150_000, 50_000)
    values = {"before": {"enabled": True}, "after": {"enabled": False}, "reason": "it raised"}
    maker.tell(Action.STRATEGY_DISABLE, resource_type="strategy", resource_id="a", **values)
    metadata = {"epoch": 2, "mode": "live", "node": "t1", "fresh_account": True}
    seq = maker.tell(Action.SYSTEM_START, metadata=metadata)
    state = state_of(maker)
    fresh = DeskState(seq=seq, head=maker.chain.head, epoch=2, clean_stop=False, day="2024-08-08", mode="live")
    assert msgspec.structs.replace(state, disabled={}, disabled_before={}, time_ns=0, policy=Policy()) == fresh
    assert state.policy == Policy().with_strategy("a", False)
    assert state.disabled == {"a": "it raised"}


def test_what_a_backtest_disables_is_forgotten_with_it(maker: TrailMaker) -> None:
    values = {"before": {"enabled": True}, "after": {"enabled": False}, "reason": "it raised"}
    maker.tell(Action.STRATEGY_DISABLE, resource_type="strategy", resource_id="a", **values)
    maker.tell(Action.SYSTEM_START, metadata={"epoch": 2, "mode": "backtest", "node": "t1", "fresh_account": True})
    maker.tell(Action.STRATEGY_DISABLE, resource_type="strategy", resource_id="b", **values)
    assert state_of(maker).disabled == {"a": "it raised"}


def test_the_cache_saves_reading_and_is_not_believed_otherwise(maker: TrailMaker) -> None:
    maker.place()
    whole = state_of(maker)
    path = cache_path(maker.data_dir)
    cached = json.loads(path.read_bytes())
    cached["state"]["day_orders"] = 77
    path.write_text(json.dumps(cached))
    assert rebuild(maker.data_dir, maker.instruments, save=False).day_orders == 77
    for lie in ({"head": "00" * 32}, {"seq": 2}):
        path.write_text(json.dumps({**cached, "state": {**cached["state"], **lie}}))
        assert rebuild(maker.data_dir, maker.instruments, save=False) == whole
    for wrong in ({"offset": 10**9}, {"offset": 3}, {"file": "audit_1999-01-01.jsonl"}):
        path.write_text(json.dumps({**cached, **wrong}))
        assert rebuild(maker.data_dir, maker.instruments, save=False) == whole
    path.write_bytes(b"{")
    assert rebuild(maker.data_dir, maker.instruments, save=False) == whole


def test_a_scale_that_changed_makes_the_cache_useless(maker: TrailMaker) -> None:
    maker.fill(maker.place(), 200_000)
    state_of(maker)
    finer = Instruments([msgspec.structs.replace(instrument(), scale=type(SCALE)(4, 8))])
    state = rebuild(maker.data_dir, finer, save=False)
    assert state.scales == {NAME: (4, 8)}
    assert state.finished["t1-1-1"].price_ticks == 600_000_000


def test_an_instrument_that_is_not_configured_any_more_is_read_off_its_digits(maker: TrailMaker) -> None:
    maker.fill(maker.place(), 200_000)
    maker.files.flush()
    state = rebuild(maker.data_dir, Instruments([]))
    assert (state.positions[NAME].lots, state.scales) == (200_000, {NAME: (2, 8)})
    assert rebuild(maker.data_dir, Instruments([])) == state


def test_a_trail_with_a_hole_rebuilds_nothing(maker: TrailMaker) -> None:
    maker.place()
    maker.end()
    path = day_files(maker.data_dir)[0]
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:1], *lines[2:]]))
    with pytest.raises(AuditError, match="record 3 follows 1"):
        rebuild(maker.data_dir, maker.instruments)


def test_a_record_that_does_not_add_up_rebuilds_nothing(maker: TrailMaker) -> None:
    maker.tell(Action.STATE_CHANGE, resource_type="ledger", after={"balances": {"BTC": "a lot"}})
    maker.files.flush()
    with pytest.raises(AuditError, match=r"record 2 \(state.change\) does not add up"):
        rebuild(maker.data_dir, maker.instruments)


def test_a_cache_that_cannot_be_written_is_told(maker: TrailMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_path: Path, _data: bytes) -> None:
        raise OSError(28, "No space left on device")

    maker.files.flush()
    monkeypatch.setattr("engine.audit.rebuild.replace_file", full)
    with pytest.raises(AuditError, match=r"risk\.json cannot be written"):
        rebuild(maker.data_dir, maker.instruments)


@given(
    fills=st.lists(
        st.tuples(st.sampled_from(Side), st.integers(1, 10**7), st.integers(1, 10**9), st.integers(0, 10**6)),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_unit_is_lost_between_fills_and_ledger(
    fills: list[tuple[Side, int, int, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    maker = TrailMaker(tmp_path_factory.mktemp("trail"))
    for side, price_ticks, lots, fee in fills:
        order_id = maker.place(side, price_ticks, lots)
        maker.fill(order_id, lots, side=side, price_ticks=price_ticks, fee=fee)
    maker.files.flush()
    state = rebuild(maker.data_dir, maker.instruments, save=False)
    position = state.positions[NAME]
    assert position.lots == sum(side * lots for side, _, lots, _ in fills) == state.ledger["BTC"]
    assert state.ledger["USDT"] + position.cost + state.fees["USDT"] == position.realised


@pytest.mark.parametrize("time_ns", [0, 1, NOON_NS, 951_782_399_999_999_999, 4_102_444_800_000_000_000])
def test_a_timestamp_is_read_as_it_was_written(time_ns: int) -> None:
    assert timestamp_ns(timestamp_text(time_ns)) == time_ns


def test_it_is_known_since_when_a_strategy_holds_something(maker: TrailMaker) -> None:
    maker.fill(maker.place(), 200_000)
    maker.time_ns += 5
    maker.fill(maker.place(), 200_000)
    assert state_of(maker).held_since == {STRATEGY: {NAME: NOON_NS}}
    maker.fill(maker.place(Side.SELL), 399_999, side=Side.SELL)
    assert state_of(maker).held_since == {STRATEGY: {}}
    maker.time_ns += 5
    maker.fill(maker.place(Side.SELL), 200_000, side=Side.SELL)
    assert state_of(maker).held_since == {STRATEGY: {NAME: NOON_NS + 10}}
    maker.time_ns += 5
    maker.fill(maker.place(), 800_000)
    assert state_of(maker).held_since == {STRATEGY: {NAME: NOON_NS + 15}}


def test_slippage_is_rebuilt_from_decisions_and_fills_that_took(maker: TrailMaker) -> None:
    taken = Liquidity.TAKER
    crossing = maker.place(price_ticks=6_000_000, quoted_ticks=5_999_900)  # quoted 59999.00 to 59999.01
    resting = maker.place(price_ticks=6_000_000)
    maker.fill(crossing, 100_000, 100_000, price_ticks=6_000_000, liquidity=taken)
    assert state_of(maker).orders[crossing].mid_ticks_twice == 11_999_801
    maker.fill(crossing, 100_000, price_ticks=6_000_000)
    maker.fill(resting, 200_000, price_ticks=6_000_500, liquidity=taken)
    lost = money("0.00099500")  # 0.995 for a coin, of which it was a thousandth
    assert state_of(maker).day_slippage == {"USDT": lost}
    selling = maker.place(Side.SELL, price_ticks=0, quoted_ticks=6_000_000)
    maker.fill(selling, 200_000, side=Side.SELL, price_ticks=6_001_000, liquidity=taken)
    assert state_of(maker).day_slippage == {"USDT": lost}  # a lucky fill earns nothing
    maker.time_ns += DAY_NS
    maker.tell(Action.FEED_STALE, resource_type="feed", after={"state": "STALE"}, metadata={"instrument": NAME})
    assert state_of(maker).day_slippage == {}


def test_decisions_of_which_nothing_left_are_forgotten(maker: TrailMaker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fold_module, "TAKERS_MAX", 1)
    maker.tell(Action.TRADE_DECISION, maker.intent(50, Side.BUY, 6_000_000, 1_000, 5_999_900), actor="strategy:x")
    maker.tell(Action.TRADE_DECISION, maker.intent(51, Side.BUY, 6_000_000, 1_000, 5_999_900), actor="strategy:x")
    assert state_of(maker).last_intents == {STRATEGY: 51}
