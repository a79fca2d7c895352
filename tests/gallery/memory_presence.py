"""Colleagues who are at conversations, as a test or a picture says."""

from __future__ import annotations

from collections.abc import Callable, Hashable

from console.domain.company import Companion
from console.domain.ids import ConversationId, InboxId


class MemoryPresence:
    """`come` puts colleagues at a conversation; `said` keeps what the window told of itself."""

    def __init__(self) -> None:
        self.shown: dict[Hashable, ConversationId] = {}
        self.said: list[str] = []
        self._company: dict[ConversationId, tuple[Companion, ...]] = {}
        self._listeners: list[Callable[[], None]] = []

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(told)
        return lambda: self._listeners.remove(told)

    def company(self) -> dict[ConversationId, tuple[Companion, ...]]:
        return dict(self._company)

    def look(
        self, seat: Hashable, inbox_id: InboxId | None, conversation_id: ConversationId | None
    ) -> None:
        self.shown.pop(seat, None)
        if conversation_id is not None:
            self.shown[seat] = conversation_id

    def typing(self, seat: Hashable, on: bool) -> None:
        self.said.append("typing" if on else "quiet")

    def come(self, conversation_id: ConversationId, *people: Companion) -> None:
        """These, and nobody else, are there from now on."""
        self._company[conversation_id] = people
        for told in tuple(self._listeners):
            told()
