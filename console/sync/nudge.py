"""What makes sync look again: bells, timers, and the jump of the clock after a sleep."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import timedelta

# Longer than any pause the loop makes by itself, shorter than any sleep worth noticing.
_JUMP = 20.0  # seconds
_TICK = 5.0


def jittered(seconds: float) -> float:
    """About so many seconds, so that a team's machines do not all come at once."""
    return seconds * random.uniform(0.7, 1.3)  # noqa: S311 - spreads load, guards no secret


def within(seconds: float) -> float:
    """At most so many seconds, and not as many for each machine of a team."""
    return seconds * random.uniform(0.6, 1.0)  # noqa: S311 - spreads load, guards no secret


def backoff(tries: int, longest: float = 60.0) -> timedelta:
    """The wait before the next try after `tries` failures: 1 s doubling up to `longest`."""
    return timedelta(seconds=jittered(min(longest, 2.0 ** min(max(tries, 0), 10))))


class Nudge:
    """An event that many may set and one waits for; setting it twice is setting it once."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def now(self) -> None:
        """Look again as soon as you can."""
        self._event.set()

    async def wait(self, seconds: float | None = None) -> bool:
        """Until nudged, at most `seconds`; True when it was a nudge. Takes the nudge away."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True


async def watch_clock(jumped: Callable[[], None]) -> None:
    """Tell when much more time passed than we waited: this machine was asleep.

    The loop's own timers count only the time awake, so that everything timed is late by then.
    """
    before = time.time()
    while True:
        await asyncio.sleep(_TICK)
        now = time.time()
        if abs(now - before - _TICK) > _JUMP:
            jumped()
        before = now
