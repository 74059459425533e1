"""The worst case counts everything that may still happen, and only a proof of the end gives it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.units import PrecisionError, Scale
from hotpath.orders.exposure import Exposure
from tests.models.exposure import ModelExposure, ModelOrder

INT64_MAX = 2**63 - 1
LOTS_MAX = INT64_MAX // 2
UNIT = 10**8
BASE, QUOTE, OTHER = 0, 1, 2
SCALE = Scale(2, 4)  # a tick of 0.01, a lot of 0.0001
LOT = 10_000


def exposure(capacity: int = 4, fee_ppm: int = 0) -> Exposure:
    """Two instruments: BASE and OTHER against QUOTE, with collars of 95 to 105."""
    made = Exposure([(SCALE, BASE, QUOTE), (SCALE, OTHER, QUOTE)], 3, capacity, fee_ppm)
    for instrument in (0, 1):
        made.rate(instrument, 1, 1)
        made.mark(instrument, 95_00, 105_00)
    return made


def test_an_order_reserves_its_side_at_the_edge_of_the_collar() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 2 * LOT)
    assert held.worst_lots(0) == (2 * LOT, 0)
    assert held.worst_value(0) == (210 * UNIT, 0)
    assert (held.gross, held.net, held.open_count, held.open_orders(0)) == (210 * UNIT, 210 * UNIT, 1, 1)
    assert held.order(handle) == (0, 1, 100_00, 2 * LOT, 0)


def test_buys_never_cancel_out_sells() -> None:
    held = exposure()
    held.reserve(0, 1, 100_00, 3 * LOT)
    held.reserve(0, -1, 100_00, 3 * LOT)
    assert held.worst_lots(0) == (3 * LOT, 3 * LOT)
    assert held.gross == 315 * UNIT
    assert held.net == 315 * UNIT


def test_gross_adds_instruments_and_net_offsets_positions_at_the_low_edge() -> None:
    held = exposure()
    held.move(0, 10 * LOT)
    held.move(1, -4 * LOT)
    assert held.gross == 1_050 * UNIT + 420 * UNIT
    assert held.net == 1_050 * UNIT - 380 * UNIT


def test_a_fill_turns_reservation_into_position_and_leaves_the_worst_case() -> None:
    held = exposure()
    handle = held.reserve(0, -1, 100_00, 3 * LOT)
    assert held.fill(handle, LOT) == 2 * LOT
    assert (held.position_lots(0), held.worst_lots(0)) == (-LOT, (-LOT, 3 * LOT))
    assert held.order(handle)[4] == LOT
    held.check()


def test_only_release_gives_back_what_is_left() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 3 * LOT)
    held.fill(handle, LOT)
    assert held.release(handle)
    assert (held.worst_lots(0), held.reserved(QUOTE), held.open_count) == ((LOT, -LOT), 0, 0)
    assert not held.release(handle)
    assert not held.is_open(handle)


def test_a_handle_is_never_given_again() -> None:
    held = exposure(capacity=1)
    first = held.reserve(0, 1, 1, 1)
    held.release(first)
    second = held.reserve(0, 1, 1, 1)
    assert first != second
    assert (held.is_open(first), held.is_open(second)) == (False, True)


@pytest.mark.parametrize("handle", [0, -1, 3, 1 << 16, (1 << 16) | 9, INT64_MAX])
def test_a_handle_that_is_not_in_use_is_refused(handle: int) -> None:
    held = exposure()
    for call in (lambda: held.fill(handle, 1), lambda: held.order(handle), lambda: held.settle(handle, 1, 1)):
        with pytest.raises(KeyError, match="is not in use"):
            call()


def test_an_amend_reserves_the_larger_of_old_and_new_until_it_is_settled() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 5 * LOT)
    held.amend(handle, 101_00, 8 * LOT)
    assert (held.worst_lots(0)[0], held.reserved(QUOTE)) == (8 * LOT, 808 * UNIT)
    held.amend(handle, 101_00, 3 * LOT)
    assert (held.worst_lots(0)[0], held.reserved(QUOTE)) == (5 * LOT, 500 * UNIT)
    held.settle(handle, 101_00, 3 * LOT)
    assert (held.worst_lots(0)[0], held.reserved(QUOTE)) == (3 * LOT, 303 * UNIT)
    held.check()


def test_an_amend_that_does_not_fit_changes_nothing() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 5 * LOT)
    held.amend(handle, 99_00, 6 * LOT)
    with pytest.raises(OverflowError, match="do not fit beside what is reserved"):
        held.amend(handle, 101_00, INT64_MAX)
    assert (held.worst_lots(0)[0], held.reserved(QUOTE), held.own_best(0, 1)) == (6 * LOT, 594 * UNIT, 100_00)
    held.fill(handle, LOT)
    assert (held.worst_lots(0)[0], held.reserved(QUOTE)) == (7 * LOT, 594 * UNIT)
    held.check()


@pytest.mark.parametrize(("side", "better", "worse"), [(1, 101_00, 99_00), (-1, 99_00, 101_00)])
def test_while_an_amend_is_on_its_way_the_better_price_is_our_own(side: int, better: int, worse: int) -> None:
    held = exposure()
    handle = held.reserve(0, side, 100_00, LOT)
    for price, best in ((better, better), (worse, 100_00)):
        held.amend(handle, price, LOT)
        assert held.own_best(0, side) == best
    held.settle(handle, worse, LOT)
    assert held.own_best(0, side) == worse


def test_a_fill_during_an_amend_leaves_the_replacement_whole() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 5 * LOT)
    assert held.fill(handle, LOT) == 4 * LOT
    held.amend(handle, 100_00, 6 * LOT)  # five lots leave: one of six is filled
    assert held.worst_lots(0)[0] == 6 * LOT
    assert held.fill(handle, 2 * LOT) == 2 * LOT
    assert held.worst_lots(0)[0] == (3 + 5) * LOT
    assert held.reserved(QUOTE) == 500 * UNIT
    held.settle(handle, 100_00, 8 * LOT)
    assert held.worst_lots(0)[0] == 8 * LOT
    held.check()


def test_a_fill_of_a_replaced_order_leaves_its_replacement_whole() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 5 * LOT)
    held.amend(handle, 101_00, 5 * LOT)
    held.settle(handle, 101_00, 5 * LOT)
    assert held.fill(handle, 2 * LOT, 5 * LOT) == 5 * LOT
    assert held.worst_lots(0)[0] == 7 * LOT
    assert held.fill(handle, 4 * LOT, LOT) == LOT
    assert held.order(handle)[3:] == (7 * LOT, 6 * LOT)
    for leaves_lots in (INT64_MAX, LOTS_MAX):
        assert held.fill(handle, LOT, leaves_lots) == 0
    held.check()


def test_what_leaves_and_is_worth_more_than_fits_reserves_nothing_more() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 5 * LOT)
    held.amend(handle, 101_00, 6 * LOT)
    held.fill(handle, LOT, LOTS_MAX - 1)
    assert (held.worst_lots(0)[0], held.reserved(QUOTE)) == (7 * LOT, 606 * UNIT)
    held.check()


@pytest.mark.parametrize("side", [1, -1])
def test_an_order_stands_in_the_book_until_nothing_is_left_of_it(side: int) -> None:
    held = exposure()
    handle = held.reserve(0, side, 100_00, 2 * LOT)
    held.fill(handle, LOT)
    assert held.own_best(0, side) == 100_00
    held.fill(handle, LOT)
    assert held.own_best(0, side) == 0
    held.release(handle)
    assert held.own_best(0, side) == 0


def test_an_order_that_is_filled_in_part_reserves_the_rest() -> None:
    held = exposure()
    handle = held.reserve(0, -1, 100_00, 5 * LOT, 2 * LOT)
    assert held.worst_lots(0) == (0, 3 * LOT)
    assert held.order(handle)[3:] == (5 * LOT, 2 * LOT)
    held.settle(handle, 101_00, 5 * LOT)
    assert held.worst_lots(0) == (0, 3 * LOT)
    held.check()


def test_more_than_was_open_may_be_filled_and_is_position() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, LOT)
    assert held.fill(handle, 3 * LOT) == 0
    assert held.worst_lots(0) == (3 * LOT, -3 * LOT)
    held.check()


def test_a_buy_ties_up_its_price_and_a_fee_and_a_sell_its_quantity() -> None:
    held = exposure(fee_ppm=1_000)
    held.reserve(0, 1, 100_00, LOT)
    held.reserve(0, -1, 100_00, 3 * LOT)
    assert (held.reserved(QUOTE), held.reserved(BASE), held.reserved(OTHER)) == (100_10 * UNIT // 100, 3 * UNIT, 0)


def test_a_base_fee_leaves_the_position_in_whole_lots() -> None:
    held = exposure()
    held.move(0, 10)
    held.take_fee(0, 6_000)
    assert held.position_lots(0) == 10
    held.take_fee(0, 6_000)
    assert held.position_lots(0) == 9
    held.take_fee(0, 7_999)
    assert held.position_lots(0) == 9
    held.take_fee(0, 1)
    assert held.position_lots(0) == 8


def test_what_has_no_price_makes_the_sums_unknown_only_while_it_is_exposed() -> None:
    held = exposure()
    held.mark(1, 0, 0)
    assert (held.gross, held.unpriced_count) == (0, 0)
    held.move(1, 1)
    assert (held.gross, held.net, held.worst_value(1), held.unpriced_count) == (None, None, None, 1)
    held.mark(1, 95_00, 105_00)
    for denominator in (0, 1):
        held.rate(1, 0, denominator)
        assert held.gross is None
    held.rate(1, 1, 2)
    assert held.gross == (105_00 * 100 + 1) // 2
    held.check()


def test_what_is_worth_more_than_fits_has_no_price() -> None:
    held = exposure()
    held.move(0, -LOTS_MAX)
    assert held.worst_value(0) is None
    held.move(0, 2 * LOTS_MAX)
    assert held.worst_value(0) is None
    held.move(0, 1 - LOTS_MAX)
    assert held.worst_value(0) == (105_00 * 100, 0)
    held.check()


def test_a_full_table_is_an_error() -> None:
    held = exposure(capacity=2)
    held.reserve(0, 1, 1, 1)
    held.reserve(1, 1, 1, 1)
    with pytest.raises(OverflowError, match="all 2 slots are in use"):
        held.reserve(0, 1, 1, 1)


@pytest.mark.parametrize(
    "act",
    [
        lambda held: held.reserve(0, 1, INT64_MAX, INT64_MAX),
        lambda held: held.reserve(0, 1, 1, LOTS_MAX),
        lambda held: held.reserve(0, -1, 1, INT64_MAX // 10_000 - 10),
        lambda held: held.reserve(0, -1, 1, INT64_MAX // 1_000),
        lambda held: held.amend(held.reserve(1, 1, 1, 1), 1, LOTS_MAX + 1),
        lambda held: held.amend(held.reserve(1, 1, 1, 1), INT64_MAX, INT64_MAX),
        lambda held: held.settle(held.reserve(1, 1, 1, 1), 1, LOTS_MAX + 1),
        lambda held: held.move(0, LOTS_MAX),
        lambda held: held.fill(held.reserve(0, 1, 1, 1), LOTS_MAX),
    ],
)
def test_what_does_not_fit_is_an_error_and_changes_nothing(act: Callable[[Exposure], object]) -> None:
    held = exposure()
    held.move(0, 2)
    held.reserve(0, 1, 1, 1_000)
    held.reserve(0, -1, 1, 1_000)
    before = held.worst_lots(0)
    with pytest.raises(OverflowError, match="fit"):
        act(held)
    assert held.worst_lots(0)[1] == before[1]
    assert before[0] <= held.worst_lots(0)[0] <= before[0] + 1
    assert held.worst_lots(1)[0] <= 1
    held.check()


def fine() -> Exposure:
    """Three instruments in which a lot is one unit of money, so that every lot that is counted is worth something."""
    made = Exposure([(Scale(18, 8), BASE, QUOTE)] * 3, 2, 4)
    for instrument in range(3):
        made.rate(instrument, 1, 1)
        made.mark(instrument, 1, 1)
    return made


@pytest.mark.parametrize("side", [1, -1])
def test_a_side_holds_as_many_lots_as_are_counted_and_not_one_more(side: int) -> None:
    held = fine()
    first = held.reserve(0, side, 1, LOTS_MAX - 1)
    held.reserve(0, side, 1, 1)
    with pytest.raises(OverflowError, match="do not fit"):
        held.reserve(0, side, 1, 1)
    held.amend(first, 2, LOTS_MAX - 1)
    held.check()


def test_an_asset_is_tied_up_to_the_last_unit_that_is_counted_and_not_one_more() -> None:
    held = fine()
    first, _ = held.reserve(0, -1, 1, LOTS_MAX), held.reserve(1, -1, 1, LOTS_MAX)
    held.reserve(2, -1, 1, 1)
    assert held.reserved(BASE) == INT64_MAX
    with pytest.raises(OverflowError, match="do not fit"):
        held.reserve(2, -1, 1, 1)
    held.amend(first, 2, LOTS_MAX)
    held.check()


def test_an_order_may_tie_up_the_last_unit_that_is_counted() -> None:
    held = Exposure([(Scale(4, 4), BASE, QUOTE)], 2, 2)
    held.reserve(0, 1, 7, INT64_MAX // 7)
    assert held.reserved(QUOTE) == INT64_MAX
    with pytest.raises(OverflowError, match="do not fit"):
        Exposure([(Scale(4, 4), BASE, QUOTE)], 2, 2).reserve(0, 1, 8, INT64_MAX // 8 + 1)


def test_a_fill_is_refused_as_none_only_when_its_order_could_not_count_it() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 5 * LOT)
    with pytest.raises(OverflowError, match="does not fit"):
        held.fill(handle, INT64_MAX)
    held.fill(handle, LOT)
    with pytest.raises(OverflowError, match="does not fit"):
        held.fill(handle, INT64_MAX - LOT)
    with pytest.raises(ValueError, match="expected at least 1"):
        held.fill(handle, INT64_MAX - LOT + 1)
    assert held.worst_lots(0) == (5 * LOT, -LOT)
    held.check()


def test_an_amend_that_settles_to_what_does_not_fit_or_is_no_order_leaves_the_order_as_it_was() -> None:
    held = exposure()
    handle = held.reserve(0, 1, 100_00, 5 * LOT)
    for price, lots, error in ((1, LOTS_MAX, OverflowError), (0, LOT, ValueError), (100_00, 0, ValueError)):
        with pytest.raises(error):
            held.settle(handle, price, lots)
        assert (held.order(handle), held.own_best(0, 1)) == ((0, 1, 100_00, 5 * LOT, 0), 100_00)
    held.check()


def test_a_fee_reserve_that_does_not_fit_is_an_error() -> None:
    held = exposure(fee_ppm=1_000_000)
    with pytest.raises(OverflowError, match="do not fit"):
        held.reserve(0, 1, INT64_MAX // 150, 1)


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda held: held.reserve(0, 0, 1, 1), "side is 0"),
        (lambda held: held.reserve(0, 1, 0, 1), "both must be positive"),
        (lambda held: held.reserve(2, 1, 1, 1), "instrument 2 is unknown"),
        (lambda held: held.reserve(0, 1, 1, 1, 1), "both must be positive"),
        (lambda held: held.reserve(0, 1, 1, 1, -1), "both must be positive"),
        (lambda held: held.fill(held.reserve(0, 1, 1, 1), 0), "expected at least 1"),
        (lambda held: held.mark(0, 5, 4), "expected 0 <= low <= high"),
        (lambda held: held.reserved(3), "asset 3 is unknown"),
        (lambda held: Exposure([], 1, 0), "capacity is 0"),
        (lambda held: Exposure([], 1, 65_537), "expected 1 to 65536 slots"),
        (lambda held: Exposure([], 1, 1, -1), "fee_ppm is -1"),
        (lambda held: Exposure([(SCALE, 0, 1)], 1, 1), "expected 0 to 0"),
    ],
)
def test_what_makes_no_sense_is_refused(act: Callable[[Exposure], object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        act(exposure())


def test_a_scale_finer_than_money_is_refused() -> None:
    with pytest.raises(PrecisionError):
        Exposure([(Scale(2, 9), 0, 1)], 2, 1)


steps = st.lists(
    st.tuples(
        st.sampled_from(["reserve", "reserve", "fill", "amend", "settle", "release", "move", "mark"]),
        st.integers(0, 1),
        st.sampled_from([1, -1]),
        st.integers(1, 10**6),
        st.integers(1, 10**5),
    ),
    max_size=40,
)


def play(held: Exposure, model: ModelExposure, step: tuple[str, int, int, int, int]) -> None:
    """Do the same to both; `pick` chooses a live order."""
    verb, instrument, side, price_ticks, lots = step
    if verb == "reserve":
        if held.open_count < held.capacity:
            handle = held.reserve(instrument, side, price_ticks, lots)
            model.orders[handle] = ModelOrder(instrument, side, price_ticks, lots)
    elif verb == "move":
        held.move(instrument, side * lots)
        model.positions[instrument] = model.positions.get(instrument, 0) + side * lots
    elif verb == "mark":
        held.mark(instrument, price_ticks, price_ticks + lots)
        model.collars[instrument] = (price_ticks, price_ticks + lots)
    elif model.orders:
        handle = list(model.orders)[lots % len(model.orders)]
        order = model.orders[handle]
        if verb == "fill":
            held.fill(handle, lots)
            order.filled_lots += lots
            model.positions[order.instrument] = model.positions.get(order.instrument, 0) + order.side * lots
        elif verb == "amend":
            held.amend(handle, price_ticks, lots)
            order.amend = (price_ticks, max(lots - order.filled_lots, 0))
        elif verb == "settle":
            held.settle(handle, price_ticks, lots)
            order.price_ticks, order.lots, order.amend = price_ticks, lots, None
        else:
            held.release(handle)
            del model.orders[handle]


@given(steps)
def test_every_step_leaves_what_the_model_says(history: list[tuple[str, int, int, int, int]]) -> None:
    held = exposure(capacity=5, fee_ppm=1_000)
    model = ModelExposure([(2, 4), (2, 4)], 1_000, collars={0: (95_00, 105_00), 1: (95_00, 105_00)})
    for step in history:
        play(held, model, step)
        held.check()
        for instrument in (0, 1):
            assert held.worst_lots(instrument) == model.worst_lots(instrument)
            assert held.worst_value(instrument) == model.worst_value(instrument)
        assert (held.gross, held.net) == (model.gross(), model.net())
        assert held.reserved(QUOTE) == model.funds(1, 0) + model.funds(1, 1)
        assert (held.reserved(BASE), held.reserved(OTHER)) == (model.funds(-1, 0), model.funds(-1, 1))
