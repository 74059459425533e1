"""Real options: a broker's model Greeks of the SPX, and every quote of a day of the whole GOOG chain."""

from __future__ import annotations

import csv
import math
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pytest

from hotpath.options.black import CALL, PUT, greeks
from hotpath.options.chain import Chain
from hotpath.options.implied_vol import Reason, implied_volatility
from tests.models.option_cases import implied, type_of_options, valued

SECONDS_A_YEAR = 365 * 86_400
CLOSE_MS = 16 * 3_600_000  # in New York
HALF_DAY_CLOSE_MS = 13 * 3_600_000
QUOTES_COUNT = 275_552
CONTRACTS_COUNT = 2_192
RATE, DIVIDEND_YIELD = 0.005, 0.0
SPX_RATE = 0.0525
FIRST_DAY = date(2015, 12, 24)


@pytest.mark.parametrize(
    ("rate", "delta_max"), [(math.log1p(SPX_RATE), 0.007), (SPX_RATE, 0.0072)], ids=["once a year", "continuously"]
)
def test_the_greeks_of_the_spx_are_the_brokers(
    shared_data: Callable[[str], Path], rate: float, delta_max: float
) -> None:
    """Nobody says how the broker's 5.25 % compound; once a year it is nearer to him in delta and in gamma."""
    files = sorted(shared_data("options/spx_broker_greeks").glob("*.csv"))
    assert len(files) == 12
    compared, furthest = 0, 0.0
    for path in files:
        right = CALL if path.stem[9] == "C" else PUT
        strike = int(path.stem[10:]) / 1000
        expiry = datetime.strptime(path.stem[3:9] + "20+0000", "%y%m%d%H%z")
        with path.open() as lines:
            for row in csv.DictReader(lines):
                stamp = datetime.strptime(row[""], "%Y%m%d %H:%M:%S.%f").replace(tzinfo=UTC)
                if not row["model_impliedVol"] or not row["model_delta"]:
                    continue
                years = (expiry - stamp).total_seconds() / SECONDS_A_YEAR
                terms = float(row["model_undPrice"]), strike, years, rate, 0.0145
                found = greeks(right, *terms, float(row["model_impliedVol"]))
                off = abs(found.delta - float(row["model_delta"]))
                furthest = max(furthest, off)
                assert off <= delta_max
                assert found.gamma == pytest.approx(float(row["model_gamma"]), abs=5e-5)
                volatility, reason = implied_volatility(right, found.price, *terms)
                assert reason == Reason.SOLVED
                assert volatility == pytest.approx(float(row["model_impliedVol"]), rel=1e-9)
                compared += 1
    print(f"{compared} deltas of the broker: {furthest:.5f} away at most")
    assert compared > 200


class Contract(NamedTuple):
    """What the name of a file says."""

    right: int
    strike: float
    expiry: int

    @property
    def expiry_ms(self) -> int:
        """From the midnight before the recording to the close of the day of expiry."""
        days = (date.fromisoformat(str(self.expiry)) - FIRST_DAY).days
        return days * 86_400_000 + (CLOSE_MS if days else HALF_DAY_CLOSE_MS)


class Quotes(NamedTuple):
    """The columns of all quotes."""

    contracts: list[Contract]
    contract: npt.NDArray[np.int64]
    minute_ms: npt.NDArray[np.float64]
    bid: npt.NDArray[np.float64]
    """NaN where there is none."""
    ask: npt.NDArray[np.float64]
    spot: npt.NDArray[np.float64]


def prices(text: str) -> float:
    return float(text) / 10_000 if text else np.nan


def read(option_quotes: Path, stock_quotes: Path) -> Quotes:
    """Return the closing bid and ask of each minute, with the middle of the underlying's quote at that time."""
    with zipfile.ZipFile(stock_quotes) as archive:
        rows = [line.split(",") for line in archive.read(archive.namelist()[0]).decode().split()]
    stock_ms = np.array([int(row[0]) for row in rows])
    middle = np.array([(float(row[4]) + float(row[9])) / 20_000 for row in rows])
    contracts: list[Contract] = []
    columns: list[tuple[float, ...]] = []
    with zipfile.ZipFile(option_quotes) as archive:
        for name in sorted(archive.namelist()):
            _, _, _, _, _, right, strike, expiry = name.removesuffix(".csv").split("_")
            for line in archive.read(name).decode().split():
                row = line.split(",")
                columns.append((len(contracts), int(row[0]), prices(row[4]), prices(row[9])))
            contracts.append(Contract(CALL if right == "call" else PUT, int(strike) / 10_000, int(expiry)))
    contract, minute_ms, bid, ask = np.array(columns).T.copy()
    at = np.clip(np.searchsorted(stock_ms, minute_ms, side="right") - 1, 0, None)
    return Quotes(contracts, contract.astype(int), minute_ms, bid, ask, middle[at])


