"""The connections to one project, of which none stays open that nobody knows of."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any

import httpx

log = logging.getLogger(__name__)

_TIMEOUT = httpx.Timeout(20.0, connect=10.0)


class Lines(httpx.AsyncClient):
    """A client whose requests can be cancelled at any moment.

    WORKAROUND: where a request finds that lines of the pool have ended, it takes them out of the
    pool and closes one after the other. Cancelled there, it leaves the others open with nobody to
    close them, and its own place in the pool is taken for ever. So they are closed beside it.
    https://github.com/encode/httpcore/issues/1093
    """

    def __init__(self, tls: ssl.SSLContext, **settings: Any) -> None:
        super().__init__(
            http2=True, timeout=_TIMEOUT, follow_redirects=True, verify=tls, **settings
        )
        self._closing: set[asyncio.Task[None]] = set()
        for transport in (self._transport, *self._mounts.values()):
            if isinstance(transport, httpx.AsyncHTTPTransport):
                transport._pool._close_connections = self._close_beside  # type: ignore[assignment,method-assign]

    async def _close_beside(self, ended: list[Any]) -> None:
        for line in ended:
            task = asyncio.get_running_loop().create_task(line.aclose(), name="closing a line")
            self._closing.add(task)
            task.add_done_callback(self._on_closed)

    def _on_closed(self, task: asyncio.Task[None]) -> None:
        self._closing.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.debug("closing a line failed: %s", type(error).__name__)  # it is gone either way

    async def aclose(self) -> None:
        """Close every line; those that are closing go on when this is cancelled."""
        await super().aclose()
        if self._closing:
            await asyncio.wait(self._closing)
