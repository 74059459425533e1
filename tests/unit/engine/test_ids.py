"""No order id is ever given out twice, wherever a run ends."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import ids
from engine import lease as lease_module
from engine.errors import InvariantError, UsageError
from engine.ids import LOW_COUNT, OrderIds
from engine.lease import BLOCK_COUNT, Block, Lease, Leased


class Crash(BaseException):
    """The machine stops here."""


def crash_at(monkeypatch: pytest.MonkeyPatch, index: int, after: bool) -> None:
    """Stop the machine before or after the step with this index, counted over every step on the disk."""
    calls = 0

    def guard(real: Callable[..., object]) -> Callable[..., object]:
        def step(*args: object, **values: object) -> object:
            nonlocal calls
            calls += 1
            if calls == index and not after:
                raise Crash
            result = real(*args, **values)
            if calls == index:
                raise Crash
            return result

        return step

    for name in ("open", "write", "fsync"):
        monkeypatch.setattr(os, name, guard(getattr(os, name)))
    monkeypatch.setattr(Path, "replace", guard(Path.replace))


def test_ids_name_node_epoch_and_number(tmp_path: Path) -> None:
    order_ids = OrderIds("t1", Lease.open(tmp_path))
    assert [order_ids.next() for _ in range(2)] == [(1, "t1-1-1"), (2, "t1-1-2")]
    assert order_ids.last_number == 2
    again = OrderIds("t1", Lease.open(tmp_path))
    assert again.next() == (1, "t1-2-1")


def test_the_longest_id_fits_every_venue(tmp_path: Path) -> None:
    lease = Lease(Leased(99_999_999, 9_999_999_999))
    order_ids = OrderIds("n" * ids.NODE_CHARS_MAX, lease)
    assert len(f"{order_ids.next()[1][:-1]}9999999999") == 36


@pytest.mark.parametrize("node", ["", "a b", "ä", "x" * 17, "t1\n"])
def test_a_node_that_no_venue_would_take_is_refused(node: str) -> None:
    with pytest.raises(UsageError, match=r"engine\.node"):
        OrderIds(node, Lease(Leased(1, BLOCK_COUNT)))


def test_a_block_is_on_disk_before_its_first_id(tmp_path: Path) -> None:
    lease = Lease.open(tmp_path)
    order_ids = OrderIds("t1", lease)
    path = tmp_path / "state" / "lease.json"
    for _ in range(3 * BLOCK_COUNT):
        number, _ = order_ids.next()
        assert number <= lease.leased_to
        if number % BLOCK_COUNT in (1, 0):
            assert f'"leased_to":{lease.leased_to},' in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_block_is_renewed_where_a_quarter_is_left(tmp_path: Path) -> None:
    lease = Lease.open(tmp_path)
    order_ids = OrderIds("t1", lease)
    for _ in range(BLOCK_COUNT - LOW_COUNT - 1):
        order_ids.next()
    order_ids.renew_if_low()
    assert lease.leased_to == BLOCK_COUNT
    order_ids.next()
    order_ids.renew_if_low()
    order_ids.renew_if_low()
    assert lease.leased_to == 2 * BLOCK_COUNT


def test_blocks_of_earlier_runs_stay_in_doubt_until_they_are_settled(tmp_path: Path) -> None:
    first = Lease.open(tmp_path)
    first.extend()
    second = Lease.open(tmp_path)
    assert second.unsettled == (Block(1, 2 * BLOCK_COUNT),)
    third = Lease.open(tmp_path)
    assert third.unsettled == (Block(1, 2 * BLOCK_COUNT), Block(2, BLOCK_COUNT))
    third.settle()
    third.settle()
    assert Lease.open(tmp_path).unsettled == (Block(3, BLOCK_COUNT),)


def test_blocks_in_doubt_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease_module, "UNSETTLED_MAX", 2)
    for _ in range(4):
        Lease.open(tmp_path)
    assert Lease.open(tmp_path).unsettled == (Block(3, BLOCK_COUNT), Block(4, BLOCK_COUNT))


def test_a_lost_lease_goes_on_above_the_epochs_of_the_trail(tmp_path: Path) -> None:
    assert Lease.open(tmp_path, epoch_floor=41).epoch == 42
    assert Lease.open(tmp_path, epoch_floor=3).epoch == 43


@pytest.mark.parametrize("content", [b"", b"{", b'{"epoch":"1","leased_to":1}', b'{"epoch":1,"leased_to":1,"x":0}'])
def test_a_damaged_lease_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "lease.json").write_bytes(content)
    with pytest.raises(InvariantError, match=r"is damaged.*restore it, or remove it"):
        Lease.open(tmp_path)


def test_a_lease_that_cannot_be_written_gives_no_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lease = Lease.open(tmp_path)
    order_ids = OrderIds("t1", lease)
    for _ in range(BLOCK_COUNT):
        order_ids.next()
    monkeypatch.setattr(os, "write", lambda _descriptor, _data: 0)
    with pytest.raises(InvariantError, match="cannot be written"):
        order_ids.next()
    assert order_ids.last_number == BLOCK_COUNT


def test_a_lease_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state" / "lease.json").mkdir(parents=True)
    with pytest.raises(InvariantError, match="cannot be read"):
        Lease.open(tmp_path)


def test_a_replay_gives_the_same_ids_and_writes_nothing(tmp_path: Path) -> None:
    lease = Lease.open(tmp_path)
    before = (tmp_path / "state" / "lease.json").read_bytes()
    replayed = OrderIds("t1", Lease(lease.state()))
    live = OrderIds("t1", lease)
    assert [replayed.next() for _ in range(2 * BLOCK_COUNT)][:5] == [live.next() for _ in range(5)]
    assert (tmp_path / "state" / "lease.json").read_bytes() == before


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("index", range(1, 22))
def test_a_crash_at_any_step_reuses_no_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: int, after: bool
) -> None:
    used: list[str] = []
    with monkeypatch.context() as machine:
        crash_at(machine, index, after)
        try:
            order_ids = OrderIds("t1", Lease.open(tmp_path))
            for _ in range(BLOCK_COUNT + 1):
                used.append(order_ids.next()[1])
                order_ids.renew_if_low()
        except Crash:
            pass
    lease = Lease.open(tmp_path)
    order_ids = OrderIds("t1", lease)
    doubt = {block.epoch: block.leased_to for block in lease.unsettled}
    for text in used:
        epoch, number = order_ids.parse(text) or (0, 0)
        assert number <= doubt[epoch]
    used += [order_ids.next()[1] for _ in range(BLOCK_COUNT + 1)]
    assert len(set(used)) == len(used)


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("t1-3-17", (3, 17)),
        ("t1-3-017", None),
        ("t1-0-1", None),
        ("t2-3-17", None),
        ("x-t1-3-17", None),
        ("t1-3", None),
        ("", None),
        ("t1--1-2", None),
        ("t1-3-\u0661", None),
        ("t1-3-1 ", None),
    ],
)
def test_only_our_own_ids_are_ours(text: str, parsed: tuple[int, int] | None) -> None:
    assert OrderIds("t1", Lease(Leased(1, 5))).parse(text) == parsed


@given(
    node=st.from_regex(r"[A-Za-z0-9_-]{1,16}", fullmatch=True),
    epoch=st.integers(1, 10**8),
    number=st.integers(1, 10**9),
)
def test_an_id_parses_to_what_it_was_made_of(node: str, epoch: int, number: int) -> None:
    assert OrderIds(node, Lease(Leased(epoch, 5))).parse(f"{node}-{epoch}-{number}") == (epoch, number)
