"""A command on the socket becomes an input, and its answer goes back to whoever asked."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
import socket
import stat
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import uvloop

from engine.errors import InvariantError
from engine.messages.control import Command, Role, Start, Stop
from engine.runtime.port import InputKind
from gateways.operator import control
from gateways.operator.client import Answer, Conversation, ask
from gateways.operator.control import (
    CONNECTIONS_MAX,
    LINE_BYTES_MAX,
    PENDING_MAX,
    VERBS,
    Connection,
    ControlServer,
    OperatorDesk,
)
from gateways.operator.roles import ALL, Peer, name_of, peer_of, roles_of

ME = pwd.getpwuid(os.getuid()).pw_name


class Desk:
    """A server that answers each command with what it was told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.inputs: list[dict[str, Any]] = []
        self.silent = False
        self.server = ControlServer(path, self.deliver, {"status": lambda: {"state": "NORMAL"}})
        self.left = asyncio.Event()
        forget = self.server.forget

        def forget_and_say(connection: Connection) -> None:
            forget(connection)
            self.left.set()

        self.server.forget = forget_and_say  # type: ignore[method-assign]

    def deliver(self, payload: bytes) -> None:
        command = json.loads(payload)
        self.inputs.append(command)
        if not self.silent:
            self.server.reply(command["request"], True, {"did": command["verb"]})


def meet(path: Path, act: Callable[[Desk], Awaitable[None]]) -> Desk:
    desk = Desk(path)

    async def run() -> None:
        await desk.server.start()
        try:
            await act(desk)
        finally:
            await desk.server.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(run())
    return desk


async def asked(desk: Desk, verb: str, arguments: dict[str, str] | None = None) -> Answer | None:
    return await asyncio.to_thread(ask, desk.path, verb, arguments or {}, "somebody", 5.0)


async def lines(desk: Desk, content: bytes) -> list[dict[str, Any]]:
    reader, writer = await asyncio.open_unix_connection(str(desk.path))
    writer.write(content)
    writer.write_eof()
    answers = [json.loads(line) for line in (await reader.read()).splitlines()]
    writer.close()
    return answers


@pytest.mark.parametrize("verb", VERBS)
def test_a_command_becomes_an_input_and_is_answered(tmp_path: Path, verb: str) -> None:
    async def act(desk: Desk) -> None:
        assert await asked(desk, verb, {"reason": "why"}) == Answer(True, {"did": verb})

    desk = meet(tmp_path / "control.sock", act)
    assert desk.inputs == [{"request": 1, "verb": verb, "arguments": {"reason": "why"}, "user": ME, "roles": list(ALL)}]


def test_requests_are_numbered_over_all_connections(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        for _ in range(3):
            await asked(desk, "flatten")

    assert [command["request"] for command in meet(tmp_path / "control.sock", act).inputs] == [1, 2, 3]


def test_the_status_is_no_input(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        assert await asked(desk, "status") == Answer(True, {"state": "NORMAL"})

    assert meet(tmp_path / "control.sock", act).inputs == []


def test_who_is_not_the_owner_may_neither_ask_nor_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "peer_of", lambda _connection: Peer("eve", roles_of(4_242, 1_000)))

    async def act(desk: Desk) -> None:
        answer = await asked(desk, "status")
        assert answer is not None
        assert answer.error == "status needs the role read"
        await asked(desk, "kill")

    (command,) = meet(tmp_path / "control.sock", act).inputs
    assert (command["verb"], command["user"], command["roles"]) == ("kill", "eve", []), "safety refuses it by its roles"


def test_the_owner_and_root_have_every_role_and_nobody_else_any() -> None:
    assert roles_of(1_000, 1_000) == roles_of(0, 1_000) == tuple(Role)
    assert roles_of(1_001, 1_000) == ()
    assert peer_of(None) == Peer("", tuple(Role))
    assert name_of(os.getuid()) == ME
    assert name_of(4_242_424) == "uid 4242424"


def test_the_socket_is_private_and_goes_away(tmp_path: Path) -> None:
    path = tmp_path / "control.sock"

    async def act(desk: Desk) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    meet(path, act)
    assert not path.exists()


def test_a_socket_that_a_dead_engine_left_is_replaced(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / "control.sock"))

    async def act(desk: Desk) -> None:
        assert await asked(desk, "stop") == Answer(True, {"did": "stop"})

    meet(tmp_path / "control.sock", act)


def test_a_deep_folder_has_a_socket_too(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 60) / ("e" * 60)
    deep.mkdir(parents=True)

    async def act(desk: Desk) -> None:
        assert await asked(desk, "stop") == Answer(True, {"did": "stop"})

    meet(deep / "control.sock", act)
    assert not (deep / "control.sock").exists()


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"hello", "makes no sense"),
        (b'{"verb": "stop", "arguments": {"a": 1}}', "makes no sense"),
        (b'{"verb": "stop", "more": 1}', "makes no sense"),
        (b'{"verb": "explode"}', "unknown command 'explode'; known: stop, kill"),
    ],
)
def test_nonsense_is_answered_and_goes_no_further(tmp_path: Path, line: bytes, problem: str) -> None:
    async def act(desk: Desk) -> None:
        (answer,) = await lines(desk, line + b"\n")
        assert not answer["ok"]
        assert problem in answer["answer"]["error"]

    assert meet(tmp_path / "control.sock", act).inputs == []


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        (answer,) = await lines(desk, b"x" * (LINE_BYTES_MAX + 1))
        assert "at most 65536 bytes" in answer["answer"]["error"]

    assert meet(tmp_path / "control.sock", act).inputs == []


