"""A configuration is resolved with the origin of each value, or refused with every error at once."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from engine.config.load import DEMONSTRATION, load_config, risk_variables
from engine.config.model import Config, Environment, Loop, Mode
from engine.config.render import described, to_toml
from engine.config.rules import instrument_name, instrument_names, strategy_name
from engine.config.unbuilt import UNBUILT
from engine.errors import ConfigErrors, UsageError

VENUE = "[venues.binance_spot]\n"
URLS = 'environment = "local"\nrest_url = "http://x"\nstream_url = "ws://x"\napi_url = "ws://x"\n'
LIVE = f'[engine]\nmode = "live"\n{VENUE}'


def write(folder: Path, text: str) -> Path:
    path = folder / "desk.toml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str, environ: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigErrors) as caught:
        load_config(write(folder, text), environ or {})
    return [str(error) for error in caught.value.errors]


def test_the_demonstration_raises_orders_a_day_fills_a_minute_and_losses_in_a_row_and_no_other_limit() -> None:
    loaded = load_config(None, {})
    raised = [
        key for key, _, origin in described(loaded) if key.startswith(("risk.", "limits.")) and origin != "default"
    ]
    assert sorted(raised) == ["risk.daily_orders_max", "risk.execution_fills_max", "risk.losses_in_row_max"]
    assert loaded.config.engine.mode is Mode.LIVE
    assert loaded.config.venues["binance_spot"].environment is Environment.EMBEDDED
    assert [strategy.name for strategy in loaded.config.strategies] == [
        "join_the_bid",
        "two_sided",
        "momentum",
    ]


def test_later_origins_win_and_each_is_named(tmp_path: Path) -> None:
    text = f'{LIVE}[risk]\nmax_order_value = "10"\nmax_position_value = 0.5\n'
    loaded = load_config(
        write(tmp_path, text), {"RISK_MAX_ORDER_VALUE": "20.5", "RISK_BLOCKED": "GME, XYZ"}, {"engine.seed": 9}
    )
    origins = {key: (value, origin) for key, value, origin in described(loaded)}
    assert origins["risk.max_order_value"] == ('"20.5"', "environment RISK_MAX_ORDER_VALUE")
    assert origins["risk.blocked"] == ('["GME", "XYZ"]', "environment RISK_BLOCKED")
    assert origins["risk.max_position_value"] == ('"0.5"', "desk.toml:6")
    assert origins["engine.seed"] == ("9", "command line")
    assert origins["engine.node"] == ('"t1"', "default")


def test_decimals_are_exact_whether_text_or_number(tmp_path: Path) -> None:
    text = f"{LIVE}[risk]\nmax_order_value = 0.10000001\n"
    assert load_config(write(tmp_path, text), {}).config.risk.max_order_value == Decimal("0.10000001")


@pytest.mark.parametrize("loop", list(Loop))
def test_what_is_written_out_loads_to_the_same(tmp_path: Path, loop: Loop) -> None:
    text = (
        f'{LIVE}instruments = ["ETHUSDT"]\n[[strategies]]\nclass = "a:B"\ninstruments = ["BTCUSDT"]\n'
        'params = { quantity = 0.1, "odd key" = ["x\\n", true, 3], inner = { at = 2024-08-08T00:00:00Z } }\n'
    )
    config = load_config(write(tmp_path, text), {}, {"engine.loop": loop.value}).config
    again = tmp_path / "elsewhere"
    again.mkdir()
    written = load_config(write(again, to_toml(config)), {}).config
    assert written.strategies[0].params["quantity"] == "0.1"
    assert to_toml(written) == to_toml(config)
    assert written.engine == config.engine


def test_every_error_is_told_at_once_with_its_line_and_the_nearest_key(tmp_path: Path) -> None:
    text = (
        '[engine]\nmod = "live"\nseed = "7"\n[venues.binance_spt]\nenvironment = "local"\n'
        '[[strategies]]\nclass = "a"\ninstruments = []\n[risk]\nmax_order_value = "nan"\nprice_collar_pct = 51\n'
    )
    found = problems(tmp_path, text, {"RISK_MAX_ORDER_VALU": "1"})
    assert found == [
        "risk.max_order_valu: unknown key; did you mean 'max_order_value'? (from environment RISK_MAX_ORDER_VALU)",
        "line 2: engine.mod: unknown key; did you mean 'mode'?",
        "line 3: engine.seed: '7' given, expected a whole number from 0 to 9223372036854775807",
        "line 4: venues.binance_spt: unknown venue; did you mean 'binance_spot'?",
        *(
            f"line 4: venues.binance_spt.{url}: is missing; environment local needs the address of a running simulator"
            for url in ("rest_url", "stream_url", "api_url")
        ),
        "line 7: strategies[0].class: 'a' given, expected `module:Class`",
        "line 8: strategies[0].instruments: [] given, expected a list of text, not empty",
        (
            "line 10: risk.max_order_value: 'nan' given, expected a decimal number above 0 and at most 10000000000 "
            "(risk currency)"
        ),
        "line 11: risk.price_collar_pct: 51 given, expected a decimal number above 0 and at most 50 (%)",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[engine]\nmode =", "line 2: TOML: Invalid value"),
        ("engine = " + "[" * 5_000, "TOML: arrays or tables are nested too deeply"),
        ("engine = 1e99999999999999999999", "TOML: a number has an exponent beyond every use"),
        ("engine = " + "1" * 5_000, "TOML: Exceeds the limit (4300 digits)"),
        ("venues = 3", "line 1: venues: 3 given, expected a table, each value a table"),
        ("engine = 3\n" + VENUE, "line 1: engine: 3 given, expected a table"),
        ("", "venues: no venue is configured; write [venues.binance_spot]"),
        ('[engine]\nmode = "backtest"\n' + VENUE, "line 1: engine.captures: is empty; a backtest needs a capture"),
        (
            LIVE + "[limits]\nhandler_warn_ms = 300",
            "line 5: limits.handler_warn_ms: 300 ms is not below handler_stop_ms",
        ),
        (
            LIVE + 'environment = "embedded"\nrest_url = "http://x"',
            "line 5: venues.binance_spot.rest_url: is given, but",
        ),
        (
            LIVE + 'rest_url = "ftp://x"',
            "line 4: venues.binance_spot.rest_url: 'ftp://x' given, expected scheme://host",
        ),
        (LIVE + 'instruments = ["btc"]', "line 4: venues.binance_spot.instruments[0]: 'btc' is no symbol"),
        (
            LIVE + "simulator = { maker_fee_bps = 101 }",
            "maker_fee_bps: 101 given, expected a decimal number from 0 to 100",
        ),
        (
            LIVE + 'simulator = { balances = { BTC = "x" } }',
            "balances: {'BTC': 'x'} given, expected a table, each value a decimal",
        ),
        (LIVE + "simulator = { balances = { BTC = true } }", "balances: {'BTC': True} given, expected a table, each"),
        (LIVE + "[engine.x]\n", "line 4: engine.x: unknown key"),
        (
            LIVE + '[[strategies]]\ninstruments = ["BTCUSDT"]',
            "line 4: strategies[0].class: is missing; expected `module:Class`",
        ),
        (
            LIVE + ('[[strategies]]\nclass = "a:JoinIt"\ninstruments = ["BTCUSDT"]\n' * 2),
            "line 7: strategies[1].name: 'join_it' is the name of strategies[0] too",
        ),
        (
            LIVE + '[[strategies]]\nclass = "a:B"\ninstruments = ["kraken:BTCUSD"]',
            "line 6: strategies[0].instruments[0]: 'kraken:BTCUSD' is on venue 'kraken', which is not configured",
        ),
        (LIVE + '[[strategies]]\nclass = "a:B"\ninstruments = ["binance_spot:"]', "names no symbol"),
        (LIVE + '[[strategies]]\nclass = "a:B"\ninstruments = [""]', "names no symbol"),
        ('[engine]\nmode = "live"\nspeed = "max"\n' + VENUE, "line 3: engine.speed: max is for mode backtest"),
        ('[engine]\nmode = "live"\nspeed = "20"\n' + VENUE, "line 3: engine.speed: 20 needs a capture to play"),
        ('[engine]\nmode = "live"\nspeed = "0"\n' + VENUE, "line 3: engine.speed: 0 would never end"),
        (
            '[engine]\nmode = "live"\nspeed = "fast"\n' + VENUE,
            "line 3: engine.speed: 'fast' given, expected `max`, or a factor",
        ),
        ('[engine]\nmode = "live"\ncaptures = ["no.gz"]\n' + VENUE, "line 3: engine.captures[0]: no.gz is not a file"),
        (
            LIVE + "[risk]\nopen_orders_instrument_max = 200",
            "risk.open_orders_instrument_max: open_orders_instrument_max is 200, more than open_orders_max (100)",
        ),
        (
            LIVE + 'environment = "production"',
            "needs an API key in the environment: TIERCEL_BINANCE_SPOT_KEY, and TIERCEL_BINANCE_SPOT_SECRET or",
        ),
        (
            '[engine]\nmode = "backtest"\ncaptures = ["desk.toml"]\n' + VENUE + 'environment = "testnet"',
            "line 2: engine.mode: backtest plays in a simulator of its own",
        ),
        (
            '[engine]\nmode = "live"\ncaptures = ["desk.toml"]\n' + VENUE + URLS,
            'line 3: engine.captures: only an embedded simulator plays captures; set environment = "embedded"',
        ),
    ],
)
def test_a_wrong_value_is_named(tmp_path: Path, text: str, problem: str) -> None:
    found = problems(tmp_path, text)
    assert len(found) == 1
    assert problem in found[0]


REFUSED = {
    "engine.mode": '[engine]\nmode = "{}"\n' + VENUE,
    "venues": '[engine]\nmode = "live"\n[venues.{}]\n',
    "paper environment": VENUE
    + 'environment = "{}"\nrest_url = "http://x"\nstream_url = "ws://x"\napi_url = "ws://x"\n',
}


@pytest.mark.parametrize(
    "row", [row for row in UNBUILT if row.where != "command"], ids=lambda row: row.where + row.value
)
def test_what_is_not_built_is_refused_by_name(tmp_path: Path, row: object) -> None:
    assert row in UNBUILT
    refused = next(known for known in UNBUILT if known == row)
    found = problems(tmp_path, REFUSED[refused.where].format(refused.value))
    assert len(found) == 1
    assert refused.problem in found[0]


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.toml cannot be read: No such file"):
        load_config(tmp_path / "absent.toml", {})
    with pytest.raises(UsageError, match="is not UTF-8 text"):
        (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
        load_config(tmp_path / "binary.toml", {})
    with pytest.raises(UsageError, match="is larger than"):
        load_config(write(tmp_path, "#" * 1_048_577), {})


def test_paths_are_resolved_from_the_folder_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.gz").touch()
    text = f'[engine]\nmode = "backtest"\nspeed = "max"\ncaptures = ["a.gz"]\n{VENUE}'
    loaded = load_config(write(tmp_path, text), {})
    assert loaded.config.engine.captures == (str(tmp_path / "a.gz"),)
    assert loaded.config.engine.strategies_from == str(tmp_path) == str(loaded.folder)


def test_instruments_come_in_the_order_of_configuration(tmp_path: Path) -> None:
    strategies = "".join(
        f'[[strategies]]\nclass = "a:{name}"\ninstruments = {symbols}\n'
        for name, symbols in (("A", '["ETHUSDT"]'), ("B", '["binance_spot:BTCUSDT", "ETHUSDT"]'))
    )
    config = load_config(write(tmp_path, f'{LIVE}instruments = ["XRPUSDT"]\n{strategies}'), {}).config
    assert instrument_names(config) == ("binance_spot:ETHUSDT", "binance_spot:BTCUSDT", "binance_spot:XRPUSDT")


def test_a_backtest_of_the_synthetic_market_needs_a_duration(tmp_path: Path) -> None:
    text = f'[engine]\nmode = "backtest"\nduration_s = 60\n{VENUE}'
    assert load_config(write(tmp_path, text), {}).config.engine.duration_s == 60


def test_a_bare_symbol_on_two_venues_needs_the_venue() -> None:
    config = load_config(None, {}).config
    venue = config.venues["binance_spot"]
    both = Config(venues={"one": venue, "two": venue})
    with pytest.raises(UsageError, match="'BTCUSDT' could be on one, two: write venue:SYMBOL"):
        instrument_name(both, "BTCUSDT")


@pytest.mark.parametrize(
    ("class_path", "name"),
    [("m:JoinTheBid", "join_the_bid"), ("a.b:HTTPMaker", "http_maker"), ("m:momentum", "momentum"), ("m:_X2Y", "x2_y")],
)
def test_a_strategy_is_named_after_its_class(tmp_path: Path, class_path: str, name: str) -> None:
    text = f'{LIVE}[[strategies]]\nclass = "{class_path}"\ninstruments = ["BTCUSDT"]\n'
    config = load_config(write(tmp_path, text), {}).config
    assert strategy_name(config.strategies[0]) == name


def test_the_demonstration_is_in_the_package() -> None:
    assert DEMONSTRATION.is_file()


def test_every_limit_has_a_variable() -> None:
    assert {"RISK_MAX_POSITION_PCT", "RISK_MAX_ORDER_VALUE"} <= set(risk_variables())
