"""A template puts each value where it belongs, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotpath.core.template import Template

VALUES = st.one_of(st.text(st.characters(exclude_categories=["Cs"])), st.binary(), st.integers(-(2**63), 2**63 - 1))


def joined(pieces: list[bytes], indices: list[int], values: list[str | bytes | int]) -> bytes:
    """Fill a template in the obvious way."""
    texts = [value if isinstance(value, bytes) else str(value).encode() for value in values]
    line = pieces[0]
    for index, piece in zip(indices, pieces[1:], strict=True):
        line += texts[index] + piece
    return line


@given(values=st.lists(VALUES, max_size=20), places=st.data(), cut=st.integers(0, 20))
def test_every_value_stands_at_its_places(values: list[str | bytes | int], places: st.DataObject, cut: int) -> None:
    more = places.draw(st.lists(st.integers(0, len(values) - 1), max_size=10)) if values else []
    indices = places.draw(st.permutations([*range(len(values)), *more]))
    pieces = places.draw(st.lists(st.binary(max_size=9), min_size=len(indices) + 1, max_size=len(indices) + 1))
    template = Template(pieces, indices)
    template.check()
    assert (template.places_count, template.values_count) == (len(indices), len(values))
    assert template.fill(tuple(values[:cut]), tuple(values[cut:])) == joined(pieces, indices, values)


def test_a_template_without_places_is_its_text() -> None:
    assert Template([b"text"], []).fill((), ()) == b"text"


def test_a_template_may_be_filled_again_and_again() -> None:
    template = Template([b"<", b"|", b">"], [1, 0])
    assert [template.fill((number,), ("x",)) for number in range(3)] == [b"<x|0>", b"<x|1>", b"<x|2>"]


@pytest.mark.parametrize(
    ("pieces", "indices", "problem"),
    [
        ([], [], "stand between 1 pieces, not 0"),
        ([b"a"], [0], "stand between 2 pieces, not 1"),
        ([b"a", b"b"], [1], "counted from 0 without a gap"),
        ([b"a", b"b"], [-1], "counted from 0 without a gap"),
        ([b""] * 66, list(range(65)), "at most 64 places, not 65"),
    ],
)
def test_pieces_and_places_must_fit(pieces: list[bytes], indices: list[int], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Template(pieces, indices)


def test_the_largest_template_is_filled() -> None:
    template = Template([b"-"] * 65, range(64))
    template.check()
    assert template.fill(tuple(range(32)), tuple(range(32, 64))).count(b"-") == 65


@pytest.mark.parametrize(("first", "second"), [((), ()), ((1,), ()), ((1, 2), (3,))])
def test_too_few_or_too_many_values_are_refused(first: tuple[int, ...], second: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="takes 2 values"):
        Template([b"", b"", b""], [0, 1]).fill(first, second)


@pytest.mark.parametrize(
    ("value", "error"), [(1.5, TypeError), (None, TypeError), (2**63, OverflowError), ("\ud800", UnicodeEncodeError)]
)
def test_a_value_of_another_kind_is_refused(value: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        Template([b"", b""], [0]).fill((value,), ())  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [(None, ("x",)), (("x",), None)])
def test_values_that_are_none_are_refused(values: tuple[Any, Any]) -> None:
    with pytest.raises(TypeError, match="None"):
        Template([b"a", b"b"], [0]).fill(*values)
