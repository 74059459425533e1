"""What is printed and written: the layout of latest.json, the table, and its place in the protocol."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from benchmarks.harness import Bound, Kind, Result, Row
from benchmarks.measurement import Measurement, type_of_measurements
from benchmarks.report import BEGIN, END, README, markdown, print_table, write_json, write_readme


def never(_quick: bool) -> type_of_measurements:
    raise AssertionError("a report measures nothing")


REFERENCE = Measurement(p50=8.0, p99=9.0, note="20 samples")
OURS = Measurement(p50=2.0, p99=12.0, value=400_000.0, work="abc", note="20 records")
BOUNDS = (Bound(Kind.P50, 0.28), Bound(Kind.LEAST, 300_000))
RESULTS = [
    Result(Row("reference", "us", "", (), never), REFERENCE, {}, ""),
    Result(Row("ours", "records/s", "reference", BOUNDS, never), OURS, {"reference": REFERENCE}, ""),
    Result(Row("theirs", "us", "reference", BOUNDS[:1], never), None, {}, "not measured: it is not here"),
]


def test_latest_json_has_exactly_the_keys_of_its_contract(tmp_path: Path) -> None:
    path = tmp_path / "results" / "latest.json"
    write_json(RESULTS, path)
    content = msgspec.json.decode(path.read_bytes())
    assert list(content) == ["machine", "commit", "results"]
    assert content["machine"]
    assert content["commit"]
    reference, ours, theirs = content["results"]
    assert ours == {
        "name": "ours",
        "unit": "records/s",
        "p50": 2.0,
        "p99": 12.0,
        "value": 400_000.0,
        "ratio": 0.25,
        "reference": "reference",
        "budget": "p50 ≤ 0.28x, ≥ 300,000",
        "met": True,
    }
    assert (reference["value"], reference["ratio"], reference["budget"], reference["met"]) == (8.0, None, None, None)
    assert (theirs["p50"], theirs["value"], theirs["met"]) == (None, None, False)


def test_the_table_says_what_was_not_measured_and_counts_it_as_missed() -> None:
    console = Console(file=StringIO(), width=240)
    print_table(RESULTS, console, quick=True)
    text = console.file.getvalue() if isinstance(console.file, StringIO) else ""
    assert "not measured: it is not here" in text
    assert "1 of 2 budgets met; tiny inputs" in text


def test_the_table_of_the_protocol_is_replaced_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(f"before\n{BEGIN}\nold figures\n{END}\nafter\n")
    write_readme(RESULTS, path)
    assert path.read_text() == f"before\n{BEGIN}\n{markdown(RESULTS)}\n{END}\nafter\n"
    path.write_text("no marks")
    with pytest.raises(ValueError, match="no place for the table"):
        write_readme(RESULTS, path)


def test_the_protocol_has_a_place_for_the_table() -> None:
    text = README.read_text()
    assert text.count(BEGIN) == text.count(END) == 1
