"""What the program hears and does on the way of a message, noted beside it."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from console.app import Desktop
from console.domain.changes import Changes
from console.domain.conversation import ConversationRow
from console.sync.engine import Engine
from console.sync.pull import Pull

Sample = tuple[float, float]  # milliseconds: on the clock, and of the processor in all threads
KEPT = 200
BEAT = 0.1  # seconds


@dataclass(slots=True)
class Pulled:
    """One pull: when it began, and what became of it."""

    began: float
    ended: float | None = None
    what: str = "under way"


@dataclass(slots=True)
class Notes:
    """What the program heard and did, with the time of each."""

    rings: deque[tuple[float, str, bool]] = field(default_factory=lambda: deque(maxlen=KEPT))
    pulls: deque[Pulled] = field(default_factory=lambda: deque(maxlen=KEPT))
    announced: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    rung: list[Sample] = field(default_factory=list)  # the first bell since it was emptied
    _stood: float = 0.0
    _beat: float = 0.0

    @property
    def stood(self) -> float:
        """Seconds in which the loop took nothing up: this process or its machine had no time."""
        return self._stood + max(0.0, time.perf_counter() - self._beat - BEAT)

    def take(self) -> None:
        """Note what all engines do from here on; call it before there is one."""
        heard, pull, notes = Engine._on_ring, Pull.run, self

        def on_ring(engine: Engine, ring: Any) -> None:
            if ring.bell and not notes.rung:
                notes.rung.append((time.perf_counter(), time.process_time()))
            notes.rings.append((time.perf_counter(), ring.topic, ring.bell))
            heard(engine, ring)

        async def run(each: Pull) -> int:
            noted = Pulled(time.perf_counter())
            notes.pulls.append(noted)
            try:
                changed = await pull(each)
                noted.what = f"brought {changed} pages with news"
                return changed
            except BaseException as error:
                noted.what = f"failed with {type(error).__name__}"
                raise
            finally:
                noted.ended = time.perf_counter()

        Engine._on_ring = on_ring  # type: ignore[method-assign,assignment]
        Pull.run = run  # type: ignore[method-assign,assignment]

    @asynccontextmanager
    async def attentive(self, desktop: Desktop, row: ConversationRow) -> AsyncIterator[None]:
        """Note also what is announced of a thread, and whether the loop stands still."""

        def on_changes(changes: Changes) -> None:
            if row.id in changes.threads or changes.everything:
                self.announced.append(time.perf_counter())

        async def beat() -> None:
            while True:
                await asyncio.sleep(BEAT)
                self._stood, self._beat = self.stood, time.perf_counter()

        self._stood, self._beat = 0.0, time.perf_counter()
        unsubscribe = desktop.at_desk.store.changes.subscribe(on_changes)
        beating = asyncio.create_task(beat())
        try:
            yield
        finally:
            beating.cancel()
            unsubscribe()
