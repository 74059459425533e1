"""The one form of a book update is taken apart exactly; every other form is left to somebody else."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from hotpath.core.units import Scale
from hotpath.market.depth_update import DepthScanner
from hotpath.market.levels import parse_levels
from tests.fuzz.target import recorded

SCALE = Scale(2, 8)
PARTS = (
    b'{"stream":"btcusdt@depth@100ms","data":{"e":"depthUpdate","E":',
    b',"s":"BTCUSDT","U":',
    b',"u":',
    b',"b":',
    b',"a":',
    b"}}",
)
SCANNER = DepthScanner(*PARTS)
BIDS, ASKS = b'[["61837.63000000","3.78826000"],["61837.00000000","0.00000000"]]', b'[["61838.00000000","1.00000000"]]'


def frame(time: bytes = b"1723075200123", first: bytes = b"7", last: bytes = b"9", bids: bytes = BIDS) -> bytes:
    """Return an update of the usual form."""
    return PARTS[0] + time + PARTS[1] + first + PARTS[2] + last + PARTS[3] + bids + PARTS[4] + ASKS + PARTS[5]


def test_it_finds_numbers_and_arrays() -> None:
    assert SCANNER.scan(frame()) == (7, 9, BIDS, ASKS)
    assert SCANNER.scan(frame(bids=b"[]")) == (7, 9, b"[]", ASKS)


@pytest.mark.parametrize("place", ["time", "first", "last"])
@pytest.mark.parametrize("text", [b"", b"0", b"-1", b"01", b"1.0", b"1e5", b" 1", b"1 ", b'"1"', b"null", b"9" * 20])
def test_a_number_of_another_form_is_not_judged_here(place: str, text: bytes) -> None:
    assert SCANNER.scan(frame(**{place: text})) is None


def test_no_cut_or_changed_message_is_taken_apart() -> None:
    whole = frame()
    for length in range(len(whole)):
        assert SCANNER.scan(whole[:length]) is None
    assert SCANNER.scan(whole + b" ") is None
    assert SCANNER.scan(whole.replace(b"BTCUSDT", b"ETHUSDT")) is None
    assert SCANNER.scan(whole.replace(b'"a":', b'"x":')) is None


def test_a_border_that_a_level_could_hold_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a letter at byte 2"):
        DepthScanner(*PARTS[:4], b',"1":', PARTS[5])


def test_it_agrees_with_a_json_decoder_on_the_recording(shared_data: Callable[[str], Path]) -> None:
    recording = "binance_spot/spot_btcusdt_20240808.gz"
    shared_data(recording)
    lines = recorded(recording, 5_000)
    frames = [line for line in lines if b"@depth@" in line[:40]]
    for line in frames:
        data: Any = json.loads(line)["data"]
        found = SCANNER.scan(line)
        assert found is not None
        first_id, last_id, bids, asks = found
        assert (first_id, last_id, json.loads(bids), json.loads(asks)) == (data["U"], data["u"], data["b"], data["a"])
    assert len(frames) > 100


def test_a_changed_byte_is_refused_by_somebody_or_means_what_a_json_decoder_says() -> None:
    rng = random.Random(5)
    whole = frame()
    found_count = 0
    for _ in range(20_000):
        at = rng.randrange(len(whole))
        changed = whole[:at] + bytes([rng.choice(b'0123456789.,"[]{}:abue')]) + whole[at + 1 :]
        found = SCANNER.scan(changed)
        if found is None:
            continue
        try:
            levels = [parse_levels(text, SCALE) for text in found[2:]]
        except (ValueError, OverflowError):
            continue
        found_count += 1
        data: Any = msgspec.json.decode(changed)["data"]
        assert found[:2] == (data["U"], data["u"])
        for read, side in zip(levels, (data["b"], data["a"]), strict=True):
            assert list(read) == [(SCALE.price_ticks(price), SCALE.lots(lots)) for price, lots in side]
    assert found_count > 1_000
