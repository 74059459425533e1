"""docs/risk.md names every rule, every reason and every limit that there is, and none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.config.risk import RiskLimits
from engine.messages.orders import DenialReason

PAGE = (Path(__file__).parents[2] / "docs" / "risk.md").read_text()
HEADLINES = re.findall(r"^### (.+)$", PAGE, re.MULTILINE)
SECTIONS = dict(zip(HEADLINES, re.split(r"^### .+$", PAGE, flags=re.MULTILINE)[1:], strict=True))
UNNUMBERED = ("Slippage", "Manual", "Greeks")
PARTS = ("Checks", "Why", "Tune", "Reasons")
CODE = re.compile(r"`([^`]+)`")


def part(headline: str, name: str) -> str:
    found = re.search(rf"^- {name}: (.+?)(?=^- |^#|^$|\Z)", SECTIONS[headline], re.MULTILINE | re.DOTALL)
    assert found is not None, f"{headline} does not say: {name}"
    return found[1]


@pytest.mark.parametrize("headline", HEADLINES)
def test_a_rule_says_what_it_checks_why_how_to_tune_it_and_its_reasons(headline: str) -> None:
    assert all(part(headline, name).strip() for name in PARTS)


def test_the_rules_stand_in_their_order_and_none_is_missing() -> None:
    numbers = [int(headline[1:3]) for headline in HEADLINES if headline not in UNNUMBERED]
    assert numbers == list(range(1, 30))


def test_a_headline_names_the_reasons_of_its_rule() -> None:
    for headline in HEADLINES:
        if headline not in UNNUMBERED:
            named = headline.partition(" ")[2].split(", ")
            assert set(named) <= set(CODE.findall(part(headline, "Reasons"))), headline


def test_every_reason_stands_with_one_rule_and_no_other_is_named() -> None:
    named = [code for headline in HEADLINES for code in CODE.findall(part(headline, "Reasons"))]
    assert sorted(named) == sorted(set(named))
    everything = {reason.name for reason in DenialReason}
    assert set(named) <= everything
    mentioned = set(CODE.findall(PAGE))
    assert everything <= mentioned, f"not on the page: {sorted(everything - mentioned)}"


def test_every_limit_is_named_and_no_other() -> None:
    fields = set(RiskLimits.__struct_fields__)
    mentioned = set(CODE.findall(PAGE))
    assert fields <= mentioned, f"not on the page: {sorted(fields - mentioned)}"
    tuned = {code for headline in HEADLINES for code in CODE.findall(part(headline, "Tune"))}
    keys = {code for code in tuned if re.fullmatch(r"[a-z][a-z_]+", code)}
    assert keys <= fields, f"not in [risk]: {sorted(keys - fields)}"


def test_every_file_that_the_page_points_at_exists() -> None:
    folder = Path(__file__).parents[2] / "docs"
    for target in re.findall(r"\]\(([^)#]+)\)", PAGE):
        assert (folder / target).resolve().exists(), target
