"""The compiled scanners: decimal text, price levels, best prices. Each answer is compared with json and Decimal."""

from __future__ import annotations

import json
import re
from decimal import Context, Decimal
from typing import Any

from hotpath.core.units import PrecisionError, Scale
from hotpath.market.best_price import BestPriceScanner
from hotpath.market.levels import parse_levels
from tests.fuzz.target import Target, outcome, recorded

INT64_MAX = 2**63 - 1
PLAIN = re.compile(rb"-?[0-9]+(\.[0-9]+)?")
SCALE = Scale(2, 8)
RECORDING = "binance_spot/spot_btcusdt_20240808.gz"
TICKER = (
    b'{"stream":"btcusdt@bookTicker","data":{"u":50092861184,"s":"BTCUSDT","b":"61837.63000000","B":"3.78826000",'
    b'"a":"61837.64000000","A":"1.54698000"}}'
)
SCANNER = BestPriceScanner(
    b'{"stream":"btcusdt@bookTicker","data":{"u":',
    b',"s":"BTCUSDT","b":"',
    b'","B":"',
    b'","a":"',
    b'","A":"',
    b'"}}',
    SCALE,
)


def model_units(text: bytes, decimals: int) -> int | type[Exception]:
    """Return what a text is in units of 10^-decimals, or the error that it deserves."""
    if not PLAIN.fullmatch(text):
        return ValueError
    scaled = Context(prec=len(text) + decimals).scaleb(Decimal(text.decode()), decimals)
    if scaled != scaled.to_integral_value():
        return PrecisionError
    return int(scaled) if abs(scaled) <= INT64_MAX else OverflowError


def check_decimal(data: bytes) -> str:
    """Read `decimals|text` as a price."""
    head, bar, text = data.partition(b"|")
    if not bar:
        head, text = b"8", data
    decimals = int(head) if re.fullmatch(rb"[0-9]|1[0-8]", head) else 8
    scale = Scale(decimals, 0)
    expected = model_units(text, decimals)
    try:
        ticks = scale.price_ticks(text)
    except (ValueError, OverflowError) as problem:
        if type(problem) is not expected:
            raise AssertionError(f"refused with {problem!r}, expected {expected}") from problem
        return type(problem).__name__
    assert ticks == expected, f"read {ticks}, expected {expected}"
    assert scale.price_ticks(scale.price(ticks)) == ticks
    return f"{decimals} decimals, {len(text)} bytes"


def check_levels(data: bytes) -> str:
    """Read an array of price and quantity."""
    try:
        levels = parse_levels(data, SCALE)
    except (ValueError, OverflowError) as problem:
        return outcome(problem)
    levels.check()
    pairs: Any = json.loads(data)
    assert list(levels) == [(model_units(p.encode(), 2), model_units(q.encode(), 8)) for p, q in pairs]
    return f"{min(len(levels), 20)} levels"


def check_best_price(data: bytes) -> str:
    """Read a best-price frame in the one form that the scanner knows."""
    found = SCANNER.scan(data)
    if found is None:
        return "another form"
    frame: Any = json.loads(data)["data"]
    prices = (model_units(frame[key].encode(), 2) for key in "ba")
    quantities = (model_units(frame[key].encode(), 8) for key in "BA")
    bid, ask = zip(prices, quantities, strict=True)
    assert found == (frame["u"], *bid, *ask), f"found {found} in {frame}"
    return "found"


def _decimals() -> list[bytes]:
    texts = [b"0", b"-0.5", b"61837.63000000", b"0.00000001", b"92233720368.54775807", b"1e5", b".5", b"5.", b""]
    return [f"{decimals}|".encode() + text for decimals in (0, 2, 8, 18) for text in texts]


def _levels() -> list[bytes]:
    texts = [json.dumps(json.loads(line)["data"]["b"], separators=(",", ":")).encode() for line in _depth()]
    return [b"[]", b'[["61837.63000000","3.78826000"]]', b'[["1.00","0.00000000"],["0.99","1"]]', *texts]


def _depth() -> list[bytes]:
    return [line for line in recorded(RECORDING, 400) if b"@depth" in line[:40]][:20]


def _tickers() -> list[bytes]:
    return [TICKER, *(line for line in recorded(RECORDING, 100) if b"@bookTicker" in line[:40])]


TARGETS = (
    Target("decimal", _decimals, check_decimal),
    Target("levels", _levels, check_levels),
    Target("best_price", _tickers, check_best_price),
)
