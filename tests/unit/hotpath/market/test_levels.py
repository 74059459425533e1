"""Levels: what a venue prints is read exactly; anything else is refused with its place."""

from __future__ import annotations

import ctypes
import gc
import json
import mmap
import pickle
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.core.units import PrecisionError, Scale
from hotpath.market.levels import Levels, parse_levels

SPOT = Scale(2, 8)
GOOD = b'[["61685.99000000","1.00870000"],["61685.98","0"]]'
READ = [(6168599, 100_870_000), (6168598, 0)]


@pytest.mark.parametrize(
    "raw", [GOOD, bytearray(GOOD), memoryview(GOOD), memoryview(b"xx" + GOOD)[2:], msgspec.Raw(GOOD)]
)
def test_levels_are_read_from_anything_with_bytes(raw: Any) -> None:
    levels = parse_levels(raw, SPOT)
    levels.check()
    assert list(levels) == READ
    assert len(levels) == 2


def test_levels_are_read_from_inside_a_message() -> None:
    class Update(msgspec.Struct):
        b: msgspec.Raw

    assert list(parse_levels(msgspec.json.decode(b'{"a":1,"b":' + GOOD + b',"c":2}', type=Update).b, SPOT)) == READ


def test_an_empty_array_has_no_levels() -> None:
    assert len(parse_levels(b"[]", SPOT)) == 0
    assert list(Levels()) == []


@pytest.mark.parametrize(
    "raw",
    [
        *(b"", b"[", b"]", b"[]]", b"[[]]", b"[,]", b" []", b"[] ", b"[ ]", b"null", b"{}", b'"[]"', b"[[1,2]]"),
        *(b'[["1","2"]', b'[["1","2"]],', b'[["1","2"]]]', b'[["1","2"],]', b'[["1","2"]]\n', b'[["1","2"'),
        *(b'[["1","2"];["1","2"]]', b'[["1","2"]["1","2"]]', b'[["1", "2"]]', b'[["1" ,"2"]]', b'[["1","2","3"]]'),
        *(b'[["1","2",[]]]', b'[["1"]]', b'[["1",""]]', b'[["","2"]]', b"[['1','2']]", b'[["1","2]]', b'[["1,"2"]]'),
        *(b'[[1","2"]]', b'[["1e5","2"]]'),
        *(b'[["+1","2"]]', b'[[" 1","2"]]', b'[["1","NaN"]]', b'[["Infinity","2"]]', b'[[".5","2"]]', b'[["1.","2"]]'),
        *(b'[["1","2."]]', b'[["1","\xff"]]', b'[["1","2\x00"]]', '[["\uff11","2"]]'.encode(), b'[["1\\u0030","2"]]'),
    ],
)
def test_what_no_venue_prints_is_refused_with_its_place(raw: bytes) -> None:
    with pytest.raises(ValueError, match=rf"malformed levels: level \d+, byte \d+ of {len(raw)}, at b") as caught:
        parse_levels(raw, SPOT)
    assert type(caught.value) is ValueError


def test_the_place_is_that_of_the_bad_number() -> None:
    with pytest.raises(ValueError, match=r"level 1, byte 13 of 23, at b'x\","):
        parse_levels(b'[["1","2"],["x","2"]]  ', SPOT)


@pytest.mark.parametrize(
    "level", [b'["0","1"]', b'["-0","1"]', b'["-1","1"]', b'["0.00","0"]', b'["1","-1"]', b'["1","-0.00000001"]']
)
def test_a_price_above_0_and_a_quantity_of_0_or_more_are_expected(level: bytes) -> None:
    with pytest.raises(ValueError, match=r"level 1, byte .*: expected a price above 0 and a quantity of 0 or more"):
        parse_levels(b'[["1","1"],' + level + b"]", SPOT)


@pytest.mark.parametrize("raw", [b'[["1.001","1"]]', b'[["1.00","1.000000001"]]'])
def test_a_digit_finer_than_the_scale_is_refused_by_name(raw: bytes) -> None:
    with pytest.raises(PrecisionError, match=r"level 0, byte .* finer than the scale"):
        parse_levels(raw, SPOT)


@pytest.mark.parametrize(
    "raw", [b'[["92233720368547758.08","1"]]', b'[["1","92233720368.54775808"]]', b'[["1","1' + b"0" * 99 + b'"]]']
)
def test_a_number_beyond_int64_is_an_overflow(raw: bytes) -> None:
    with pytest.raises(OverflowError, match=r"level 0, byte .* does not fit int64"):
        parse_levels(raw, SPOT)


def test_the_largest_numbers_are_read() -> None:
    largest = 2**63 - 1
    assert list(parse_levels(b'[["92233720368547758.07","92233720368.54775807"]]', SPOT)) == [(largest, largest)]


@pytest.mark.parametrize("raw", ["[]", None, 5, [["1", "2"]]])
def test_text_and_objects_are_a_type_error(raw: Any) -> None:
    with pytest.raises(TypeError):
        parse_levels(raw, SPOT)


def test_scattered_memory_is_refused() -> None:
    with pytest.raises(BufferError):
        parse_levels(memoryview(GOOD * 2)[::2], SPOT)


