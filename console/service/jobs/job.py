"""What a job is: a name, a queue, what it does, and when it is tried again."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

from console.service.books import Books
from console.service.config import Config
from console.service.database import Database
from console.service.fetch import MediaFetcher
from console.service.storage import Storage
from console.service.twilio import Twilio

DATABASE_SECONDS = 15.0


class TryLaterError(Exception):
    """Not an error of the job: it wants to run again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.1f} s")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Tools:
    """What jobs work with; one set for all jobs of a worker process.

    `stopping` is set when the worker is asked to end: a long job finds a good place to stop.
    `books` is the database where several jobs ask at the same time.
    """

    config: Config
    database: Database
    twilio: Twilio
    storage: Storage
    fetcher: MediaFetcher
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    books: Books = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "books", Books(self.database))


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job. `worker` is the queue's id of this worker, which its heartbeat names."""

    message_id: uuid.UUID
    worker: str
    attempts: int  # earlier runs of the same job
    job: int = 0  # its number in the queue


class Body(Protocol):
    """What a job does. Raises TryLaterError to run again."""

    def __call__(self, tools: Tools, run: Run, /) -> Awaitable[None]: ...


@dataclass(frozen=True, slots=True)
class Job:
    """One entry of the list: `retry_after` says for any other failure when to run again.

    It takes the number of earlier runs and returns seconds, or None to give up.
    """

    name: str
    queue: str
    body: Body
    retry_after: Callable[[int], float | None]


def backoff(attempt: int, *, first: float = 1.0, longest: float = 15.0) -> float:
    """Seconds to wait after `attempt` earlier tries: doubling, jittered downwards by a fifth."""
    wait = min(first * 2.0 ** min(attempt, 30), longest)
    return wait * random.uniform(0.8, 1.0)  # noqa: S311  no secret
