"""API keys, from the environment alone: TIERCEL_<VENUE>_KEY with _SECRET (HMAC) or _KEY_FILE (Ed25519 PEM, mode 0600).

They are kept apart from the configuration on purpose: no Struct holds them, so none can print, tape or audit them, and
their own repr and str show the venue and the kind only.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

from engine.errors import UsageError


class Credentials:
    """One venue's API key with its HMAC secret or its Ed25519 private key (PEM); exactly one of the two is set."""

    __slots__ = ("api_key", "private_key_pem", "secret", "venue")

    def __init__(self, venue: str, api_key: str, *, secret: str = "", private_key_pem: bytes = b"") -> None:
        """Take the key and one way to sign with it."""
        self.venue = venue
        self.api_key = api_key
        self.secret = secret
        self.private_key_pem = private_key_pem

    @property
    def kind(self) -> str:
        """`ed25519` or `hmac`."""
        return "ed25519" if self.private_key_pem else "hmac"

    def __repr__(self) -> str:
        return f"Credentials({self.venue}, {self.kind}, ***)"


def variable_names(venue: str) -> tuple[str, str, str]:
    """Return the names of the variables for key, secret and key file."""
    prefix = f"TIERCEL_{venue.upper()}"
    return f"{prefix}_KEY", f"{prefix}_SECRET", f"{prefix}_KEY_FILE"


def load_credentials(venue: str, environ: Mapping[str, str]) -> Credentials | None:
    """Return the venue's key pair, or None when the environment names none of it.

    Raises:
        UsageError: half a pair, two ways to sign, or a key file that is missing, readable by others or no PEM.
    """
    key_name, secret_name, file_name = variable_names(venue)
    key, secret, file = (environ.get(name, "") for name in (key_name, secret_name, file_name))
    if not (key or secret or file):
        return None
    if not key:
        raise UsageError(f"{secret_name if secret else file_name} is set and {key_name} is not: set both")
    if bool(secret) == bool(file):
        both = "both are set" if secret else "neither is set"
        raise UsageError(f"{key_name} needs {secret_name} (HMAC) or {file_name} (Ed25519): {both}")
    if secret:
        return Credentials(venue, key, secret=secret)
    return Credentials(venue, key, private_key_pem=_read_key_file(Path(file), file_name))


def _read_key_file(path: Path, variable: str) -> bytes:
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        pem = path.read_bytes()
    except OSError as problem:
        raise UsageError(f"{variable}: {path} cannot be read: {problem.strerror}") from problem
    if mode & 0o077:
        raise UsageError(f"{variable}: {path} has mode {mode:04o} and others can read it: chmod 600 {path}")
    if b"PRIVATE KEY-----" not in pem:
        raise UsageError(f"{variable}: {path} is no PEM private key")
    return pem
