"""The worker: runs the jobs, and the rounds that ring, sweep, ask and bring up to date.

Any number of workers may run on the same database. procrastinate is the queue, in its own schema
`jobs`; everything that matters about a message is in its row, so a lost or doubled job is harmless.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import procrastinate
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job as QueuedJob
from procrastinate.retry import BaseRetryStrategy, RetryDecision

from console import logs
from console.service import account, adopted_numbers, polls, privacy, process, supervisor, templates
from console.service.books import Jobs
from console.service.config import Config, Needs
from console.service.database import Database, DatabaseAwayError, worker_pool_arguments
from console.service.fetch import MediaFetcher
from console.service.jobs import JOBS
from console.service.jobs.job import Job, Run, Tools, TryLaterError
from console.service.storage import Storage
from console.service.sweep import Sweep
from console.service.twilio import Twilio

log = logging.getLogger("balas.worker")

# Jobs at once in one process. They wait for Twilio and for files, not for the processor, and hold
# a database connection only for the moment of a statement.
AT_ONCE = 128
# Of these; replies must not wait until large files have come.
FILES_AT_ONCE = 12
# `private.is_abandoned` knows the first two numbers.
HEARTBEAT_SECONDS = 5.0
STALLED_SECONDS = 25.0
BELL_SECONDS = 1.0
SWEEP_SECONDS = 3.0
PROBE_SECONDS = 2.0
FOLLOW_SECONDS = 15.0
PRIVACY_SECONDS = 30.0
ADOPTION_SECONDS = 5.0
RULES_SECONDS = 1.0
WATCH_SECONDS = 2.0
REMIND_SECONDS = 10.0
# A call to Twilio lasts at most a minute; what is not done by then is looked up later.
GRACE_SECONDS = 25.0
ROUND_GRACE_SECONDS = 2.0

_BELLS = "select private.ring_due_bells()"
_WAKE = "select private.wake_snoozed()"
_SWEEP = "select private.sweep()"
_ROUTE = "select private.route_waiting()"
_RELEASE = "select private.release_scheduled()"
_TAKE_BACK = "select private.take_back()"
_REMIND = "select private.remind_windows()"
_RENEW_DUE = "select private.renew_due()"
_OVERDUE = "select private.tell_overdue()"
_PROBE_SOON = "select private.probe_soon()"
_PRUNE_DUE = "select private.take_round('prune', interval '1 hour')"
_PRUNE = "select private.prune_sending()"
_PRUNE_DAILY = "select private.prune_daily()"
_SUM = "select private.sum_tally()"


class _Retry(BaseRetryStrategy):
    """When a job runs again: when it asks to, else by the job's own backoff."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def get_retry_decision(
        self, *, exception: BaseException, job: QueuedJob
    ) -> RetryDecision | None:
        if isinstance(exception, TryLaterError):
            return _after(exception.seconds)
        if isinstance(exception, asyncio.CancelledError):
            return _after(0)  # this worker stops; another goes on
        seconds = self._job.retry_after(job.attempts)
        return None if seconds is None else _after(seconds)


def _after(seconds: float) -> RetryDecision:
    milliseconds = max(round(seconds * 1000), 0)
    return RetryDecision(retry_in={"milliseconds": milliseconds})


def queue(connector: procrastinate.PsycopgConnector, tools: Tools) -> procrastinate.App:
    """The queue with every job of the list."""
    app = procrastinate.App(connector=connector)
    app.job_manager = Jobs(connector, tools.books, at_once=AT_ONCE)
    for job in JOBS:
        app.task(name=job.name, queue=job.queue, retry=_Retry(job), pass_context=True)(
            _runner(job, tools)
        )
    return app


