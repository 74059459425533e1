"""Columns of American options: the bits of single ones on every instruction set, and arrays that are refused."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hotpath.options import american, isa
from hotpath.options.american import REASONS, Reason
from tests.models.option_cases import edge_options, extreme_options

ROOT = Path(__file__).parents[4]
COUNT = 300
Column = np.ndarray[Any, np.dtype[Any]]


def options(count: int = COUNT) -> dict[str, Column]:
    """Return random options: some are exercised, some never, some have two boundaries, no variance or no sense."""
    chance = np.random.default_rng(20151224)
    columns: dict[str, Column] = {
        "right": chance.choice([-1, 1], count).astype(np.int8),
        "spot": 100 * np.exp(chance.normal(0, 0.3, count)),
        "strike": np.full(count, 100.0),
        "years": chance.uniform(0.01, 2.0, count),
        "rate": chance.uniform(-0.03, 0.08, count),
        "dividend_yield": chance.uniform(-0.03, 0.08, count),
        "volatility": chance.uniform(0.05, 0.9, count),
    }
    columns["volatility"][::29] = 0.0
    columns["years"][::31] = 0.0
    columns["spot"][::37] = np.nan
    columns["rate"][5::41], columns["dividend_yield"][5::41], columns["volatility"][5::41] = 0.01, 0.5, 0.005
    return columns


def valued(columns: dict[str, Column], rows: int = 6) -> tuple[Column, Column]:
    """Return what value() writes."""
    count = len(columns["spot"])
    out, reasons = np.full((rows, count), 7.0), np.full(count, 7, np.int8)
    american.value(**columns, out=out, reasons=reasons)
    return out, reasons


def same(found: Column, expected: Column) -> bool:
    return found.tobytes() == expected.tobytes() or bool(np.array_equal(found, expected, equal_nan=True))


def test_columns_have_the_bits_of_single_options() -> None:
    columns = options()
    out, reasons = valued(columns)
    for i in range(COUNT):
        terms: Any = {name: column[i].item() for name, column in columns.items()}
        greeks = american.greeks(**terms)
        assert same(out[:, i], np.array(greeks[:6])), terms
        assert REASONS[reasons[i]] is greeks.reason
    assert {REASONS[code] for code in reasons} == set(Reason)


def test_a_price_alone_has_the_same_bits() -> None:
    columns = options()
    prices, reasons = valued(columns, rows=1)
    out, reasons_of_greeks = valued(columns)
    assert same(prices[0], out[0])
    assert same(reasons, reasons_of_greeks)


def test_options_on_futures_have_the_bits_of_single_ones() -> None:
    columns = options()
    out, reasons = np.empty((6, COUNT)), np.empty(COUNT, np.int8)
    del columns["dividend_yield"]
    columns["future"] = columns.pop("spot")
    american.value_76(**columns, out=out, reasons=reasons)
    for i in range(COUNT):
        terms: Any = {name: column[i].item() for name, column in columns.items()}
        greeks = american.greeks_76(**terms)
        assert same(out[:, i], np.array(greeks[:6]))
        assert REASONS[reasons[i]] is greeks.reason


def test_the_approximation_has_the_bits_of_single_ones() -> None:
    columns = options()
    out, reasons = np.empty((1, COUNT)), np.empty(COUNT, np.int8)
    american.value_whaley(**columns, out=out, reasons=reasons)
    for i in range(COUNT):
        terms: Any = {name: column[i].item() for name, column in columns.items()}
        assert same(out[:, i], np.array([american.price_whaley(**terms)]))
    assert {REASONS[code] for code in reasons} == {Reason.VALUED, Reason.OUTSIDE, Reason.TWO_BOUNDARIES}


def test_a_shared_boundary_changes_no_bit() -> None:
    columns = options(240)
    for name in ("years", "rate", "dividend_yield", "volatility"):
        columns[name] = np.resize(np.array(columns[name][7:10]), 240).copy()
    order = np.lexsort((columns["years"], columns["right"]))
    out, _ = valued(columns)
    grouped, _ = valued({name: np.ascontiguousarray(column[order]) for name, column in columns.items()})
    assert same(grouped, np.ascontiguousarray(out[:, order]))


def test_every_instruction_set_gives_the_same_bits() -> None:
    script = (
        "import hashlib, numpy as np\n"
        "from tests.unit.hotpath.options import test_american_columns as here\n"
        "print(here.digest())\n"
    )
    digests = set()
    for level in isa.LEVELS:
        environment = {**os.environ, "TIERCEL_ISA": level, "PYTHONPATH": os.pathsep.join(map(str, sys.path))}
        run = subprocess.run([sys.executable, "-c", script], env=environment, cwd=ROOT, capture_output=True, text=True)
        if run.returncode and "does not run here" in run.stderr:
            continue
        assert run.returncode == 0, run.stderr
        digests.add(run.stdout.strip())
    assert digests == {digest()}


def digest() -> str:
    """Return a hash of all that the kernels make of options: likely ones, and from all over the domain and beyond."""
    found = hashlib.sha256()
    for columns in (options(), extreme_options(2_000), edge_options()):
        out, reasons = valued(columns)
        prices = np.empty((1, len(reasons)))
        american.value_whaley(**columns, out=prices, reasons=reasons.copy())
        for array in (out, prices, reasons):
            found.update(array.tobytes())
    return found.hexdigest()


@pytest.mark.parametrize("columns", [options(), extreme_options(2_000), edge_options()])
def test_a_value_is_a_number_unless_there_is_a_reason(columns: dict[str, Column]) -> None:
    out, reasons = valued(columns)
    assert np.array_equal(np.isfinite(out).all(axis=0), reasons == Reason.VALUED)
    assert np.array_equal(np.isnan(out).any(axis=0), reasons != Reason.VALUED)
    with np.errstate(invalid="ignore"):
        intrinsic = np.maximum(columns["right"] * (columns["spot"] - columns["strike"]), 0.0)
    has_value = reasons == Reason.VALUED
    assert (out[0][has_value] >= intrinsic[has_value]).all()
    prices = np.empty((1, len(reasons)))
    american.value_whaley(**columns, out=prices, reasons=reasons)
    assert np.array_equal(np.isfinite(prices[0]), reasons == Reason.VALUED)


def test_no_options_are_no_work() -> None:
    none = options(0)
    out, reasons = valued(none)
    assert out.shape == (6, 0)
    assert len(reasons) == 0
    american.value_whaley(**none, out=np.empty((1, 0)), reasons=reasons)


def read_only(array: Column) -> Column:
    array.flags.writeable = False
    return array


def calls(**changes: Any) -> list[Callable[[], None]]:
    """Return calls of every function for columns with some of its arguments exchanged."""
    arguments: dict[str, Any] = {**options(4), "reasons": np.full(4, 7, np.int8), **changes}
    one_row = {**arguments, "out": arguments.get("out", np.full((1, 4), 7.0))}
    rows = {**arguments, "out": arguments.get("out", np.full((6, 4), 7.0))}
    futures = {name: value for name, value in rows.items() if name != "dividend_yield"}
    futures["future"] = futures.pop("spot")
    return [
        lambda: american.value(**rows),
        lambda: american.value_76(**futures),
        lambda: american.value_whaley(**one_row),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"right": np.array([1, 1, 1], np.int8)}, "elements and the first array"),
        ({"right": np.array([1, 1, 0, 1], np.int8)}, r"right\[2\] is 0"),
        ({"right": np.ones(4)}, "right: .*expected a contiguous int8"),
        ({"strike": np.ones(5)}, "strike has 5 elements"),
        ({"strike": np.ones(4, np.float32)}, "strike: .*expected a contiguous float64"),
        ({"years": np.ones(8)[::2]}, "years: .*expected a contiguous float64"),
        ({"rate": np.ones((2, 2))}, "rate: .*expected a contiguous float64"),
        ({"volatility": [0.1, 0.2, 0.3, 0.4]}, "volatility: .*expected a contiguous float64"),
        ({"out": np.empty((2, 4))}, r"out has the shape \(2, 4\); expected 4 columns"),
        ({"out": np.empty((9, 4))}, r"out has the shape \(9, 4\); expected 4 columns"),
        ({"out": np.empty((1, 5))}, r"out has the shape \(1, 5\); expected 4 columns"),
        ({"out": np.empty(4)}, "out: .*expected a writable float64 array"),
        ({"out": np.empty((4, 1)).T[:, ::2]}, "out: .*expected a writable float64 array|out has the shape"),
        ({"out": read_only(np.empty((1, 4)))}, "out: .*expected a writable float64 array"),
        ({"reasons": np.empty(4)}, "reasons: .*expected a contiguous, writable int8"),
        ({"reasons": np.empty(5, np.int8)}, "reasons has 5 elements; expected 4"),
        ({"reasons": read_only(np.empty(4, np.int8))}, "reasons: .*expected a contiguous, writable int8"),
    ],
)
def test_an_array_that_is_none_is_refused_by_name(changes: dict[str, Any], said: str) -> None:
    for call in calls(**changes):
        with pytest.raises(ValueError, match=said):
            call()


def test_a_result_may_not_share_memory() -> None:
    memory = np.full(64, 100.0)
    for changes in (
        {"strike": memory[:4], "out": memory[3:7].reshape(1, 4)},
        {"strike": memory[:4], "reasons": memory.view(np.int8)[28:32]},
        {"out": memory[:4].reshape(1, 4), "reasons": memory.view(np.int8)[:4]},
    ):
        before = memory.copy()
        for call in calls(**changes):
            with pytest.raises(ValueError, match="shares memory"):
                call()
        assert same(memory, before)
