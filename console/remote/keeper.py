"""Where the auth client keeps its session: in memory first, then in the encrypted store."""

from __future__ import annotations

from typing import Protocol

from supabase_auth import AsyncSupportedStorage


class SessionStorage(Protocol):
    """Named texts that outlive the program; the local store has them."""

    async def get_item(self, key: str) -> str | None: ...
    async def set_item(self, key: str, value: str) -> None: ...
    async def remove_item(self, key: str) -> None: ...


class Keeper(AsyncSupportedStorage):
    """The auth client's storage, whose place can change: who signs in decides on the store."""

    def __init__(self, place: SessionStorage | None) -> None:
        self._memory: dict[str, str] = {}
        self._place = place

    async def move_to(self, place: SessionStorage) -> None:
        """From here on keep everything in `place`, starting with what is there now."""
        for key, value in self._memory.items():
            await place.set_item(key, value)
        self._memory.clear()
        self._place = place

    async def get_item(self, key: str) -> str | None:
        if self._place is None:
            return self._memory.get(key)
        return await self._place.get_item(key)

    async def set_item(self, key: str, value: str) -> None:
        if self._place is None:
            self._memory[key] = value
        else:
            await self._place.set_item(key, value)

    async def remove_item(self, key: str) -> None:
        if self._place is None:
            self._memory.pop(key, None)
        else:
            await self._place.remove_item(key)
