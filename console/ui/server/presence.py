"""Who else is where: told by the colleagues' windows, and to them."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING, Protocol

from console.domain.ids import ConversationId, InboxId

if TYPE_CHECKING:
    from console.domain.company import Companion


class Presence(Protocol):
    """Never raises and never waits: without a line nobody is seen, and nobody sees this window.

    Each window has a `seat` of its own, by which it says where it is; all of them count.
    """

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        """Call `told` whenever somebody came, left or began to write; the answer ends that."""

    def company(self) -> dict[ConversationId, tuple[Companion, ...]]:
        """The colleagues at each conversation; oneself is not among them."""

    def look(
        self, seat: Hashable, inbox_id: InboxId | None, conversation_id: ConversationId | None
    ) -> None:
        """This window shows a conversation, or none that anybody is looking at."""

    def typing(self, seat: Hashable, on: bool) -> None:
        """This agent writes in the conversation shown there, or has stopped."""


class LatePresence:
    """Presence from the first frame on: what was said before there was a line is said then."""

    def __init__(self) -> None:
        self._there: Presence | None = None
        self._listeners: list[Callable[[], None]] = []
        self._shown: dict[Hashable, tuple[InboxId | None, ConversationId | None]] = {}

    def connect(self, presence: Presence) -> None:
        """There is a line."""
        self._there = presence
        presence.listen(self._tell)
        for seat, shown in self._shown.items():
            presence.look(seat, *shown)

    def listen(self, told: Callable[[], None]) -> Callable[[], None]:
        self._listeners.append(told)

        def end() -> None:
            if told in self._listeners:
                self._listeners.remove(told)

        return end

    def company(self) -> dict[ConversationId, tuple[Companion, ...]]:
        return self._there.company() if self._there is not None else {}

    def look(
        self, seat: Hashable, inbox_id: InboxId | None, conversation_id: ConversationId | None
    ) -> None:
        self._shown[seat] = (inbox_id, conversation_id)
        if conversation_id is None:
            del self._shown[seat]
        if self._there is not None:
            self._there.look(seat, inbox_id, conversation_id)

    def typing(self, seat: Hashable, on: bool) -> None:
        if self._there is not None:
            self._there.typing(seat, on)

    def _tell(self) -> None:
        for told in tuple(self._listeners):
            told()
