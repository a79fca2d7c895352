"""Who works in an inbox, as the server says it: those put into it, and those who see every one."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from console.domain.ids import InboxId, ProfileId
from console.remote.asking import TIMEOUT, Asking
from console.remote.errors import translated


class Members(Asking):
    """Read from the tables, under row security: of an inbox that is not one's own it is nobody."""

    async def of(self, inbox_id: InboxId) -> frozenset[ProfileId]:
        """Raises as `Asking.ask`."""
        token = await self._auth.token()
        with translated():
            async with asyncio.timeout(TIMEOUT):
                postgrest = self._client.postgrest
                postgrest.auth(token)
                inside = (
                    await postgrest.from_("inbox_members")
                    .select("profile_id")
                    .eq("inbox_id", inbox_id)
                    .execute()
                )
                above = (
                    await postgrest.from_("profiles")
                    .select("id")
                    .in_("role", ["supervisor", "admin"])
                    .is_("active", "true")
                    .execute()
                )
        rows = [row for row in (*inside.data, *above.data) if isinstance(row, Mapping)]
        found = (row.get("profile_id", row.get("id")) for row in rows)
        return frozenset(ProfileId(str(id)) for id in found if id)
