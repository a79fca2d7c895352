"""The service's connections to Postgres, and one way to call a function there."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Any, LiteralString
from weakref import WeakKeyDictionary

import psycopg
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool, PoolClosed, PoolTimeout

from console import logs
from console.domain.errors import EnvironmentFaultError
from console.service import wire
from console.service.config import Config

log = logging.getLogger("balas.database")

Pool = AsyncConnectionPool[psycopg.AsyncConnection[tuple[Any, ...]]]

# How long a pool tries to reconnect before it says so. Short, because psycopg's backoff doubles:
# the next request begins anew, and service is back within seconds of the database's return.
_RECONNECT = 3.0
# How long a call waits for a connection before it asks the pool anew: one that gave up reconnecting
# begins again only when it is asked.
_ASK_AGAIN = 1.5

_CONNECTION: dict[str, Any] = {
    "connect_timeout": 5,
    # No prepared statements and no session state: a transaction pooler may stand in between.
    "prepare_threshold": None,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
}


class DatabaseAwayError(EnvironmentFaultError):
    """Postgres did not answer in time, or not with what we need; trying again is safe."""

    def __init__(self, text: str = "") -> None:
        super().__init__("The database does not answer.", text)


class Database:
    """Calls single statements, each its own transaction, on a pool of connections."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def value(
        self, query: LiteralString, arguments: Sequence[Any] = (), *, within: float
    ) -> Any:
        """The first column of the first row; dicts among the arguments travel as jsonb.

        Only for statements that may be repeated: a connection that broke is replaced and the
        statement sent again until `within` seconds are over. Raises DatabaseAwayError then;
        errors about the data itself come through as psycopg's own.
        """
        adapted = [Jsonb(item) if isinstance(item, dict) else item for item in arguments]

        async def once(left: float) -> Any:
            return await self._once(query, adapted, left)

        trying = asyncio.create_task(self._until_it_works(once, within))
        # Not asyncio.timeout: cancelling makes psycopg wait for the server, up to ten seconds when
        # it is not there any more, and whoever called us has not that much time.
        try:
            done, _ = await asyncio.wait({trying}, timeout=within)
        except asyncio.CancelledError:
            trying.cancel()
            raise
        if not done:
            trying.cancel()
            _let_end(trying)
            raise DatabaseAwayError
        with _understood():
            return trying.result()

    async def answer(
        self,
        query: bytes,
        arguments: Sequence[bytes | None],
        formats: Sequence[int] | None = None,
        *,
        within: float,
    ) -> Any:
        """What a statement answers that takes bytes and returns one JSON value; like `value`.

        The short way, for what every message of a customer needs. `formats` are those of `wire`.
        """

        async def once(left: float) -> Any:
            connection = await self._pool.getconn(timeout=min(left, _ASK_AGAIN))
            try:
                async with asyncio.timeout_at(deadline):
                    text = await wire.ask(connection, query, arguments, formats)
            except (TimeoutError, asyncio.CancelledError):
                _let_end(asyncio.create_task(self._abandon(connection)))
                raise
            except psycopg.OperationalError:
                await connection.close()
                await self._pool.putconn(connection)
                raise
            except BaseException:
                await self._pool.putconn(connection)
                raise
            await self._pool.putconn(connection)
            return None if text is None else json.loads(text)

        deadline = asyncio.get_running_loop().time() + within
        with _understood():
            return await self._until_it_works(once, within)

    async def _until_it_works(self, once: Callable[[float], Awaitable[Any]], within: float) -> Any:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + within
        while True:
            try:
                return await once(deadline - loop.time())
            except PoolClosed:
                raise
            except psycopg.OperationalError as error:
                log.info("connection lost, trying another", extra=_code(error))
                if loop.time() > deadline:
                    raise TimeoutError from error
                await asyncio.sleep(0.05)

    async def _once(self, query: LiteralString, arguments: Sequence[Any], within: float) -> Any:
        async with self._pool.connection(timeout=min(within, _ASK_AGAIN)) as connection:
            cursor = await connection.execute(query, arguments)
            row = await cursor.fetchone()
            return row[0] if row else None

    async def _abandon(self, connection: psycopg.AsyncConnection[Any]) -> None:
        try:
            await wire.abandon(connection)
        finally:
            await self._pool.putconn(connection)


