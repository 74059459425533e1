"""Keys come from the environment, whole or not at all, and are never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.config.credentials import load_credentials
from engine.errors import UsageError

CANARY = "canary-4711"
PREFIX = "TIERCEL_BINANCE_SPOT_"
PEM = b"-----BEGIN PRIVATE KEY-----\nMC4=\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    path.write_bytes(PEM)
    path.chmod(0o600)
    return path


def test_nothing_set_is_no_key() -> None:
    assert load_credentials("binance_spot", {"OTHER": "x"}) is None


def test_a_secret_signs_with_hmac() -> None:
    pair = load_credentials("binance_spot", {PREFIX + "KEY": "k", PREFIX + "SECRET": CANARY})
    assert pair is not None
    assert (pair.kind, pair.api_key, pair.secret) == ("hmac", "k", CANARY)


def test_a_key_file_signs_with_ed25519(key_file: Path) -> None:
    pair = load_credentials("binance_spot", {PREFIX + "KEY": "k", PREFIX + "KEY_FILE": str(key_file)})
    assert pair is not None
    assert (pair.kind, pair.private_key_pem) == ("ed25519", PEM)


def test_no_text_of_a_pair_holds_a_secret() -> None:
    pair = load_credentials("binance_spot", {PREFIX + "KEY": CANARY, PREFIX + "SECRET": CANARY})
    assert CANARY not in f"{pair!r} {pair} {[pair]}"


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["SECRET"], "TIERCEL_BINANCE_SPOT_SECRET is set and TIERCEL_BINANCE_SPOT_KEY is not"),
        (["KEY_FILE"], "TIERCEL_BINANCE_SPOT_KEY_FILE is set and TIERCEL_BINANCE_SPOT_KEY is not"),
        (["KEY"], "neither is set"),
        (["KEY", "SECRET", "KEY_FILE"], "both are set"),
    ],
)
def test_half_a_pair_is_refused_without_its_value(names: list[str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem) as caught:
        load_credentials("binance_spot", {PREFIX + name: CANARY for name in names})
    assert CANARY not in str(caught.value)


def test_a_key_file_that_others_can_read_is_refused(key_file: Path) -> None:
    key_file.chmod(0o644)
    with pytest.raises(UsageError, match="has mode 0644 and others can read it: chmod 600"):
        load_credentials("binance_spot", {PREFIX + "KEY": "k", PREFIX + "KEY_FILE": str(key_file)})


def test_a_key_file_that_is_absent_or_no_pem_is_refused(key_file: Path) -> None:
    key_file.write_bytes(b"hello")
    with pytest.raises(UsageError, match="is no PEM private key"):
        load_credentials("binance_spot", {PREFIX + "KEY": "k", PREFIX + "KEY_FILE": str(key_file)})
    key_file.unlink()
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load_credentials("binance_spot", {PREFIX + "KEY": "k", PREFIX + "KEY_FILE": str(key_file)})
