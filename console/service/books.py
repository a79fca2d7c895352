"""The queue's books and the sending of replies, several jobs at a time.

What jobs of one worker ask of the database at the same time goes there as one statement, and so
one commit: while one is under way the next gathers, and nobody waits for others to come.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import procrastinate
import psycopg
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as QueuedJob
from procrastinate.jobs import Status as JobStatus
from procrastinate.manager import JobManager, NotificationCallback
from psycopg.types.json import Jsonb

from console import logs
from console.service.database import Database, DatabaseAwayError

log = logging.getLogger("balas.worker")

SECONDS = 15.0  # for one statement
# Jobs or replies of one statement. On a machine that is short of time each way there and back waits
# for its turn, and then only many at once keep up.
MOST = 64
LISTEN_AGAIN = 0.5  # seconds after the line broke; meanwhile the queue is looked at

_CLAIM = "select private.claim_messages(%s)"
_RECORD = "select to_jsonb(private.record_outcomes(%s))"
_END = "select to_jsonb(private.end_jobs(%s))"
_FETCH = "select private.fetch_jobs(%s, %s::bigint[], %s)"


class Gathered:
    """One statement for all that is asked at the same time. Used on one event loop.

    The statement takes a JSON array and answers with an array, one entry for each, or with one
    answer for all. It must be safe to repeat.
    """

    def __init__(self, database: Database, query: LiteralString) -> None:
        self._database = database
        self._query = query
        self._waiting: deque[tuple[Mapping[str, Any], asyncio.Future[Any]]] = deque()
        self._running: asyncio.Task[None] | None = None

    async def ask(self, item: Mapping[str, Any]) -> Any:
        """The answer to this item. Raises as `Database.value`; then it may or may not be done."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, answer))
        if self._running is None:
            self._running = asyncio.create_task(self._run(), name="gathered")
        return await answer

    async def _run(self) -> None:
        try:
            while batch := self._take():
                try:
                    await self._send(batch)
                except (psycopg.DataError, psycopg.IntegrityError):
                    for one in batch:  # the fault of one of them: each by itself
                        await self._alone(one)
                except Exception as error:  # whoever asked must hear of it, whatever it is
                    _tell(batch, error)
        finally:
            self._running = None

    def _take(self) -> list[tuple[Mapping[str, Any], asyncio.Future[Any]]]:
        batch: list[tuple[Mapping[str, Any], asyncio.Future[Any]]] = []
        while self._waiting and len(batch) < MOST:
            item, answer = self._waiting.popleft()
            if not answer.done():  # who asked is gone
                batch.append((item, answer))
        return batch

    async def _alone(self, one: tuple[Mapping[str, Any], asyncio.Future[Any]]) -> None:
        try:
            await self._send([one])
        except Exception as error:  # as above
            _tell([one], error)

    async def _send(self, batch: Sequence[tuple[Mapping[str, Any], asyncio.Future[Any]]]) -> None:
        items = Jsonb([item for item, _ in batch])
        found = await self._database.value(self._query, (items,), within=SECONDS)
        answers = found if isinstance(found, list) else [found] * len(batch)
        for (_, answer), what in zip(batch, answers, strict=True):
            if not answer.done():
                answer.set_result(what)


def _tell(batch: Sequence[tuple[Mapping[str, Any], asyncio.Future[Any]]], error: Exception) -> None:
    for _, answer in batch:
        if not answer.done():
            answer.set_exception(error)


