"""Who works in an inbox, as the server says it: those put into it, and those who see every one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from supabase import AsyncClient

from console.domain.ids import InboxId, ProfileId
from console.remote.asking import TIMEOUT, Asking
from console.remote.auth import Auth
from console.remote.errors import translated

_ABOVE_FOR = 30.0  # seconds: many inboxes are asked about one after the other


class Members(Asking):
    """Read from the tables, under row security: of an inbox that is not one's own it is nobody."""

    def __init__(self, client: AsyncClient, auth: Auth) -> None:
        super().__init__(client, auth)
        self._above: tuple[float, frozenset[ProfileId]] | None = None

    async def of(self, inbox_id: InboxId) -> frozenset[ProfileId]:
        """Raises as `Asking.ask`."""
        token = await self._auth.token()
        with translated():
            async with asyncio.timeout(TIMEOUT):
                postgrest = self._client.postgrest
                postgrest.auth(token)
                inside = postgrest.from_("inbox_members").select("profile_id")
                answer = await inside.eq("inbox_id", inbox_id).execute()
                found = _ids(answer.data, "profile_id")
                if self._above is None or self._above[0] < time.monotonic():
                    above = postgrest.from_("profiles").select("id").is_("active", "true")
                    answer = await above.in_("role", ["supervisor", "admin"]).execute()
                    self._above = (time.monotonic() + _ABOVE_FOR, _ids(answer.data, "id"))
        return found | self._above[1]


def _ids(rows: Any, name: str) -> frozenset[ProfileId]:
    return frozenset(
        ProfileId(str(row[name])) for row in rows if isinstance(row, Mapping) and row.get(name)
    )
