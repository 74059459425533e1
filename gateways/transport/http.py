"""REST over aiohttp: reads only, retried while that can help, answered exactly once.

aiohttp is imported when the first request is made, so that a run without sockets never pays for it. A connection that
fails and a 5xx are tried again, because a read changes nothing; a 4xx, and above all a 429 or 418, never is. Nor is a
redirection followed: another address is not the venue that was configured. What cannot be had becomes an answer with
status 0.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from engine.errors import VenueError
from engine.runtime.port import InputKind, Port
from gateways.transport.link import RestLink, Sent, answer_payload

if TYPE_CHECKING:
    import aiohttp

REQUEST_S_MAX = 10.0
ATTEMPTS_MAX = 3
RETRY_S_MAX = 30.0
SERVER_ERROR_MIN = 500
RETRY_AFTER_DIGITS_MAX = 9
"""Of a Retry-After that is believed; Python itself refuses to read some thousand digits."""


class _ServerError(VenueError):
    """The venue answered 5xx: worth another attempt."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(f"status {status}")
        self.status = status
        self.body = body


class HttpLink(RestLink):
    """REST requests to one base address; needs the running event loop."""

    def __init__(self, port: Port, sent: Sent, base_url: str) -> None:
        """`base_url` has no path, such as `https://api.binance.com`."""
        super().__init__(port, sent)
        self._base_url = base_url
        self._session: aiohttp.ClientSession | None = None
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._closing: asyncio.Task[None] | None = None

    def close(self) -> None:
        """Give up what is unanswered and close the connections."""
        for task in self._tasks.values():
            task.cancel()
        self._tasks.clear()
        if self._session is not None:
            self._closing = asyncio.get_running_loop().create_task(self._session.close())
            self._session = None

    def _ask(self, request_id: int, method: str, path: str) -> None:
        self._tasks[request_id] = asyncio.get_running_loop().create_task(self._answer(request_id, method, path))

    async def _answer(self, request_id: int, method: str, path: str) -> None:
        payload = await self._fetch(request_id, method, path)
        self._tasks.pop(request_id, None)
        self.port.deliver(InputKind.ANSWER, payload)

    async def _fetch(self, request_id: int, method: str, path: str) -> bytes:
        """Return the ANSWER of a request, after as many attempts as it takes."""
        import aiohttp
        import stamina

        retried = (aiohttp.ClientConnectionError, TimeoutError, _ServerError)
        try:
            async for attempt in stamina.retry_context(on=retried, attempts=ATTEMPTS_MAX, timeout=RETRY_S_MAX):
                with attempt:
                    return await self._attempt(request_id, method, path)
        except _ServerError as failed:
            return answer_payload(request_id, failed.status, failed.body)
        except (aiohttp.ClientError, TimeoutError) as problem:
            return answer_payload(request_id, 0, f"{type(problem).__name__}: {problem}".encode())
        return answer_payload(request_id, 0, b"no attempt was made")

    async def _attempt(self, request_id: int, method: str, path: str) -> bytes:
        import aiohttp

        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_S_MAX))
        async with self._session.request(method, self._base_url + path, allow_redirects=False) as response:
            body = await response.read()
            if response.status >= SERVER_ERROR_MIN:
                raise _ServerError(response.status, body)
            retry_after = response.headers.get("Retry-After", "")
            is_number = retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= RETRY_AFTER_DIGITS_MAX
            retry_after_s = int(retry_after) if is_number else 0
            return answer_payload(request_id, response.status, body, retry_after_s)


def fetch(base_url: str, path: str) -> bytes:
    """Return the body of one read, before there is an engine: the exchange information that a run starts with.

    Raises:
        VenueError: the venue did not answer 200.
    """

    async def read() -> bytes:
        import aiohttp

        timeout = aiohttp.ClientTimeout(total=REQUEST_S_MAX)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(base_url + path, allow_redirects=False) as response,
        ):
            body = await response.read()
            if response.status != 200:
                raise VenueError(f"{base_url}{path} answered {response.status}: {body[:200]!r}; is that the venue?")
            return body

    import aiohttp

    try:
        return asyncio.run(read())
    except (aiohttp.ClientError, TimeoutError) as problem:
        raise VenueError(f"{base_url}{path} cannot be read: {type(problem).__name__}: {problem}") from problem
