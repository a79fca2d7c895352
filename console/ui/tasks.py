"""Tasks that belong to a screen: they end with it, and a named one replaces its predecessor."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from typing import Any

from console.ui.errors import Errors

log = logging.getLogger("balas.ui")


class TaskScope:
    """Owns coroutines. Cancelling is silence; any other failure is told through `errors`."""

    def __init__(self, errors: Errors) -> None:
        self._errors = errors
        self._tasks: set[asyncio.Task[None]] = set()
        self._named: dict[str, asyncio.Task[None]] = {}
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, work: Coroutine[Any, Any, None], name: str | None = None) -> None:
        """Run `work` on the loop; with a `name`, cancel what still runs under it."""
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            # Qt also paints while the loop is between two runs. What that starts waits for the
            # next one: PySide 6.11 crashes where a paintEvent raises.
            if self._loop is None:
                work.close()
                raise
        if self._closed or self._loop.is_closed():
            work.close()
            return
        if name is not None:
            self.cancel(name)
        task = self._loop.create_task(work, name=name)
        self._tasks.add(task)
        if name is not None:
            self._named[name] = task
        task.add_done_callback(self._on_done)

    def cancel(self, name: str) -> None:
        task = self._named.pop(name, None)
        if task is not None:
            task.cancel()

    def close(self) -> None:
        """Cancel everything; nothing starts after this."""
        self._closed = True
        for task in tuple(self._tasks):
            task.cancel()
        self._named.clear()

    async def settle(self) -> None:
        """Wait until nothing runs any more."""
        while self._tasks:
            await asyncio.wait(tuple(self._tasks))

    def _on_done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if self._named.get(task.get_name()) is task:
            del self._named[task.get_name()]
        if not task.cancelled() and (error := task.exception()) is not None:
            self._errors.tell(error)


async def first_of(*works: Awaitable[object]) -> None:
    """Return as soon as one ends. Coroutines that did not are cancelled, tasks go on."""
    waits = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait, work in zip(waits, works, strict=True):
            if wait is not work:
                wait.cancel()


async def cancelled(*tasks: asyncio.Task[None]) -> None:
    """Cancel and wait until they have ended; what failed before is logged."""
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("a task failed before it was cancelled", exc_info=result)