def _runner(job: Job, tools: Tools) -> Callable[..., Awaitable[None]]:
    places = asyncio.Semaphore(FILES_AT_ONCE if job.queue == "media" else AT_ONCE)

    async def run(context: procrastinate.JobContext, message_id: str) -> None:
        queued = context.job
        if places.locked():
            raise TryLaterError(1.0)
        async with places:
            worker = str(queued.worker_id or "")
            await job.body(
                tools, Run(uuid.UUID(message_id), worker, queued.attempts, queued.id or 0)
            )

    return run


class Worker:
    """One worker process, from its open connections to its orderly end."""

    def __init__(self, app: procrastinate.App, tools: Tools) -> None:
        self._app = app
        self._tools = tools
        self._database = tools.database
        self._completeness = Sweep(tools.database, tools.twilio, every=tools.config.sweep_seconds)
        self._stopping = tools.stopping

    def stop(self) -> None:
        """Begin nothing new; `run` returns when what runs has ended."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until `stop`. A database that goes away is waited for."""
        rounds = [
            asyncio.create_task(self._round(BELL_SECONDS, self._ring), name="bells"),
            asyncio.create_task(self._round(SWEEP_SECONDS, self._sweep), name="sweep"),
            asyncio.create_task(self._round(RULES_SECONDS, self._rules), name="rules"),
            asyncio.create_task(self._round(WATCH_SECONDS, self._watch), name="watch"),
            asyncio.create_task(self._round(REMIND_SECONDS, self._remind), name="reminders"),
            asyncio.create_task(self._round(ADOPTION_SECONDS, self._adopt), name="adoption"),
            asyncio.create_task(self._round(PROBE_SECONDS, self._probe), name="probe"),
            asyncio.create_task(
                self._round(self._tools.config.sweep_seconds, self._compare), name="completeness"
            ),
            asyncio.create_task(self._round(FOLLOW_SECONDS, self._follow), name="follow"),
            asyncio.create_task(self._round(PRIVACY_SECONDS, self._privacy), name="privacy"),
        ]
        try:
            with contextlib.suppress(DatabaseAwayError):
                await self._database.value(_PROBE_SOON, within=5.0)
            while not self._stopping.is_set():
                await self._work()
                await self._pause(1.0)
        finally:
            if self._stopping.is_set():
                # A statement under way ends in peace; what takes longer is given up.
                await asyncio.wait(rounds, timeout=ROUND_GRACE_SECONDS)
            for task in rounds:
                task.cancel()
            await asyncio.gather(*rounds, return_exceptions=True)

    async def _work(self) -> None:
        """Run jobs until `stop` or until the database fails."""
        working = asyncio.create_task(
            self._app.run_worker_async(
                concurrency=AT_ONCE,
                install_signal_handlers=False,
                fetch_job_polling_interval=1.0,
                update_heartbeat_interval=HEARTBEAT_SECONDS,
                stalled_worker_timeout=STALLED_SECONDS,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="successful",
            ),
            name="jobs",
        )
        stopping = asyncio.create_task(self._stopping.wait(), name="stopping")
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        working.cancel()  # asks it to finish what has begun
        try:
            await working
        except asyncio.CancelledError:
            pass
        except ConnectorException:
            log.warning("the queue lost the database")
        finally:
            if isinstance(self._app.job_manager, Jobs):
                await self._app.job_manager.put_back()

    async def _round(self, seconds: float, step: Callable[[], Awaitable[None]]) -> None:
        while not self._stopping.is_set():
            try:
                await step()
            except (DatabaseAwayError, ConnectorException):
                log.warning("a round is skipped, the database does not answer")
            except Exception:
                log.exception("a round failed")
            await self._pause(seconds)

    async def _ring(self) -> None:
        await self._database.value(_BELLS, within=5.0)
        await self._database.value(_WAKE, within=5.0)

    async def _rules(self) -> None:
        if due := await self._database.value(_RELEASE, within=15.0):
            log.info("scheduled messages are due", extra=logs.fields(messages=due))
        while routed := await self._database.value(_ROUTE, within=15.0):
            log.info("routed", extra=logs.fields(conversations=routed))

    async def _watch(self) -> None:
        if taken := await self._database.value(_TAKE_BACK, within=15.0):
            log.info("taken back", extra=logs.fields(conversations=taken))

    async def _remind(self) -> None:
        if told := await self._database.value(_REMIND, within=15.0):
            log.info("windows close soon", extra=logs.fields(conversations=told))
        while renewed := await self._database.value(_RENEW_DUE, within=15.0):
            log.info("due times renewed", extra=logs.fields(conversations=renewed))
        if told := await self._database.value(_OVERDUE, within=15.0):
            log.info("answers are overdue", extra=logs.fields(conversations=told))

    async def _sweep(self) -> None:
        done: dict[str, Any] | None = await self._database.value(_SWEEP, within=30.0)
        if done and any(done.values()):
            log.info("swept", extra=logs.fields(**done))
        manager = self._app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
            log.warning("a job's worker is gone", extra=logs.fields(job=job.id, task=job.task_name))
            await manager.retry_job(job)

    async def _probe(self) -> None:
        await account.probe(self._database, self._tools.twilio)

    async def _follow(self) -> None:
        await templates.bring_up_to_date(self._database, self._tools.twilio)
        await polls.ask(self._database, self._tools.twilio)
        if await self._database.value(_PRUNE_DUE, within=5.0):
            await self._database.value(_PRUNE, within=60.0)
        await self._database.value(_SUM, within=30.0)
        if (gone := await self._database.value(_PRUNE_DAILY, within=110.0)) is not None:
            log.info("old changes forgotten", extra=logs.fields(changes=gone))

    async def _privacy(self) -> None:
        await privacy.keep(self._tools)

    async def _compare(self) -> None:
        await self._completeness.run()

    async def _adopt(self) -> None:
        await adopted_numbers.fill(self._database, self._tools.twilio)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)


