"""Every target lives with its corpus and with a first few hundred inputs; a finding is kept, shown and tried again."""

from __future__ import annotations

import subprocess
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.fuzz import __main__ as command
from tests.fuzz.mutation import BYTES_MAX, STEPS, mutate
from tests.fuzz.one import FOUND, Trace, replay, run_plain, targets
from tests.fuzz.target import Target

TARGETS = targets()
INPUTS = 200
SEED = 20_240_808


def refuse_nines(data: bytes) -> str:
    if b"9" in data:
        raise KeyError("a fault that was planted")
    return str(len(data))


PLANTED = Target("planted", lambda: [b'[["1.00","0.5"]]'], refuse_nines)


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_documents_whatever_happens_to_its_corpus_and_to_inputs_made_of_it(name: str) -> None:
    target, chance = TARGETS[name], Random(SEED)
    pool = target.corpus()
    seen = {target.check(data) for data in pool}
    seen |= {target.check(mutate(chance.choice(pool), pool, chance)) for _ in range(INPUTS)}
    assert len(seen) >= 2, "nothing but one outcome: the inputs never get anywhere"


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@pytest.mark.parametrize("data", [b"", b"1", b'{"a":[1.5,"x"]}'])
def test_every_step_takes_any_input(step: Any, data: bytes) -> None:
    made = [step(data, [b"", data], Random(seed)) for seed in range(30)]
    assert all(isinstance(one, bytes) for one in made)
    assert not data or any(one != data for one in made)


def test_a_seed_brings_every_input_again_and_none_is_too_long() -> None:
    pool = [b'[["1.00","0.5"]]' * 9_000, b"{}"]
    one, two = ([mutate(pool[0], pool, Random(seed)) for seed in range(50)] for _ in range(2))
    assert one == two
    assert max(map(len, one)) == BYTES_MAX


def test_a_planted_fault_is_found_and_its_input_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    trace = Trace(tmp_path / "planted.trace")
    assert run_plain(PLANTED, SEED, float("inf"), trace) == FOUND
    assert "a fault that was planted" in capsys.readouterr().err
    assert b"9" in trace.data
    again = Trace(tmp_path / "planted.trace")
    assert (again.count, again.data) == (trace.count, trace.data)
    with pytest.raises(KeyError, match="planted"):
        replay(PLANTED, trace.data)


def test_a_replay_without_a_finding_says_what_happened(capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(PLANTED, b"123") == 0
    assert capsys.readouterr().out == "planted: 3 bytes, no finding: 3\n"


def test_what_ends_the_process_is_written_shown_and_told_how_to_replay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def killed(_command: Any, **_options: Any) -> Any:
        Trace(tmp_path / "gate.trace").begin(b"x" * 1_000)
        return SimpleNamespace(returncode=-6, stderr=b"AddressSanitizer: heap-buffer-overflow")

    monkeypatch.setattr(subprocess, "run", killed)
    assert command.main(["gate", "--findings", str(tmp_path), "--seconds", "1"]) == 1
    said = capsys.readouterr().out
    (written,) = tmp_path.glob("gate-*")
    assert written.read_bytes() == b"x" * 1_000
    assert "heap-buffer-overflow\nexit code -6; input 1 was b'xxx" in said
    assert f"and 600 bytes more\nreplay: make fuzz REPLAY={written}" in said
    assert "1 inputs, 1 findings gate" in said


def test_a_target_runs_in_a_process_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["gate", "decimal", "--findings", str(tmp_path), "--seconds", "1", "--engine", "plain"]
    assert command.main(words) == 0
    assert capsys.readouterr().out.endswith(" inputs, 0 findings\n")


def test_a_target_that_takes_too_long_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def hangs(*_arguments: Any, **_options: Any) -> Any:
        raise subprocess.TimeoutExpired("fuzz", 1)

    monkeypatch.setattr(subprocess, "run", hangs)
    assert command.main(["gate", "--findings", str(tmp_path)]) == 1
    assert "one input took longer than 60 s" in capsys.readouterr().out


def test_a_target_that_does_not_exist_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["gates"]) == 2
    assert "there is no target 'gates'; there are decimal, levels" in capsys.readouterr().err
