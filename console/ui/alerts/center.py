"""Decides with the domain's rules what an agent is called for, and has it told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.alerts import (
    Reminded,
    Repeating,
    Scene,
    What,
    Wishes,
    asked_of,
    closes_soon,
    moment_of_day,
    reminds,
    telling,
)
from console.domain.conversation import ConversationRow, Filter, Sort, View
from console.domain.ids import ConversationId, new_message_id
from console.domain.intents import SendMessage
from console.domain.message import Message
from console.ui.alerts import freedesktop
from console.ui.alerts.notices import Notice, Notices, notice_for
from console.ui.alerts.sound import Chime
from console.ui.alerts.tray import Tray
from console.ui.language import translate
from console.ui.preferences import (
    MUTED,
    NOTIFY,
    NOTIFY_CONTENT,
    QUIET_FROM,
    QUIET_UNTIL,
    SOUND,
)
from console.ui.tasks import TaskScope
from console.ui.workplace import Workplace

if TYPE_CHECKING:
    from console.store.store import Store

TICK = 30_000  # ms between two looks at windows that close and at what is told again
GATHER = 1_000  # ms in which changed threads are gathered before they are looked into
MOST = 60  # threads at once: more of them is a pull that caught up, not news
LAST = 8  # messages of a thread that are looked at
CLOSING_ROWS = 30


class Alerts(QObject):
    """Lives as long as the window. `chosen` asks for a conversation, and the window with it."""

    chosen = Signal(object)
    window_wanted = Signal()

    def __init__(
        self,
        window: QWidget,
        place: Callable[[], Workplace],
        on_screen: Callable[[], frozenset[ConversationId]],
    ) -> None:
        """`place` gives the window's parts as they are now: a new language makes them anew."""
        super().__init__(window)
        self._window = window
        self._now_at = place
        workplace = place()
        self._on_screen = on_screen
        self._tasks = TaskScope(workplace.errors)
        self._since = workplace.now()
        self._threads: set[ConversationId] = set()
        self._repeating = Repeating()
        self._reminded = Reminded()
        self._newest: dict[ConversationId, Message] = {}
        self.shielded = False
        self.locked = False
        self.chime = Chime(self)
        self.tray = Tray(window, workplace.theme)
        self.tray.window_wanted.connect(self.window_wanted)
        self.notices: Notices = self.tray
        if freedesktop.can_be_tried():
            self.notices = freedesktop.DesktopNotices(self, self._tasks, self.tray)
        for shows in {self.notices, self.tray}:
            shows.chosen.connect(self._on_chosen)
            shows.answered.connect(self._on_answered)
        self._gather = QTimer(self)
        self._gather.setSingleShot(True)
        self._gather.setInterval(GATHER)
        self._gather.timeout.connect(self._look_into_threads)
        self._clock = QTimer(self)
        self._clock.timeout.connect(self.look_at_clock)
        self._clock.start(TICK)
        workplace.bridge.arrived.connect(self._on_arrived)
        workplace.bridge.threads_changed.connect(self._on_threads)

    @property
    def _place(self) -> Workplace:
        return self._now_at()

    @property
    def _store(self) -> Store:
        return self._place.store

    def end(self) -> None:
        """No more alerts."""
        self._clock.stop()
        self._gather.stop()
        self._tasks.close()
        self.chime.end()
        self.tray.close()

    async def settle(self) -> None:
        """Wait until what `end` ended has ended."""
        await self._tasks.settle()

    def show_count(self, count: int) -> None:
        """The badge: on the tray's icon, and where the system has one for programs."""
        self.tray.show_count(count)
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.setBadgeNumber(count)

    def is_muted(self, conversation_id: ConversationId) -> bool:
        """Whether this agent does not want to hear of it."""
        return conversation_id in self._wishes().muted

    def set_muted(self, conversation_id: ConversationId, on: bool) -> None:
        """On this machine, until it is taken back."""
        kept = [id for id in self._place.chosen.text(MUTED).split() if id != conversation_id]
        if on:
            kept.append(conversation_id)
        self._place.chosen.keep(MUTED, " ".join(kept[-200:]))

    def look_at_clock(self) -> None:
        """Windows that close soon, and assignments that nobody has looked at."""
        self._tasks.start(self._remind(), "remind")
        self._tell_again()

    def _wishes(self) -> Wishes:
        chosen = self._place.chosen
        return Wishes(
            on=chosen.flag(NOTIFY, True),
            content=chosen.flag(NOTIFY_CONTENT, True),
            sound=chosen.flag(SOUND, True),
            quiet_from=moment_of_day(chosen.text(QUIET_FROM)),
            quiet_until=moment_of_day(chosen.text(QUIET_UNTIL)),
            muted=frozenset(ConversationId(id) for id in chosen.text(MUTED).split()),
            shielded=self.shielded,
        )

    def _scene(self) -> Scene:
        me = self._store.me
        local = self._place.now().astimezone().time()
        on_screen = frozenset() if self.locked else self._on_screen()
        return Scene(me.id if me else None, local, on_screen, self.locked)

    # What happens

    def _on_arrived(self, ids: frozenset[ConversationId]) -> None:
        if not self._is_in_front():
            self._tasks.start(self._tell_messages(ids))

    async def _tell_messages(self, ids: frozenset[ConversationId]) -> None:
        for conversation_id in ids:
            row = await self._store.conversations.get(conversation_id)
            if row is not None:
                newest = await self._store.messages.latest(conversation_id, 1)
                if newest:
                    self._newest[conversation_id] = newest[-1]
                self.tell(What.MESSAGE, row)

    def _on_threads(self, ids: frozenset[ConversationId]) -> None:
        self._threads |= ids
        if not self._gather.isActive():
            self._gather.start()

    def _look_into_threads(self) -> None:
        ids, self._threads = self._threads, set()
        me = self._store.me
        if me is not None and len(ids) <= MOST:
            self._tasks.start(self._find_asked(ids))

    async def _find_asked(self, ids: set[ConversationId]) -> None:
        """What a colleague asked of this agent by name since the program looked last."""
        me, newest = self._store.me, self._since
        for conversation_id in ids if me is not None else ():
            messages = await self._store.messages.latest(conversation_id, LAST)
            cause = asked_of(me.id, messages, self._since) if me is not None else None
            row = None
            if reminds(messages, self._since):
                newest = max(newest, messages[-1].timestamp)
                await self._tell_closing(conversation_id)
            if cause is not None:
                newest = max(newest, cause.timestamp)
                row = await self._store.conversations.get(conversation_id)
            if cause is not None and row is not None:
                what = What.ASSIGNED if cause.content.event is not None else What.MENTIONED
                if self.tell(what, row, cause) or what is What.ASSIGNED:
                    self._begin_again(row, what)
            await asyncio.sleep(0)
        self._since = newest

    def _begin_again(self, row: ConversationRow, what: What) -> None:
        """An assignment is told until it is seen, after quiet hours too."""
        if what is What.ASSIGNED and row.id not in self._scene().on_screen:
            self._repeating.begin(row.id, self._place.now())

    async def _tell_closing(self, conversation_id: ConversationId) -> None:
        """The server says so; this machine may have said it already."""
        row = await self._store.conversations.get(conversation_id)
        if row is not None and row.waiting_since is not None and self._reminded.is_new(row):
            self.tell(What.CLOSING, row)

    async def _remind(self) -> None:
        me, now = self._store.me, self._place.now()
        for filter in (Filter.MINE, Filter.UNASSIGNED):
            view = View(filter, sort=Sort.WINDOW)
            rows = await self._store.conversations.page(view, limit=CLOSING_ROWS)
            for row in rows if me is not None else ():
                if closes_soon(row, now) and self._reminded.is_new(row):
                    self.tell(What.CLOSING, row)

    def _tell_again(self) -> None:
        scene = self._scene()
        for conversation_id in scene.on_screen:
            self._repeating.seen(conversation_id)
        if self._repeating.is_empty:
            return
        quiet = self._wishes().is_quiet(scene.local)
        due = self._repeating.due(self._place.now(), quiet=quiet)
        if due:
            self._tasks.start(self._tell_assigned(due))

    async def _tell_assigned(self, ids: list[ConversationId]) -> None:
        me = self._store.me
        for conversation_id in ids:
            row = await self._store.conversations.get(conversation_id)
            if row is None or me is None or row.assignee_id != me.id:
                self._repeating.seen(conversation_id)
            else:
                self.tell(What.ASSIGNED, row)

    def _is_in_front(self) -> bool:
        """Whether one of the program's windows has the keyboard, and may show something."""
        active = QApplication.activeWindow()
        ours = active is not None and (active is self._window or active.property("desk") is True)
        return ours and not self.locked

    # How it is told

    def tell(self, what: What, row: ConversationRow, cause: Message | None = None) -> bool:
        """Tell of it as this agent wishes; whether anything was told."""
        how = telling(what, row, self._wishes(), self._scene())
        if not how.shown:
            return False
        notice = notice_for(what, row, cause, content=how.content)
        if how.sound:
            self.chime.play()
        if self._is_in_front():
            self._tell_here(notice)
        else:
            QApplication.alert(self._window)
            self.notices.show_notice(notice)
        return True

    def _tell_here(self, notice: Notice) -> None:
        """The window is in front: in the window, with the way there."""
        self._place.offer(
            notice.title,
            notice.text,
            translate("alerts", "Open"),
            lambda: self._on_chosen(notice.conversation_id),
        )

    def seen(self, conversation_id: ConversationId) -> None:
        """The conversation was opened: nothing more is to be said of it."""
        self._repeating.seen(conversation_id)
        self.notices.take_away(conversation_id)

    def _on_chosen(self, conversation_id: ConversationId) -> None:
        self.seen(conversation_id)
        self.window_wanted.emit()
        self.chosen.emit(conversation_id)

    def _on_answered(self, conversation_id: ConversationId, text: str) -> None:
        """A reply written in the notice; if more was written since, it asks once before leaving."""
        newest = self._newest.get(conversation_id)
        if text.strip():
            intent = SendMessage(
                new_message_id(),
                conversation_id,
                text.strip(),
                seen=newest.id if newest is not None else None,
            )
            self._place.writes.start(self._store.outbox.send(intent))
