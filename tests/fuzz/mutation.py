"""Inputs made from inputs: what a damaged file, a changed protocol or a hostile venue would send.

Half of the steps damage bytes, half know that the inputs are text with numbers, quotes and brackets. Everything is
drawn from the generator that is given, so a seed brings every input again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

BYTES_MAX = 1 << 16
STEPS_MAX = 4
NUMBER = re.compile(rb"-?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?")
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[\[\]{},:]|true|false|null')
NUMBERS = (
    b"0", b"-0", b"1", b"-1", b"00", b"1.", b".1", b"1e5", b"1E-9", b"0.00000001", b"0.000000001", b"NaN", b"Infinity",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775808", b"-9223372036854775809",
    b"18446744073709551616", b"92233720368.54775807", b"92233720368.54775808",
    b"340282366920938463463374607431768211456", b"1" * 400, b"0." + b"0" * 400, b"",
)  # fmt: skip
WORDS = (
    b'"', b"[", b"]", b"{", b"}", b",", b":", b"[]", b"[[]]", b'""', b"null", b"true", b"{}", b"\\", b"\\u0000",
    b"\\ud800", b"\x00", b"\xff", b"\xef\xbb\xbf", b"\n", b" ", b"=", b"#", b"'", b"[" * 2_000, b'{"a":' * 500,
)  # fmt: skip

type_of_step = Callable[[bytes, Sequence[bytes], Random], bytes]


def mutate(data: bytes, pool: Sequence[bytes], chance: Random) -> bytes:
    """Return an input that differs from `data` in one to four steps; the pool lends its parts."""
    for _ in range(chance.randint(1, STEPS_MAX)):
        data = chance.choice(STEPS)(data, pool, chance)
    return data[:BYTES_MAX]


def _range(data: bytes, chance: Random) -> tuple[int, int]:
    """Return (start, end) of a part, short more often than long."""
    start = chance.randint(0, len(data))
    return start, min(len(data), start + int(chance.expovariate(1 / 8)) + 1)


def _flip(data: bytes, _pool: Sequence[bytes], chance: Random) -> bytes:
    if not data:
        return b"\x00"
    at = chance.randrange(len(data))
    return data[:at] + bytes([data[at] ^ (1 << chance.randrange(8))]) + data[at + 1 :]


def _put(data: bytes, _pool: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + bytes([chance.randrange(256)]) + data[at + chance.randint(0, 1) :]


def _cut(data: bytes, _pool: Sequence[bytes], chance: Random) -> bytes:
    start, end = _range(data, chance)
    return data[:start] + data[end:]


def _end(data: bytes, _pool: Sequence[bytes], chance: Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def _double(data: bytes, _pool: Sequence[bytes], chance: Random) -> bytes:
    start, end = _range(data, chance)
    return data[:end] + data[start:end] * chance.choice((1, 1, 2, 50)) + data[end:]


def _splice(data: bytes, pool: Sequence[bytes], chance: Random) -> bytes:
    other = chance.choice(pool)
    start, end = _range(other, chance)
    into, upto = _range(data, chance)
    return data[:into] + (other[start:] if chance.random() < 0.3 else other[start:end]) + data[upto:]


def _number(data: bytes, _pool: Sequence[bytes], chance: Random) -> bytes:
    return _replace(data, NUMBER, chance.choice(NUMBERS), chance)


def _word(data: bytes, _pool: Sequence[bytes], chance: Random) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + chance.choice(WORDS) + data[at:]


def _token(data: bytes, pool: Sequence[bytes], chance: Random) -> bytes:
    tokens = TOKEN.findall(chance.choice((data, chance.choice(pool))))
    return _replace(data, TOKEN, chance.choice(tokens) if tokens else b"null", chance)


def _replace(data: bytes, pattern: re.Pattern[bytes], new: bytes, chance: Random) -> bytes:
    """Replace one of the first thousand parts that a pattern finds."""
    found = [match.span() for _, match in zip(range(1_000), pattern.finditer(data), strict=False)]
    if not found:
        return data + new
    start, end = chance.choice(found)
    return data[:start] + new + data[end:]


STEPS: tuple[type_of_step, ...] = (_flip, _put, _cut, _end, _double, _splice, _number, _number, _word, _token, _token)
