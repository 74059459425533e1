"""The summary holds what the page says, in that order, and reads well."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from rich.console import Console

from engine.telemetry.metrics import Latency
from engine.telemetry.summary import (
    AuditSummary,
    FeedSummary,
    LatencySummary,
    OrderCounts,
    PositionSummary,
    ProfitAndLoss,
    SentSummary,
    Summary,
    TapeSummary,
    WaitingCounts,
    micros,
    plain_lines,
    print_summary,
    read_summary,
    tables,
)

NONE = Latency(0, 0, 0, 0, 0)


def make_summary() -> Summary:
    return Summary(
        run_id="t1-7",
        mode="backtest",
        duration_s=346,
        market_messages=41_248,
        feeds={
            "binance_spot:BTCUSDT": FeedSummary(
                3449, 2, 0, 50093421584, "61685.99", "1.00870000", "61686.00", "2.29327000", 1209, 2196, 564, 0
            )
        },
        orders=OrderCounts(submitted=120, accepted=119, filled=40, canceled=79, denied=3),
        fills=44,
        positions=[PositionSummary("binance_spot:BTCUSDT", "0.00200000", "61690.12", "-0.01")],
        pnl=ProfitAndLoss("USDT", "-1.25", "-0.01", "0.52"),
        latency_ns=LatencySummary(Latency(120, 2_500, 12_800, 20_000, 31_000_000), {"feed": NONE}),
        audit=AuditSummary(480, 1, "ab" * 32),
        tape=TapeSummary(41_900, 12_000_000),
        sent=SentSummary(200, "cd" * 32),
        peak_rss_mib=71,
        dead_letters=0,
        halts=0,
        state="NORMAL",
    )


PAGE = {
    "": "run_id mode duration_s market_messages feeds orders fills positions pnl latency_ns audit tape sent "
    "peak_rss_mib dead_letters halts state waiting execution",
    "execution": "statuses latency_ns total strategies venues orders warnings",
    "feeds binance_spot:BTCUSDT": "applied dropped gaps last_update_id best_bid best_bid_quantity best_ask "
    "best_ask_quantity bid_levels ask_levels bbo_checks bbo_mismatches levels_capped",
    "orders": "submitted accepted filled canceled rejected denied expired unknown",
    "waiting": "waiting armed fired filled canceled expired rejected",
    "positions 0": "instrument quantity average_price unrealised",
    "pnl": "currency realised unrealised fees",
    "latency_ns": "tick_to_order hops",
    "latency_ns tick_to_order": "count p50 p99 p999 max",
    "latency_ns hops feed": "count p50 p99 p999 max",
    "audit": "records first_seq head",
    "tape": "frames bytes",
    "sent": "payloads digest",
}


@pytest.mark.parametrize(("place", "names"), PAGE.items())
def test_the_file_has_the_fields_of_the_page_in_its_order(place: str, names: str) -> None:
    found = json.loads(make_summary().to_json())
    for key in place.split():
        found = found[int(key) if key.isdigit() else key]
    assert " ".join(found) == names


def test_no_number_of_the_file_is_a_float() -> None:
    found: list[float] = []
    json.loads(make_summary().to_json(), parse_float=lambda text: found.append(float(text)))
    assert found == []


def test_what_is_written_is_read_back() -> None:
    assert read_summary(make_summary().to_json()) == make_summary()
    with pytest.raises(msgspec.DecodeError):
        read_summary(b"{}")


def test_the_plain_form_tells_everything_in_lines() -> None:
    text = "\n".join(plain_lines(make_summary()))
    for fact in (
        "run t1-7: backtest, 346 s, 41,248 market messages, ended NORMAL",
        "bid 61685.99 x 1.00870000",
        "564 best-price checks, 0 mismatches",
        "120 submitted, 119 accepted, 40 filled",
        "position binance_spot:BTCUSDT: 0.00200000 at 61690.12",
        "tick to order: p50 2.5 us, p99 12.8 us, p99.9 20.0 us, max 31.0 ms (120)",
        f"head {'ab' * 32}",
        f"digest {'cd' * 32}",
    ):
        assert fact in text
    assert "latency feed" not in text  # nothing was measured
    assert "orders that waited" not in text  # none did
    waited = msgspec.structs.replace(make_summary(), waiting=WaitingCounts(1, 5, 3, 2, 1))
    told = "orders that waited: 1 waiting, 5 armed, 3 fired, 2 filled, 1 canceled, 0 expired, 0 rejected"
    assert told in list(plain_lines(waited))


def test_the_terminal_shows_the_same_facts() -> None:
    console = Console(file=io.StringIO(), width=160, force_terminal=False)
    console.print(tables(make_summary()))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    for fact in ("61685.99 x 1.00870000", "1,209 / 2,196", "0.00200000", "2.5 us", "ab" * 32, "71 MiB"):
        assert fact in text


def test_without_a_terminal_lines_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_summary(make_summary())
    assert capsys.readouterr().out.startswith("run t1-7: backtest")


@pytest.mark.parametrize(
    ("ns", "text"), [(0, "0.0 us"), (1_250, "1.2 us"), (9_999_999, "10,000.0 us"), (10**7, "10.0 ms")]
)
def test_a_latency_is_written_in_the_unit_that_reads_best(ns: int, text: str) -> None:
    assert micros(ns) == text
