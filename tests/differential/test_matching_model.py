"""The matching engine and its model take the same requests and must answer and look the same after each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hotpath.market.matching import Kind, MatchingEngine, Outcome, Prevention
from tests.models.matching import Model

BUY, SELL = 1, -1
ORDERS_MAX = 12

numbers = st.integers(1, 24)
ticks = st.integers(0, 12)
lots = st.integers(0, 9)
owners = st.integers(0, 2)


def submitted(kinds: list[Kind], **terms: st.SearchStrategy[int]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.tuples(
        st.just("submit"), numbers, st.sampled_from([BUY, SELL]), st.sampled_from(kinds), ticks, lots, owners,
        st.fixed_dictionaries({"prevention": st.sampled_from(list(Prevention)), **terms}),
    )  # fmt: skip


plain = submitted([Kind.LIMIT, Kind.MARKET, Kind.IOC, Kind.FOK, Kind.POST_ONLY])
dated = submitted([Kind.LIMIT, Kind.POST_ONLY, Kind.IOC], expires_ns=st.integers(0, 60))
stops = submitted([Kind.STOP, Kind.STOP_LIMIT], stop_ticks=ticks, expires_ns=st.sampled_from([0, 0, 20, 40]))
requests = st.one_of(
    plain,
    plain,
    dated,
    stops,
    stops,
    st.tuples(st.just("cancel"), numbers),
    st.tuples(st.just("amend"), numbers, ticks, lots),
    st.tuples(st.just("expire"), st.integers(1, 6)),
)


def ask(one: Any, name: str, arguments: list[Any]) -> object:
    """Make a request of the engine or of the model; its last argument may be keywords."""
    keywords = arguments.pop() if isinstance(arguments[-1], dict) else {}
    request: Callable[..., object] = getattr(one, name)
    return request(*arguments, **keywords)


@settings(max_examples=400)
@given(st.lists(requests, max_size=100), st.integers(1, 9))
def test_agrees_with_the_model_after_every_step(steps: list[tuple[Any, ...]], publish_every: int) -> None:
    engine, model = MatchingEngine(ORDERS_MAX, track_changes=True), Model(ORDERS_MAX)
    shown: dict[tuple[int, int], int] = {}
    for count, (name, *arguments) in enumerate(steps):
        if name == "expire":
            arguments = [engine.now_ns + arguments[0]]
        assert ask(engine, name, [*arguments]) == ask(model, name, [*arguments])
        assert engine.consequences() == model.consequences()
        assert engine.depth(99) == tuple(model.depth())
        assert len(engine) == len(model.book) + len(model.waiting)
        assert engine.last_ticks == model.last_ticks
        engine.check()
        if count % publish_every == 0:
            shown |= {(side, ticks): lots for side, ticks, lots in engine.changes()}
            assert {level: lots for level, lots in shown.items() if lots} == model.levels()


@settings(max_examples=50)
@given(st.lists(requests, max_size=60))
def test_the_same_requests_have_the_same_answers(steps: list[tuple[Any, ...]]) -> None:
    engines = MatchingEngine(ORDERS_MAX), MatchingEngine(ORDERS_MAX)
    for name, *arguments in steps:
        if name == "expire":
            arguments = [engines[0].now_ns + arguments[0]]
        first, second = (ask(engine, name, [*arguments]) for engine in engines)
        assert first == second
        assert engines[0].consequences() == engines[1].consequences()


@settings(max_examples=100)
@given(st.lists(plain, max_size=60))
def test_no_lot_is_made_or_lost(steps: list[tuple[Any, ...]]) -> None:
    engine = MatchingEngine(64)
    for number, (_, _, side, kind, price_ticks, size, owner, terms) in enumerate(steps):
        resting = sum(level[1] for half in engine.depth(99) for level in half)
        outcome, executions = engine.submit(number, side, kind, price_ticks, size, owner, **terms)
        traded = sum(execution[3] for execution in executions)
        canceled = sum(told[2] for told in engine.consequences())
        rested = engine.open_lots(number)
        assert sum(level[1] for half in engine.depth(99) for level in half) == resting - traded - canceled + rested
        if outcome is Outcome.FILLED:
            assert (traded, rested) == (size, 0)
        elif outcome is Outcome.RESTING:
            assert traded + rested == size
        assert traded <= size
