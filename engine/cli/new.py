"""`tiercel new NAME`: a folder with a strategy, its test and a configuration that run at once, and nothing overwritten.

The three texts are the templates below; a test of ours runs what they make, so they cannot rot.
"""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path

import click

from engine.errors import UsageError

NAME_CHARACTERS_MAX = 40

STRATEGY = '''"""{title}: keep one post-only buy at the best bid. Change it into what you have in mind."""

from __future__ import annotations

from decimal import Decimal

from tiercel import OrderFilled, Quote, Side, Strategy, StrategyParams


class {class_name}(Strategy):
    """Keep one post-only buy at the best bid."""

    class Params(StrategyParams):
        """What the configuration may set."""

        quantity: Decimal = Decimal("0.001")

    def on_quote(self, quote: Quote) -> None:
        """Follow the best bid; called whenever the best prices or their quantities change."""
        mine = self.working(quote.instrument, Side.BUY)
        if mine is None:
            self.buy(quote.instrument, self.params.quantity, price=quote.bid, post_only=True)
        elif mine.price_ticks != quote.bid_ticks:
            self.cancel(mine)  # the next quote places the new one

    def on_filled(self, fill: OrderFilled) -> None:
        """Say what was bought."""
        self.log(f"bought {{fill.quantity}} at {{fill.price}}")
'''

TEST = '''"""What {class_name} does, tried without an engine: python -m pytest {folder}"""

from __future__ import annotations

from decimal import Decimal

from {name} import {class_name}
from tiercel.testing import StrategyHarness


def test_it_joins_the_bid() -> None:
    harness = StrategyHarness({class_name}, params={{"quantity": "0.002"}})
    harness.quote("60000.00", "60000.01")
    (order,) = harness.orders
    assert (order.price, order.quantity) == (Decimal("60000.00"), Decimal("0.002"))


def test_it_lets_go_of_a_bid_that_is_no_longer_the_best() -> None:
    harness = StrategyHarness({class_name})
    harness.quote("60000.00", "60000.01")
    harness.accept(harness.orders[0])
    harness.quote("60000.05", "60000.06")
    assert len(harness.cancels) == 1
'''

PYTEST = """[pytest]
# The folder is a test root of its own, wherever it stands.
pythonpath = .
"""

CONFIGURATION = """# {title}. Run it: tiercel run {folder}/{name}.toml --duration 30s
# Every key, its unit, default and bounds: docs/configuration.md. What this file comes to: tiercel check

[engine]
mode = "live"                       # backtest | paper | live; what it is live with stands below

[venues.binance_spot]
environment = "embedded"            # embedded: a simulated venue | local | testnet | production

[[strategies]]
class = "{name}:{class_name}"
instruments = ["BTCUSDT"]
params = {{ quantity = "0.001" }}

[risk]
max_order_value = "1000"            # USDT; every limit has a default, and this one is tighter
daily_orders_max = 10_000           # the default, 100, is for people; this strategy follows every best bid
"""


@click.command()
@click.argument("name")
def new(name: str) -> None:
    """Write NAME/ with a strategy, its test and a configuration that run at once. Overwrites nothing."""
    folder = Path(name)
    module = folder.name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", module) or keyword.iskeyword(module) or len(module) > NAME_CHARACTERS_MAX:
        raise UsageError(f"{name!r} cannot name a strategy: use small letters, digits and _, beginning with a letter")
    if module in sys.stdlib_module_names or module in ("tiercel", "engine", "actors", "gateways", "hotpath"):
        raise UsageError(f"{name!r} is the name of a module that exists already; choose another one")
    texts = {
        f"{module}.py": STRATEGY,
        f"test_{module}.py": TEST,
        f"{module}.toml": CONFIGURATION,
        "pytest.ini": PYTEST,
    }
    words = {
        "name": module,
        "class_name": "".join(part.capitalize() for part in module.split("_")),
        "title": module.replace("_", " ").strip().capitalize(),
        "folder": folder.as_posix(),
    }
    there = [file for file in texts if (folder / file).exists()]
    if there:
        raise UsageError(f"{folder} holds {', '.join(there)} already; nothing was written")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in texts.items():
            with (folder / file).open("x", encoding="utf-8") as made:
                made.write(text.format(**words))
    except OSError as problem:
        raise UsageError(f"{folder} cannot be written: {problem.strerror}") from problem
    click.echo(f"{folder}/: {', '.join(texts)}")
    click.echo(f"next: tiercel run {folder.as_posix()}/{module}.toml --duration 30s")
    click.echo(f"      python -m pytest {folder.as_posix()}")
