"""A WebSocket client on picows: whole messages from a socket to a port, in the callback that read them.

No exception leaves a picows callback, because picows would answer it by closing the connection: a fault in an actor
must never cost the venue's session. Pings of the venue are answered by picows; we send none, because the gateway
watches silence itself. Compression is not offered: inflating costs more than the bytes it saves on a fast line.
"""

from __future__ import annotations

import asyncio
import ssl

from picows import WSCloseCode, WSFrame, WSListener, WSMsgType, WSTransport, ws_connect
from picows.picows import WSCloseHandshake

from engine.runtime.port import InputKind, Port
from gateways.transport.link import Link, Sent

CONNECT_S_MAX = 10.0
"""Name, TCP, TLS and upgrade together."""
MESSAGE_BYTES_MAX = 10 * 1024 * 1024
CLOSE_S_MAX = 1.0
"""How long the other end may take to read what was sent before it, and its goodbye with TLS; then it is cut off."""
CLOSE_CODE_LOST = 1006

_BYTES = InputKind.BYTES
_TEXT = WSMsgType.TEXT


class _Listener(WSListener):
    """One connection's callbacks."""

    def __init__(self, link: WebSocketLink) -> None:
        self._link = link
        self.dropped = False
        self._parts: list[bytes] = []
        self._parts_bytes = 0

    def on_ws_connected(self, transport: WSTransport) -> None:
        if self.dropped:
            transport.disconnect()
        else:
            self._link.connected(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        kind = frame.msg_type
        if self.dropped:
            return
        if kind is _TEXT and frame.fin:
            self._link.bring(_BYTES, frame.get_payload_as_bytes())
        elif kind is WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            _hang_up(transport)
        elif kind in (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION):
            self._collect(transport, frame)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._link.disconnected(transport)

    def _collect(self, transport: WSTransport, frame: WSFrame) -> None:
        """Put a message together that came in several frames."""
        self._parts.append(frame.get_payload_as_bytes())
        self._parts_bytes += len(self._parts[-1])
        if self._parts_bytes > MESSAGE_BYTES_MAX:
            transport.send_close(WSCloseCode.MESSAGE_TOO_BIG)
            _hang_up(transport)
        elif frame.fin:
            message = b"".join(self._parts)
            self._parts.clear()
            self._parts_bytes = 0
            self._link.bring(_BYTES, message)


class WebSocketLink(Link):
    """A link over a real socket; needs the running event loop."""

    def __init__(self, port: Port, sent: Sent, ssl_context: ssl.SSLContext | None = None) -> None:
        """`ssl_context` is used for wss; the system's default when it is None."""
        super().__init__(port, sent)
        self._ssl_context = ssl_context
        self._transport: WSTransport | None = None
        self._listener: _Listener | None = None
        self._connecting: asyncio.Task[None] | None = None

    def close(self, code: int = 1000) -> None:
        """Say goodbye and disconnect, without waiting for the venue's own goodbye: a dead one is cut off."""
        transport = self._transport
        if transport is not None:
            transport.send_close(WSCloseCode(code))
            _hang_up(transport)
        elif self._connecting is not None:
            self._connecting.cancel()

    def pause(self) -> None:
        """Read no more; the kernel's buffers fill up and the venue feels it."""
        if self._transport is not None:
            self._transport.underlying_transport.pause_reading()

    def resume(self) -> None:
        """Read again."""
        if self._transport is not None:
            self._transport.underlying_transport.resume_reading()

    def _transmit(self, payload: bytes) -> None:
        transport = self._transport
        if transport is not None:
            transport.send(_TEXT, payload)

    def _connect_to(self, url: str) -> None:
        self._drop()
        self._listener = _Listener(self)
        self._connecting = asyncio.get_running_loop().create_task(self._connect(url, self._listener))
        self._connecting.add_done_callback(self._attempted)

    def _drop(self) -> None:
        """Let go of what is open or being opened, without a word to the port."""
        if self._listener is not None:
            self._listener.dropped = True
        if self._transport is not None:
            _hang_up(self._transport)
        if self._connecting is not None:
            self._connecting.cancel()
        self._listener = self._transport = self._connecting = None

    async def _connect(self, url: str, listener: _Listener) -> None:
        async with asyncio.timeout(CONNECT_S_MAX):
            await ws_connect(
                lambda: listener,
                url,
                ssl_context=self._ssl_context,
                websocket_handshake_timeout=CONNECT_S_MAX,
                enable_auto_ping=False,
                enable_auto_pong=True,
                max_frame_size=MESSAGE_BYTES_MAX,
                max_redirects=0,
            )

    def _attempted(self, attempt: asyncio.Task[None]) -> None:
        """Bring the bad outcome of an attempt; the good one was brought by the connection itself."""
        if attempt is not self._connecting:
            return
        self._connecting = None
        if attempt.cancelled():
            reason = "given up by us"
        elif (problem := attempt.exception()) is not None:
            reason = f"{type(problem).__name__}: {problem}"
        else:
            return
        if self._transport is None:
            self.bring(InputKind.REFUSED, reason.encode())

    def connected(self, transport: WSTransport) -> None:
        """Take the open connection from the listener."""
        self._transport = transport
        self.bring(InputKind.OPENED, b"")

    def disconnected(self, transport: WSTransport) -> None:
        """Learn from the listener that the connection is gone."""
        if transport is not self._transport:
            return
        self._transport = None
        self.bring(InputKind.CLOSED, _closing_words(transport).encode())

    def bring(self, kind: InputKind, payload: bytes) -> None:
        """Bring an input to the port, and keep every exception away from picows."""
        mask = self.mask
        try:
            if mask is not None:
                payload = mask(payload)
            self.port.deliver(kind, payload)
        except Exception as problem:  # noqa: BLE001 - the loop's handler decides; the connection must not end by it
            asyncio.get_running_loop().call_exception_handler(
                {"message": f"link {self.name} could not bring {kind.name}", "exception": problem}
            )


def _hang_up(transport: WSTransport) -> None:
    """End a connection: what is on its way may leave, but nobody waits for an end that does not read any more."""
    transport.disconnect()
    asyncio.get_running_loop().call_later(CLOSE_S_MAX, transport.disconnect, False)


def _closing_words(transport: WSTransport) -> str:
    """Return '<code> <reason>' of the end of a connection, 1006 when nobody said goodbye."""
    handshake: WSCloseHandshake | None = transport.close_handshake  # None until a close frame went either way
    if handshake is None:
        return f"{CLOSE_CODE_LOST} connection lost"
    if handshake.recv is not None:
        return f"{handshake.recv.code.value} {handshake.recv.reason or 'closed by the venue'}"
    if handshake.sent is not None:
        return f"{handshake.sent.code.value} closed by us"
    return f"{CLOSE_CODE_LOST} connection lost"
