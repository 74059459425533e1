"""The control socket: state/control.sock, mode 0600, inside the engine's own loop.

A command is one line of JSON, `{"verb": ..., "arguments": {...}, "user": ...}`, and so is its answer,
`{"ok": ..., "answer": {...}}`. The server gives a command its number and brings it in through a Port, because what a
person asks is an input like any other: it is on the tape before anyone acts on it. A question such as `status` changes
nothing, so it is answered at once and is not taped. OperatorDesk turns the input into a Command for safety, which
answers by number; on a replay it does the same without a socket.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from engine.errors import InvariantError
from engine.messages.control import Command, Role, Start, Stop
from engine.runtime.actor import Actor, Ref, type_of_handlers
from engine.runtime.port import InputKind
from gateways.operator.address import short_address
from gateways.operator.roles import Peer, peer_of

VERBS = ("stop", "kill", "rearm", "flatten", "strategy", "cancel", "resolve", "set-limit", "manual", "approve")
LINE_BYTES_MAX = 65_536
CONNECTIONS_MAX = 16
PENDING_MAX = 64
ASK_SECONDS_MAX = 30.0
"""A connection that nobody owes an answer is closed when no question came for so long: others want its place."""
UNREAD_BYTES_MAX = 1 << 20
"""Answers that a client may leave unread."""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line of a client."""

    verb: str
    arguments: dict[str, str] = {}
    user: str = ""


class NumberedCommand(msgspec.Struct, frozen=True):
    """The payload of a COMMAND input."""

    request: int
    verb: str
    arguments: dict[str, str]
    user: str
    roles: tuple[Role, ...]


class OperatorDesk(Actor):
    """Brings a person's commands to safety; what safety answers goes to ControlServer.reply."""

    safety: Ref

    def handlers(self) -> type_of_handlers:
        """Return the method for each message type."""
        return {Start: self.on_start, Stop: self.on_stop}

    def on_start(self, message: Start) -> None:
        """Wait for commands; the port brings them."""

    def on_stop(self, message: Stop) -> None:
        """Go on: a person may still have something to say while the run ends."""

    def on_input(self, kind: InputKind, payload: bytes) -> None:
        """Take a command from the port."""
        if kind is not InputKind.COMMAND:
            raise InvariantError(f"the control port brought {kind.name}, expected COMMAND")
        asked = msgspec.json.decode(payload, type=NumberedCommand)
        self.safety.tell(
            Command(asked.request, asked.verb, asked.arguments, asked.user, self.context.now_ns, asked.roles)
        )


class ControlServer:
    """The socket. Commands go to `deliver`, questions to who knows the answer, answers come back to `reply`."""

    def __init__(
        self, path: Path, deliver: Callable[[bytes], None], questions: Mapping[str, Callable[[], dict[str, Any]]]
    ) -> None:
        """`deliver` takes the payload of a COMMAND input; `questions` change nothing and return plain values."""
        self._path = path
        self._deliver = deliver
        self._questions = questions
        self._server: asyncio.Server | None = None
        self._asked: dict[int, Connection] = {}
        self._next_request = 1
        self.connections: dict[Connection, None] = {}

    async def start(self) -> None:
        """Listen. A socket that a dead engine left behind is removed: the caller holds the directory's lock."""
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.setblocking(False)
        with short_address(self._path) as address:
            listener.bind(address)
        self._path.chmod(0o600)
        loop = asyncio.get_running_loop()
        self._server = await loop.create_unix_server(lambda: Connection(self), sock=listener)

    async def close(self) -> None:
        """Stop listening and drop every connection."""
        if self._server is not None:
            self._server.close()
            for connection in list(self.connections):
                connection.close()
            await self._server.wait_closed()
            self._server = None
        self._path.unlink(missing_ok=True)

    def reply(self, request: int, ok: bool, answer: dict[str, Any]) -> None:
        """Answer a command; when its asker has gone, the answer goes nowhere."""
        connection = self._asked.pop(request, None)
        if connection is not None:
            connection.answer(ok, answer)

    def ask(self, connection: Connection, line: bytes) -> None:
        """Take the line of a client."""
        try:
            question = msgspec.json.decode(line, type=Question)
        except msgspec.DecodeError as problem:
            connection.answer(False, {"error": f"the command makes no sense: {problem}"})
            return
        ask = self._questions.get(question.verb)
        if ask is not None and Role.READ in connection.peer.roles:
            connection.answer(True, ask())
        elif ask is not None:
            connection.answer(False, {"error": f"{question.verb} needs the role {Role.READ}"})
        elif question.verb not in VERBS:
            connection.answer(False, {"error": f"unknown command {question.verb!r}; known: {', '.join(VERBS)}"})
        elif len(self._asked) >= PENDING_MAX:
            connection.answer(False, {"error": f"{PENDING_MAX} commands are waiting already; ask again later"})
        else:
            request = self._next_request
            self._next_request += 1
            self._asked[request] = connection
            peer = connection.peer
            user = peer.name or question.user
            command = NumberedCommand(request, question.verb, question.arguments, user, peer.roles)
            self._deliver(msgspec.json.encode(command))

    def owes(self, connection: Connection) -> bool:
        """Say whether a command of this connection waits for its answer."""
        return any(asker is connection for asker in self._asked.values())

    def admit(self, connection: Connection) -> bool:
        """Take a connection in; False when there are too many already."""
        self.connections[connection] = None
        return len(self.connections) <= CONNECTIONS_MAX

    def forget(self, connection: Connection) -> None:
        """Let a connection go; the commands that it brought still run."""
        del self.connections[connection]
        self._asked = {request: asker for request, asker in self._asked.items() if asker is not connection}


class Connection(asyncio.Protocol):
    """One client: its bytes become lines, and an answer becomes bytes."""

    def __init__(self, server: ControlServer) -> None:
        """Belong to a server."""
        self._server = server
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._deadline: asyncio.TimerHandle | None = None
        self.peer = Peer("", ())

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a client, unless there are too many or it is somebody else's."""
        self._transport = cast("asyncio.Transport", transport)
        self._wait_for_a_question()
        if not self._server.admit(self):
            self.answer(False, {"error": f"{CONNECTIONS_MAX} clients are connected already"})
            self.close()
            return
        self.peer = peer_of(self._transport.get_extra_info("socket"))

    def data_received(self, data: bytes) -> None:
        """Take bytes; every whole line is a command."""
        *lines, self._received = (self._received + data).split(b"\n")
        for line in lines:
            self._wait_for_a_question()
            self._server.ask(self, line)
        if len(self._received) > LINE_BYTES_MAX:
            self.answer(False, {"error": f"a command is one line of at most {LINE_BYTES_MAX} bytes"})
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the client."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._server.forget(self)
        self._transport = None

    def answer(self, ok: bool, answer: dict[str, Any]) -> None:
        """Send an answer."""
        if self._transport is not None:
            self._transport.write(msgspec.json.encode({"ok": ok, "answer": answer}) + b"\n")
            if self._transport.get_write_buffer_size() > UNREAD_BYTES_MAX:
                self._transport.abort()

    def _wait_for_a_question(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = asyncio.get_running_loop().call_later(ASK_SECONDS_MAX, self._waited)

    def _waited(self) -> None:
        if self._server.owes(self):
            self._wait_for_a_question()
        elif self._transport is not None:
            self._transport.abort()

    def close(self) -> None:
        """End the connection after what is still to be sent."""
        if self._transport is not None:
            self._transport.close()
