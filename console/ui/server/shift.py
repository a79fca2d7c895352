"""What is asked of the server around a shift: to be there or away, and to hand over."""

from __future__ import annotations

from typing import Protocol

from console.domain.ids import ProfileId
from console.domain.shifts import Handed


class Shift(Protocol):
    """Errors as in `Server`."""

    async def set_available(self, on: bool) -> None:
        """Whether new conversations are given to this agent."""

    async def hand_over(
        self,
        id: str,
        to: ProfileId | None,
        summary: str,
        *,
        giver: ProfileId | None = None,
        snoozed: bool = False,
    ) -> Handed:
        """Give every open conversation to somebody, or back to the queue.

        `id` is made once: repeats are harmless. Only supervisors name a `giver` other than
        themselves (`not_allowed`).
        """
