"""Who may do what at the simulated venue: the key pairs it accepts, and what one API connection has shown.

Keys come from the seed, so that a simulated run is a pure function; they open nothing but this simulator. A connection
either logs on once with the Ed25519 key or signs each request, with either key, as at the venue.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from hashlib import sha256
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from engine.config.credentials import Credentials
from engine.errors import UsageError
from gateways.binance.simulator_requests import Params, check_timing
from gateways.binance.simulator_rules import RequestError, milliseconds


class SimulatorKeys:
    """The two pairs that a simulator accepts, both of the one account that it keeps."""

    def __init__(self, ed25519: Credentials, hmac_pair: Credentials) -> None:
        """Accept these pairs. UsageError when the first holds no Ed25519 key."""
        self.ed25519 = ed25519
        self.hmac = hmac_pair
        key = load_pem_private_key(ed25519.private_key_pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise UsageError("the simulator was given a private key that is not Ed25519")
        self._public = key.public_key()

    @staticmethod
    def of_seed(venue: str, seed: int) -> SimulatorKeys:
        """Make the pairs that belong to a seed."""

        def derived(name: str) -> bytes:
            return sha256(f"{venue} simulator {seed} {name}".encode()).digest()

        private = Ed25519PrivateKey.from_private_bytes(derived("ed25519 key"))
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return SimulatorKeys(
            Credentials(venue, derived("ed25519 name").hex(), private_key_pem=pem),
            Credentials(venue, derived("hmac name").hex(), secret=derived("hmac secret").hex()),
        )

    def accepts(self, api_key: str) -> bool:
        """Say whether a key is one of the two."""
        return api_key in (self.ed25519.api_key, self.hmac.api_key)

    def verify(self, api_key: str, signature: str, payload: bytes) -> bool:
        """Say whether a signature is that of the key over the payload. HMAC signatures may be of either case."""
        if api_key == self.hmac.api_key:
            expected = hmac.digest(self.hmac.secret.encode(), payload, "sha256").hex()
            return hmac.compare_digest(expected.encode(), signature.lower().encode())
        try:
            self._public.verify(base64.b64decode(signature, validate=True), payload)
        except (InvalidSignature, binascii.Error, ValueError):  # expected: that is what an unsigned request looks like
            return False
        return True


class ApiSession:
    """What one connection of the WebSocket API has shown and asked for."""

    def __init__(self, path: str, now_ns: int) -> None:
        """Begin without a logon."""
        asked = parse_qs(path.partition("?")[2]).get("returnRateLimits", ["true"])
        self.returns_rate_limits = asked[-1] != "false"
        self._connected_ns = now_ns
        self._authorised_ns = 0
        self.api_key: str | None = None
        self.subscriptions: dict[int, str] = {}
        """What each subscription to the user stream was opened with: the account's key, or `logon`."""
        self._subscriptions_count = 0

    def authorise(self, params: Params, keys: SimulatorKeys, now_ns: int) -> str:
        """Return the key under which a request is made. RequestError says what its proof lacks."""
        if params.get("apiKey") is None and self.api_key is not None:
            check_timing(params, now_ns)
            return self.api_key
        api_key = params.text("apiKey")
        if not (api_key.isalnum() and api_key.isascii()):
            raise RequestError(-2014, "API-key format invalid.", 401)
        if not keys.accepts(api_key):
            raise RequestError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        signature = params.text("signature")
        check_timing(params, now_ns)
        if not keys.verify(api_key, signature, params.signed_payload()):
            raise RequestError(-1022, "Signature for this request is not valid.")
        return api_key

    def log_on(self, params: Params, keys: SimulatorKeys, now_ns: int) -> None:
        """Take a logon. RequestError unless an Ed25519 key signed it."""
        params.text("apiKey")
        api_key = self.authorise(params, keys, now_ns)
        if api_key != keys.ed25519.api_key:
            raise RequestError(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        self.api_key = api_key
        self._authorised_ns = now_ns

    def log_out(self) -> list[int]:
        """Forget the logon; returns the subscriptions that end with it."""
        self.api_key = None
        ended = [number for number, opened_with in self.subscriptions.items() if opened_with == "logon"]
        for number in ended:
            del self.subscriptions[number]
        return ended

    def subscribe(self, opened_with: str) -> int:
        """Open a subscription to the user stream; returns its number. RequestError when the account has one."""
        if self.subscriptions:
            raise RequestError(-2035, "User Data Stream subscription already active.")
        number = self._subscriptions_count
        self._subscriptions_count += 1
        self.subscriptions[number] = opened_with
        return number

    def unsubscribe(self, number: int | None) -> list[int]:
        """End one subscription, or all; returns those that ended. RequestError when there is none."""
        if not self.subscriptions or (number is not None and number not in self.subscriptions):
            raise RequestError(-2036, "User Data Stream subscription not active.")
        ended = list(self.subscriptions) if number is None else [number]
        for one in ended:
            del self.subscriptions[one]
        return ended

    def status(self, now_ns: int) -> dict[str, object]:
        """Return what `session.status` says."""
        return {
            "apiKey": self.api_key,
            "authorizedSince": milliseconds(self._authorised_ns) if self.api_key else None,
            "connectedSince": milliseconds(self._connected_ns),
            "returnRateLimits": self.returns_rate_limits,
            "serverTime": milliseconds(now_ns),
            "userDataStream": bool(self.subscriptions),
        }
