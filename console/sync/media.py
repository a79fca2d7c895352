"""Media: downloads that the window asked for, the last asked first, into the encrypted cache."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from console.domain.errors import BalasError, EnvironmentFaultError
from console.store.store import Store
from console.sync.nudge import backoff

if TYPE_CHECKING:
    from console.remote.client import Remote

log = logging.getLogger(__name__)

DOWNLOADS = 3  # at a time
_TRIES = 4  # before the bubble says what is wrong and offers to try again


class Downloads:
    """Fetches files whole or not at all; what broke off goes on where it stopped."""

    def __init__(self, store: Store, remote: Remote) -> None:
        self._store = store
        self._remote = remote
        self._busy: set[tuple[str, str]] = set()
        self._places = asyncio.Semaphore(DOWNLOADS)

    def start(self, group: asyncio.TaskGroup) -> None:
        """Begin every download that was asked for and is not under way."""
        while (wish := self._store.wishes.take_media()) is not None:
            if wish not in self._busy:
                self._busy.add(wish)
                group.create_task(self._fetch(*wish), name="download")

    async def _fetch(self, bucket: str, path: str) -> None:
        try:
            async with self._places:
                problem = await self._try(bucket, path)
            if problem is not None:
                await self._store.media.fail(bucket, path, problem.title)
        except EnvironmentFaultError as error:  # of the store itself, a full disk for example
            log.warning("a download could not be noted: %s", error.title)
        finally:
            self._busy.discard((bucket, path))

    async def _try(self, bucket: str, path: str) -> BalasError | None:
        """Fetch the file, again if the line breaks; what went wrong in the end."""
        problem: BalasError | None = None
        for tries in range(_TRIES):
            if tries:
                await asyncio.sleep(backoff(tries - 1).total_seconds())
            try:
                await self._fetch_once(bucket, path)
                return None
            except EnvironmentFaultError as error:
                problem = error
            except BalasError as error:
                return error
        return problem

    async def _fetch_once(self, bucket: str, path: str) -> None:
        have = await self._store.media.begin(bucket, path)
        if have is None:
            return
        size = have
        async for at, piece in self._remote.files.download(bucket, path, have):
            await self._store.media.append(bucket, path, at, piece)
            size = at + len(piece)
        await self._store.media.finish(bucket, path, size)
