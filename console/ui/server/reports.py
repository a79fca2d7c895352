"""What is asked of the server about the numbers of the work."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from console.domain.ids import InboxId, ProfileId
from console.domain.reports import Grouping, Report


class Reports(Protocol):
    """Supervisors and administrators see everything, agents their own work."""

    async def read(
        self,
        grouping: Grouping,
        since: datetime,
        until: datetime,
        *,
        inbox_id: InboxId | None = None,
        agent_id: ProfileId | None = None,
        zone: str = "UTC",
    ) -> Report:
        """Days are those of the time zone named `zone`.

        Refused with `not_allowed` for who works in no inbox, `bad_time` for more than five years.
        """
