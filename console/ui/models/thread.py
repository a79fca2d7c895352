"""The open thread's messages: a window of at most a few hundred that follows the store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from console.domain.conversation import ConversationRow
from console.domain.delivery import Direction
from console.domain.ids import ConversationId, MessageId
from console.domain.message import Message
from console.ui.tasks import TaskScope

if TYPE_CHECKING:
    from console.store.store import Store

PAGE = 60
MOST = 240  # messages kept; those farthest from the reader are let go and read again on demand


class ThreadModel(QObject):
    """`changed` follows each reading; its flag is true for the first one of a conversation."""

    changed = Signal(bool)
    fetching_changed = Signal(bool)
    found = Signal(object)  # the message that show_around was about; None when it is not here
    arrived = Signal(object)  # inbound messages that came below while the thread was open

    def __init__(self, store: Store, tasks: TaskScope, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._tasks = tasks
        self._messages: list[Message] = []
        self._newest: Message | None = None  # of the thread, also where the window ends above it
        self._has_newer = False
        self._start_reached = False
        self._busy = False
        self._wanted: MessageId | None = None  # to be shown as soon as it is here
        self.conversation_id: ConversationId | None = None
        self.is_fetching = False
        self.new_from: MessageId | None = None
        self.new_count = 0

    @property
    def messages(self) -> Sequence[Message]:
        """Oldest first."""
        return self._messages

    @property
    def is_at_newest(self) -> bool:
        return not self._has_newer

    def open(self, row: ConversationRow) -> None:
        """Show a conversation's newest messages."""
        self.conversation_id = row.id
        self._messages = []
        self._has_newer = self._start_reached = self._busy = False
        self._wanted = None
        self._set_fetching(False)
        self._tasks.cancel("thread:page")
        self._tasks.start(self._open(row.id, row.unread), "thread")

    def close(self) -> None:
        self.conversation_id = None
        self._messages = []
        self._tasks.cancel("thread")
        self._tasks.cancel("thread:page")

    def reload(self) -> None:
        """Read the window again: something in it, below it or above it changed."""
        if self.conversation_id is not None:
            self._tasks.start(self._reload(self.conversation_id), "thread")

    def to_newest(self) -> None:
        """Jump back to the newest messages after reading far above."""
        self._wanted = None
        if self.conversation_id is not None:
            self._tasks.start(self._open(self.conversation_id, 0), "thread")

    def show_around(self, at: MessageId | datetime, written: datetime | None = None) -> None:
        """Show the part of the thread around a message or a moment; `found` follows.

        A message that this machine does not have is fetched where one knows when it was `written`.
        """
        self._wanted = None
        if self.conversation_id is not None:
            self._tasks.start(self._around(self.conversation_id, at, written), "thread")

    def older(self) -> None:
        """Read the page above; asks the server when this machine has no more."""
        if not (self._busy or self._start_reached or self.is_fetching) and self._messages:
            self._busy = True
            self._tasks.start(self._older(self._messages[0]), "thread:page")

    def newer(self) -> None:
        """Read the page below, when the window does not reach the newest message."""
        if self._has_newer and not self._busy and self._messages:
            self._busy = True
            self._tasks.start(self._newer(self._messages[-1]), "thread:page")

    async def _open(self, conversation_id: ConversationId, unread: int) -> None:
        # So that the first unread one is among them; where it cannot be, a page will do.
        wanted = min(MOST, PAGE + 2 * unread) if unread <= MOST else PAGE
        messages = await self._store.messages.latest(conversation_id, wanted)
        self._messages = messages
        self._newest = messages[-1] if messages else None
        self._has_newer = False
        self.new_from, self.new_count = _first_unread(messages, unread), unread
        if not messages:
            await self._fetch(conversation_id)
        self.changed.emit(True)

    async def _reload(self, conversation_id: ConversationId) -> None:
        if self._wanted is not None and await self._show_wanted(conversation_id, self._wanted):
            return
        known = self._messages
        if not known:
            await self._open(conversation_id, 0)
            if self._messages:
                self._set_fetching(False)
            return
        if self._has_newer:
            first = await self._store.messages.get(known[0].id)
            rest = await self._store.messages.after(conversation_id, known[0], len(known) - 1)
            self._messages = ([first] if first else []) + rest
            self._announce(await self._store.messages.latest(conversation_id, PAGE))
        else:
            messages = self._store.messages
            self._messages = await messages.latest(
                conversation_id, 2 * MOST, since=known[0]
            ) or await messages.latest(conversation_id, PAGE)
            self._announce(self._messages)
        self.changed.emit(False)
        if self.is_fetching and self._wanted is None:
            self._set_fetching(False)
            if self._messages:  # the whole thread may have gone with its inbox
                await self._older(self._messages[0])

    async def _show_wanted(self, conversation_id: ConversationId, wanted: MessageId) -> bool:
        """Show the message that was fetched; False while it is not here yet."""
        if await self._store.messages.get(wanted) is None:
            if await self._store.messages.is_complete(conversation_id):
                self._wanted = None  # the thread is whole, and it is gone
            return False
        self._wanted = None
        self._set_fetching(False)
        await self._around(conversation_id, wanted)
        return True

    async def _around(
        self,
        conversation_id: ConversationId,
        at: MessageId | datetime,
        written: datetime | None = None,
    ) -> None:
        messages = await self._store.messages.around(conversation_id, at, 2 * PAGE)
        if not messages:
            self.found.emit(None)
            if isinstance(at, datetime):  # older than what this machine has: the server may know it
                await self._fetch(conversation_id)
            elif written is not None:
                self._wanted = at
                await self._fetch(conversation_id, written)
            return
        self._messages = messages
        self._start_reached = False
        newest = await self._store.messages.latest(conversation_id, 1)
        self._newest = newest[-1] if newest else None
        self._has_newer = bool(newest) and newest[-1].id != messages[-1].id
        self.changed.emit(False)
        wanted = (
            next((m for m in messages if m.timestamp >= at), messages[-1]).id
            if isinstance(at, datetime)
            else at
        )
        self.found.emit(wanted)

    def _announce(self, latest: Sequence[Message]) -> None:
        """Tell what has come below since the last look at the thread's end."""
        before, self._newest = self._newest, latest[-1] if latest else self._newest
        ids = [message.id for message in latest]
        start = ids.index(before.id) + 1 if before is not None and before.id in ids else 0
        fresh = [
            message
            for message in latest[start:]
            if message.direction is Direction.INBOUND
            and before is not None
            and message.timestamp >= before.timestamp
        ]
        if fresh:
            self.arrived.emit(fresh)

    async def _older(self, oldest: Message) -> None:
        try:
            page = await self._store.messages.before(oldest.conversation_id, oldest, PAGE)
            if page:
                self._messages = page + self._messages
                if len(self._messages) > MOST:
                    del self._messages[MOST:]
                    self._has_newer = True
                self.changed.emit(False)
            else:
                await self._fetch(oldest.conversation_id)
        finally:
            self._busy = False

    async def _newer(self, newest: Message) -> None:
        try:
            page = await self._store.messages.after(newest.conversation_id, newest, PAGE)
            self._has_newer = len(page) == PAGE
            if page:
                self._messages = (self._messages + page)[-MOST:]
                self._start_reached = False
            self.changed.emit(False)
        finally:
            self._busy = False

    async def _fetch(self, conversation_id: ConversationId, until: datetime | None = None) -> None:
        if await self._store.messages.is_complete(conversation_id):
            self._start_reached = True
            return
        self._set_fetching(True)
        self._store.messages.want_older(conversation_id, until)

    def _set_fetching(self, on: bool) -> None:
        if on != self.is_fetching:
            self.is_fetching = on
            self.fetching_changed.emit(on)


def _first_unread(messages: Sequence[Message], unread: int) -> MessageId | None:
    """The oldest of the last `unread` inbound messages; None where it is not loaded."""
    left, found = unread, None
    for message in reversed(messages):
        if left <= 0:
            break
        if message.direction is Direction.INBOUND:
            found, left = message.id, left - 1
    return found if left <= 0 else None
