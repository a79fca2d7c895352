"""A lease: how long a worker may still begin what it claimed, by two clocks of its own."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, by the clock that never jumps and by the one that goes on while a machine sleeps."""

    steady: float
    wall: float

    @classmethod
    def now(cls) -> Moment:
        return cls(time.monotonic(), time.time())


@dataclass(frozen=True, slots=True)
class Lease:
    """Ends `seconds` after `start`, by whichever clock says so first.

    `start` is taken before the claim is asked for, so that it ends here before it ends in the
    database. A wall clock that is set forward ends it too early, which costs a second try.
    """

    start: Moment
    seconds: float
    now: Callable[[], Moment] = Moment.now

    @property
    def is_over(self) -> bool:
        now = self.now()
        return (
            now.steady - self.start.steady >= self.seconds
            or now.wall - self.start.wall >= self.seconds
        )
