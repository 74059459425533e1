"""A seal is that of one order under one state, one version of the limits and one end."""

from __future__ import annotations

from typing import Any

import pytest

from hotpath.orders.seal import Seal

FIELDS = (0, 1, 1, False, 100_00, 10_000, False, 3, 1, 250)


def test_the_same_order_has_the_same_seal() -> None:
    assert Seal.of(*FIELDS) == Seal.of(*FIELDS)
    assert hash(Seal.of(*FIELDS)) == hash(Seal.of(*FIELDS))
    assert Seal.of(*FIELDS) != "a seal"
    assert "epoch 3, limits 1, until 250" in repr(Seal.of(*FIELDS))


@pytest.mark.parametrize("field", range(len(FIELDS)))
def test_an_order_that_differs_in_anything_has_another(field: int) -> None:
    changed: list[Any] = [
        *FIELDS[:field],
        not FIELDS[field] if FIELDS[field] is False else FIELDS[field] + 1,
        *FIELDS[field + 1 :],
    ]
    assert Seal.of(*changed) != Seal.of(*FIELDS)
    assert Seal.of(*changed).binding != Seal.of(*FIELDS).binding
