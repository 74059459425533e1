"""The commands' side of the control socket: one question, one answer, a time limit, and no event loop.

It is imported by `tiercel status` and `tiercel kill`, so it imports little. An engine that does not answer in time is
an ordinary outcome here, not an error: the caller says what that means.
"""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import msgspec

from gateways.operator.address import short_address

ANSWER_BYTES_MAX = 1_048_576


class Answer(msgspec.Struct, frozen=True):
    """What the engine said."""

    ok: bool
    answer: dict[str, Any] = {}

    @property
    def error(self) -> str:
        """Why it said no."""
        return str(self.answer.get("error", "no reason was given"))


class Conversation:
    """One command and its answer, which may be waited for several times."""

    def __init__(self, path: Path, timeout_s: float) -> None:
        """Connect to the socket at `path`.

        Raises:
            OSError: nobody listens there, or nobody took the connection within `timeout_s`.
        """
        self._received = b""
        self._connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._connection.settimeout(timeout_s)
        try:
            with short_address(path) as address:
                self._connection.connect(address)
        except OSError:
            self._connection.close()
            raise

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def say(self, verb: str, arguments: dict[str, str], user: str) -> None:
        """Send a command. OSError when the engine has gone or does not read."""
        line = msgspec.json.encode({"verb": verb, "arguments": arguments, "user": user})
        self._connection.sendall(line + b"\n")

    def wait(self, timeout_s: float) -> Answer | None:
        """Return the answer, or None when it is not there after `timeout_s`.

        Raises:
            OSError: the engine has gone, or what it says is no answer.
        """
        self._connection.settimeout(timeout_s)
        while b"\n" not in self._received:
            try:
                chunk = self._connection.recv(65_536)
            except TimeoutError:  # expected: the caller says what silence means
                return None
            if not chunk or len(self._received) > ANSWER_BYTES_MAX:
                raise ConnectionError("the engine closed the control socket without an answer")
            self._received += chunk
        line, _, self._received = self._received.partition(b"\n")
        try:
            return msgspec.json.decode(line, type=Answer)
        except msgspec.DecodeError as problem:
            raise ConnectionError(f"what the engine answered is no answer: {problem}") from problem


def ask(path: Path, verb: str, arguments: dict[str, str], user: str, timeout_s: float) -> Answer | None:
    """Send one command to the engine behind the socket at `path`; None when nobody answers within `timeout_s`."""
    try:
        with Conversation(path, timeout_s) as conversation:
            conversation.say(verb, arguments, user)
            return conversation.wait(timeout_s)
    except OSError:  # expected: nobody listens, or the engine has gone
        return None
