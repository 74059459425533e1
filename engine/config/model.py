"""What a configuration can say: one frozen Struct for each section of the TOML file.

Every field carries its unit, bounds and meaning, so that the loader's messages and docs/configuration.md are made from
this file and cannot disagree with it. Secrets have no field: keys come from the environment alone
(engine.config.credentials). What a value means together with another one stands in engine.config.rules.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from engine.config.reconcile import ReconcileConfig
from engine.config.risk import RiskLimits
from engine.config.safety import SafetyConfig
from engine.config.triggers import TriggersConfig
from engine.cpu_latency import NOT_ASKED_US


class Mode(StrEnum):
    """Where market data comes from, where orders go to, and which clock runs."""

    BACKTEST = "backtest"
    PAPER = "paper"
    LIVE = "live"


class Environment(StrEnum):
    """Which venue it is: a simulator that we start, one that somebody started, the venue's testnet, the venue."""

    EMBEDDED = "embedded"
    LOCAL = "local"
    TESTNET = "testnet"
    PRODUCTION = "production"


class Loop(StrEnum):
    """How the loop waits: asleep until bytes arrive, or spinning on a core of its own."""

    SLEEP = "sleep"
    SPIN = "spin"


Millis = Annotated[int, Meta(ge=0, le=3_600_000, extra={"unit": "ms"})]
Url = Annotated[
    str, Meta(pattern=r"^((https?|wss?)://[^/\s]+)?$", extra={"form": "scheme://host:port, without a path"})
]


class EngineConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[engine]: the run as a whole."""

    node: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z0-9_]{1,8}$",
            extra={"form": "1 to 8 letters, digits or _"},
            description="Prefix of every order id; two engines never share one.",
        ),
    ] = "t1"
    mode: Annotated[Mode, Meta(description="Where orders go to and which clock runs.")] = Mode.PAPER
    loop: Annotated[Loop, Meta(description="`sleep` waits for bytes, `spin` polls and needs a core of its own.")] = (
        Loop.SLEEP
    )
    cpu_latency_us: Annotated[
        int,
        Meta(
            ge=NOT_ASKED_US,
            le=1_000_000,
            extra={"unit": "us"},
            description="Longest time in which a processor may wake up during a run on sockets, asked of the kernel "
            "(Linux, `/dev/cpu_dma_latency`): 0 keeps them awake and warm, for power; -1: as the system has it.",
        ),
    ] = NOT_ASKED_US
    seed: Annotated[
        int, Meta(ge=0, le=2**63 - 1, description="Seed of the synthetic market and of every strategy's generator.")
    ] = 1
    captures: Annotated[
        tuple[str, ...],
        Meta(description="Recordings that the simulator plays, one session in this order; relative to this file."),
    ] = ()
    speed: Annotated[
        str,
        Meta(
            pattern=r"^(max|[0-9]{1,4}(\.[0-9]{1,3})?)$",
            extra={"form": "`max`, or a factor such as `20` or `0.5`, as text"},
            description="How fast captures are played: times real time, or `max`, which makes the run a backtest.",
        ),
    ] = "1"
    duration_s: Annotated[
        int, Meta(ge=0, le=31_536_000, extra={"unit": "s"}, description="The run ends after it; 0: when stopped.")
    ] = 0
    strategies_from: Annotated[
        str, Meta(description="Folder in which strategies are found; empty: the folder of this file.")
    ] = ""


class SimulatorConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[venues.<venue>.simulator]: the venue that we play ourselves (environment `embedded`, mode `paper`)."""

    balances: Annotated[
        dict[str, Decimal],
        Meta(description="What the simulated account holds when it is opened, by asset, in units of the asset."),
    ] = field(default_factory=lambda: {"BTC": Decimal(2), "USDT": Decimal(100_000)})
    maker_fee_bps: Annotated[
        Decimal, Meta(description="Fee of a resting order.", extra={"unit": "bps", "minimum": "0", "maximum": "100"})
    ] = Decimal(10)
    taker_fee_bps: Annotated[
        Decimal, Meta(description="Fee of a taking order.", extra={"unit": "bps", "minimum": "0", "maximum": "100"})
    ] = Decimal(10)
    start_price: Annotated[
        Decimal,
        Meta(description="First mid price of the synthetic market.", extra={"unit": "quote currency", "above": "0"}),
    ] = Decimal(60_000)
    messages_per_second: Annotated[
        int, Meta(ge=1, le=100_000, extra={"unit": "1/s"}, description="Mean rate of the synthetic market.")
    ] = 200


class VenueConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[venues.<venue>]: one venue, by its name everywhere: binance_spot."""

    environment: Annotated[Environment, Meta(description="Which venue it is.")] = Environment.EMBEDDED
    instruments: Annotated[tuple[str, ...], Meta(description="Symbols to follow beside those of the strategies.")] = ()
    rest_url: Annotated[Url, Meta(description="REST base, without a path; required for `local`.")] = ""
    stream_url: Annotated[Url, Meta(description="Market stream base, without a path; required for `local`.")] = ""
    api_url: Annotated[Url, Meta(description="WebSocket API base, without a path; required for `local`.")] = ""
    order_latency_ms: Annotated[
        Millis, Meta(description="Market time that an order, and its report, takes in a simulator.")
    ] = 5
    receive_window_ms: Annotated[
        int, Meta(ge=100, le=60_000, extra={"unit": "ms"}, description="How old a request may be at the venue.")
    ] = 5_000
    simulator: Annotated[SimulatorConfig, Meta(description="The simulated venue.")] = SimulatorConfig()


class StrategyConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[[strategies]]: one strategy; the same class may stand here several times under different names."""

    class_path: Annotated[
        str,
        Meta(
            pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$",
            extra={"form": "`module:Class`"},
            description="Where the class is; the module is found beside this file.",
        ),
    ] = field(name="class")
    instruments: Annotated[
        tuple[str, ...],
        Meta(min_length=1, description="What it trades: `venue:SYMBOL`, or `SYMBOL` where one venue has it."),
    ]
    name: Annotated[
        str,
        Meta(
            pattern=r"^([a-z][a-z0-9_]{0,39})?$",
            extra={"form": "small letters, digits and _, at most 40"},
            description="Its name in logs and audit; empty: made from the class.",
        ),
    ] = ""
    enabled: Annotated[bool, Meta(description="Whether it may trade from the start.")] = True
    params: Annotated[
        dict[str, Any], Meta(description="Its own parameters, checked against the Params of the class.")
    ] = field(default_factory=dict)


class LimitsConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[limits]: how long a handler may run, and how much one turn may do."""

    handler_warn_ms: Annotated[
        int, Meta(ge=1, le=10_000, extra={"unit": "ms"}, description="A handler that ran this long is logged.")
    ] = 5
    handler_stop_ms: Annotated[
        int,
        Meta(ge=2, le=10_000, extra={"unit": "ms"}, description="A handler is interrupted, its strategy stopped."),
    ] = 250
    turn_market_max: Annotated[
        int, Meta(ge=1, le=4_096, extra={"unit": "messages"}, description="Market messages after which a turn ends.")
    ] = 64


class FeedConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[feed]: when a book may no longer be used, and how much of it is published."""

    stale_after_ms: Annotated[
        int, Meta(ge=100, le=600_000, extra={"unit": "ms"}, description="Silence after which a book is STALE.")
    ] = 3_000
    depth_levels: Annotated[
        int, Meta(ge=1, le=50, extra={"unit": "levels"}, description="Levels a side in a Depth message.")
    ] = 10


class BookConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[book]: how much of a book is kept."""

    levels_max: Annotated[
        int,
        Meta(
            ge=100,
            le=1_000_000,
            extra={"unit": "levels"},
            description="Levels a side; beyond it the worst is dropped and counted in the run's summary.",
        ),
    ] = 20_000


class AuditConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[audit]: how soon the trail is on disk."""

    sync_ms: Annotated[
        int, Meta(ge=1, le=1_000, extra={"unit": "ms"}, description="Longest time between two syncs of the trail.")
    ] = 20


class TapeConfig(Struct, frozen=True, forbid_unknown_fields=True):
    """[tape]: how long the recording of every input is kept."""

    keep_days: Annotated[
        int, Meta(ge=1, le=3_650, extra={"unit": "days"}, description="Age at which segments of ended runs go.")
    ] = 7
    keep_bytes: Annotated[
        int,
        Meta(ge=2**26, le=2**50, extra={"unit": "bytes"}, description="Size of all tapes above which the oldest go."),
    ] = 20 * 2**30


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """A whole configuration, resolved: every value is what the run uses."""

    engine: EngineConfig = EngineConfig()
    venues: dict[str, VenueConfig] = field(default_factory=dict)
    strategies: tuple[StrategyConfig, ...] = ()
    risk: RiskLimits = field(default_factory=RiskLimits)
    limits: LimitsConfig = LimitsConfig()
    feed: FeedConfig = FeedConfig()
    book: BookConfig = BookConfig()
    audit: AuditConfig = AuditConfig()
    tape: TapeConfig = TapeConfig()
    safety: SafetyConfig = SafetyConfig()
    reconcile: ReconcileConfig = ReconcileConfig()
    triggers: TriggersConfig = TriggersConfig()
