"""Compiled code and Python call a denial by the same number."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.messages.orders import DenialReason

HEADER = Path(__file__).parents[4] / "hotpath" / "orders" / "denial.pxd"


@pytest.mark.skipif(not HEADER.is_file(), reason="an installed package has no headers")
def test_the_numbers_of_compiled_code_are_those_of_the_messages() -> None:
    numbers = {name: int(number) for name, number in re.findall(r"^ {4}(\w+) = (\d+)$", HEADER.read_text(), re.M)}
    assert numbers.pop("APPROVED") == 0
    assert numbers == {reason.name: reason.value for reason in DenialReason}


def test_the_order_of_the_numbers_is_that_of_the_names_and_each_is_a_bit_of_one_word() -> None:
    assert [reason.value for reason in DenialReason] == sorted(reason.value for reason in DenialReason)
    assert max(DenialReason) < 64
