"""Rounds, bounds and verdicts: which round is shown, when a budget is met, and what spoils a row."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import harness
from benchmarks.harness import (
    ROUNDS,
    ROUNDS_TINY,
    ROWS,
    Bound,
    Kind,
    Outcome,
    Result,
    Row,
    judge,
    run,
    with_peers,
    with_references,
)
from benchmarks.measurement import (
    Measurement,
    NotMeasured,
    of_histogram,
    of_loops,
    of_times,
    time_loops,
    type_of_measurements,
)
from benchmarks.peers import peer
from hotpath.core.histogram import Histogram


def never(_quick: bool) -> type_of_measurements:
    raise AssertionError("a verdict measures nothing")


REFERENCE = Measurement(p50=10.0, p99=40.0)
ROW = Row("ours", "us", "reference", (Bound(Kind.P50, 0.5), Bound(Kind.P99, 2.0)), never)


def outcome(name: str, measurement: Measurement) -> Outcome:
    return Outcome({name: measurement})


def one_round(p50: float, p99: float, work: str = "", reference: Measurement = REFERENCE) -> dict[str, Outcome]:
    ours = Measurement(p50=p50, p99=p99, work=work)
    return {"reference": outcome("reference", reference), "ours": outcome("ours", ours)}


@pytest.mark.parametrize(
    ("bound", "figure", "met"),
    [
        (Bound(Kind.P50, 0.5), 0.4, True),
        (Bound(Kind.P50, 0.3), 0.4, False),
        (Bound(Kind.P99, 2.5), 2.0, True),
        (Bound(Kind.P99, 1.9), 2.0, False),
        (Bound(Kind.FASTER, 2.5), 2.5, True),
        (Bound(Kind.FASTER, 2.6), 2.5, False),
        (Bound(Kind.LEAST, 100.0), 300.0, True),
        (Bound(Kind.LEAST, 301.0), 300.0, False),
        (Bound(Kind.MOST, 300.0), 300.0, True),
        (Bound(Kind.MOST, 299.0), 300.0, False),
    ],
)
def test_a_bound_compares_with_the_p50_of_the_reference_or_with_the_value(
    bound: Bound, figure: float, met: bool
) -> None:
    row = Measurement(p50=4.0, p99=20.0, value=300.0)
    assert bound.figure(row, REFERENCE) == figure
    assert (bound.use(row, REFERENCE) <= 1) is met


@pytest.mark.parametrize("kind", [Kind.P50, Kind.P99, Kind.FASTER])
def test_a_ratio_without_a_reference_is_never_met(kind: Kind) -> None:
    assert Bound(kind, 1.0).use(Measurement(p50=1.0, p99=1.0), None) == float("inf")


def test_the_round_that_uses_its_tightest_bound_least_is_shown_whole() -> None:
    result = judge(ROW, [one_round(2.0, 40.0), one_round(4.0, 10.0), one_round(1.0, 90.0)])
    assert result.measurement is not None
    assert (result.measurement.p50, result.measurement.p99) == (4.0, 10.0)
    assert (result.ratio, result.met) == (0.4, True)


def test_a_budget_is_not_met_by_two_rounds_together() -> None:
    assert judge(ROW, [one_round(1.0, 90.0), one_round(9.0, 1.0)]).met is False


def test_a_round_is_compared_with_its_own_reference() -> None:
    slow = Measurement(p50=100.0, p99=100.0)
    result = judge(ROW, [one_round(20.0, 30.0, reference=slow), one_round(6.0, 6.0)])
    assert (result.ratio, result.met) == (0.2, True)


PEERED = Row("ours", "us", "", (Bound(Kind.FASTER, 3, "ours@slow"), Bound(Kind.FASTER, 2, "ours@quick")), never)


def peered(p50: float, **others: Outcome) -> Result:
    peers = {f"ours@{name}": answer for name, answer in others.items()}
    return judge(PEERED, [{**peers, "ours": outcome("ours", Measurement(p50=p50))}])


ABSENT = Outcome(problem="not measured: quick is not installed")
SLOW, QUICK = outcome("ours@slow", Measurement(p50=9.0)), outcome("ours@quick", Measurement(p50=4.0))


def test_each_bound_may_name_a_peer_of_its_own() -> None:
    met = peered(2.0, slow=SLOW, quick=QUICK)
    assert [met.figure(bound) for bound in PEERED.bounds] == [4.5, 2.0]
    assert (met.ratio, met.met, met.absent) == (4.5, True, [])
    assert peered(2.5, slow=SLOW, quick=QUICK).met is False
    assert PEERED.budget == "≥ 3x faster than slow, ≥ 2x faster than quick"


def test_a_peer_that_is_not_installed_leaves_the_budget_open_unless_another_bound_is_missed() -> None:
    assert (peered(2.0, slow=SLOW, quick=ABSENT).met, peered(2.0, slow=SLOW, quick=ABSENT).absent) == (None, ["quick"])
    assert peered(4.0, slow=SLOW, quick=ABSENT).met is False
    assert peered(2.0, slow=ABSENT, quick=ABSENT).met is None


def test_a_peer_that_fails_spoils_the_row() -> None:
    result = peered(2.0, slow=SLOW, quick=Outcome(problem="failed: it crashed"))
    assert (result.met, result.problem) == (False, "failed: it was to be compared with ours@quick, which failed")


def test_a_peer_runs_in_the_environment_of_the_peers_or_says_that_it_is_absent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(harness, "PEERS_PYTHON", tmp_path / "python")
    monkeypatch.setattr(harness, "ROWS", (Row("ours@slow", "us", "", (), never, package="slow"),))
    answer = harness.measure_apart("ours@slow", quick=True)
    assert answer.problem == "not measured: slow is not installed; `make peers` makes its environment"


def test_a_library_that_cannot_be_imported_was_not_measured() -> None:
    assert peer("json").dumps([]) == "[]"
    with pytest.raises(NotMeasured, match="`make peers` installs it"):
        peer("no_such_library")


def test_rounds_that_did_different_work_spoil_the_row() -> None:
    result = judge(ROW, [one_round(1.0, 1.0, "a"), one_round(1.0, 1.0, "b")])
    assert (result.measurement, result.met) == (None, False)
    assert "same work" in result.problem


def test_a_failed_round_spoils_the_row_and_says_why() -> None:
    failed = {"reference": outcome("reference", REFERENCE), "ours": Outcome(problem="failed: no disk")}
    result = judge(ROW, [one_round(1.0, 1.0), failed])
    assert (result.measurement, result.problem, result.met) == (None, "failed: no disk", False)


def test_a_row_without_bounds_is_judged_by_nobody_and_shows_its_fastest_round() -> None:
    row = Row("ours", "us", "", (), never)
    result = judge(row, [one_round(3.0, 9.0), one_round(2.0, 9.5)])
    assert result.met is None
    assert result.measurement is not None
    assert result.measurement.p50 == 2.0


@pytest.mark.parametrize(("quick", "rounds"), [(True, ROUNDS_TINY), (False, ROUNDS)])
def test_rounds_are_interleaved_and_rows_of_one_measure_are_measured_together(quick: bool, rounds: int) -> None:
    rows = [
        Row("reference", "us", "", (), lambda _quick: {}),
        Row("ours", "us", "reference", (), never),
        Row("ours_too", "us", "reference", (), never),
        Row("once", "MiB", "", (), lambda _quick: {"": REFERENCE}, rounds_max=1),
    ]
    asked: list[str] = []

    def measure(name: str, *, quick: bool) -> Outcome:
        asked.append(name)
        return Outcome({row.name: REFERENCE for row in rows})

    results = run(rows, quick=quick, measure=measure)
    assert asked == ["reference", "ours", "once"] + ["reference", "ours"] * (rounds - 1)
    assert all(result.measurement == REFERENCE for result in results)


def test_every_reference_stands_before_the_rows_that_use_it() -> None:
    seen: set[str] = set()
    for row in ROWS:
        assert set(row.references) <= seen
        seen.add(row.name)
    assert len(seen) == len(ROWS)


def test_the_row_of_a_peer_is_named_after_ours_and_its_package() -> None:
    names = [row.name for row in ROWS]
    for row in ROWS:
        ours, _, package = row.name.partition("@")
        assert row.package == package
        assert ours in names
    assert all("@" not in name for name in with_peers())


def test_a_row_brings_its_reference() -> None:
    assert [row.name for row in with_references(["bytes_to_book"])] == ["asyncio_hops_4", "bytes_to_book"]
    wire = [row.name for row in with_references(["wire_to_wire_ticker"])]
    assert wire == ["echo@aiohttp", "echo", "wire_to_wire_ticker"]
    with pytest.raises(LookupError, match="there is no row 'tick'"):
        with_references(["tick"])


def test_percentiles_are_exact_in_us_and_the_hash_is_of_the_work() -> None:
    times_ns = list(range(100_000, 0, -1_000))
    measured = of_times(times_ns, ("work", 1))
    assert (measured.p50, measured.p99) == (51.0, 100.0)
    assert measured.work == of_times([1], ("work", 1)).work != of_times([1], ("work", 2)).work
    assert of_times([1]).work == ""


def test_a_loop_is_divided_by_its_operations_into_ns_of_one_or_a_rate() -> None:
    times_ns = [5_000] * 99 + [20_000]
    one = of_loops(times_ns, 1_000, "work")
    assert (one.p50, one.p99, one.value) == (0.005, 0.02, 5)
    assert of_loops(times_ns, 1_000, is_rate=True).value == 200_000_000
    assert (one.work, one.note) == (of_times([1], "work").work, "100 loops of 1000 operations")
    with pytest.raises(ValueError, match="the clock did not move"):
        of_loops([0, 0], 1_000)


def test_loops_warm_up_before_they_count() -> None:
    runs: list[int] = []
    times_ns = time_loops(lambda: runs.append(1), 20)
    assert (len(times_ns), len(runs)) == (20, 23)


def test_nothing_measured_is_an_error_and_no_zero() -> None:
    with pytest.raises(ValueError, match="nothing was measured"):
        of_times([])
    with pytest.raises(ValueError, match="nothing was measured"):
        of_histogram(Histogram())
