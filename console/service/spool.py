"""The durable spool: where a request waits on this machine when the database cannot take it.

Requests that come at once share one file and one fsync. While older ones wait, newer ones queue up
behind them, so that nobody's messages overtake each other. The other half, which empties the spool
again, is `console.service.drain`.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from console import logs
from console.domain.errors import EnvironmentFaultError
from console.service.config import Config
from console.service.intake import Arrival, packed
from console.service.spool_files import Folder, Seal, Waiting

log = logging.getLogger("balas.spool")

# One file of the spool.
MOST_TOGETHER = 256
LARGEST_TOGETHER = 4 * 1024 * 1024  # bytes of bodies
# A disk that does not take a file within this does not count as durable; Twilio waits 15 s.
WRITE_SECONDS = 8.0
# Seconds; file systems stamp changes with the kernel's ticks, not with its clock.
_GRAIN = 0.05
# What JSON, headers and the seal add to a body, about; base64 makes it a third longer.
_OVERHEAD = 2048


class SpoolError(EnvironmentFaultError):
    """The spool cannot take this: full, or its disk fails."""


@dataclass(frozen=True, slots=True)
class Depth:
    """What lies in the spool. Requests, bytes, the age of the oldest in seconds, and files."""

    waiting: int
    size: int
    oldest_seconds: float
    stuck: int  # requests that the database refuses although it works
    locked: int  # files sealed with a secret that is not configured
    set_aside: int  # files that were damaged

    def as_json(self) -> dict[str, float]:
        """For `/health/ready`."""
        return {
            "waiting": self.waiting,
            "bytes": self.size,
            "oldest_seconds": round(self.oldest_seconds, 1),
            "stuck": self.stuck,
            "locked": self.locked,
            "set_aside": self.set_aside,
        }


def folder_of(config: Config) -> Folder | None:
    """The configured folder, made if need be; None where none is configured.

    Raises EnvironmentFaultError when it cannot be used.
    """
    if not config.spool_dir:
        return None
    folder = Folder(config.spool_dir, Seal((config.spool_secret, config.twilio_auth_token)))
    try:
        folder.make()
        folder.tidy()
        folder.waiting()
    except OSError as error:
        raise EnvironmentFaultError(
            "BALAS_SPOOL_DIR cannot be used.",
            f"{config.spool_dir}: {error.strerror}",
            fix="Give it a folder on a lasting volume that the service may write.",
        ) from error
    return folder


class Spool:
    """The spool of one process: writing, and knowing what waits. Used on one event loop."""

    def __init__(self, folder: Folder, limit: int) -> None:
        self.folder = folder
        self._limit = limit  # bytes
        self._files: dict[str, Waiting] = {}
        self._stuck: set[str] = set()
        self._locked: set[str] = set()
        self._aside = 0
        self._seen: int | None = None
        self._queue: list[tuple[Arrival, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._unwritten = 0
        self._queued = 0  # bytes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._arrived = asyncio.Event()
        self._through = asyncio.Event()
        self._through.set()
        self.flowing = False  # whether the drain moves, so that waiting a moment may pay
        self.failed = False  # whether the last write failed

    def close(self) -> None:
        """Let go of the writing thread; what is being written will be whole or not there."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    @property
    def behind(self) -> bool:
        """Whether older requests wait here, as far as this process knows."""
        return bool(self._unwritten) or any(self._moving())

    def is_behind(self) -> bool:
        """Whether older requests wait here, so that a newer one must not go past them.

        Unlike `behind` this asks the folder, too: another process may have put one in just now.
        """
        if self.behind:
            return True
        try:
            if self.folder.changed_at() == self._seen:
                return False
            self.look()
        except OSError as error:
            log.error("the spool cannot be read", extra=logs.fields(why=error.strerror))
        return self.behind

    @property
    def is_full(self) -> bool:
        """Whether it takes nothing more."""
        return self._size() >= self._limit

    async def put(self, arrival: Arrival) -> None:
        """Keep it at the end; when this returns it is on the disk. Raises SpoolError."""
        size = len(arrival.body) * 4 // 3 + _OVERHEAD
        if self._size() + self._queued + size > self._limit:
            raise SpoolError("The spool is full.")
        self._queued += size
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append((arrival, done))
        self._unwritten += 1
        self._through.clear()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write_all(), name="spool")
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                await done
        except TimeoutError as error:
            raise SpoolError("The spool's disk does not answer.") from error

    async def caught_up(self, within: float) -> bool:
        """Whether nothing waits any more, looking for at most `within` seconds."""
        try:
            async with asyncio.timeout(max(within, 0)):
                await self._through.wait()
        except TimeoutError:
            return False
        return not self.behind

    async def arrival(self, within: float) -> None:
        """Return when something was put in, or after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                await self._arrived.wait()
        except TimeoutError:
            return
        finally:
            self._arrived.clear()

    def look(self) -> None:
        """Read the folder anew: other processes put in and take out as well. Raises OSError."""
        changed = self.folder.changed_at()
        # A change within the clock's grain of the last one could not be told from it.
        self._seen = changed if time.time() - changed / 1e9 > _GRAIN else None
        self._files = {file.name: file for file in self.folder.waiting()}
        self._aside = self.folder.aside()
        self._stuck &= self._files.keys()
        self._locked &= self._files.keys()
        self._tell()

    def next(self, most: int) -> list[Waiting]:
        """The oldest files, together at most `most` requests (but one file at least)."""
        chosen: list[Waiting] = []
        count = 0
        for file in sorted(self._moving(), key=lambda file: file.name):
            count += file.count
            if chosen and count > most:
                break
            chosen.append(file)
        return chosen

    def stuck(self) -> list[Waiting]:
        """Files whose turn has passed, because the database refuses something in them."""
        return [self._files[name] for name in sorted(self._stuck)]

    def done(self, names: Iterable[str]) -> None:
        """These files are stored. Raises OSError."""
        for name in names:
            self.folder.remove(name)
            self._files.pop(name, None)
            self._stuck.discard(name)
        self._tell()

    def pass_over(self, name: str) -> None:
        """The database refuses something in this file: let the others go first."""
        self._stuck.add(name)
        self._tell()

    def lock(self, name: str) -> None:
        """This file cannot be opened with our secrets; perhaps with those of tomorrow."""
        self._locked.add(name)
        self._tell()

    def set_aside(self, name: str) -> None:
        """This file is damaged. Raises OSError."""
        self.folder.set_aside(name)
        self._aside += 1
        self._files.pop(name, None)
        self._tell()

    def depth(self) -> Depth:
        """What lies here, as far as this process has looked."""
        files = [file for file in self._files.values() if file.name not in self._locked]
        oldest = min((file.written for file in files), default=time.time())
        return Depth(
            waiting=sum(file.count for file in files) + self._unwritten,
            size=self._size(),
            oldest_seconds=max(time.time() - oldest, 0.0),
            stuck=sum(self._files[name].count for name in self._stuck),
            locked=len(self._locked),
            set_aside=self._aside,
        )

    def _moving(self) -> Iterable[Waiting]:
        return (
            file
            for name, file in self._files.items()
            if name not in self._stuck and name not in self._locked
        )

    def _size(self) -> int:
        return sum(file.size for file in self._files.values())

    def _tell(self) -> None:
        if self.behind:
            self._through.clear()
        else:
            self._through.set()

    async def _write_all(self) -> None:
        while self._queue:
            batch = [self._queue.pop(0)]
            size = len(batch[0][0].body)
            while (
                self._queue
                and len(batch) < MOST_TOGETHER
                and size + len(self._queue[0][0].body) <= LARGEST_TOGETHER
            ):
                batch.append(self._queue.pop(0))
                size += len(batch[-1][0].body)
            await self._write(batch)

    async def _write(self, batch: list[tuple[Arrival, asyncio.Future[None]]]) -> None:
        def write() -> Waiting:
            return self.folder.write(packed([arrival for arrival, _ in batch]), len(batch))

        error: SpoolError | None = None
        try:
            file = await asyncio.get_running_loop().run_in_executor(self._thread, write)
            self._files[file.name] = file
        except OSError as failure:
            log.error("the spool cannot write", extra=logs.fields(why=failure.strerror))
            error = SpoolError("The spool's disk fails.", failure.strerror or "")
        self.failed = error is not None
        self._unwritten -= len(batch)
        self._queued -= sum(len(a.body) * 4 // 3 + _OVERHEAD for a, _ in batch)
        for _, done in batch:
            if done.done():
                continue  # its request has been told no meanwhile; storing it does no harm
            if error is None:
                done.set_result(None)
            else:
                done.set_exception(error)
        self._tell()
        self._arrived.set()
