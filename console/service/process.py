"""What every process of the service does alike: its event loop, its signals, its exit."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from console import logs
from console.service import supervisor
from console.service.config import Config, Needs, load

if sys.platform == "win32":
    # WORKAROUND: psycopg's async connections refuse Windows' proactor loop,
    # https://www.psycopg.org/psycopg3/docs/advanced/async.html
    _loop = asyncio.SelectorEventLoop
else:
    import uvloop  # half the time of asyncio's own loop for each request

    _loop = uvloop.new_event_loop

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def start(name: str, needs: Needs, body: Callable[[Config], Coroutine[Any, Any, int]]) -> int:
    """Read the environment, set up logging, run `body` to its end; its exit status.

    Raises EnvironmentFaultError when the environment is incomplete.
    """
    config = load(os.environ, needs)
    logs.configure(name, config.log_level)
    with asyncio.Runner(loop_factory=_loop) as runner:
        return runner.run(_watched(body(config)))


async def _watched(body: Coroutine[Any, Any, int]) -> int:
    telling = asyncio.create_task(supervisor.keep_telling(), name="supervisor")
    try:
        return await body
    finally:
        telling.cancel()


@contextmanager
def stop_requests(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` on the running loop when the process is asked to end (SIGINT, SIGTERM)."""
    loop = asyncio.get_running_loop()

    def asked(*_: object) -> None:
        supervisor.tell(supervisor.STOPPING)
        loop.call_soon_threadsafe(stop)

    before = {number: signal.signal(number, asked) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
