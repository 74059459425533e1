"""Sliced orders through the whole engine: every slice is approved for itself, together exactly the whole, and again."""

from __future__ import annotations

from decimal import Decimal

from tests.e2e.engines import Place

CONFIG = """
[engine]
mode = "backtest"
duration_s = 20

[venues.binance_spot]
environment = "embedded"

[[strategies]]
class = "slicer:Slicer"
instruments = ["BTCUSDT"]
"""


def test_a_twap_and_an_iceberg_come_to_exactly_what_was_asked_for_and_replay(here: Place) -> None:
    config = here.configure(CONFIG, "slicer")
    summary = here.json("run", str(config))
    assert (summary["halts"], summary["dead_letters"], summary["orders"]["denied"]) == (0, 0, 0)
    parents = [each for each in here.records("trade.decision") if each["resource_type"] == "parent"]
    assert [each["metadata"]["kind"] for each in parents] == ["Twap", "Iceberg"]
    filled = {parent["metadata"]["intent"]: Decimal(0) for parent in parents}
    owner = {}
    for record in here.records("trade.decision"):
        terms = record["metadata"].get("terms") or {}
        if record["resource_type"] == "intent":
            owner[record["metadata"]["intent"]] = terms["parent"]
    for fill in here.records("order.fill"):
        filled[owner[fill["metadata"]["intent"]]] += Decimal(fill["metadata"]["quantity"])
    assert list(filled.values()) == [Decimal("0.01"), Decimal("0.005")]
    assert list(owner.values()).count(parents[0]["metadata"]["intent"]) == 5
    assert here.json("replay")["same"]
