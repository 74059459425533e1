"""The recorded best prices through the backtest of other libraries, with a strategy that sees every quote."""

from __future__ import annotations

from typing import Any

from benchmarks.macro.market import Kind, decoder, load_market
from benchmarks.measurement import of_loops, type_of_measurements
from benchmarks.peers import peer
from engine.messages.best_price import BestPrice
from hotpath.core.histogram import stamp


def nautilus_trader(quick: bool) -> type_of_measurements:
    """Measure a backtest of quotes that are made beforehand, with one call of Python for each."""
    ticks, instrument = _ticks(quick)
    engines = peer("nautilus_trader.backtest.engine")
    enums = peer("nautilus_trader.model.enums")
    models = peer("nautilus_trader.model")
    logging = peer("nautilus_trader.config").LoggingConfig(bypass_logging=True)
    engine = engines.BacktestEngine(engines.BacktestEngineConfig(logging=logging))
    balances = [models.Money(10_000_000, models.currencies.USDT)]
    venue = models.Venue("BINANCE")
    engine.add_venue(venue, enums.OmsType.NETTING, enums.AccountType.CASH, balances, base_currency=None)
    engine.add_instrument(instrument)
    engine.add_data(ticks)
    strategy = _looking(instrument.id)
    engine.add_strategy(strategy)
    begun_ns = stamp()
    engine.run()
    elapsed_ns = stamp() - begun_ns
    engine.dispose()
    if strategy.quotes_count != len(ticks):
        raise ValueError(f"the strategy saw {strategy.quotes_count} of {len(ticks)} quotes")
    note = f"{len(ticks)} quotes"
    return {"backtest_quotes@nautilus_trader": of_loops([elapsed_ns], len(ticks), len(ticks), note, is_rate=True)}


def _ticks(quick: bool) -> tuple[list[Any], Any]:
    """Return the recorded best prices as quotes of the library, and its instrument."""
    data, objects = peer("nautilus_trader.model.data"), peer("nautilus_trader.model.objects")
    instrument = peer("nautilus_trader.test_kit.providers").TestInstrumentProvider.btcusdt_binance()
    market = load_market(quick)
    decode = decoder(market).decode
    ticks = []
    for frame in market.frames:
        if frame.kind is Kind.TICKER:
            quote = decode(frame.payload, frame.time_ns)
            assert isinstance(quote, BestPrice)
            prices = [objects.Price(ticks / 100, 2) for ticks in (quote.bid_ticks, quote.ask_ticks)]
            sizes = [objects.Quantity(1, instrument.size_precision)] * 2
            ticks.append(data.QuoteTick(instrument.id, *prices, *sizes, frame.time_ns, frame.time_ns))
    return ticks, instrument


def _looking(instrument_id: Any) -> Any:
    """Return a strategy that counts quotes."""
    base: Any = peer("nautilus_trader.trading.strategy").Strategy

    class OnlyLooks(base):  # type: ignore[misc]
        """Sees every quote and never orders."""

        def __init__(self) -> None:
            super().__init__()
            self.quotes_count = 0

        def on_start(self) -> None:
            """Ask for quotes."""
            self.subscribe_quote_ticks(instrument_id)

        def on_quote_tick(self, _tick: Any) -> None:
            """Count one."""
            self.quotes_count += 1

    return OnlyLooks()
