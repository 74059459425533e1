"""File and trail: which of them counts, and what is in force when neither can be believed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest

from engine.config.risk import RiskLimits
from engine.errors import ConfigError
from engine.policy.policy import Override, Policy, PolicyStart, fingerprint
from engine.policy.store import PolicyFile, PolicyUnreadable, decode, encode, read, start

CONFIGURED = RiskLimits(max_order_value=Decimal(80_000), daily_orders_max=1_000_000)
SET = Policy().with_limit(2, "max_order_value", "90000", "80000")
IN_FORCE = SET.in_force(CONFIGURED)


def no_failure(problem: str) -> None:
    raise AssertionError(problem)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "policy.json"


def begin(path: Path, trail: Policy = SET, configured: RiskLimits = CONFIGURED) -> PolicyStart:
    return start(path, trail, fingerprint(trail.in_force(CONFIGURED)), configured, {"max_order_value": "a.toml:3"})


def test_before_the_first_run_the_configuration_is_in_force_and_nothing_is_said(path: Path) -> None:
    found = start(path, Policy(), "", CONFIGURED, {})
    assert (found.policy, found.problem, found.notes) == (Policy(), "", ())
    assert found.in_force(CONFIGURED) == CONFIGURED


def test_what_was_kept_is_read_back(path: Path) -> None:
    policy = SET.with_strategy("maker", False).with_manual(4, True)
    PolicyFile(path, no_failure).save(policy)
    assert read(path) == policy
    assert path.stat().st_mode & 0o777 == 0o600
    found = begin(path, policy)
    assert (found.policy, found.problem, found.notes) == (policy, "", ())
    assert found.in_force(CONFIGURED).max_order_value == Decimal(90_000)


def test_a_file_that_is_missing_or_behind_is_made_anew_from_the_trail(path: Path) -> None:
    missing = begin(path)
    assert missing.notes == ("policy.json is missing; version 2 is the trail's",)
    PolicyFile(path, no_failure).save(Policy())
    behind = begin(path)
    assert behind.notes == ("policy.json has version 1; version 2 is the trail's",)
    for found in (missing, behind):
        assert (found.policy, found.problem, found.in_force(CONFIGURED)) == (SET, "", IN_FORCE)


def damage(content: bytes) -> dict[str, bytes]:
    newer = encode(msgspec.structs.replace(SET, version=9))
    return {
        "empty": b"",
        "torn": content[: len(content) // 2],
        "a letter less": content[:-2],
        "a wrong checksum": content.replace(b"90000", b"90001"),
        "an unknown format": content.replace(b'"format":1', b'"format":2'),
        "an unknown key": content.replace(b'{"format"', b'{"more":1,"format"'),
        "no JSON": b"\xff\xfe{",
        "nested": b"[" * 100_000,
        "ahead of the trail": newer,
        "another version 2": encode(Policy().with_limit(2, "max_order_value", "85000", "80000")),
        "absurd numbers": encode(msgspec.structs.replace(SET, limits_version=7)),
        "huge": b" " * (1 << 20) + b" ",
    }


@pytest.mark.parametrize("kind", list(damage(encode(SET))))
def test_a_file_that_cannot_be_believed_brings_the_safe_defaults(path: Path, kind: str) -> None:
    content = damage(encode(SET))[kind]
    path.write_bytes(content)
    found = begin(path)
    assert str(path) in found.problem
    limits = found.in_force(CONFIGURED)
    assert limits.max_order_value == Decimal(50_000), "the documented default is tighter than configuration and trail"
    assert limits.daily_orders_max == 100
    assert (found.policy.version, found.policy.limits_version) == (10, 10) if kind.startswith("ahead") else (3, 3)
    assert path.read_bytes() == content, "the evidence stays"


def test_what_was_set_tighter_than_every_default_stays_tighter(path: Path) -> None:
    path.write_bytes(b"torn")
    trail = Policy().with_limit(2, "max_order_value", "1000", "80000")
    assert begin(path, trail).in_force(CONFIGURED).max_order_value == Decimal(1_000)
    path.write_bytes(encode(trail.with_limit(3, "max_order_value", "500", "80000")))
    assert begin(path, trail).in_force(CONFIGURED).max_order_value == Decimal(500), "the file's, which is not believed"


def test_a_directory_in_the_place_of_the_file_cannot_be_read(path: Path) -> None:
    path.mkdir()
    with pytest.raises(PolicyUnreadable, match="cannot be read"):
        read(path)


@pytest.mark.parametrize("override", [Override("-5", "80000"), Override("x", "80000")])
def test_an_absurd_value_that_was_kept_well_brings_the_safe_defaults(path: Path, override: Override) -> None:
    bad = Policy(2, 2, {"max_order_value": override})
    path.write_bytes(encode(bad))
    found = start(path, bad, "", CONFIGURED, {})
    assert "contradicts the configuration: risk.max_order_value" in found.problem
    assert found.in_force(CONFIGURED).max_order_value == Decimal(50_000)


@pytest.mark.parametrize("key", ["currency", "no_such_limit"])
def test_a_policy_cannot_hold_what_is_no_limit_of_a_running_engine(key: str) -> None:
    with pytest.raises(ConfigError, match=f"risk.{key}"):
        Policy(2, 2, {key: Override("1", "2")}).in_force(CONFIGURED)


def test_when_the_trail_cannot_be_folded_it_bears_nothing_out(path: Path) -> None:
    path.write_bytes(encode(SET))
    found = start(path, Policy(), "", CONFIGURED, {}, trail_problem="record 7 does not add up")
    assert "record 7 does not add up" in found.problem
    assert found.in_force(CONFIGURED).max_order_value == Decimal(50_000)


def test_a_configuration_that_changed_makes_the_next_version_and_the_tighter_value_counts(path: Path) -> None:
    PolicyFile(path, no_failure).save(SET)
    for said, in_force, notes in (("70000", "70000", 1), ("95000", "90000", 0)):
        configured = RiskLimits(max_order_value=Decimal(said), daily_orders_max=1_000_000)
        found = begin(path, SET, configured)
        assert found.in_force(configured).max_order_value == Decimal(in_force)
        assert len(found.notes) == notes
        assert found.policy.limits_version == (3 if notes else 2)
    other = begin(path, SET, RiskLimits(max_order_value=Decimal(80_000), daily_orders_max=5))
    assert (other.policy.version, other.policy.limits_version, other.problem) == (3, 3, "")


def test_two_overrides_that_only_together_make_sense_are_put_in_force_together() -> None:
    policy = Policy().with_limit(2, "open_orders_max", "200", "100")
    policy = policy.with_limit(3, "open_orders_instrument_max", "150", "20")
    assert policy.in_force(RiskLimits()).open_orders_instrument_max == 150


def test_a_limit_that_is_as_configured_again_is_no_override() -> None:
    assert SET.with_limit(3, "max_order_value", "80000", "80000") == Policy(3, 3)


def test_a_strategy_that_is_already_so_makes_no_version() -> None:
    off = Policy().with_strategy("maker", False)
    assert (off.version, off.limits_version) == (2, 1)
    assert off.with_strategy("maker", False) is off


def test_a_store_that_cannot_be_written_says_so_once(tmp_path: Path) -> None:
    said: list[str] = []
    store = PolicyFile(tmp_path / "gone" / "policy.json", said.append)
    store.save(SET)
    store.save(SET)
    assert len(said) == 1
    assert "cannot be written" in said[0]


def test_every_single_byte_that_changes_is_noticed(path: Path) -> None:
    content = encode(SET)
    for place in range(len(content) - 1):
        changed = bytes([*content[:place], content[place] ^ 1, *content[place + 1 :]])
        try:
            assert decode(changed) == SET, place  # a key of Kept cannot change, a letter of the checksum's case could
        except PolicyUnreadable:
            continue
