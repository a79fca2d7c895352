"""Being there or away, and the handover, as the server does them."""

from __future__ import annotations

from console.domain.ids import ProfileId
from console.domain.shifts import Handed
from console.remote.asking import Asking, as_object


class Shift(Asking):
    """Every method raises RefusedError (our rules), SignedOutError, or EnvironmentFaultError."""

    async def set_available(self, on: bool) -> None:
        """See `console.ui.server.shift`."""
        await self.ask("set_available", {"available": on})

    async def hand_over(
        self,
        id: str,
        to: ProfileId | None,
        summary: str,
        *,
        giver: ProfileId | None = None,
        snoozed: bool = False,
    ) -> Handed:
        """See `console.ui.server.shift`."""
        arguments = {
            "id": id,
            "assignee_id": to,
            "summary": summary,
            "from_id": giver,
            "snoozed": snoozed,
        }
        wire = as_object(await self.ask("handover", arguments))
        count, kept = wire.get("handed_over"), wire.get("kept")
        return Handed(
            count if isinstance(count, int) else 0, len(kept) if isinstance(kept, list) else 0
        )
