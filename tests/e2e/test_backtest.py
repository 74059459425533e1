"""A recorded session through the whole engine: the book that it ends with, the orders, and the same again.

The recording's own reference values judge the book. The demonstration's configuration trades, so what is said here is
what `tiercel run --capture` shows to anybody.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.audit.rebuild import rebuild
from engine.instruments import Instruments
from hotpath.core.units import money_text
from tests.e2e.engines import Place, place

BOOK = "binance_spot:BTCUSDT"
RICH = {"RISK_MAX_DRAWDOWN": "50000", "RISK_MAX_DAILY_LOSS": "50000"}
"""Over sockets an order is late by 20 times the way there, and the quoter loses: no limit may end what is looked at."""
FIRST, SECOND = "spot_btcusdt_20240808.gz", "spot_btcusdt_20240809.gz"
SECOND_LEVELS = ("61602.01", "1.67177000", "61602.02", "2.66795000", 1_971, 2_962)
"""Best prices, quantities and level counts after the second file, from the recordings' description."""
SOCKET_CHECKS_MIN = 550
"""Over sockets the market goes on while the snapshot is on its way: best prices before it have no book to meet."""

type_of_find = Callable[[str], Path]


@pytest.fixture(scope="module")
def expected(shared_data: type_of_find) -> Any:
    return msgspec.json.decode(shared_data("binance_spot/expected.json").read_bytes())[FIRST]


def capture(shared_data: type_of_find, *names: str) -> list[str]:
    """Return the words that play recordings."""
    return [word for name in names for word in ("--capture", str(shared_data(f"binance_spot/{name}")))]


def replays(here: Place, summary: Any) -> None:
    """Say that a replay in another process, with other hashes, makes the same records and sends the same bytes."""
    outcome = here.json("replay", PYTHONHASHSEED="4711")
    assert outcome["same"]
    assert outcome["head"] == outcome["expected_head"] == summary["audit"]["head"]
    assert outcome["sent_digest"] == outcome["expected_digest"] == summary["sent"]["digest"]
    assert outcome["program_differs"] == []


def assert_first_book(feed: Any, expected: Any) -> None:
    final = expected["final"]
    assert feed["applied"] == expected["depth_applied"] == 3_449
    assert feed["dropped"] == expected["depth_dropped_pre_snapshot"] == 2
    assert feed["gaps"] == 0
    assert feed["last_update_id"] == final["u"]
    for side in ("bid", "ask"):
        assert Decimal(feed[f"best_{side}"]) == Decimal(str(final[f"best_{side}"]))
        assert feed[f"best_{side}_quantity"] == final[f"best_{side}_qty"]
    assert (feed["bid_levels"], feed["ask_levels"]) == (final["n_bid_levels"], final["n_ask_levels"])
    assert feed["bbo_mismatches"] == 0


def test_a_recorded_session_ends_with_the_golden_book_and_trades_on_the_way(
    here: Place, shared_data: type_of_find, expected: Any
) -> None:
    words = ["run", *capture(shared_data, FIRST), "--speed", "max"]
    one = here.json(*words, PYTHONHASHSEED="1")
    assert_first_book(one["feeds"][BOOK], expected)
    assert one["feeds"][BOOK]["bbo_checks"] == expected["bbo_checks_at_equal_u"] == 564
    assert one["orders"]["submitted"] > 100
    assert one["orders"]["filled"] >= 20
    assert (one["halts"], one["dead_letters"], one["orders"]["unknown"]) == (0, 0, 0)
    assert one["state"] == "NORMAL"
    verdict = here.tiercel("audit", "verify")
    assert verdict.returncode == 0, verdict.stdout
    assert one["audit"]["head"] in verdict.stdout
    replays(here, one)

    with place(here.root / "again") as again:
        two = again.json(*words, PYTHONHASHSEED="2")
        assert again.text_of_trail() == here.text_of_trail()
    assert (two["audit"], two["sent"], two["orders"]) == (one["audit"], one["sent"], one["orders"])


@pytest.mark.untraced
@pytest.mark.timed
def test_the_same_book_comes_over_sockets_at_twenty_times_the_speed(
    here: Place, shared_data: type_of_find, expected: Any
) -> None:
    here.environ |= RICH
    one = here.json("run", *capture(shared_data, FIRST), "--speed", "20")
    assert_first_book(one["feeds"][BOOK], expected)
    assert one["feeds"][BOOK]["bbo_checks"] >= SOCKET_CHECKS_MIN
    assert one["mode"] == "live"
    assert one["orders"]["submitted"] > 100
    assert one["orders"]["filled"] >= 20
    assert (one["halts"], one["dead_letters"], one["orders"]["unknown"]) == (0, 0, 0)
    assert one["state"] == "NORMAL"
    replays(here, one)


def test_a_session_of_two_recordings_has_no_gap_and_a_new_day_at_midnight(
    here: Place, shared_data: type_of_find
) -> None:
    one = here.json("run", *capture(shared_data, FIRST, SECOND), "--speed", "max")
    feed = one["feeds"][BOOK]
    assert feed["gaps"] == 0
    assert feed["last_update_id"] == 50_093_696_318
    names = ("best_bid", "best_bid_quantity", "best_ask", "best_ask_quantity", "bid_levels", "ask_levels")
    assert tuple(feed[name] for name in names) == SECOND_LEVELS
    assert feed["bbo_mismatches"] == 0
    assert (one["halts"], one["dead_letters"], one["orders"]["unknown"]) == (0, 0, 0)

    files = sorted((here.data / "logs" / "audit").iterdir())
    assert [file.name for file in files] == ["audit_2024-08-08.jsonl", "audit_2024-08-09.jsonl"]
    for file in files:
        dates = {msgspec.json.decode(line)["timestamp"][:10] for line in file.read_bytes().splitlines()}
        assert dates == {file.name[6:16]}
    last = msgspec.json.decode(files[0].read_bytes().splitlines()[-1])
    first = msgspec.json.decode(files[1].read_bytes().splitlines()[0])
    assert first["prev_hash"] == last["hash"]
    assert first["seq"] == last["seq"] + 1
    assert here.tiercel("audit", "verify").returncode == 0
    assert_day_begins_anew(here)
    replays(here, one)


def assert_day_begins_anew(here: Place) -> None:
    """Say that what was earned before midnight is not part of the second day's profit."""
    fills: dict[str, list[Any]] = {"2024-08-08": [], "2024-08-09": []}
    for record in here.records("order.fill"):
        fills[record["timestamp"][:10]].append(record)
    assert all(fills.values())
    told = [record["metadata"] for record in fills["2024-08-09"]]
    fees = sum(Decimal(fill["fee"]) for fill in told if fill["fee_currency"] == "USDT")
    state = rebuild(here.data, Instruments([]), save=False)
    assert state.day == "2024-08-09"
    assert Decimal(money_text(state.day_fees.get("USDT", 0))) == fees
    days = [record for record in here.records("state.change") if record["resource_type"] == "day"]
    begun: dict[str, Any] = {}
    for record in days:
        begun.setdefault(record["resource_id"], record)
    assert list(begun) == ["2024-08-08", "2024-08-09"]
    equity = [Decimal(record["after_state"]["equity"]) for record in begun.values()]
    assert equity[0] != equity[1]
    assert begun["2024-08-09"]["timestamp"] < "2024-08-09T00:00:05"
