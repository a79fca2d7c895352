"""The strip that says which replies wait for the agent's word, and leads to them one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from console.domain.changes import Link
from console.domain.desk import SearchHit
from console.domain.ids import ConversationId, MessageId
from console.ui.bridge import Bridge
from console.ui.language import translate
from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.store.store import Store
    from console.ui.screens.inbox.screen import InboxScreen


class Deciding(QObject):
    """Wherever one is in the inbox. While the line is down the strip speaks of that alone."""

    def __init__(self, inbox: InboxScreen, store: Store, bridge: Bridge, tasks: TaskScope) -> None:
        super().__init__(inbox)
        self._inbox = inbox
        self._store = store
        self._tasks = tasks
        self._asked: list[tuple[ConversationId, MessageId]] = []
        bridge.outbox_changed.connect(self.refresh)
        bridge.link_changed.connect(self.refresh)
        inbox.strips.line.step_wanted.connect(self._on_step)
        self.refresh()

    def refresh(self) -> None:
        """Look again."""
        self._tasks.start(self._tell(), "deciding")

    async def _tell(self) -> None:
        asked = await self._store.outbox.asking()
        if self._store.link in (Link.OFFLINE, Link.SIGNED_OUT):
            return
        before, self._asked = self._asked, asked
        if asked:
            text = translate(
                "inbox",
                "%n reply(s) wait for your word: something happened since you wrote.",
                "",
                len(asked),
            )
            self._inbox.strips.line.show_state("triangle-alert", text, translate("inbox", "Show"))
        elif before:
            self._inbox.strips.line.hide()

    def _on_step(self) -> None:
        inbox = self._inbox
        row = inbox.thread_screen.row if inbox.is_thread_shown else None
        here = row.id if row is not None else None
        others = [entry for entry in self._asked if entry[0] != here]
        for entry in (others or self._asked)[:1]:
            self._tasks.start(self._go(*entry), "deciding:go")

    async def _go(self, conversation_id: ConversationId, message_id: MessageId) -> None:
        message = await self._store.messages.get(message_id)
        if message is not None:
            at = message.timestamp
            self._inbox.open_hit(SearchHit(message_id, conversation_id, at, "", ""))
