"""One statement by libpq's own calls: a sixth of a cursor's time, for what every message needs.

A cursor adapts any argument and any result, takes a lock and waits with a task of its own. Here are
only bytes in, and bytes out of the one row's first column.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult

TEXT, BINARY = 0, 1

# How long the server may take to hear that nobody waits for its answer any more.
_CANCEL_SECONDS = 2.0


async def ask(
    connection: psycopg.AsyncConnection[Any],
    query: bytes,
    arguments: Sequence[bytes | None],
    formats: Sequence[int] | None = None,
) -> bytes | None:
    """The first column of the first row as text; None for no row and for null.

    The connection is in autocommit and ours alone. Raises psycopg's errors. When this is cancelled
    the statement is still on its way: `abandon` the connection then.
    """
    pgconn = connection.pgconn
    pgconn.send_query_params(query, arguments, param_formats=formats)
    while pgconn.flush():
        # Also reading: a server that has something to say may not listen until it is heard.
        await _until_ready(pgconn, writing=True)
        pgconn.consume_input()
    last: PGresult | None = None
    while True:
        while pgconn.is_busy():
            await _until_ready(pgconn)
            pgconn.consume_input()
        result = pgconn.get_result()
        if result is None:
            break
        last = result  # after the row may come that it could not be committed
    if last is None or last.status != ExecStatus.TUPLES_OK:
        raise _error(last)
    return last.get_value(0, 0) if last.ntuples else None


def _error(result: PGresult | None) -> psycopg.Error:
    if result is None:
        return psycopg.OperationalError("The connection broke off.")
    return psycopg.errors.error_from_result(result)


async def abandon(connection: psycopg.AsyncConnection[Any]) -> None:
    """End a connection whose statement was given up, and the statement with it."""
    try:
        await connection.cancel_safe(timeout=_CANCEL_SECONDS)
    except psycopg.Error:
        pass  # whoever does not hear that is away already
    finally:
        await connection.close()


async def _until_ready(pgconn: PGconn, *, writing: bool = False) -> None:
    loop, socket = asyncio.get_running_loop(), pgconn.socket
    ready: asyncio.Future[None] = loop.create_future()
    loop.add_reader(socket, _wake, ready)
    if writing:
        loop.add_writer(socket, _wake, ready)
    try:
        await ready
    finally:
        loop.remove_reader(socket)
        if writing:
            loop.remove_writer(socket)


def _wake(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
