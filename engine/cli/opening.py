"""Opening a run: the directory is locked, the trail continued, ids leased, the tape begun, and its head written.

It owns everything on disk that one run holds, and gives it back in the right order at the end. A start takes up what
the runs before left: a torn last line is cut, damage elsewhere latches. An embedded venue's account is born with the
run, so its ledger begins anew; the latch, disabled strategies and the chain go on all the same. What a backtest
disabled is forgotten with it, and it begins with every strategy of its configuration.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import msgspec

from actors.safety.start import DeletedTape, StartFacts
from actors.strategy.loading import LoadedStrategy
from engine.audit.checkpoints import Checkpoints
from engine.audit.desk_state import DeskState
from engine.audit.files import DayFiles
from engine.audit.rebuild import rebuild
from engine.audit.recovery import Recovered, recover
from engine.config.load import Loaded
from engine.config.model import Environment, Mode
from engine.config.render import to_toml
from engine.datadir import DataDir, DirectoryLock, Running, register, write_whole
from engine.durable import Syncer
from engine.errors import AuditError
from engine.heartbeat import Phase, last_phase
from engine.instruments import Instrument, Instruments
from engine.latch import Latch, add_latch, clear_latch, read_latch, set_latch
from engine.lease import Lease
from engine.messages.control import GateWord
from engine.policy.policy import PolicyStart, fingerprint
from engine.policy.store import start
from engine.tape.head import RunHead, describe_program
from engine.tape.keep import delete_old
from engine.tape.writer import TapeWriter
from engine.watch import forget_deeds, read_deeds
from gateways.gate_file import GateFile, read_gate
from gateways.throttle import RateLimit

PORTS_OF_A_VENUE = ("stream", "api", "rest")


class FileLatch:
    """The latch on disk. Within a run it is what the run did to it: a file that changes outside is no input."""

    def __init__(self, path: Path, reason: str) -> None:
        """Begin as the start found it; `reason` is empty when it is not set."""
        self._path = path
        self._is_set = bool(reason)

    @property
    def is_set(self) -> bool:
        """Whether it is set."""
        return self._is_set

    def set(self, reason: str, now_ns: int) -> None:
        """Set it, unless it is set already: the first cause is the one to be kept."""
        if not self._is_set:
            self._is_set = True
            add_latch(self._path, Latch(now_ns, "engine", reason))  # what a person wrote meanwhile stays

    def clear(self) -> None:
        """Remove it."""
        self._is_set = False
        clear_latch(self._path)


class MemoryLatch:
    """The latch of a replay."""

    def __init__(self, reason: str) -> None:
        """Begin as the tape's head says."""
        self._is_set = bool(reason)

    @property
    def is_set(self) -> bool:
        """Whether it is set."""
        return self._is_set

    def set(self, reason: str, now_ns: int) -> None:
        """Set it."""
        self._is_set = True

    def clear(self) -> None:
        """Remove it."""
        self._is_set = False


