"""Order templates: the same text as formatting by hand, and nothing that would need an escape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.encode import OrderTemplate
from hotpath.core.units import Scale

PARTS = (b'{"id":', b',"price":"', b'","quantity":"', b'","name":"', b'","time":', b"}")
INT64 = st.integers(-(2**63), 2**63 - 1)
NAMES = st.text("abcXYZ019-_", max_size=64)


@given(number=INT64, ticks=INT64, lots=INT64, name=NAMES, time=INT64, decimals=st.tuples(*[st.integers(0, 18)] * 2))
def test_a_filled_template_is_the_text_written_by_hand(
    number: int, ticks: int, lots: int, name: str, time: int, decimals: tuple[int, int]
) -> None:
    scale = Scale(*decimals)
    by_hand = (
        f'{{"id":{number},"price":"{scale.price_text(ticks)}","quantity":"{scale.lots_text(lots)}",'
        f'"name":"{name}","time":{time}}}'
    )
    assert OrderTemplate(PARTS, *decimals).fill(number, ticks, lots, name, time) == by_hand.encode()


@pytest.mark.parametrize("name", ['t1"', "t1\\", "t 1", "t1\n", "tä", "t1\x00", "x" * 65, "價格", "t1/1"])
def test_a_name_that_would_need_an_escape_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="expected at most 64 of A-Z a-z 0-9 - _"):
        OrderTemplate(PARTS, 2, 8).fill(1, 1, 1, name, 1)


@pytest.mark.parametrize(
    ("parts", "decimals", "said"),
    [
        (PARTS[:5], (2, 8), "6 parts around its holes, not 5"),
        ((b"x" * 900, *PARTS[1:]), (2, 8), "1024 is the most"),
        (PARTS, (19, 8), "expected 0 to 18"),
        (PARTS, (2, -1), "expected 0 to 18"),
    ],
)
def test_a_template_that_cannot_work_is_refused(parts: tuple[bytes, ...], decimals: tuple[int, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        OrderTemplate(parts, *decimals)


def test_the_longest_template_can_be_filled() -> None:
    spare = 1024 - 64 - 4 * 24
    template = OrderTemplate((b"x" * spare, b"", b"", b"", b"", b""), 18, 18)
    filled = template.fill(-(2**63), -(2**63), -(2**63), "n" * 64, -(2**63))
    assert len(filled) <= 1024
    assert filled.startswith(b"x" * spare + b"-9223372036854775808-9.223372036854775808")


def test_numbers_beyond_int64_are_refused() -> None:
    with pytest.raises(OverflowError):
        OrderTemplate(PARTS, 2, 8).fill(1, 2**63, 1, "t1", 1)