async def _run(config: Config) -> int:
    connector = procrastinate.PsycopgConnector(**worker_pool_arguments(config))
    async with contextlib.AsyncExitStack() as stack:
        twilio, storage, fetcher = Twilio(config), Storage(config), MediaFetcher(config)
        for part in (twilio, storage, fetcher):
            stack.push_async_callback(part.close)
        stopping = asyncio.Event()
        stack.enter_context(process.stop_requests(stopping.set))
        supervisor.tell(supervisor.READY)  # a database that is away is waited for, not failed at
        if not await _connect(connector, stopping):
            return 0
        stack.push_async_callback(connector.close_async)
        database = Database(connector.pool)
        tools = Tools(config, database, twilio, storage, fetcher)
        worker = Worker(queue(connector, tools), tools)
        log.info("working")
        running = asyncio.create_task(worker.run(), name="worker")
        waiting = asyncio.create_task(stopping.wait(), name="stop request")
        await asyncio.wait((running, waiting), return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        worker.stop()
        await running
        log.info("stopped")
    return 0


async def _connect(connector: procrastinate.PsycopgConnector, stopping: asyncio.Event) -> bool:
    """Open the pool, waiting for a database that is away; False when asked to stop meanwhile."""
    asked = asyncio.create_task(stopping.wait(), name="stop request")
    try:
        while not asked.done():
            # Half a minute, when the database is away; nobody who stops us waits that long.
            opening = asyncio.create_task(connector.open_async(), name="opening")
            await asyncio.wait((opening, asked), return_when=asyncio.FIRST_COMPLETED)
            opening.cancel()
            try:
                await opening
            except (ConnectorException, asyncio.CancelledError):
                log.warning("the database does not answer yet")
                # The failed pool is dropped; the connector makes a new one.
                await connector.close_async()
                await asyncio.wait((asked,), timeout=2.0)
            else:
                return True
        return False
    finally:
        asked.cancel()


def main() -> int:
    """`balas worker`: work until SIGINT or SIGTERM, then finish what has begun."""
    return process.start("worker", Needs.WORKER, _run)
