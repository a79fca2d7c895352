"""Shifts in memory: being there, handing over, and the notes that ask for this agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from console.domain.conversation import ConversationRow, ConversationStatus
from console.domain.ids import ProfileId
from console.domain.shifts import Handed, Mention

if TYPE_CHECKING:
    from tests.gallery.memory import MemoryStore


class MemoryShift:
    """Keeps what was asked; `failure` is raised instead."""

    def __init__(self) -> None:
        self.available: bool | None = None
        self.handed: list[tuple[ProfileId | None, str, ProfileId | None, bool]] = []
        self.answer = Handed(8)
        self.failure: Exception | None = None

    async def set_available(self, on: bool) -> None:
        if self.failure is not None:
            raise self.failure
        self.available = on

    async def hand_over(
        self,
        id: str,
        to: ProfileId | None,
        summary: str,
        *,
        giver: ProfileId | None = None,
        snoozed: bool = False,
    ) -> Handed:
        if self.failure is not None:
            raise self.failure
        self.handed.append((to, summary, giver, snoozed))
        return self.answer


class MemoryTeamWork:
    """What the store tells of the team's work."""

    def __init__(self, store: MemoryStore) -> None:
        self._store = store
        self.notes: list[Mention] = []
        self.seen: Mention | None = None

    async def held_by(self, person: ProfileId, *, snoozed: bool = False) -> list[ConversationRow]:
        wanted = {ConversationStatus.OPEN} | ({ConversationStatus.SNOOZED} if snoozed else set())
        rows = self._store.conversations.rows
        return [row for row in rows if row.assignee_id == person and row.status in wanted]

    async def mentions(self, limit: int = 100) -> list[Mention]:
        return self.notes[:limit]

    async def unread_mentions(self) -> int:
        return sum(note.unread for note in self.notes) if self.seen is None else 0

    async def see_mentions(self, newest: Mention) -> None:
        self.seen = newest
