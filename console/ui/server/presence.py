"""Who else is where: told by the colleagues' windows, and to them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from console.domain.company import Companion
from console.domain.ids import ConversationId, InboxId


class Presence(Protocol):
    """Never raises and never waits: without a line nobody is seen, and nobody sees this window."""

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call `told` whenever somebody came, left or began to write; the answer ends that."""

    def company(self) -> dict[ConversationId, tuple[Companion, ...]]:
        """The colleagues at each conversation; oneself is not among them."""

    def look(self, inbox_id: InboxId | None, conversation_id: ConversationId | None) -> None:
        """This window shows a conversation, or none that anybody is looking at."""

    def typing(self, on: bool) -> None:
        """This agent writes in the conversation shown, or has stopped."""


class LatePresence:
    """Presence from the first frame on: what was said before there was a line is said then."""

    def __init__(self) -> None:
        self._there: Presence | None = None
        self._listeners: list[Callable[[], None]] = []
        self._shown: tuple[InboxId | None, ConversationId | None] = (None, None)

    def connect(self, presence: Presence) -> None:
        """There is a line."""
        self._there = presence
        presence.listen(self._tell)
        presence.look(*self._shown)

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(told)

        def end() -> None:
            if told in self._listeners:
                self._listeners.remove(told)

        return end

    def company(self) -> dict[ConversationId, tuple[Companion, ...]]:
        return self._there.company() if self._there is not None else {}

    def look(self, inbox_id: InboxId | None, conversation_id: ConversationId | None) -> None:
        self._shown = (inbox_id, conversation_id)
        if self._there is not None:
            self._there.look(inbox_id, conversation_id)

    def typing(self, on: bool) -> None:
        if self._there is not None:
            self._there.typing(on)

    def _tell(self) -> None:
        for told in tuple(self._listeners):
            told()
