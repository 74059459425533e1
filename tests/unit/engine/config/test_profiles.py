"""The profiles in examples/config are right, and are what they say."""

from __future__ import annotations

import os
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner

from engine.cli.check import check
from engine.config.load import load_config
from engine.config.risk import RiskLimits
from engine.errors import ConfigErrors
from tests.conftest import ROOT

FOLDER = ROOT / "examples" / "config"
PROFILES = ("conservative", "default", "scalping")


def limits(profile: str, **environ: str) -> RiskLimits:
    return load_config(FOLDER / f"{profile}.toml", environ, {}).config.risk


def numbers(limits: RiskLimits) -> dict[str, Any]:
    values = {name: getattr(limits, name) for name in limits.__struct_fields__}
    return {name: value for name, value in values.items() if type(value) in (int, Decimal)}


@pytest.mark.parametrize("profile", PROFILES)
def test_tiercel_check_finds_nothing_wrong(profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("RISK_")]:
        monkeypatch.delenv(name)
    done = CliRunner().invoke(check, [str(FOLDER / f"{profile}.toml")])
    assert done.exit_code == 0, done.output
    assert done.output.endswith(f"{profile}.toml: ok\n")


def test_the_profiles_are_all_that_the_folder_has() -> None:
    assert sorted(path.stem for path in FOLDER.iterdir()) == sorted(PROFILES)


def test_the_default_profile_names_the_defaults() -> None:
    assert limits("default") == RiskLimits()


def test_the_conservative_profile_loosens_nothing() -> None:
    default, conservative = numbers(RiskLimits()), numbers(limits("conservative"))
    looser = [name for name, value in conservative.items() if value > default[name] and name != "edge_to_cost_min"]
    assert looser == []
    assert conservative["edge_to_cost_min"] > default["edge_to_cost_min"]


def test_the_scalping_profile_holds_nothing_for_more_than_a_minute() -> None:
    assert limits("scalping").hold_time_s == 60
    assert limits("default").hold_time_s == 0


@pytest.mark.parametrize(
    ("variable", "value", "field"),
    [
        ("RISK_MAX_POSITION_PCT", "7.5", "max_position_pct"),
        ("RISK_MAX_ORDER_VALUE", "1234.5", "max_order_value"),
        ("RISK_MAX_DAILY_LOSS_PCT", "0.75", "max_daily_loss_pct"),
    ],
)
@pytest.mark.parametrize("profile", PROFILES)
def test_the_environment_overrides_a_profile(profile: str, variable: str, value: str, field: str) -> None:
    assert getattr(limits(profile, **{variable: value}), field) == Decimal(value)


@pytest.mark.parametrize("variable", ["RISK_MAX_POSITION_PCT", "RISK_MAX_ORDER_VALUE", "RISK_MAX_DAILY_LOSS_PCT"])
@pytest.mark.parametrize("value", ["-1", "0", "nan", "much", "1e30"])
def test_an_absurd_override_stops_the_start_and_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(ConfigErrors, match=variable):
        limits("default", **{variable: value})
