"""The actor that keeps one venue's books and says what the market is, or that nobody knows.

A book is used only while it is proved: by its sequence from a snapshot on, by not being crossed, by the venue's own
best price at the same update, and by being heard of. Quotes come from whichever of book and best-price stream is
further and never go back; depth comes from the book alone. It refuses to repair anything: what does not fit makes the
book STALE until a new snapshot does. Times in its messages are those of the input that caused them.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, structs

from actors.feed.line import STEADY_NS, Line, Subscriber
from actors.feed.quotes import CROSSED, DIFFERS, MISSING, TAKEN, MarketFront
from actors.feed.recovery import RecoveryEvent, RecoveryState, advance
from engine.clock import NS_PER_MS, NS_PER_SECOND
from engine.errors import InvariantError
from engine.instruments import Instrument
from engine.messages.best_price import BestPrice
from engine.messages.control import Action, Start, Stop
from engine.messages.market import (
    BookDelta,
    BookSnapshot,
    FeedGap,
    FeedState,
    FeedStatus,
    Mark,
    SnapshotRequest,
    StreamState,
    TopDepth,
    Trade,
    Watch,
)
from engine.runtime.actor import Actor, Ref, type_of_handlers
from hotpath.core.mailbox import REFUSED

SYNCHRONISED = RecoveryState.SYNCHRONISED

TICK_NS = 100 * NS_PER_MS  # how often marks are told and silence is measured
CONFIRM_NS = 250 * NS_PER_MS
"""Age from which a quote that holds is confirmed; well below the age at which risk takes none as reference."""

TOP_LEVELS = 10
"""Levels of each side that risk is told the sum of (C09)."""

REQUEST_GAP_NS = NS_PER_SECOND
"""The least time between two snapshot requests of an instrument: each costs the venue's rate budget."""

BACKOFF_SECONDS_MAX = 30
ANSWER_NS = 10 * NS_PER_SECOND
"""How long a snapshot may take before it is asked for again."""


class _Tick(Struct, frozen=True, gc=False):
    """Tell marks, measure silence."""


class _Retry(Struct, frozen=True, gc=False):
    """Ask for a snapshot again, unless the attempt that set this timer is over."""

    instrument: int
    attempt: int


