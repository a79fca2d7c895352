"""The open thread's messages: a window of at most a few hundred that follows the store."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

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
    """`changed` follows each reading; its flag is true for the first one of a conversation.

    The window and the page beside it are read at the same time, so that a new message never waits
    for a page. A reading of the window counts only for the window it was begun for, and a page
    during which something changed has the window read again when it is in.
    """

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
        self._news = 0  # how often something was announced as changed
        self._jump: object | None = None  # the way to another place, until one is there
        self._page: object | None = None  # the page that is being read
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
        self._has_newer = self._start_reached = False
        self._wanted = None
        self._set_fetching(False)
        self._drop_page()
        self._go(partial(self._open, row.id, row.unread))

    def close(self) -> None:
        self.conversation_id = None
        self._messages = []
        self._jump = None
        self._tasks.cancel("thread")
        self._drop_page()

    def reload(self) -> None:
        """Read the window again: something in it, below it or above it changed."""
        self._news += 1
        if self.conversation_id is not None and self._jump is None:
            self._tasks.start(self._reload(self.conversation_id), "thread")

    def to_newest(self) -> None:
        """Jump back to the newest messages after reading far above."""
        self._wanted = None
        if self.conversation_id is not None:
            self._go(partial(self._open, self.conversation_id, 0))

    def show_around(self, at: MessageId | datetime, written: datetime | None = None) -> None:
        """Show the part of the thread around a message or a moment; `found` follows.

        A message that this machine does not have is fetched where one knows when it was `written`.
        """
        self._wanted = None
        if self.conversation_id is not None:
            self._go(partial(self._around, self.conversation_id, at, written))

    def older(self) -> None:
        """Read the page above; asks the server when this machine has no more."""
        if not (self._page or self._start_reached or self.is_fetching) and self._messages:
            self._turn(partial(self._older, self._messages[0]))

    def newer(self) -> None:
        """Read the page below, when the window does not reach the newest message."""
        if self._has_newer and not self._page and self._messages:
            self._turn(partial(self._newer, self._messages[-1]))

    def _go(self, way: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Go to another place of the thread. What changes meanwhile is read once one is there."""
        self._jump = jump = object()
        self._tasks.start(self._going(way, jump), "thread")

    async def _going(self, way: Callable[[], Coroutine[Any, Any, None]], jump: object) -> None:
        news = self._news
        try:
            await way()
        finally:
            if self._jump is jump:
                self._jump = None
        if self._news != news and self.conversation_id is not None:
            await self._reload(self.conversation_id)

    def _turn(self, way: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Read a page beside the window."""
        self._page = page = object()
        self._tasks.start(self._turning(way, page), "thread:page")

    async def _turning(self, way: Callable[[], Coroutine[Any, Any, None]], page: object) -> None:
        news = self._news
        try:
            await way()
        finally:
            if self._page is page:
                self._page = None
        if self._news != news:
            self.reload()  # the page may be older than what changed

    def _drop_page(self) -> None:
        """The page that is being read lies beside a window that is no more."""
        self._page = None
        self._tasks.cancel("thread:page")

    async def _open(self, conversation_id: ConversationId, unread: int) -> None:
        # So that the first unread one is among them; where it cannot be, a page will do.
        wanted = min(MOST, PAGE + 2 * unread) if unread <= MOST else PAGE
        messages = await self._store.messages.latest(conversation_id, wanted)
        self._drop_page()
        self._messages = messages
        self._newest = messages[-1] if messages else None
        self._has_newer = False
        self.new_from, self.new_count = _first_unread(messages, unread), unread
        if not messages:
            await self._fetch(conversation_id)
        self.changed.emit(True)

    async def _reload(self, conversation_id: ConversationId) -> None:
        if self._wanted is not None and await self._has_come(conversation_id, self._wanted):
            self._set_fetching(False)
            self.show_around(self._wanted)
            return
        while True:
            known, has_newer = self._messages, self._has_newer
            if not known:
                await self._open(conversation_id, 0)
                if self._messages:
                    self._set_fetching(False)
                return
            messages = latest = await self._store.messages.latest(
                conversation_id,
                2 * MOST,
                since=None if self._start_reached else known[0],
                until=known[-1] if has_newer else None,
            )
            if has_newer or not messages:
                latest = await self._store.messages.latest(conversation_id, PAGE)
            if known is self._messages:
                break  # no page came beside it meanwhile
        if not messages:  # all that was in the window has gone
            messages, self._has_newer = latest, False
        self._messages = messages
        self._start_reached = self._start_reached and len(messages) < 2 * MOST
        self._announce(latest)
        self.changed.emit(False)
        if self.is_fetching and self._wanted is None:
            self._set_fetching(False)
            if self._messages:  # the whole thread may have gone with its inbox
                self._turn(partial(self._older, self._messages[0]))

    async def _has_come(self, conversation_id: ConversationId, wanted: MessageId) -> bool:
        """Whether the message that was to be fetched is here."""
        if await self._store.messages.get(wanted) is not None:
            return True
        if await self._store.messages.is_complete(conversation_id):
            self._wanted = None  # the thread is whole, and it is gone
        return False

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
        newest = await self._store.messages.latest(conversation_id, 1)
        self._drop_page()
        self._messages = messages
        self._start_reached = False
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
        page = await self._store.messages.before(oldest.conversation_id, oldest, PAGE)
        if page:
            messages = page + _without(self._messages, page)
            self._messages = messages[:MOST]
            self._has_newer = self._has_newer or len(messages) > MOST
            self.changed.emit(False)
        else:
            await self._fetch(oldest.conversation_id)

    async def _newer(self, newest: Message) -> None:
        page = await self._store.messages.after(newest.conversation_id, newest, PAGE)
        self._has_newer = len(page) == PAGE
        messages = _without(self._messages, page) + page
        self._start_reached = self._start_reached and len(messages) <= MOST
        self._messages = messages[-MOST:]
        self.changed.emit(False)

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


def _without(messages: Sequence[Message], page: Sequence[Message]) -> list[Message]:
    """Those that are not on the page: one that moved meanwhile may be in both."""
    ids = {message.id for message in page}
    return [message for message in messages if message.id not in ids]


def _first_unread(messages: Sequence[Message], unread: int) -> MessageId | None:
    """The oldest of the last `unread` inbound messages; None where it is not loaded."""
    left, found = unread, None
    for message in reversed(messages):
        if left <= 0:
            break
        if message.direction is Direction.INBOUND:
            found, left = message.id, left - 1
    return found if left <= 0 else None
