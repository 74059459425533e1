"""`tiercel audit` over a small trail of real records."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from engine.audit.chain import Chain
from engine.audit.encoder import Encoder
from engine.audit.files import DayFiles
from engine.audit.render import Renderer
from engine.cli.audit import audit
from engine.errors import UsageError
from engine.instruments import Instruments
from engine.messages.control import Action
from hotpath.core.fact import AuditEvent

NOON_NS = 1_723_118_400_000_000_000
ORDER = "t1-1-7"


class Trail:
    """Writes records that spell everything out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.chain = Chain()
        self.encoder = Encoder("t1", 1, Renderer(Instruments([]), [], 1).render_of)
        self.files = DayFiles(root)

    def tell(self, action: Action, resource: str, **values: Any) -> None:
        seq = self.chain.seq + 1
        kind, _, name = resource.partition(" ")
        event = AuditEvent(seq, NOON_NS + seq, 7, action, "user:ada", 0, resource_type=kind, resource_id=name, **values)
        line = self.chain.seal(self.encoder.body(event, self.chain.head))
        self.files.append(line, seq, event.time_ns)
        self.files.flush()


@pytest.fixture
def trail(tmp_path: Path) -> Iterator[Trail]:
    (tmp_path / "state").mkdir()
    made = Trail(tmp_path)
    made.tell(Action.SYSTEM_START, "engine t1", metadata={"epoch": 1, "mode": "live", "node": "t1"})
    made.tell(Action.MANUAL_INTERVENTION, "command flatten", reason="end of day")
    made.tell(Action.ORDER_RECOVERED, f"order {ORDER}", after={"state": "FILLED"}, metadata={"price": "60000.00"})
    yield made
    made.files.close()


def call(trail: Trail, *words: str) -> Result:
    return CliRunner().invoke(audit, [*words, "--data-dir", str(trail.root)])


def test_tail_shows_the_newest_records_oldest_first(trail: Trail) -> None:
    lines = call(trail, "tail", "-n", "2").output.splitlines()
    assert [line.split()[0] for line in lines] == ["2", "3"]
    assert "2024-08-08T12:00:00.000000002Z system.manual_intervention user:ada" in lines[0]
    assert lines[0].endswith("end of day")


def test_json_shows_the_bytes_of_the_trail(trail: Trail) -> None:
    written = (trail.root / "logs" / "audit" / "audit_2024-08-08.jsonl").read_bytes()
    assert call(trail, "tail", "--json").stdout_bytes == written


def test_following_shows_a_record_as_it_is_written(trail: Trail) -> None:
    words = ["-m", "engine", "audit", "tail", "-f", "--json", "--data-dir", str(trail.root)]
    with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for seq in (1, 2, 3):
            assert json.loads(process.stdout.readline())["seq"] == seq
        trail.tell(Action.MANUAL_INTERVENTION, "command stop")
        assert json.loads(process.stdout.readline())["seq"] == 4
        process.terminate()


def test_search_finds_what_fits_everything(trail: Trail) -> None:
    assert len(call(trail, "search", "--action", "system").output.splitlines()) == 2
    assert len(call(trail, "search", "--action", "system", "--text", "end of day").output.splitlines()) == 1
    assert len(call(trail, "search", "--order", ORDER).output.splitlines()) == 1
    assert len(call(trail, "search", "--since", "2024-08-08T12:00:00.000000003").output.splitlines()) == 1
    nothing = call(trail, "search", "--until", "2024-08-08T11")
    assert (nothing.exit_code, nothing.stderr) == (1, "tiercel: no record fits\n")


def test_show_tells_the_story_of_an_order(trail: Trail) -> None:
    output = call(trail, "show", ORDER).output
    assert "order.recovered" in output
    assert "after: state=FILLED" in output
    assert "metadata: price=60000.00" in output
    assert json.loads(call(trail, "show", ORDER, "--json").output)["resource_id"] == ORDER
    unknown = call(trail, "show", "t1-1-8")
    assert unknown.exit_code == 1
    assert "the trail knows no order 't1-1-8'" in unknown.stderr


def test_an_untouched_trail_is_verified(trail: Trail) -> None:
    result = call(trail, "verify")
    assert result.exit_code == 0
    assert f"3 records, 1 to 3, in 1 files; 0 checkpoints; head {trail.chain.head}" in result.output
    assert "note: no checkpoint from elsewhere was given" in result.output
    assert result.output.endswith("the trail is as it was written\n")


def test_a_changed_trail_is_not(trail: Trail) -> None:
    path = trail.root / "logs" / "audit" / "audit_2024-08-08.jsonl"
    path.write_bytes(path.read_bytes().replace(b"60000.00", b"60001.00"))
    before = path.read_bytes()
    result = call(trail, "verify")
    assert result.exit_code == 1
    assert "problem: audit_2024-08-08.jsonl" in result.output
    assert "the trail is not as it was written: 1 problems" in result.stderr
    assert path.read_bytes() == before


def test_problems_beyond_the_bound_are_counted(trail: Trail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.audit.verify.PROBLEMS_MAX", 1)
    path = trail.root / "logs" / "audit" / "audit_2024-08-08.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"t1"', b'"t2"'))
    assert "problem: and " in call(trail, "verify").output


@pytest.mark.parametrize("words", [["tail"], ["verify"], ["search"], ["show", ORDER]])
def test_a_folder_without_a_trail_is_named(tmp_path: Path, words: list[str]) -> None:
    result = CliRunner().invoke(audit, [*words, "--data-dir", str(tmp_path)])
    assert isinstance(result.exception, UsageError)
    assert f"{tmp_path} holds no audit trail" in str(result.exception)


def test_a_checkpoint_file_must_exist(trail: Trail) -> None:
    result = call(trail, "verify", "--checkpoint", "absent.jsonl")
    assert "--checkpoint absent.jsonl: there is no such file" in str(result.exception)
