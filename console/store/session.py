"""Supabase's session in the encrypted store; a keyring is too small for it."""

from __future__ import annotations

from console.store.database import Database


class SessionRecords:
    """Named texts that outlive the program: the shape that the auth client's storage wants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get_item(self, key: str) -> str | None:
        return await self._database.read(
            lambda reading: reading.value("select value from session where key = ?", key)
        )

    async def set_item(self, key: str, value: str) -> None:
        await self._database.write(
            lambda writing: writing.run("insert or replace into session values (?, ?)", key, value)
        )

    async def remove_item(self, key: str) -> None:
        await self._database.write(
            lambda writing: writing.run("delete from session where key = ?", key)
        )