@pytest.fixture(scope="module")
def quotes(shared_data: Callable[[str], Path]) -> Quotes:
    return read(
        shared_data("options/goog_20151224_option_quotes.zip"), shared_data("options/goog_20151224_stock_quotes.zip")
    )


def terms(quotes: Quotes) -> type_of_options:
    """Return the columns that `solve` and `value` take, for every quote."""
    count = len(quotes.contract)
    right, strike, expiry_ms = (
        np.array([getattr(contract, name) for contract in quotes.contracts], dtype=float)[quotes.contract]
        for name in ("right", "strike", "expiry_ms")
    )
    years = (expiry_ms - quotes.minute_ms) / 86_400_000 / 365
    return {
        "right": right.astype(np.int8),
        "spot": quotes.spot,
        "strike": strike,
        "years": years,
        "rate": np.full(count, RATE),
        "dividend_yield": np.full(count, DIVIDEND_YIELD),
    }


def test_every_quote_with_a_bid_has_a_volatility_and_greeks_or_a_reason(quotes: Quotes) -> None:
    assert (len(quotes.contracts), len(quotes.contract)) == (CONTRACTS_COUNT, QUOTES_COUNT)
    columns = terms(quotes)
    middle = (quotes.bid + quotes.ask) / 2
    count = len(middle)
    volatility, reasons = implied(columns, middle)
    has_bid = ~np.isnan(middle)
    assert np.all(reasons[~has_bid] == Reason.OUTSIDE)
    assert np.all(np.isfinite(volatility) == np.isin(reasons, [Reason.SOLVED, Reason.AT_INTRINSIC]))

    out = valued({**columns, "volatility": volatility})
    solved = reasons == Reason.SOLVED
    assert np.isfinite(out[:, solved]).all()
    assert out[0, solved] == pytest.approx(middle[solved], rel=1e-9, abs=1e-12 * 1000)
    assert np.isnan(out[:, np.isnan(volatility)]).all()
    # the contracts are American: those that expire within hours, and puts deep in the money, may cost less than these
    below = (reasons == Reason.BELOW_INTRINSIC) & has_bid
    intrinsic = np.maximum(columns["right"] * (quotes.spot - columns["strike"]), 0)
    assert np.all(middle[below] < intrinsic[below] + 0.01 * quotes.spot[below])
    assert not np.any(reasons == Reason.ABOVE_BOUND)
    assert solved.sum() > 0.8 * has_bid.sum()
    told = {reason.name: int(np.count_nonzero(reasons[has_bid] == reason)) for reason in Reason}
    print(f"{len(quotes.contracts)} contracts, {count} quotes, {has_bid.sum()} with a bid: {told}")


def test_put_call_parity_holds_within_the_spread(quotes: Quotes) -> None:
    """Of a call and a put of one minute: S - K <= C - P <= S - K e^(-rT), as they may be exercised early."""
    columns = terms(quotes)
    sides: dict[tuple[float, int, float], dict[int, int]] = {}
    for at in np.flatnonzero(~np.isnan(quotes.bid) & ~np.isnan(quotes.ask)).tolist():
        contract = quotes.contracts[quotes.contract[at]]
        sides.setdefault((contract.strike, contract.expiry, quotes.minute_ms[at]), {})[contract.right] = at
    pairs = np.array([(both[CALL], both[PUT]) for both in sides.values() if len(both) == 2])
    call, put = pairs.T
    spot, strike = quotes.spot[call], columns["strike"][call]
    low, high = quotes.bid[call] - quotes.ask[put], quotes.ask[call] - quotes.bid[put]
    forward = spot - strike * np.exp(-RATE * columns["years"][call])
    gaps = np.maximum(np.maximum(spot - strike - high, low - forward), 0) / spot
    print(
        f"{len(gaps)} pairs in one minute: parity holds within the spread for {np.mean(gaps == 0):.1%}, "
        f"else by {np.quantile(gaps, 0.99):.3%} of the spot at the 99th percentile, {gaps.max():.3%} at most"
    )
    assert len(gaps) > 10_000
    assert np.mean(gaps == 0) > 0.9


def test_the_chain_follows_the_underlying_through_the_day(quotes: Quotes) -> None:
    count = len(quotes.contracts)
    first = {int(contract): at for at, contract in reversed(list(enumerate(quotes.contract)))}
    columns = {
        name: np.ascontiguousarray(column[[first[each] for each in range(count)]])
        for name, column in terms(quotes).items()
    }
    expiry = np.array([contract.expiry for contract in quotes.contracts])
    chain = Chain(columns["right"], columns["strike"], expiry, 100.0)
    chain.terms(columns["years"], columns["rate"], columns["dividend_yield"], np.full(count, 0.3))
    for spot in np.unique(quotes.spot):
        chain.revalue(spot)
        chain.check()
        by_expiry = chain.exposure_by_expiry(np.ones(count))
        assert sum(one.dollar_delta for one in by_expiry.values()) == pytest.approx(
            chain.exposure(np.ones(count)).dollar_delta
        )
        assert set(by_expiry) == {contract.expiry for contract in quotes.contracts}
