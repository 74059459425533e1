"""Signatures: every published vector verifies, and no secret shows anywhere."""

from __future__ import annotations

import base64
import json
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from engine.config.credentials import Credentials
from engine.errors import UsageError
from gateways.binance.signing import Ed25519Signer, HmacSigner, NullSigner, signer_of, signing_payload

CANARY = "canary-7f3a91c2-never-show-me"


def pem(body: str) -> bytes:
    return f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n".encode()


def new_pem() -> bytes:
    key = Ed25519PrivateKey.generate()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def test_every_published_vector_verifies(shared_data: Callable[[str], Path]) -> None:
    vectors = json.loads(shared_data("signing/vectors.json").read_text())
    seen = []
    for vector in vectors:
        payload = vector["payload"].encode()
        if vector["algo"] == "HMAC-SHA256-hex":
            assert HmacSigner(vector["api_key"], vector["secret"]).sign(payload) == vector["signature"], vector["id"]
        elif vector["algo"] == "Ed25519-base64":
            signer = Ed25519Signer("key", pem(vector["private_key_pkcs8_b64"]))
            assert signer.sign(payload) == vector["signature"], vector["id"]
        else:
            continue
        seen.append(vector["id"])
    assert len(seen) == 11, "all but the one of another venue"


def test_the_websocket_api_signs_sorted_raw_parameters(shared_data: Callable[[str], Path]) -> None:
    vectors = {vector["id"]: vector for vector in json.loads(shared_data("signing/vectors.json").read_text())}
    for name in ("binance_wsapi_order_place_ascii", "binance_wsapi_order_place_non_ascii"):
        vector = vectors[name]
        params = dict(pair.split("=") for pair in reversed(vector["payload"].split("&")))
        payload = signing_payload(params)
        assert payload == vector["payload"].encode()
        assert HmacSigner(vector["api_key"], vector["secret"]).sign(payload) == vector["signature"]


def test_credentials_choose_the_signer() -> None:
    assert not signer_of(Credentials("binance_spot", "key", secret="secret")).logs_on
    signer = signer_of(Credentials("binance_spot", "key", private_key_pem=new_pem()))
    assert signer.logs_on
    assert signer.api_key == "key"
    assert len(base64.b64decode(signer.sign(b"payload"))) == 64


def test_a_null_signer_only_masks() -> None:
    signer = NullSigner(logs_on=True)
    assert (signer.api_key, signer.sign(b"anything"), signer.logs_on) == ("*", "*", True)


@pytest.mark.parametrize("damaged", [b"", b"no pem", pem("AAAA"), pem("MC4CAQAwBQYDK2VwBCIEIA==")])
def test_a_damaged_key_says_how_to_make_one(damaged: bytes) -> None:
    with pytest.raises(UsageError, match="openssl genpkey -algorithm ed25519"):
        Ed25519Signer("key", damaged)


def test_another_kind_of_key_is_refused() -> None:
    rsa = generate_private_key(65537, 1024).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(UsageError, match="no Ed25519 private key"):
        Ed25519Signer("key", rsa)


def test_no_secret_shows_in_repr_str_attributes_or_errors() -> None:
    key = new_pem()
    hidden = "".join(key.decode().split("\n")[1:-2])
    for signer in (HmacSigner(CANARY, CANARY), Ed25519Signer(CANARY, key)):
        shown = f"{signer!r} {signer} {dir(signer)} {[getattr(signer, name) for name in type(signer).__slots__]}"
        assert CANARY not in shown
        assert hidden not in shown
    with pytest.raises(UsageError) as caught:
        Ed25519Signer(CANARY, key.replace(hidden[:8].encode(), b"\xff" * 8))
    text = "".join(traceback.format_exception(caught.value))
    assert CANARY not in text
    assert hidden[8:] not in text
