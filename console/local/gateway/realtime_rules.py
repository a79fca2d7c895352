"""What row security allows a caller on a topic, and the broadcasts that come from the database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from console.local.gateway.database import Connection, Database, DatabaseAwayError, take_on
from console.local.gateway.realtime_hub import Hub
from console.local.gateway.tokens import Caller

log = logging.getLogger("balas.gateway.realtime")

_ROLE = "supabase_realtime_admin"
_EXTENSIONS = ("broadcast", "presence")
_PARTITION_INTERVAL = 3600.0  # seconds between two looks at the daily partitions


@dataclass(frozen=True, slots=True)
class Rights:
    """The answer of the policies; cached by the channel until its next token."""

    read: bool  # hear broadcasts
    write: bool  # send them
    see: bool  # hear who is present
    present: bool  # be present


async def rights(database: Database, caller: Caller, topic: str) -> Rights:
    """Ask row security as hosted Realtime does: rows are tried and rolled back.

    Source: https://supabase.com/docs/guides/realtime/authorization
    """
    found: set[str] = set()
    writable: set[str] = set()
    async with (
        database.transaction(_ROLE) as connection,
        connection.transaction(force_rollback=True),
    ):
        ids = {extension: uuid.uuid4() for extension in _EXTENSIONS}
        for extension, row_id in ids.items():
            await connection.execute(
                "insert into realtime.messages (id, topic, extension) values (%s, %s, %s)",
                [row_id, topic, extension],
            )
        await connection.execute("select set_config('realtime.topic', %s, true)", [topic])
        await take_on(connection, caller)
        with contextlib.suppress(errors.InsufficientPrivilege):
            async with connection.transaction():
                cursor = await connection.execute(
                    "select extension from realtime.messages where id = any(%s)",
                    [list(ids.values())],
                )
                found = {row["extension"] for row in await cursor.fetchall()}
        for extension in _EXTENSIONS:
            with contextlib.suppress(errors.InsufficientPrivilege):
                async with connection.transaction():
                    await connection.execute(
                        "insert into realtime.messages (topic, extension) values (%s, %s)",
                        [topic, extension],
                    )
                writable.add(extension)
    return Rights(
        read="broadcast" in found,
        write="broadcast" in writable,
        see="presence" in found,
        present="presence" in writable,
    )


class Ear:
    """Hears what committed transactions broadcast, and keeps the daily partitions ahead."""

    def __init__(self, database: Database, hub: Hub) -> None:
        self._database = database
        self._hub = hub
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Until cancelled. Reconnects when Postgres was away; what was said meanwhile is lost, as
        hosted Realtime loses it too.
        """
        while True:
            try:
                async with self._connected() as connection:
                    await self._listen(connection)
            except (psycopg.OperationalError, OSError):
                self.listening.clear()
                await asyncio.sleep(0.2)

    @contextlib.asynccontextmanager
    async def _connected(self) -> AsyncIterator[psycopg.AsyncConnection[Any]]:
        url = self._database.url(_ROLE)
        connection = await psycopg.AsyncConnection.connect(
            url, autocommit=True, connect_timeout=3, application_name="gateway realtime"
        )
        try:
            yield connection
        finally:
            await connection.close()

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.execute("listen realtime_messages")
        self.listening.set()
        while True:
            await connection.execute("select realtime.keep_partitions()")
            async for notice in connection.notifies(timeout=_PARTITION_INTERVAL):
                try:
                    await self._heard(notice.payload)
                except (ValueError, KeyError, TypeError):
                    # Anybody may notify; an error here would end the ear for good, unseen.
                    log.warning("a notification that is no broadcast was passed over")

    async def _heard(self, body: str) -> None:
        message = json.loads(body)
        if "payload" not in message:  # too long for a notification: only the key came
            whole = await self._fetch(message["id"])
            if whole is None:
                return
            message |= whole
        if message["extension"] != "broadcast" or not isinstance(message["payload"], dict):
            return
        self._hub.broadcast(
            message["topic"],
            message["event"] or "",
            message["payload"],
            private=bool(message["private"]),
            message_id=str(message["id"]),
        )

    async def _fetch(self, message_id: str) -> dict[str, Any] | None:
        try:
            async with self._database.transaction(_ROLE) as connection:
                return await _row(connection, message_id)
        except DatabaseAwayError:
            return None


async def _row(connection: Connection, message_id: str) -> dict[str, Any] | None:
    cursor = await connection.execute(
        "select event, private, extension, payload from realtime.messages where id = %s",
        [message_id],
    )
    return await cursor.fetchone()