def test_a_client_that_has_nothing_more_to_say_gives_its_place_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control, "ASK_SECONDS_MAX", 0.02)

    async def act(desk: Desk) -> None:
        desk.silent = True
        reader, writer = await asyncio.open_unix_connection(str(desk.path))
        writer.write(b'{"verb":"status"}\n')
        async with asyncio.timeout(5):
            assert len((await reader.read()).splitlines()) == 1
        writer.close()
        reader, writer = await asyncio.open_unix_connection(str(desk.path))
        writer.write(b'{"verb":"stop"}\n')
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await reader.read()
        desk.server.reply(1, True, {})
        async with asyncio.timeout(5):
            assert await reader.read() == b'{"ok":true,"answer":{}}\n'
        writer.close()

    meet(tmp_path / "control.sock", act)


def test_a_client_that_does_not_read_is_dropped(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        desk.server._questions = {"status": lambda: {"state": "x" * 100_000}}
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(desk.path))
            client.setblocking(False)
            client.sendall(b'{"verb":"status"}\n' * 40)
            async with asyncio.timeout(5):
                await desk.left.wait()

    meet(tmp_path / "control.sock", act)


def test_too_many_clients_are_refused(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        clients = [await asyncio.open_unix_connection(str(desk.path)) for _ in range(CONNECTIONS_MAX)]
        reader, writer = await asyncio.open_unix_connection(str(desk.path))
        assert "are connected already" in json.loads(await reader.readline())["answer"]["error"]
        assert await reader.read() == b""
        for _, client in [*clients, (reader, writer)]:
            client.close()
            await client.wait_closed()

    meet(tmp_path / "control.sock", act)


def test_too_many_waiting_commands_are_refused(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        desk.silent = True
        (answer,) = await lines(desk, b'{"verb": "kill"}\n' * (PENDING_MAX + 1))
        assert f"{PENDING_MAX} commands are waiting already" in answer["answer"]["error"]

    assert len(meet(tmp_path / "control.sock", act).inputs) == PENDING_MAX


def test_an_answer_to_one_who_left_goes_nowhere(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        desk.silent = True
        assert await asyncio.to_thread(ask, desk.path, "kill", {}, "x", 0.01) is None
        await desk.left.wait()
        desk.server.reply(1, True, {})

    assert len(meet(tmp_path / "control.sock", act).inputs) == 1


def test_an_answer_may_be_waited_for_twice(tmp_path: Path) -> None:
    async def act(desk: Desk) -> None:
        desk.silent = True

        def client() -> Answer | None:
            with Conversation(desk.path, 5.0) as conversation:
                conversation.say("kill", {}, "x")
                assert conversation.wait(0.01) is None
                loop.call_soon_threadsafe(desk.server.reply, 1, True, {"working": 0})
                return conversation.wait(5.0)

        loop = asyncio.get_running_loop()
        assert await asyncio.to_thread(client) == Answer(True, {"working": 0})

    meet(tmp_path / "control.sock", act)


def test_where_nobody_listens_nobody_answers(tmp_path: Path) -> None:
    assert ask(tmp_path / "control.sock", "status", {}, "x", 0.01) is None
    assert ask(tmp_path / "no folder" / ("deep" * 40) / "control.sock", "status", {}, "x", 0.01) is None
    assert Answer(False, {}).error == "no reason was given"
    assert Answer(False, {"error": "no"}).error == "no"


@pytest.mark.parametrize("said", [b"nonsense\n", b"half a"])
def test_an_answer_that_makes_no_sense_is_none(tmp_path: Path, said: bytes) -> None:
    async def run() -> Answer | None:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readline()
            writer.write(said)
            writer.close()

        server = await asyncio.start_unix_server(talk, tmp_path / "s")
        async with server:
            return await asyncio.to_thread(ask, tmp_path / "s", "status", {}, "x", 5.0)

    assert asyncio.run(run()) is None


class Heard:
    def __init__(self) -> None:
        self.messages: list[Any] = []

    def tell(self, message: Any) -> int:
        self.messages.append(message)
        return 0


def desk_actor() -> tuple[OperatorDesk, Heard]:
    actor, safety = OperatorDesk(), Heard()
    actor.safety = safety
    actor.context = SimpleNamespace(now_ns=77)
    return actor, safety


def test_the_desk_brings_a_command_to_safety_with_the_time_of_the_engine() -> None:
    actor, safety = desk_actor()
    asked = {"request": 3, "verb": "kill", "arguments": {"reason": "r"}, "user": "ada", "roles": ["kill"]}
    actor.on_input(InputKind.COMMAND, json.dumps(asked).encode())
    assert safety.messages == [Command(3, "kill", {"reason": "r"}, "ada", 77, (Role.KILL,))]


def test_the_desk_takes_commands_and_nothing_else() -> None:
    actor, safety = desk_actor()
    with pytest.raises(InvariantError, match="brought BYTES, expected COMMAND"):
        actor.on_input(InputKind.BYTES, b"{}")
    handlers = actor.handlers()
    handlers[Start](Start())
    handlers[Stop](Stop("end"))
    assert safety.messages == []
