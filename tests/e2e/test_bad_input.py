"""What people and machines do wrong, through the command line: a clear sentence, a defined state, and nothing lost."""

from __future__ import annotations

import gzip
import re
import resource
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.latch import read_latch
from tests.e2e.engines import LOUD, Place, summary_of

type_of_find = Callable[[str], Path]
CAPTURES = ("spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz")
CAPTURE = f"binance_spot/{CAPTURES[0]}"


def text(strategy: str = "quoter:Quoter", params: str = "", mode: str = "backtest", more: str = "") -> str:
    return f"""
[engine]
mode = "{mode}"
duration_s = 30
[venues.binance_spot]
environment = "embedded"
[[strategies]]
class = "{strategy}"
instruments = ["BTCUSDT"]
{params}
{LOUD}{more}"""


def config(here: Place) -> str:
    return str(here.root / "config.toml")


def refused(here: Place, *words: str) -> str:
    """Return what a command says that ends with exit code 2; no run may have been begun."""
    done = here.tiercel(*words)
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert list((here.data / "runs").glob("*")) == []
    return done.stderr


# ---- configuration


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(here: Place) -> None:
    here.configure(text(more="max_order_valeu = 5\n"), "quoter")
    words = refused(here, "run", config(here))
    line = 1 + (here.root / "config.toml").read_text().splitlines().index("max_order_valeu = 5")
    assert f"line {line}: risk.max_order_valeu" in words
    assert "max_order_value" in words.replace("max_order_valeu", "")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ('price_collar_pct = "500"', "price_collar_pct"),
        ("max_order_value = -1", "max_order_value"),
        ('max_position_pct = "nan"', "max_position_pct"),
        ("open_orders_max = 1_000_000", "open_orders_max"),
        ("market_data_age_ms = 0", "market_data_age_ms"),
    ],
)
def test_an_absurd_limit_is_refused_by_name(here: Place, line: str, named: str) -> None:
    here.configure(text(more=line + "\n"), "quoter")
    assert f"risk.{named}" in refused(here, "run", config(here))


def test_every_error_of_a_configuration_is_told_at_once(here: Place) -> None:
    here.configure(text(strategy="nowhere:Nothing", more="open_orders_max = 0\nwarn_pct = 101\n"), "quoter")
    words = refused(here, "run", config(here))
    assert "risk.open_orders_max" in words
    assert "risk.warn_pct" in words


def test_what_does_not_exist_is_named(here: Place) -> None:
    assert "missing.toml" in refused(here, "run", str(here.root / "missing.toml"))
    assert "missing.gz" in refused(here, "run", "--capture", str(here.root / "missing.gz"))
    here.configure(text(strategy="nowhere:Nothing"), "quoter")
    assert "nowhere" in refused(here, "run", config(here))


# ---- captures


def cut_capture(here: Place, shared_data: type_of_find, lines: int, cut: int) -> Path:
    """Write the beginning of a recording that ends `cut` bytes before the end of a line."""
    with gzip.open(shared_data(CAPTURE)) as whole:
        kept = b"".join(whole.readline() for _ in range(lines))
    path = here.root / "cut.gz"
    path.write_bytes(gzip.compress(kept[:-cut], 1))
    return path


def test_a_capture_that_ends_in_the_middle_of_a_line_is_refused_with_the_line(
    here: Place, shared_data: type_of_find
) -> None:
    here.configure(text().replace("duration_s = 30", ""), "quoter")
    torn = cut_capture(here, shared_data, 2_000, 30)
    words = refused(here, "run", config(here), "--capture", str(torn))
    assert "line 2000: the file ends in the middle of a line" in words
    whole = cut_capture(here, shared_data, 2_000, 1)
    assert here.json("run", config(here), "--capture", str(whole))["market_messages"] == 1_999


def test_a_capture_whose_compression_is_cut_is_refused_by_name(here: Place, shared_data: type_of_find) -> None:
    path = here.root / "torn.gz"
    path.write_bytes(shared_data(CAPTURE).read_bytes()[:100_000])
    here.configure(text().replace("duration_s = 30", ""), "quoter")
    done = here.tiercel("run", config(here), "--capture", str(path), "--json")
    assert "Traceback" not in done.stderr
    assert done.returncode == 2
    assert "torn.gz" in done.stderr


def test_a_file_that_is_no_capture_is_refused_by_name(here: Place) -> None:
    path = here.root / "novel.txt"
    path.write_text("It was a dark and stormy night.\n")
    done = here.tiercel("run", "--capture", str(path), "--speed", "max")
    assert done.returncode == 2
    assert "novel.txt" in done.stderr
    assert "Traceback" not in done.stderr


# ---- strategies


