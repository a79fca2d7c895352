"""Waiting for a condition, the only way in which tests wait."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable

STEP = 0.02  # seconds between two looks


def wait_until(condition: Callable[[], object], *, within: float = 15.0) -> None:
    """Return as soon as `condition` is true; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"not true within {within} s: {condition}"
        time.sleep(STEP)


async def eventually(
    condition: Callable[[], object | Awaitable[object]], *, within: float = 15.0
) -> None:
    """As wait_until, in a coroutine; the condition may be a coroutine function."""
    deadline = time.monotonic() + within
    while True:
        answer = condition()
        if inspect.isawaitable(answer):
            answer = await answer
        if answer:
            return
        assert time.monotonic() < deadline, f"not true within {within} s: {condition}"
        await asyncio.sleep(STEP)