def test_a_missing_scale_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        parse_levels(GOOD, None)  # type: ignore[arg-type]


def test_no_cut_of_a_message_is_read_as_a_message() -> None:
    for end in range(len(GOOD)):
        exact = memoryview(bytearray(GOOD))[:end]
        with pytest.raises(ValueError, match="malformed"):
            parse_levels(exact, SPOT)


def test_reading_stops_at_the_end_of_the_buffer_not_of_the_memory() -> None:
    assert list(parse_levels(memoryview(b'[["1","2"]]9999')[:-4], SPOT)) == [(100, 200_000_000)]
    with pytest.raises(ValueError, match="malformed"):
        parse_levels(memoryview(b'[["1","2"]]')[:-1], SPOT)


def test_no_byte_beyond_the_buffer_is_touched() -> None:
    memory = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    protect = ctypes.CDLL(None, use_errno=True).mprotect
    protect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    assert protect(start + mmap.PAGESIZE, mmap.PAGESIZE, 0) == 0  # a read there would end the process
    for end in range(len(GOOD) + 1):
        memory[mmap.PAGESIZE - end : mmap.PAGESIZE] = GOOD[:end]
        with memoryview(memory)[mmap.PAGESIZE - end : mmap.PAGESIZE] as at_the_edge:
            if end == len(GOOD):
                assert list(parse_levels(at_the_edge, SPOT)) == READ
                continue
            with pytest.raises(ValueError, match="malformed"):
                parse_levels(at_the_edge, SPOT)


positive = st.integers(1, 2**63 - 1)
quantities = st.integers(0, 2**63 - 1)


@given(st.lists(st.tuples(positive, quantities), max_size=30), st.integers(0, 18), st.integers(0, 18))
def test_printed_levels_are_read_back(pairs: list[tuple[int, int]], price: int, quantity: int) -> None:
    scale = Scale(price, quantity)
    rows = [[scale.price_text(ticks), scale.lots_text(lots)] for ticks, lots in pairs]
    raw = json.dumps(rows, separators=(",", ":")).encode()
    assert parse_levels(raw, scale) == Levels.of(pairs)


@settings(max_examples=200)
@given(st.integers(0, len(GOOD) - 1), st.sampled_from(list(b'0123456789.-+e ",[]{}x\x00\xff')))
def test_a_changed_byte_gives_other_exact_levels_or_an_error(at: int, byte: int) -> None:
    changed = bytearray(GOOD)
    changed[at] = byte
    try:
        levels = parse_levels(changed, SPOT)
    except (ValueError, OverflowError):
        return
    assert list(levels) == [(SPOT.price_ticks(price), SPOT.lots(quantity)) for price, quantity in json.loads(changed)]


@given(st.binary(max_size=40) | st.text('[]",.0123456789-', max_size=40).map(str.encode))
def test_any_bytes_are_levels_or_an_error(raw: bytes) -> None:
    try:
        levels = parse_levels(raw, SPOT)
    except (ValueError, OverflowError):
        return
    levels.check()
    assert len(levels) == len(json.loads(raw))


def test_a_batch_is_a_value() -> None:
    batch = Levels.of(READ)
    assert batch == parse_levels(GOOD, SPOT)
    assert hash(batch) == hash(parse_levels(GOOD, SPOT))
    assert batch not in (Levels(), Levels.of(READ[:1]), Levels.of(READ[::-1]), Levels.of([READ[0], (6168598, 1)]), READ)
    assert repr(batch) == "Levels.of([(6168599, 100870000), (6168598, 0)])"
    assert pickle.loads(pickle.dumps(batch)) == batch
    assert list(batch) == list(batch)
    assert not gc.is_tracked(batch)


def test_a_batch_keeps_order_and_repetition() -> None:
    pairs = [(5, 1), (9, 0), (5, 2)]
    assert list(Levels.of(iter(pairs))) == pairs


def test_a_batch_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Levels().count = 3  # type: ignore[attr-defined]


@pytest.mark.parametrize("pair", [(0, 1), (-1, 1), (1, -1)])
def test_a_level_that_cannot_be_is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="expected a price above 0 and a quantity of 0 or more"):
        Levels.of([(1, 1), pair])


@pytest.mark.parametrize("pair", [(1.0, 1), (1, 1.0), ("1", 1), (1, None)])
def test_levels_are_made_of_integers(pair: Any) -> None:
    with pytest.raises(TypeError, match="expected int"):
        Levels.of([pair])


def test_a_number_too_large_for_a_level_is_named() -> None:
    with pytest.raises(OverflowError, match="ticks 9223372036854775808 does not fit"):
        Levels.of([(2**63, 1)])


def test_a_level_is_read_by_its_place_from_either_end() -> None:
    levels = Levels.of([(5, 1), (4, 2)])
    assert (levels[0], levels[1], levels[-1], levels[-2]) == ((5, 1), (4, 2), (4, 2), (5, 1))
    for place in (2, -3):
        with pytest.raises(IndexError, match="of 2"):
            levels[place]