class Feed(Actor):
    """Keeps the books of one venue."""

    gateway: Ref
    risk: Ref
    portfolio: Ref
    safety: Ref
    subscribers: Sequence[Sequence[Subscriber]]
    """Who listens to each instrument, by the instrument's index."""
    triggers: Subscriber
    """Who listens while orders wait for an instrument."""

    def __init__(
        self,
        venue: str,
        instruments: Sequence[Instrument],
        *,
        depth_levels: int = 10,
        stale_after_ns: int = 3 * NS_PER_SECOND,
        levels_max: int = 20_000,
    ) -> None:
        """Begin with every book IDLE.

        Args:
            venue: whose books these are.
            instruments: of this venue; their indices are those of the run.
            depth_levels: levels a side in a Depth.
            stale_after_ns: silence of book and best price after which a book is STALE.
            levels_max: levels that a side of a book may hold.
        """
        self.venue = venue
        self.depth_levels = depth_levels
        self.stale_after_ns = stale_after_ns
        self.instruments = tuple(instruments)
        self.watched: dict[int, Watch] = {}
        """What triggers asked for, by the instrument's index; a feed that is made anew goes on with it."""
        lines = {instrument.index: Line(instrument, levels_max) for instrument in instruments}
        spare = Line(instruments[0], levels_max)
        self._lines = [lines.get(index, spare) for index in range(max(lines) + 1)]
        self._front = MarketFront(self._lines, depth_levels, self._keep, self._broken)
        self._own = tuple(lines[index] for index in sorted(lines))

    def handlers(self) -> type_of_handlers:
        """Name the handler of each message."""
        return {
            BestPrice: self._front.on_best_price,
            BookDelta: self._front.on_delta,
            BookSnapshot: self.on_snapshot,
            Trade: self.on_trade,
            StreamState: self.on_stream,
            Watch: self.on_watch,
            Start: self.on_start,
            Stop: self.on_stop,
            _Tick: self.on_tick,
            _Retry: self.on_retry,
        }

    def summary(self, instrument: int) -> dict[str, int | str]:
        """Return an instrument's part of the run's summary."""
        return self._lines[instrument].summary()

    # ---- market data, hottest first

    def on_trade(self, trade: Trade) -> None:
        """Pass a trade on, unchanged."""
        for outlet in self._lines[trade.instrument].trade_outlets:
            outlet.send(trade)

    def on_snapshot(self, snapshot: BookSnapshot) -> None:
        """Join a snapshot with the deltas that were kept; one that comes uncalled for is ignored."""
        line = self._lines[snapshot.instrument]
        if line.state is RecoveryState.BUFFERING:
            line.snapshot = snapshot
            if line.buffer:
                self._join(line)

    # ---- the book

    def _broken(self, line: Line, verdict: int, news: BestPrice | BookDelta) -> None:
        """Market data does not fit: only a delta that was known already is harmless."""
        if isinstance(news, BestPrice):
            if verdict == DIFFERS:
                self._differs(line, news.update_id)
            else:
                reason = f"best bid {news.bid_ticks} is not below best ask {news.ask_ticks}"
                self._break(line, RecoveryEvent.CROSSED, reason)
        elif verdict == MISSING:
            self._gap(line, line.sequence.expected, news)
        elif verdict == CROSSED:
            self._break(line, RecoveryEvent.CROSSED, f"the book is crossed at update {news.last_id}")
        elif verdict == DIFFERS:
            self._differs(line, news.last_id)

    def _differs(self, line: Line, update_id: int) -> None:
        """Book and best price contradict each other at the same update."""
        self._break(line, RecoveryEvent.MISMATCH, f"book and best price differ at update {update_id}")

    # ---- recovery

    def _keep(self, line: Line, delta: BookDelta) -> None:
        """Keep a delta for the snapshot to come; a stream that was down and speaks is live."""
        if line.state is RecoveryState.IDLE:
            self._live(line)
        if line.buffer and delta.first_id != line.buffer[-1].last_id + 1:
            line.state = advance(line.state, RecoveryEvent.GAP)
            line.gaps += 1
            line.buffer.clear()
        line.buffer.append(delta)
        if line.snapshot is not None and line.state is RecoveryState.BUFFERING:
            self._join(line)

    def _join(self, line: Line) -> None:
        """Load the snapshot and apply what follows it; it must reach what was kept first."""
        snapshot, deltas = line.snapshot, tuple(line.buffer)
        assert snapshot is not None, "a snapshot was looked at before"
        line.snapshot = None
        if snapshot.last_id + 1 < deltas[0].first_id:
            text = f"snapshot at {snapshot.last_id} is older than the first delta that was kept, {deltas[0].first_id}"
            self._break(line, RecoveryEvent.SNAPSHOT_REFUSED, text)
            return
        line.buffer.clear()
        line.book.load(snapshot.bids, snapshot.asks)
        line.sequence.start(snapshot.last_id)
        line.book_id = snapshot.last_id
        if line.book.crossed:
            self._break(line, RecoveryEvent.CROSSED, f"the snapshot at {snapshot.last_id} is crossed")
            return
        for delta in deltas:
            verdict = line.apply(delta)
            if verdict != TAKEN:
                self._broken(line, verdict, delta)
            if line.state is not RecoveryState.BUFFERING:
                return
        self._synchronise(line)

    def _synchronise(self, line: Line) -> None:
        """The book is proved: say so, then publish what it shows."""
        line.state = advance(line.state, RecoveryEvent.SNAPSHOT_JOINED)
        line.attempt += 1
        line.heard_ns = line.synchronised_ns = self.context.now_ns
        self._announce(line, FeedStatus.SYNCHRONISED, "")
        latest = line.recent[-1] if line.recent else None
        if latest is not None and latest.update_id > max(line.book_id, line.quote_id):
            line.recent.pop()
            self._front.on_best_price(latest)
        elif line.book_id >= line.quote_id:
            line.take_book(self.context.now_ns)
        if line.depth_refs:
            line.publish_depth(self.depth_levels, self.context.now_ns)

    def _gap(self, line: Line, expected_id: int, delta: BookDelta) -> None:
        """The sequence broke: say so at once, and begin to keep deltas from this one on."""
        line.gaps += 1
        gap = FeedGap(line.index, expected_id, delta.first_id, delta.time_ns)
        if line.state is SYNCHRONISED:
            for tell in line.gap_tells:
                tell(gap)
            self._break(line, RecoveryEvent.GAP, f"expected update {expected_id}, received {delta.first_id}")
        else:
            self._break(line, RecoveryEvent.SNAPSHOT_REFUSED, f"expected update {expected_id} after the snapshot")
        line.buffer.append(delta)

    def _break(self, line: Line, event: RecoveryEvent, reason: str) -> None:
        """The book may not be used any more."""
        usable = line.state is SYNCHRONISED
        line.state = advance(line.state, event)
        line.snapshot = None
        line.quote = None
        line.depth = None
        line.buffer.clear()
        if usable:
            self._announce(line, FeedStatus.STALE, reason)
        if line.state is RecoveryState.IDLE or (usable and self.context.now_ns - line.synchronised_ns >= STEADY_NS):
            line.failures = 0
        elif not usable:
            line.failures += 1
        if line.state is RecoveryState.STALE:
            self._retry_later(line)
            line.failures += usable

    def _retry_later(self, line: Line) -> None:
        """Ask for a snapshot as soon as the pause after the last one, and the backoff, are over."""
        line.attempt += 1
        backoff_s = min(2 ** (line.failures - 1), BACKOFF_SECONDS_MAX) if line.failures else 0
        due_ns = max(line.requested_ns + REQUEST_GAP_NS, self.context.now_ns + backoff_s * NS_PER_SECOND)
        self.context.after(due_ns - self.context.now_ns, _Retry(line.index, line.attempt))

    def _request(self, line: Line) -> None:
        """Ask for a snapshot; what was asked for before does not count any more."""
        line.attempt += 1
        line.requested_ns = self.context.now_ns
        if self.gateway.tell(SnapshotRequest(line.index)) == REFUSED:
            raise InvariantError(f"the gateway of {self.venue} could not take a request for a snapshot")
        self.context.after(ANSWER_NS, _Retry(line.index, line.attempt))

    def _live(self, line: Line) -> None:
        """The stream lives: keep deltas and ask for a snapshot."""
        line.state = advance(line.state, RecoveryEvent.STREAM_LIVE)
        if self.context.now_ns - line.requested_ns >= REQUEST_GAP_NS:
            self._request(line)
        else:
            self._retry_later(line)

    def _announce(self, line: Line, status: FeedStatus, reason: str) -> None:
        """Tell and record that a book may, or may not, be used."""
        state = FeedState(line.index, status, reason, line.book_id, self.context.now_ns)
        self.context.audit(Action.FEED_SYNCHRONISED if status is FeedStatus.SYNCHRONISED else Action.FEED_STALE, state)
        for tell in line.state_tells:
            tell(state)

    # ---- the house

    def on_stream(self, stream: StreamState) -> None:
        """The venue's stream came or went; without it every book of the venue is STALE."""
        for line in self._own:
            if stream.live:
                if line.state is RecoveryState.IDLE:
                    self._live(line)
                else:
                    line.state = advance(line.state, RecoveryEvent.STREAM_LIVE)
                continue
            self._break(line, RecoveryEvent.STREAM_DOWN, stream.reason)
            line.attempt += 1
            line.quote_id = 0
            line.recent.clear()

    def on_start(self, _: Start) -> None:
        """Say that nothing is known yet: after a restart somebody may believe an older word."""
        for line in self._own:
            self._connect(line)
            self._announce(line, FeedStatus.STALE, "start")
        self.context.every(TICK_NS, _Tick())

    def on_watch(self, watch: Watch) -> None:
        """Tell triggers of an instrument from now on, or not any more; what is known now is told at once."""
        line = self._lines[watch.instrument]
        self.watched[watch.instrument] = watch
        self._connect(line)
        if watch.quotes and line.state is SYNCHRONISED:
            now_ns = self.context.now_ns
            self.triggers.quotes.tell(FeedState(line.index, FeedStatus.SYNCHRONISED, "", line.book_id, now_ns))
            if line.quote is not None:
                self.triggers.quotes.tell(structs.replace(line.quote, time_ns=now_ns))

    def _connect(self, line: Line) -> None:
        """Bind who is told of an instrument; triggers hears before any strategy, because orders wait there."""
        watch = self.watched.get(line.index)
        subscribers = self.subscribers[line.index]
        if watch is not None and watch.quotes:
            listener = self.triggers if watch.trades else self.triggers._replace(trades=None)
            subscribers = [listener, *subscribers]
        line.connect(self.risk, self.safety, subscribers)

    def on_stop(self, _: Stop) -> None:
        """The run ends; books are kept for the summary, and the end of the stream is no news."""
        self._own = ()

    def on_tick(self, _: _Tick) -> None:
        """Tell marks that changed, and give up books that nobody spoke of for too long."""
        now_ns = self.context.now_ns
        for line in self._own:
            if line.state is not SYNCHRONISED:
                continue
            heard = line.heard
            silence = line.silence(now_ns, self.stale_after_ns)
            if silence:
                self._break(line, RecoveryEvent.SILENT, silence)
            elif heard:
                self._mark(line, now_ns)

    def on_retry(self, retry: _Retry) -> None:
        """Ask for a snapshot again."""
        line = self._lines[retry.instrument]
        is_answered = line.state is RecoveryState.BUFFERING and line.snapshot is not None
        if retry.attempt == line.attempt and not is_answered:
            line.state = advance(line.state, RecoveryEvent.RETRY)
            self._request(line)

    def _mark(self, line: Line, now_ns: int) -> None:
        """Tell a mark that changed, and risk how much stands at the best prices, and that an old quote still holds."""
        quote = line.quote
        if quote is None or not quote.bid_ticks or not quote.ask_ticks:
            return
        if now_ns - quote.time_ns >= CONFIRM_NS:
            line.quote = structs.replace(quote, time_ns=now_ns)
            self.risk.tell(line.quote)
            watch = self.watched.get(line.index)
            if watch is not None and watch.quotes:
                self.triggers.quotes.tell(line.quote)
        bids, asks = line.book.best_levels(TOP_LEVELS)
        depth = TopDepth(line.index, sum(lots for _, lots in bids), sum(lots for _, lots in asks), now_ns, bids, asks)
        self.risk.tell(depth)
        twice = quote.bid_ticks + quote.ask_ticks
        if twice != line.marked_twice:
            line.marked_twice = twice
            self.portfolio.tell(Mark(line.index, twice, now_ns))
