"""The echo of our row with aiohttp at the other end. Run as a program this module is that end."""

from __future__ import annotations

import asyncio
import sys

from benchmarks.macro.echo import frames_back
from benchmarks.macro.peer import spin
from benchmarks.measurement import type_of_measurements
from benchmarks.peers import peer
from engine.runtime.turn import new_event_loop


def aiohttp(quick: bool) -> type_of_measurements:
    """Measure frames that an aiohttp client sends back as they are."""
    peer("aiohttp")
    return {"echo@aiohttp": frames_back(__name__, quick)}


async def _answer(url: str) -> None:
    library = peer("aiohttp")
    over: list[bool] = []
    async with library.ClientSession() as session, session.ws_connect(url, compress=0) as socket:

        async def send_back() -> None:
            async for message in socket:
                await socket.send_str(message.data)
            over.append(True)

        task = asyncio.create_task(send_back())
        await spin(lambda: None, lambda: bool(over))
        await task


if __name__ == "__main__":
    new_event_loop().run_until_complete(_answer(sys.argv[1]))
