"""Requests that come at the same time share one transaction, and so one commit.

A commit waits for the disk, and most of what storing costs is the same for one message and for
fifty. While one batch is on its way the next one gathers; nobody waits for a batch to fill. What
cannot go with the others (the database's function says so, or the batch failed) goes alone, so that
no request's fate depends on another's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg

from console.service.database import Database, DatabaseAwayError

# Batches under way at once: one is with the database while the other is being made or answered.
LANES = 2
# Requests and bytes of one batch; it must be committed well within the time of a request.
MOST = 64
LARGEST = 1024 * 1024


@dataclass(slots=True, eq=False)
class _Waiting:
    """A request on its way: what to store, until when, and the answer."""

    item: Mapping[str, Any]
    size: int
    deadline: float  # of the loop's clock
    answer: asyncio.Future[Any]


class Together:
    """Gathers requests into batches for one database. Used on one event loop.

    `statement` takes a JSON array of items and answers with an array of the same length: what
    became of each, null for one that has to go alone. A batch starts `gather` seconds after its
    first request: nothing where somebody waits, a moment where nobody does.
    """

    def __init__(
        self, database: Database, statement: bytes, *, lanes: int = LANES, gather: float = 0.0
    ) -> None:
        self._database = database
        self._statement = statement
        self._lanes = lanes
        self._gather = gather
        self._waiting: deque[_Waiting] = deque()
        self._busy = 0  # lanes
        self._under_way: set[asyncio.Task[None]] = set()  # so that they are not collected

    async def store(self, item: Mapping[str, Any], size: int, *, within: float) -> Any:
        """What became of an item of about `size` bytes; None when it has to go by itself.

        Raises DatabaseAwayError after `within` seconds; then it may or may not be stored.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(item, size, loop.time() + within, loop.create_future())
        self._waiting.append(waiting)
        if self._busy < self._lanes:
            self._start()
        try:
            async with asyncio.timeout_at(waiting.deadline):
                return await waiting.answer
        except TimeoutError as error:
            raise DatabaseAwayError from error

    def _start(self) -> None:
        self._busy += 1
        task = asyncio.create_task(self._run(), name="together")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _run(self) -> None:
        try:
            while self._waiting:
                if self._gather:
                    await asyncio.sleep(self._gather)
                if batch := self._take():
                    await self._store(batch)
        finally:
            # In the same step as the look that found nothing: whoever comes next starts a lane.
            self._busy -= 1

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        size = 0
        while self._waiting and len(batch) < MOST:
            waiting = self._waiting[0]
            if waiting.answer.done():  # gave up meanwhile
                self._waiting.popleft()
                continue
            size += waiting.size
            if batch and size > LARGEST:
                break
            batch.append(self._waiting.popleft())
        return batch

    async def _store(self, batch: list[_Waiting]) -> None:
        answers: list[Any] = [None] * len(batch)
        if len(batch) > 1:
            left = min(one.deadline for one in batch) - asyncio.get_running_loop().time()
            text = json.dumps([one.item for one in batch]).encode()
            # Half of the time is left to each alone: perhaps one of them cannot be stored, or waits
            # for something that the others do not.
            with contextlib.suppress(DatabaseAwayError, psycopg.Error):
                answers = await self._database.answer(
                    self._statement, (text,), within=max(left / 2, 0.0)
                )
        for one, answer in zip(batch, answers, strict=True):
            if not one.answer.done():
                one.answer.set_result(answer)
