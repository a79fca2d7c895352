"""Empties the spool into the database, in order, as soon as the database takes things again.

Many go in one transaction, in their order. When that fails, each goes by itself: requests of one
customer one after the other, different customers side by side. A file leaves the spool only when
everything in it is stored, and storing is harmless to repeat, so a crash at any point loses nothing
and doubles nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Sequence

import psycopg

from console import logs
from console.service.database import Database, DatabaseAwayError
from console.service.intake import Arrival, Intake, Understood, understand, unpacked
from console.service.spool import Spool
from console.service.spool_files import DamagedError, LockedError, Waiting

log = logging.getLogger("balas.drain")

# Requests read at once, and stored in one transaction.
AT_ONCE, TOGETHER = 256, 64
# Between two looks: while something waits, and while nothing does (another process may have died).
WAITING_SECONDS, QUIET_SECONDS = 0.5, 1.0
STORE_SECONDS = 10.0
# How often a request that the database refuses although it answers is tried, before it is passed
# over, and when it is tried again.
TRIES = 3
AGAIN_SECONDS = 60.0


class Drain:
    """The drain of one process. Of several on one folder, one works at a time."""

    def __init__(
        self,
        spool: Spool,
        intake: Intake,
        database: Database,
        *,
        side_by_side: int,
        stored: Callable[[str], None] = lambda _result: None,
    ) -> None:
        self._spool = spool
        self._intake = intake
        self._database = database
        self._side_by_side = side_by_side
        self._stored = stored
        self._look_again = 0.0  # monotonic time of the next try of what is stuck

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.once()
            except OSError as error:
                log.error("the spool cannot be read", extra=logs.fields(why=error.strerror))
            except Exception:
                log.exception("draining failed")
            pause = WAITING_SECONDS if self._spool.behind else QUIET_SECONDS
            if self._spool.behind and not self._spool.flowing:
                await asyncio.sleep(WAITING_SECONDS)
            else:
                await self._spool.arrival(pause)

    async def once(self) -> None:
        """Store what waits, as far as it goes now. Raises OSError."""
        spool = self._spool
        spool.look()
        again = bool(spool.stuck()) and time.monotonic() >= self._look_again
        if not spool.behind and not again:
            return
        with spool.folder.sole() as sole:
            if not sole:
                # Another process is at it, and gets on as far as the database answers. Who did not
                # wait for it here would go on filling the folder for as long as anybody writes.
                spool.flowing = await self._answers()
                return
            while files := spool.next(AT_ONCE):
                spool.flowing = await self._files(files)
                if not spool.flowing:
                    return
                spool.look()
            if again:
                self._look_again = time.monotonic() + AGAIN_SECONDS
                await self._files(spool.stuck())

    async def _files(self, files: list[Waiting]) -> bool:
        """Store these; False as soon as the database is away."""
        waiting: list[tuple[str, Understood]] = []
        whole: set[str] = set()
        for file in files:
            arrivals = await self._read(file.name)
            if arrivals is not None:
                whole.add(file.name)
                waiting += [(file.name, understand(arrival)) for arrival in arrivals]
        refused: set[str] = set()
        for start in range(0, len(waiting), TOGETHER):
            part = waiting[start : start + TOGETHER]
            if await self._together(part):
                continue
            if not await self._answers() or not await self._one_by_one(part, refused):
                return False
        for name in refused:
            self._spool.pass_over(name)
        self._spool.done(whole - refused)
        return True

    async def _together(self, part: Sequence[tuple[str, Understood]]) -> bool:
        try:
            results = await self._intake.store_late(
                [what for _, what in part], within=STORE_SECONDS
            )
        except (DatabaseAwayError, psycopg.Error):
            return False
        for result in results:
            self._stored(result)
        return True

    async def _one_by_one(self, part: Sequence[tuple[str, Understood]], refused: set[str]) -> bool:
        """False as soon as the database is away; what it refuses is noted in `refused`."""
        lanes: dict[str, list[tuple[str, Understood]]] = defaultdict(list)
        for number, (name, what) in enumerate(part):
            lanes[what.sender or f"{number}"].append((name, what))
        room = asyncio.Semaphore(self._side_by_side)
        away = asyncio.Event()

        async def follow(lane: list[tuple[str, Understood]]) -> None:
            async with room:
                for name, what in lane:
                    if away.is_set() or not await self._store(what, name, refused):
                        away.set()
                        return

        await asyncio.gather(*(follow(lane) for lane in lanes.values()))
        return not away.is_set()

    async def _read(self, name: str) -> list[Arrival] | None:
        """What the file holds; None when there is nothing to store from it now."""
        try:
            content = await asyncio.to_thread(self._spool.folder.read, name)
            return None if content is None else unpacked(content)
        except LockedError:
            log.error(
                "a file of the spool was sealed with another secret; set BALAS_SPOOL_SECRET to it",
                extra=logs.fields(file=name),
            )
            self._spool.lock(name)
        except (DamagedError, ValueError, KeyError, TypeError) as error:
            log.error(
                "a file of the spool is damaged and was set aside",
                extra=logs.fields(file=name, why=type(error).__name__),
            )
            self._spool.set_aside(name)
        return None

    async def _store(self, what: Understood, name: str, refused: set[str]) -> bool:
        """False when the database is away; what it refuses is noted in `refused`."""
        for _ in range(TRIES):
            try:
                result = await self._intake.store(what, within=STORE_SECONDS, late=True)
            except DatabaseAwayError:
                if not await self._answers():
                    return False
            else:
                self._stored(result)
                return True
        log.error(
            "the database works but refuses a request of the spool", extra=logs.fields(file=name)
        )
        refused.add(name)
        return True

    async def _answers(self) -> bool:
        try:
            await self._database.value("select 1", within=2.0)
        except DatabaseAwayError:
            return False
        return True
