"""Whatever is asked, filled, cancelled, amended or refused, in any order: the worst case stays within the limits.

An amend counts with the larger of old and new. What fills of the old order while its amend is on its way comes on top
of the new one, which was told its quantity before: that much and no more the worst case may then exceed a limit.
"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.models.desk import BASE, LOT, OTHER, QUOTE, UNIT, Desk

POSITION_MAX = 1_000 * UNIT
GROSS_PPM, NET_PPM = 5_000, 4_000  # of an equity of 300,000: 1,500 and 1,200

Step = tuple[str, int, int, int, int]
steps = st.lists(
    st.tuples(
        st.sampled_from(["send", "send", "send", "fill", "fill", "amend", "settle", "refuse_amend", "cancel"]),
        st.integers(0, 1),
        st.sampled_from([1, -1]),
        st.integers(95_00, 105_00),
        st.integers(1, 100).map(lambda tenths: tenths * LOT // 10),
    ),
    max_size=60,
)


def act(desk: Desk, handles: list[int], amending: set[int], step: Step) -> None:
    """Do what a strategy or the venue may do; an amend's quantity is the whole of the order, with what is filled.

    An order whose amend is on its way is not filled: that case has a test of its own.
    """
    verb, instrument, side, price, lots = step
    if verb == "send":
        if desk.send(side, lots, price, instrument=instrument) == 0:
            handles.append(desk.limits.handle)
        return
    if not handles:
        return
    handle = handles[lots % len(handles)]
    _, _, price_before, whole, filled = desk.exposure.order(handle)
    if verb == "fill" and whole > filled and handle not in amending:
        if desk.exposure.fill(handle, min(lots, whole - filled)) == 0:
            desk.exposure.release(handle)
            handles.remove(handle)
    elif verb == "amend":
        if desk.amend(handle, price, lots) == 0:
            amending.add(handle)
            if side > 0:
                desk.exposure.settle(handle, price, lots)
                amending.discard(handle)
    elif verb == "settle":
        desk.exposure.settle(handle, price_before, whole)
        amending.discard(handle)
    elif verb == "refuse_amend":
        if desk.amend(handle, price, lots) == 0:
            amending.add(handle)
    elif verb == "cancel":
        desk.exposure.release(handle)
        handles.remove(handle)
        amending.discard(handle)


@given(steps)
def test_the_worst_case_never_exceeds_a_limit(history: list[Step]) -> None:
    desk = Desk(
        position_value=POSITION_MAX, gross_ppm=GROSS_PPM, net_ppm=NET_PPM, duplicate_window_ns=0, fee_ppm=1_000,
        open_instrument=50, open_all=60, daily=1_000,
    )  # fmt: skip
    for asset in (BASE, OTHER):
        desk.account.set_balance(asset, 1_000 * UNIT)
    desk.marks.refresh()
    handles: list[int] = []
    amending: set[int] = set()
    for step in history:
        act(desk, handles, amending, step)
        desk.exposure.check()
        equity = desk.account.equity
        assert equity is not None
        for instrument in (0, 1):
            worst = desk.exposure.worst_value(instrument)
            assert worst is not None
            assert max(worst) <= POSITION_MAX
        assert desk.exposure.gross is not None
        assert desk.exposure.gross <= equity * GROSS_PPM // 10**6
        assert desk.exposure.net is not None
        assert desk.exposure.net <= equity * NET_PPM // 10**6
        for asset in (BASE, QUOTE, OTHER):
            assert desk.exposure.reserved(asset) <= desk.account.balance(asset)


@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 40))
def test_a_fill_while_an_amend_is_on_its_way_adds_itself_and_no_more(whole: int, wished: int, filled: int) -> None:
    desk = Desk(position_value=POSITION_MAX, duplicate_window_ns=0)
    for asset in (BASE, OTHER):
        desk.account.set_balance(asset, 1_000 * UNIT)
    desk.marks.refresh()
    whole, wished, filled = whole * LOT // 10, wished * LOT // 10, min(whole, filled) * LOT // 10
    assert desk.send(1, whole, 100_00) == 0
    handle = desk.limits.handle
    assert desk.amend(handle, 100_00, wished) == 0
    before = desk.exposure.worst_lots(0)[0]
    desk.exposure.fill(handle, filled)
    assert before <= desk.exposure.worst_lots(0)[0] <= before + filled
    desk.exposure.settle(handle, 100_00, filled + wished)
    assert desk.exposure.worst_lots(0)[0] == filled + wished
