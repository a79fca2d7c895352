"""The way to the replies that wait for the agent's word, one by one, from the strip about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.domain.desk import SearchHit
from console.domain.ids import ConversationId, MessageId
from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.store.store import Store
    from console.ui.screens.inbox.screen import InboxScreen


class Deciding(QObject):
    """Wherever one is in the inbox."""

    def __init__(self, inbox: InboxScreen, store: Store, tasks: TaskScope) -> None:
        super().__init__(inbox)
        self._inbox = inbox
        self._store = store
        self._tasks = tasks
        inbox.strips.line.step_wanted.connect(self._on_step)
        inbox.strips.refresh()

    def _on_step(self) -> None:
        inbox = self._inbox
        first: dict[ConversationId, MessageId] = {}
        for conversation_id, message_id in inbox.strips.asked:
            first.setdefault(conversation_id, message_id)
        row = inbox.thread_screen.row if inbox.is_thread_shown else None
        here = row.id if row is not None else None
        places = list(first)
        after = places.index(here) + 1 if here in first else 0
        for place in (places[after:] or places)[:1]:  # round and round, past what was left for now
            self._tasks.start(self._go(place, first[place]), "deciding:go")

    async def _go(self, conversation_id: ConversationId, message_id: MessageId) -> None:
        message = await self._store.messages.get(message_id)
        if message is not None:
            at = message.timestamp
            self._inbox.open_hit(SearchHit(message_id, conversation_id, at, "", ""))