class Opened:
    """One run's hold on its data directory."""

    def __init__(self, directory: DataDir) -> None:
        """Lock the directory. DirectoryHeld when another engine has it."""
        directory.make()
        self.directory = directory
        self._lock = DirectoryLock(directory)
        self.syncer: Syncer
        self.recovered: Recovered
        self.lease: Lease
        self.latch: FileLatch
        self.gate_file: GateFile
        self.trail: DayFiles
        self.checkpoints: Checkpoints
        self.tape: TapeWriter
        self.head: RunHead
        self._entry: Path | None = None
        self._told_bytes = 0
        self._told_seq = 0
        self.problems: list[str] = []
        """What could not be written any more, for the person who reads the summary."""

    def begin(
        self,
        loaded: Loaded,
        instruments: list[Instrument],
        rate_limits: Mapping[str, list[RateLimit]],
        logs_on: dict[str, bool],
        strategies: list[LoadedStrategy],
        started_ns: int,
        wall_ns: int,
    ) -> RunHead:
        """Continue the trail, lease ids, and write the tape's head. `wall_ns` is the machine's time, for tapes' ages.

        Raises:
            AuditError: the trail cannot be continued.
            InvariantError: no ids can be leased.
        """
        config, directory = loaded.config, self.directory
        root = directory.root
        self.recovered = recover(root)
        self.syncer = Syncer(config.audit.sync_ms / 1_000)
        state, problem = self._desk_state(instruments, config.engine.mode, fresh=_account_is_fresh(loaded))
        self.lease = Lease.open(root, state.epoch)
        node, epoch = config.engine.node, self.lease.epoch
        run = directory.run(f"{node}-{epoch}")
        run.make()
        latch_reason = self._latch_reason(problem, started_ns)
        self.gate_file = GateFile.create(directory.gate, GateWord.CLOSED if latch_reason else GateWord.OPEN)
        latch_reason = latch_reason or self._latched()  # by a kill whose gate was just opened
        self.latch = FileLatch(directory.latch, latch_reason)
        self.trail = DayFiles(root, self.recovered.seq, self.syncer)
        self.checkpoints = Checkpoints(root, lambda: self.trail.durable_seq, self.syncer)
        sha256s = {plan.name: one.sha256 for plan, one in zip(config.strategies, strategies, strict=True)}
        venue_ports = [f"{venue}.{name}" for venue in config.venues for name in PORTS_OF_A_VENUE]
        self.head = RunHead(
            run_id=run.run_id,
            session_id=run.run_id,
            program=describe_program(sha256s),
            config=msgspec.to_builtins(config, str_keys=True),
            config_folder=str(loaded.folder),
            mode=str(config.engine.mode),
            seed=config.engine.seed,
            started_ns=started_ns,
            node=node,
            epoch=epoch,
            first_seq=self.recovered.seq + 1,
            previous_hash=self.recovered.head,
            start_facts=msgspec.to_builtins(self._start_facts(loaded, state, wall_ns)),
            latch_reason=latch_reason,
            instruments=[instrument.plain() for instrument in instruments],
            rate_limits={venue: msgspec.to_builtins(limits) for venue, limits in rate_limits.items()},
            logs_on=logs_on,
            lease=msgspec.to_builtins(self.lease.state()),
            desk_state=state.plain(),
            policy=self._policy(loaded, state, problem).plain(),
            ports=["timers", "operator", "gate", "faults", "health", *venue_ports],
        )
        self.tape = TapeWriter(run.tape, self.head, time_ns=started_ns, syncer=self.syncer)
        write_whole(run.config, to_toml(config).encode())
        self.syncer.start()
        return self.head

    def enter_registry(self) -> None:
        """Let status, stop and kill find this engine from any folder."""
        entry = Running(os.getpid(), str(self.directory.root), self.head.run_id, self.head.mode)
        self._entry = register(os.environ, entry)

    def _start_facts(self, loaded: Loaded, state: DeskState, wall_ns: int) -> StartFacts:
        config = loaded.config
        keep = config.tape
        gone = delete_old(self.directory.runs, "", keep.keep_days, keep.keep_bytes, wall_ns)
        deeds, self._told_bytes = read_deeds(self.directory.watch_deeds)
        self._told_seq = self.recovered.seq + 1 + len(deeds)
        return StartFacts(
            node=config.engine.node,
            epoch=self.lease.epoch,
            mode=str(config.engine.mode),
            version=metadata.version("tiercel"),
            clean_stop=state.clean_stop,
            fresh_account=_account_is_fresh(loaded),
            torn_bytes=self.recovered.torn_bytes,
            problems=self.recovered.problems,
            quarantined=self.recovered.quarantined,
            watchdog=tuple(deeds),
            deleted=tuple(DeletedTape(one.run_id, one.segment, one.bytes_count, one.reason) for one in gone),
        )

    def forget_told(self) -> None:
        """Take off what the watchdog did, once the trail holds it: the records stand next to the run's first."""
        if self._told_bytes and self.trail.durable_seq >= self._told_seq:
            told_bytes, self._told_bytes = self._told_bytes, 0
            try:
                forget_deeds(self.directory.watch_deeds, told_bytes)
            except OSError as problem:
                self.problems.append(f"{self.directory.watch_deeds} cannot be changed: {problem.strerror}")

    def close(self) -> None:
        """Give the directory back."""
        if self._entry is not None:
            self._entry.unlink(missing_ok=True)
        self._lock.release()

    def _desk_state(self, instruments: list[Instrument], mode: Mode, *, fresh: bool) -> tuple[DeskState, str]:
        """Return what the run starts from, and why that is not to be trusted (empty when it is)."""
        try:
            state = rebuild(self.directory.root, Instruments(instruments))
        except AuditError as problem:
            return DeskState(seq=self.recovered.seq, head=self.recovered.head), f"the trail cannot be folded: {problem}"
        state = state.without_account() if fresh else state
        if mode is Mode.BACKTEST:
            state.disabled, state.killed = {}, {}
        return state, ""

    def _policy(self, loaded: Loaded, state: DeskState, problem: str) -> PolicyStart:
        """Return the limits and decisions that the run begins with; a backtest knows its configuration alone."""
        config = loaded.config
        origins = {str(path[1]): origin for path, origin in loaded.origins.items() if path[0] == "risk"}
        if config.engine.mode is Mode.BACKTEST:
            return PolicyStart(limits_sha256=fingerprint(config.risk), origins=origins)
        return start(
            self.directory.policy, state.policy, state.limits_sha256, config.risk, origins, trail_problem=problem
        )

    def _latched(self) -> str:
        latch = read_latch(self.directory.latch)
        return "" if latch is None else f"{latch.user}: {latch.reason}"

    def _latch_reason(self, problem: str, now_ns: int) -> str:
        latched = self._latched()
        if latched:
            return latched
        reason = problem or "; ".join(self.recovered.problems[:3])
        if self.directory.gate.exists() and read_gate(self.directory.gate) is not GateWord.OPEN:
            ended = last_phase(self.directory.pulse) in (Phase.ENDING, Phase.LEFT_OPEN)
            reason = reason or ("" if ended else "the gate was found closed and nobody said why")
        if reason:
            set_latch(self.directory.latch, Latch(now_ns, "engine", reason))
        return reason


def _account_is_fresh(loaded: Loaded) -> bool:
    config = loaded.config
    if config.engine.mode is Mode.BACKTEST:
        return True
    return any(venue.environment is Environment.EMBEDDED for venue in config.venues.values())
