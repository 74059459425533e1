"""Echo: what a frame costs that goes to another process and comes back, both ends spinning and nobody thinking.

The reference of the wire rows: the same peer, the same frames (best prices), the same pause. Run as a program this
module is the other end, a picows client that sends back whatever it gets.
"""

from __future__ import annotations

import sys

from picows import WSFrame, WSListener, WSTransport, WSUpgradeRequest, ws_connect

from benchmarks.macro.market import Kind, load_market
from benchmarks.macro.peer import HOST, TEXT, Child, Prepared, Prober, serve, spin
from benchmarks.measurement import Measurement, of_times, type_of_measurements
from engine.runtime.turn import new_event_loop
from hotpath.core.histogram import stamp

SAMPLES, SAMPLES_TINY = 5_000, 200
WARM_UP, WARM_UP_TINY = 500, 20


class _Asking(WSListener):
    """The peer's end: sends and takes the time."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._prober.begin(transport)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        at_ns = stamp()
        if frame.msg_type is TEXT:
            self._prober.answered(at_ns)


class _Echoing(WSListener):
    """The other end: sends back what it gets."""

    def __init__(self) -> None:
        self.is_over = False

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type is TEXT:
            transport.send(TEXT, frame.get_payload_as_bytes())

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self.is_over = True


def echo(quick: bool) -> type_of_measurements:
    """Measure frames of best prices that a picows client sends back as they are."""
    return {"echo": frames_back(__name__, quick)}


def frames_back(module: str, quick: bool) -> Measurement:
    """Measure the echo of a module, which is run as a program with the URL that it has to connect to."""
    samples, warm_up = (SAMPLES_TINY, WARM_UP_TINY) if quick else (SAMPLES, WARM_UP)
    payloads = [frame.payload for frame in load_market(quick).frames if frame.kind is Kind.TICKER]
    frames = [Prepared(payloads[number % len(payloads)], True) for number in range(samples + warm_up)]
    prober = Prober(frames, warm_up)
    loop = new_event_loop()
    try:
        loop.run_until_complete(_ask(prober, module))
    finally:
        loop.close()
    note = f"{len(prober.times_ns)} frames, {prober.unanswered_count} unanswered"
    return of_times(prober.times_ns, note=note)


async def _ask(prober: Prober, module: str) -> None:
    def listen(_request: WSUpgradeRequest) -> WSListener:
        return _Asking(prober)

    server, port = await serve(listen)
    child = Child([sys.executable, "-m", module, f"ws://{HOST}:{port}/"])
    try:
        await spin(prober.step, lambda: prober.is_done)
    finally:
        child.kill()
        server.close()


async def _answer(url: str) -> None:
    listener = _Echoing()
    await ws_connect(lambda: listener, url, enable_auto_ping=False)
    await spin(lambda: None, lambda: listener.is_over)


if __name__ == "__main__":
    new_event_loop().run_until_complete(_answer(sys.argv[1]))
