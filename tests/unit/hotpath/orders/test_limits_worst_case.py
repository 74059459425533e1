"""Whatever is asked, filled, cancelled, amended or refused, in any order: the worst case stays within the limits."""

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


def act(desk: Desk, handles: list[int], step: Step) -> None:
    """Do what a strategy or the venue may do; an amend's quantity is the whole of the order, with what is filled."""
    verb, instrument, side, price, lots = step
    if verb == "send":
        if desk.send(side, lots, price, instrument=instrument) == 0:
            handles.append(desk.limits.handle)
        return
    if not handles:
        return
    handle = handles[lots % len(handles)]
    _, _, price_before, whole, filled = desk.exposure.order(handle)
    if verb == "fill" and whole > filled:
        if desk.exposure.fill(handle, min(lots, whole - filled)) == 0:
            desk.exposure.release(handle)
            handles.remove(handle)
    elif verb == "amend":
        if desk.amend(handle, price, lots) == 0 and side > 0:
            desk.exposure.settle(handle, price, lots)
    elif verb == "settle":
        desk.exposure.settle(handle, price_before, whole)
    elif verb == "refuse_amend":
        desk.amend(handle, price, lots)
    elif verb == "cancel":
        desk.exposure.release(handle)
        handles.remove(handle)


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
    for step in history:
        act(desk, handles, step)
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