@contextlib.contextmanager
def _understood() -> Iterator[None]:
    """What may be wrong with the data comes through, all else means that the database is away."""
    try:
        yield
    except (PoolClosed, TimeoutError) as error:
        raise DatabaseAwayError from error
    except (psycopg.DataError, psycopg.IntegrityError):
        raise
    except psycopg.Error as error:
        # Not migrated yet, no rights, or a broken session: nothing wrong with the data.
        log.exception("the database cannot do this")
        raise DatabaseAwayError("It is not migrated, or the role lacks rights.") from error


# Calls that were given up and still let go of their connections.
_ending: set[asyncio.Task[Any]] = set()


def _let_end(task: asyncio.Task[Any]) -> None:
    _ending.add(task)
    task.add_done_callback(_ended)


def _ended(task: asyncio.Task[Any]) -> None:
    _ending.discard(task)
    if not task.cancelled():
        task.exception()  # nobody waits for it any more


def _code(error: psycopg.Error) -> dict[str, Any]:
    reason = "pool timeout" if isinstance(error, PoolTimeout) else type(error).__name__
    return logs.fields(reason=reason, sqlstate=error.sqlstate)


def _name(part: str) -> str:
    """What the database calls this process; the doctor counts processes by it."""
    return f"balas {part} {socket.gethostname()[:32]}:{os.getpid()}"


def webhook_pool(config: Config) -> Pool:
    """The webhook's pool, not open yet; autocommit, so that one call is one round trip."""
    return AsyncConnectionPool(
        config.database_url,
        kwargs={**_CONNECTION, "autocommit": True, "application_name": _name("webhook")},
        min_size=1,
        max_size=config.pool_size,
        open=False,
        timeout=2.0,
        reconnect_timeout=_RECONNECT,
        max_idle=120,
        name="webhook",
    )


async def _set_up_worker_connection(connection: psycopg.AsyncConnection[Any]) -> None:
    # procrastinate's statements are not schema-qualified; ours are. Set after connecting: poolers
    # drop startup options. Autocommit: each of its calls is one statement.
    await connection.set_autocommit(True)
    await connection.execute("set search_path = jobs, pg_temp")


# A connection that answered so many seconds ago is not asked whether it still answers.
_FRESH = 1.0


class _Check:
    """Whether a connection still answers, before it is given out: asked of rested ones only.

    The question is a round trip like any other, and under load every statement would have one.
    """

    def __init__(self) -> None:
        self._seen: WeakKeyDictionary[psycopg.AsyncConnection[Any], float] = WeakKeyDictionary()

    async def __call__(self, connection: psycopg.AsyncConnection[Any]) -> None:
        if time.monotonic() - self._seen.get(connection, 0.0) > _FRESH:
            await AsyncConnectionPool.check_connection(connection)
        self._seen[connection] = time.monotonic()


def _worker_pool(**arguments: Any) -> Pool:
    return AsyncConnectionPool(**{**arguments, "check": _Check()})


def worker_pool_arguments(config: Config) -> dict[str, Any]:
    """What procrastinate's connector makes its pool from; one connection is left for LISTEN."""
    return {
        "pool_factory": _worker_pool,
        "conninfo": config.database_url,
        "kwargs": {**_CONNECTION, "application_name": _name("worker")},
        "configure": _set_up_worker_connection,
        "min_size": 1,
        "max_size": config.pool_size - 1,
        "timeout": 10.0,
        "reconnect_timeout": _RECONNECT,
        "max_idle": 120,
        "name": "worker",
    }