def test_a_strategy_that_raises_is_stopped_and_its_author_sees_his_frames_and_how_to_get_there(here: Place) -> None:
    here.configure(text(strategy="clumsy:Clumsy"), "clumsy")
    done = here.tiercel("run", config(here))
    assert done.returncode == 0, done.stderr
    assert "in on_quote" in done.stderr
    assert "in _divide" in done.stderr
    assert "DivisionByZero" in done.stderr
    assert "actors/strategy/" not in done.stderr
    assert "while handling Quote(" in done.stderr
    command = re.search(r"tiercel (replay \S+ --to-step \d+)", done.stderr)
    assert command, done.stderr
    replayed = here.tiercel(*command[1].split())
    assert replayed.returncode == 0, replayed.stdout
    (stopped,) = here.records("config.strategy_disable")
    assert "DivisionByZero" in stopped["reason"]
    assert here.json("replay")["same"]


def test_a_strategy_that_raises_on_sockets_is_stopped_and_the_session_lives_on(here: Place) -> None:
    here.configure(text(strategy="clumsy:Clumsy", mode="live").replace("duration_s = 30", "duration_s = 4"), "clumsy")
    done = here.tiercel("run", config(here))
    assert done.returncode == 0, done.stderr
    assert "in _divide" in done.stderr
    assert re.search(r"tiercel replay \S+ --to-step \d+", done.stderr)
    (stopped,) = here.records("config.strategy_disable")
    ended = here.records("system.stop")[-1]["seq"]
    assert [record for record in here.records("feed.stale") if stopped["seq"] < record["seq"] < ended] == []


def test_an_order_off_the_step_is_denied_and_never_leaves(here: Place) -> None:
    here.configure(text(strategy="clumsy:Clumsy", params='params = { mistake = "off_step" }'), "clumsy")
    one = here.json("run", config(here))
    assert one["orders"]["denied"] == 1
    assert one["orders"]["submitted"] == 0
    (denied,) = here.records("order.deny")
    assert denied["reason"] == "ORDER_WELL_FORMED"
    assert denied["after_state"]["observed"] == "0.00100001"


@pytest.mark.untraced
def test_a_strategy_that_never_returns_is_stopped_in_a_backtest_too(here: Place) -> None:
    here.configure(text(strategy="spinner:Spinner"), "spinner")
    done = here.tiercel("run", config(here))
    assert done.returncode == 0, done.stderr
    assert "in on_quote" in done.stderr
    (stopped,) = here.records("config.strategy_disable")
    assert "did not return in" in stopped["reason"]
    assert here.json("replay")["same"]


def test_ctrl_c_ends_a_backtest_cleanly(here: Place, shared_data: type_of_find) -> None:
    here.configure(text().replace("duration_s = 30", ""), "quoter")
    words = [word for name in CAPTURES for word in ("--capture", str(shared_data(f"binance_spot/{name}")))]
    engine = here.start("run", config(here), *words, "--json")
    engine.until(lambda: len(here.records()) > 200, 20, "the run to be under way")
    engine.interrupt()
    assert engine.wait() == 0, engine.stderr
    one = summary_of(engine)
    assert one["state"] == "NORMAL"
    assert one["audit"]["records"] > 200
    assert here.records("system.stop")[-1]["metadata"]["clean"]
    assert here.json("replay")["same"]


# ---- the machine


def test_a_port_in_use_is_named(here: Place) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = here.bare("sim", "binance_spot", "--port", str(port), seconds=20)
    assert done.returncode == 2
    assert str(port) in done.stderr
    assert "in use" in done.stderr
    assert "Traceback" not in done.stderr


def full_disk(here: Place, bytes_max: int) -> tuple[int, str]:
    """Run on sockets with files that cannot grow beyond a size; returns exit code and complaints."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_max, bytes_max))

    engine = here.start("run", config(here), "--duration", "6s", "--json", before=limit)
    return engine.wait(), engine.stderr


def test_a_disk_that_is_full_for_the_tape_halts_trading_and_loses_no_record(here: Place) -> None:
    here.configure(text(mode="live"), "quoter")
    code, words = full_disk(here, 150_000)
    assert code == 3, words
    assert_halted_by_the_disk(here)


def test_a_disk_that_is_full_for_the_trail_halts_trading_and_loses_no_record(here: Place) -> None:
    here.configure(text(), "quoter")
    here.json("run", config(here), "--duration", "120s")
    today = here.data / "logs" / "audit" / f"audit_{datetime.now(UTC).date().isoformat()}.jsonl"
    here.configure(text(mode="live"), "quoter")
    here.json("run", config(here), "--duration", "2s")
    code, words = full_disk(here, today.stat().st_size + 20_000)
    assert code == 3, words
    assert_halted_by_the_disk(here)


def assert_halted_by_the_disk(here: Place) -> None:
    """Say that the engine ended in EMERGENCY, that the next one begins there, and that the trail is whole."""
    latch = read_latch(here.data / "state" / "kill.latch")
    assert latch is not None
    assert "the disk is full" in latch.reason
    ran = here.tiercel("run", config(here), "--duration", "1s", "--json")
    assert ran.returncode == 3, ran.stderr
    verdict = here.tiercel("audit", "verify")
    assert verdict.returncode == 0, verdict.stdout
