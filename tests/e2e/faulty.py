"""An engine in which one actor goes wrong on demand: `python -m tests.e2e.faulty ACTOR MODE WORDS…`.

ACTOR may be `closing`: then it is the end of the run that goes wrong, without any demand.

Every handler of the actor looks for a file named `fault` in the current folder; once it is there it hangs or raises and
leaves the moment in `faulted`. `spin` can be interrupted as any Python code; `hold` cannot: it catches whatever comes,
as code in C would that holds the interpreter. Production code knows nothing of this.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from actors.audit_writer.actor import AuditWriter
from actors.feed.actor import Feed
from actors.orders.actor import Orders
from actors.portfolio.actor import Portfolio
from actors.risk.actor import Risk
from actors.safety.actor import Safety
from actors.strategy.actor import StrategyActor
from engine.__main__ import main
from gateways.binance.gateway import BinanceGateway

ACTORS: dict[str, type[Any]] = {
    "feed": Feed,
    "strategy": StrategyActor,
    "risk": Risk,
    "orders": Orders,
    "portfolio": Portfolio,
    "safety": Safety,
    "audit_writer": AuditWriter,
    "gateway": BinanceGateway,
}
DEMAND, FAULTED = Path("fault"), Path("faulted")


def spin() -> None:
    """Never return; an interruption ends it."""
    while True:
        pass


def hold() -> None:
    """Never return, whatever happens."""
    while True:
        try:
            spin()
        except BaseException:  # noqa: BLE001 - what the test is about
            continue


def fail() -> None:
    """Raise what nobody expects."""
    raise ValueError("a fault on demand")


MODES: dict[str, Callable[[], None]] = {"spin": spin, "hold": hold, "raise": fail}


def spoil(actor: type[Any], mode: str, demanded: Callable[[], bool], faulted: Callable[[], None]) -> Callable[[], None]:
    """Let every handler of an actor's class go wrong once `demanded()`; returns what makes it good again."""
    original = actor.handlers

    def handlers(self: Any) -> dict[type, Callable[[Any], None]]:
        return {kind: spoiled(handler) for kind, handler in original(self).items()}

    def spoiled(handler: Callable[[Any], None]) -> Callable[[Any], None]:
        def handle(message: Any) -> None:
            if demanded():
                faulted()
                MODES[mode]()
            handler(message)

        return handle

    actor.handlers = handlers

    def mend() -> None:
        actor.handlers = original

    return mend


def spoil_closing(mode: str) -> None:
    """Let the end of every run go wrong when its trail is closed."""
    original = AuditWriter.close

    def close(self: AuditWriter, time_ns: int) -> None:
        note()
        MODES[mode]()
        original(self, time_ns)

    AuditWriter.close = close  # type: ignore[method-assign]


def note() -> None:
    """Leave the moment for whoever waits for it."""
    FAULTED.write_text(str(time.monotonic_ns()))


if __name__ == "__main__":
    name, how, *words = sys.argv[1:]
    if name == "closing":
        spoil_closing(how)
    else:
        spoil(ACTORS[name], how, DEMAND.exists, note)
    sys.argv[1:] = words
    main()