class Books:
    """What the jobs of one worker process share: claims, outcomes, and which jobs it has."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._claims = Gathered(database, _CLAIM)
        self._outcomes = Gathered(database, _RECORD)
        self._ends = Gathered(database, _END)
        self._over: set[int] = set()
        self.wake = asyncio.Event()  # jobs that waited for one of ours may run now

    async def claim(self, wanted: Mapping[str, Any]) -> Any:
        """As `private.claim_message`. Raises as `Database.value`."""
        return await self._claims.ask(wanted)

    async def record(self, ended: Mapping[str, Any]) -> None:
        """As `private.record_outcomes`; a job that it names is over then. Raises as above."""
        if await self._outcomes.ask(ended):
            self.wake.set()
        if "job" in ended:
            self._over.add(ended["job"])

    async def end(self, job: int, worker: str) -> None:
        """Take a job that is done out of the queue, unless `record` has. Raises as above."""
        if job in self._over:
            self._over.discard(job)
        elif await self._ends.ask({"job": job, "worker": worker}):
            self.wake.set()


class Jobs(JobManager):
    """The queue's books, as the queue's worker asks for them: kept by `Books`, a few at a time.

    A worker that was paused and woke finds its jobs run or finished by others. That is no failure:
    the messages themselves say what is left to do.
    """

    def __init__(
        self, connector: procrastinate.PsycopgConnector, books: Books, *, at_once: int
    ) -> None:
        super().__init__(connector)
        self._books = books
        self._at_once = at_once
        self._ready: deque[QueuedJob] = deque()
        self._held: set[int] = set()  # taken from the queue and not given back
        self._news = False  # something was queued since the queue was last asked
        self._drained = False  # it gave less than there was room for

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> QueuedJob | None:
        """The next job; the queue is asked for as many as there are places."""
        asked, self._drained = self._drained and not self._ready, False
        while not self._ready:
            if asked and not self._news:
                return None
            asked, self._news = True, False
            room = max(min(self._at_once - len(self._held), MOST), 1)
            rows = await self._value(_FETCH, (worker_id, list(self._held), room))
            self._ready.extend(_job(row) for row in rows)
            self._held.update(row["id"] for row in rows)
            self._drained = 0 < len(rows) < room
        return self._ready.popleft()

    async def put_back(self) -> None:
        """Give back what was taken and not begun. What cannot be told is found by the sweep."""
        while self._ready:
            with contextlib.suppress(ConnectorException):
                await self.retry_job(self._ready.popleft())
        self._held.clear()

    async def finish_job(self, job: QueuedJob, status: JobStatus, delete_job: bool) -> None:
        number = job.id or 0
        try:
            if delete_job:
                await self._books.end(number, str(job.worker_id))
            else:
                with _taken_over(job):
                    await super().finish_job(job, status, delete_job)
        except (DatabaseAwayError, psycopg.Error) as error:
            raise ConnectorException from error
        finally:
            self._held.discard(number)

    async def retry_job(self, job: QueuedJob, *args: Any, **options: Any) -> None:
        try:
            with _taken_over(job):
                await super().retry_job(job, *args, **options)
        finally:
            self._held.discard(job.id or 0)

    async def listen_for_jobs(
        self, *, on_notification: NotificationCallback, queues: Iterable[str] | None = None
    ) -> None:
        """As the queue's own, and also wakes when a lock of ours is free for the next job.

        WORKAROUND: the queue's own ends where the database is away for a moment, and without
        periodic tasks nobody watches it: jobs would wait for the next look for as long as the
        process lives.
        """

        async def heard(**what: Any) -> None:
            self._news = True
            await on_notification(**what)

        async def woken() -> None:
            while True:
                await self._books.wake.wait()
                self._books.wake.clear()
                await heard(channel="", notification={"type": "job_inserted", "job_id": 0})

        waking = asyncio.create_task(woken(), name="wake")
        try:
            while True:
                with contextlib.suppress(ConnectorException):
                    await super().listen_for_jobs(on_notification=heard, queues=queues)
                log.info("the queue is listened to anew")
                await asyncio.sleep(LISTEN_AGAIN)
        finally:
            waking.cancel()

    async def update_heartbeat(self, worker_id: int) -> None:
        """As the queue's own; one that fails is made up for by the next, as nobody watches it."""
        with contextlib.suppress(ConnectorException):
            await super().update_heartbeat(worker_id)

    async def _value(self, query: LiteralString, arguments: Sequence[Any]) -> Any:
        try:
            return await self._books.database.value(query, arguments, within=SECONDS)
        except (DatabaseAwayError, psycopg.Error) as error:
            # The worker's loop ends and begins anew: among others, when it had been taken for dead.
            raise ConnectorException from error


def _job(row: dict[str, Any]) -> QueuedJob:
    at = row["scheduled_at"]
    return QueuedJob.from_row({**row, "scheduled_at": datetime.fromisoformat(at) if at else None})


@contextlib.contextmanager
def _taken_over(job: QueuedJob) -> Iterator[None]:
    try:
        yield
    except ConnectorException as error:
        # procrastinate's functions raise so when the job is not there or not running any more
        if not isinstance(error.__cause__, psycopg.errors.RaiseException):
            raise
        log.info("another worker ended this job", extra=logs.fields(job=job.id))
