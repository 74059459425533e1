"""Who we are to the venue: an API key, and a signature over the parameters of a request.

An Ed25519 key logs a session on once and never signs an order; an HMAC secret cannot log on, so it signs every request.
Secrets live in closures, where neither repr nor str nor a traceback's attributes can show them. A replay has no key:
its NullSigner returns what the digest of sent bytes holds in place of every secret.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from typing import Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from engine.config.credentials import Credentials
from engine.errors import UsageError

MASK = "*"


class Signer(Protocol):
    """What the encoder needs of a key pair."""

    @property
    def logs_on(self) -> bool:
        """Whether the session logs on once, so that its requests need no signature."""

    @property
    def api_key(self) -> str:
        """The public half, which still identifies an account: masked wherever bytes are kept."""

    def sign(self, payload: bytes) -> str:
        """Return the signature of a payload as the venue wants it."""

    def mask(self, payload: bytes) -> bytes:
        """Return what the venue said with `*` in the place of our key: answers to a logon repeat it."""


class _Pair:
    """An API key and a way to sign."""

    __slots__ = ("_key", "_sign", "mask")

    def __init__(self, key: Callable[[], str], sign: Callable[[bytes], str]) -> None:
        self._key = key
        self._sign = sign
        self.mask = _masking(key().encode())

    @property
    def api_key(self) -> str:
        """The public half."""
        return self._key()

    def sign(self, payload: bytes) -> str:
        """Return the signature of `payload`."""
        return self._sign(payload)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(***)"


class Ed25519Signer(_Pair):
    """Signs with an Ed25519 private key; signatures are base64."""

    logs_on = True

    def __init__(self, api_key: str, private_key_pem: bytes) -> None:
        """Read the PEM.

        Raises:
            UsageError: the PEM is damaged, needs a password, or holds another kind of key.
        """
        try:
            key = load_pem_private_key(private_key_pem, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise UsageError(
                "the key file holds no Ed25519 private key without a password; "
                "make one with `openssl genpkey -algorithm ed25519`"
            )
        private_key = key
        super().__init__(lambda: api_key, lambda payload: base64.b64encode(private_key.sign(payload)).decode("ascii"))


class HmacSigner(_Pair):
    """Signs with HMAC-SHA256; signatures are lower-case hex."""

    logs_on = False

    def __init__(self, api_key: str, secret: str) -> None:
        """Keep the secret out of every attribute."""
        key = secret.encode()
        super().__init__(lambda: api_key, lambda payload: hmac.digest(key, payload, "sha256").hex())


class NullSigner:
    """Stands in for a signer in a replay: every secret is already a mask."""

    __slots__ = ("logs_on",)

    api_key = MASK

    def __init__(self, *, logs_on: bool) -> None:
        """`logs_on` as the recorded run's signer had it."""
        self.logs_on = logs_on

    def sign(self, payload: bytes) -> str:
        """Return the mask."""
        return MASK

    def mask(self, payload: bytes) -> bytes:
        """Return the payload: a tape holds no key."""
        return payload


def _masking(key: bytes) -> Callable[[bytes], bytes]:
    mask = MASK.encode()
    return lambda payload: payload.replace(key, mask)


def signer_of(credentials: Credentials) -> Signer:
    """Return the signer for a key pair."""
    if credentials.private_key_pem:
        return Ed25519Signer(credentials.api_key, credentials.private_key_pem)
    return HmacSigner(credentials.api_key, credentials.secret)


def signing_payload(params: Mapping[str, str | int]) -> bytes:
    """Return what the WebSocket API signs: the parameters by name, raw UTF-8, joined like a query."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params)).encode()
