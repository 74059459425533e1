"""Where each key of a TOML text stands."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config.lines import key_lines
from engine.config.load import DEMONSTRATION

TEXT = '''# a comment with [brackets] and key = value
[engine]            # another
node = "t1"
"quoted key" = 'a # no comment'

[venues.binance_spot]
instruments = [
    "BTCUSDT",      # first
    "ETHUSDT",
]
simulator = { balances = { BTC = "1", list = [
  2] }, start_price = 5 }

[[strategies]]
class = "a:B"
params.quantity = "1"
[[strategies]]
class = """
c:D
"""
after = \'\'\'x\'\'\'
[strategies.params]
size = 3
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("engine",), 2),
        (("engine", "node"), 3),
        (("engine", "quoted key"), 4),
        (("venues", "binance_spot"), 6),
        (("venues", "binance_spot", "instruments"), 7),
        (("venues", "binance_spot", "instruments", 0), 8),
        (("venues", "binance_spot", "instruments", 1), 9),
        (("venues", "binance_spot", "simulator", "balances", "BTC"), 11),
        (("venues", "binance_spot", "simulator", "balances", "list", 0), 12),
        (("venues", "binance_spot", "simulator", "start_price"), 12),
        (("strategies",), 14),
        (("strategies", 0, "class"), 15),
        (("strategies", 0, "params", "quantity"), 16),
        (("strategies", 1), 17),
        (("strategies", 1, "class"), 18),
        (("strategies", 1, "after"), 21),
        (("strategies", 1, "params", "size"), 23),
    ],
)
def test_a_key_stands_on_its_line(path: tuple[str | int, ...], line: int) -> None:
    assert key_lines(TEXT)[path] == line


def leaves(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict):
        return [path] * bool(path) + [leaf for key, inner in value.items() for leaf in leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [path] + [leaf for number, inner in enumerate(value) for leaf in leaves(inner, (*path, number))]
    return [path]


@pytest.mark.parametrize("text", [TEXT, DEMONSTRATION.read_text()])
def test_every_key_that_the_parser_finds_has_a_line(text: str) -> None:
    lines = key_lines(text)
    assert [path for path in leaves(tomllib.loads(text)) if path not in lines] == []


def test_an_escaped_key_is_found_under_its_real_name() -> None:
    assert key_lines('"a\\"b" = 1\n"\\u00e9" = 2') == {('a"b',): 1, ("é",): 2}


def test_quotes_at_the_end_of_a_long_string_belong_to_it() -> None:
    assert key_lines('a = """x"""""\nb = 1') == {("a",): 1, ("b",): 2}


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="ab=[]{}\"'#,.\n \\1", max_size=60))
def test_whatever_the_parser_takes_the_scanner_takes_too(text: str) -> None:
    try:
        parsed = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = key_lines(text)
    assert [path for path in leaves(parsed) if path not in lines] == []
