"""The one form of a best-price message is read exactly; every other form is left to somebody else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.units import Scale
from hotpath.market.best_price import BestPriceScanner

SCALE = Scale(2, 8)
FORM = b'{"stream":"btcusdt@bookTicker","data":{"u":%b,"s":"BTCUSDT","b":"%b","B":"%b","a":"%b","A":"%b"}}'
SCANNER = BestPriceScanner(
    b'{"stream":"btcusdt@bookTicker","data":{"u":',
    b',"s":"BTCUSDT","b":"',
    b'","B":"',
    b'","a":"',
    b'","A":"',
    b'"}}',
    SCALE,
)
GOOD = (b"50093239212", b"61837.63000000", b"3.78826000", b"61837.64000000", b"1.54698000")


def test_it_reads_what_the_venue_prints() -> None:
    assert SCANNER.scan(FORM % GOOD) == (50093239212, 6183763, 378826000, 6183764, 154698000)


@given(st.tuples(*(st.integers(1, 2**53) for _ in range(5))))
def test_it_reads_any_number_of_the_scale(values: tuple[int, ...]) -> None:
    update_id, bid, bid_lots, ask, ask_lots = values
    prices, lots = SCALE.price_text, SCALE.lots_text
    texts = (str(update_id), prices(bid), lots(bid_lots), prices(ask), lots(ask_lots))
    assert SCANNER.scan(FORM % tuple(text.encode() for text in texts)) == values


@pytest.mark.parametrize("place", range(5))
@pytest.mark.parametrize("text", [b"", b"-1", b"0", b"1e5", b"NaN", b" 1", b"1 ", b"0.000000001", b"9" * 30, b"x"])
def test_a_number_of_another_form_is_not_judged_here(place: int, text: bytes) -> None:
    values = list(GOOD)
    values[place] = text
    assert SCANNER.scan(FORM % tuple(values)) is None


@pytest.mark.parametrize("text", [b"01", b"1.0", b"1.", b"00"])
def test_an_id_that_is_no_json_integer_is_not_judged_here(text: bytes) -> None:
    assert SCANNER.scan(FORM % (text, *GOOD[1:])) is None


def test_no_cut_or_changed_message_is_read() -> None:
    whole = FORM % GOOD
    for length in range(len(whole)):
        assert SCANNER.scan(whole[:length]) is None
    assert SCANNER.scan(whole + b" ") is None
    assert SCANNER.scan(whole.replace(b"BTCUSDT", b"ETHUSDT")) is None
    assert SCANNER.scan(whole.replace(b'"b"', b'"x"')) is None
