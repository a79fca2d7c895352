"""The main screen: list, thread and contact beside each other, or in turns where it is narrow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from console.domain.changes import Link
from console.domain.conversation import ConversationRow, Filter
from console.domain.ids import ConversationId
from console.domain.profile import Role
from console.ui import words
from console.ui.bridge import Bridge
from console.ui.errors import Errors
from console.ui.language import translate
from console.ui.preferences import PANEL, SPLIT, VIEW, Chosen
from console.ui.screens.inbox.contact import ContactPanel
from console.ui.screens.inbox.conversations import ConversationsPanel
from console.ui.screens.inbox.thread import ThreadScreen
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import LIST_WIDTH, PANEL_FROM, TURNS_BELOW
from console.ui.timeline.pictures import Pictures
from console.ui.widgets.banner import Banner
from console.ui.widgets.empty import EmptyState

if TYPE_CHECKING:
    from console.store.store import Store

TICK = 15_000  # ms between two looks at the clock, for countdowns


class InboxScreen(QWidget):
    """Follows the store through the bridge while it lives."""

    def __init__(
        self,
        store: Store,
        theme: Theme,
        bridge: Bridge,
        errors: Errors,
        writes: TaskScope,
        chosen: Chosen,
        now: Callable[[], datetime],
    ) -> None:
        super().__init__()
        self._store = store
        self._chosen = chosen
        self._bridge = bridge
        self._tasks = TaskScope(errors)
        self._panel_wanted = chosen.flag(PANEL, True)
        self._reading = False
        self.pictures = Pictures(store, self._tasks)
        views = [view.value for view in Filter]
        view = chosen.text(VIEW, Filter.ALL)
        self.conversations = ConversationsPanel(
            store, theme, self._tasks, now, Filter(view) if view in views else Filter.ALL
        )
        self.thread_screen = ThreadScreen(
            store, theme, self._tasks, writes, errors, self.pictures, now
        )
        self.contact = ContactPanel(theme, self.pictures, now)
        self.banner = Banner(theme)
        self.stopped = Banner(theme)
        self.nothing = EmptyState(theme)
        self.nothing.setProperty("kind", "thread")
        self.nothing.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.middle = QStackedWidget()
        self.split = QSplitter(Qt.Orientation.Horizontal)
        self._clock = QTimer(self)
        self._build()
        self._connect()
        self.show_link(store.link)
        self._refresh_sending()

    def close_tasks(self) -> None:
        """Keep the draft and end what still reads."""
        self.thread_screen.composer.keep_draft()
        self.thread_screen.player.stop()
        self._tasks.close()

    def open(self, conversation_id: ConversationId) -> None:
        """Open a conversation by its id, as from a notification."""
        self._tasks.start(self._open(conversation_id), "open")

    def show_conversation(self, row: ConversationRow) -> None:
        """Open a conversation that is at hand."""
        self._reading = True
        self.middle.setCurrentWidget(self.thread_screen)
        self.conversations.mark_open(row.id)
        self.thread_screen.open(row)
        self.contact.show_conversation(row)
        self.contact.show_messages(())
        self._arrange()

    def show_link(self, link: Link) -> None:
        """The strip while the line is down or the session is over."""
        if link is Link.OFFLINE:
            self._tasks.start(self._tell_offline(), "offline")
        elif link is Link.SIGNED_OUT:
            self.banner.show_state("lock", translate("inbox", "You are signed out."))
        else:
            self._tasks.cancel("offline")
            self.banner.hide()

    def focus_reply(self) -> None:
        if (
            self.middle.currentWidget() is self.thread_screen
            and self.thread_screen.composer.can_write
        ):
            self.thread_screen.composer.editor.setFocus()

    def toggle_contact(self) -> None:
        self._panel_wanted = not self.contact.isVisible()
        self._chosen.keep(PANEL, self._panel_wanted)
        self._arrange(forced=self._panel_wanted)

    def back(self) -> None:
        """To the list: its column where there is room, the list itself where there is not."""
        self._reading = False
        self._arrange()
        self.conversations.list.setFocus()

    def choose_view(self, filter: Filter) -> None:
        self.conversations.choose_view(filter)
        self._chosen.keep(VIEW, filter.value)

    def _build(self) -> None:
        self.nothing.show_state(
            "message-circle",
            translate("inbox", "No conversation is open"),
            translate("inbox", "Choose one on the left, or walk there with the arrow keys."),
        )
        self.middle.addWidget(self.nothing)
        self.middle.addWidget(self.thread_screen)
        self.middle.setMinimumWidth(340)
        self.conversations.setMinimumWidth(LIST_WIDTH[0])
        self.split.addWidget(self.conversations)
        self.split.addWidget(self.middle)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(1)
        self.split.setStretchFactor(0, 0)
        self.split.setStretchFactor(1, 1)
        wide = self._chosen.number(SPLIT, LIST_WIDTH[1])
        self.split.setSizes([min(LIST_WIDTH[2], max(LIST_WIDTH[0], wide)), 2000])
        self.line = QWidget()
        self.line.setFixedWidth(1)
        self.line.setObjectName("line")
        body = QHBoxLayout()
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.split, 1)
        body.addWidget(self.line)
        body.addWidget(self.contact)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.stopped)
        layout.addLayout(body, 1)
        self.contact.hide()
        self.line.hide()

    def _connect(self) -> None:
        bridge, thread = self._bridge, self.thread_screen
        self.conversations.chosen.connect(self.show_conversation)
        self.conversations.entered.connect(self.focus_reply)
        thread.header.back_wanted.connect(self.back)
        thread.header.panel_wanted.connect(self.toggle_contact)
        thread.messages_changed.connect(self._on_messages_changed)
        self.contact.picture_chosen.connect(lambda message: thread.files.open(message, 0))
        self.split.splitterMoved.connect(self._on_split)
        bridge.conversations_changed.connect(self._on_conversations_changed)
        bridge.threads_changed.connect(thread.on_threads)
        bridge.media_changed.connect(self.pictures.on_media)
        bridge.drafts_changed.connect(self.conversations.refresh)
        bridge.everything_changed.connect(self._on_everything_changed)
        bridge.link_changed.connect(self._on_link_changed)
        bridge.sending_changed.connect(self._refresh_sending)
        bridge.outbox_changed.connect(lambda: self.show_link(self._store.link))
        self._clock.setInterval(TICK)
        self._clock.timeout.connect(self._on_tick)
        self._clock.start()

    def _arrange(self, *, forced: bool = False) -> None:
        """Who is visible at this width."""
        width = self.window().width()
        turns = width < TURNS_BELOW
        shown = self.middle.currentWidget() is self.thread_screen
        self.conversations.setVisible(not turns or not (self._reading and shown))
        self.middle.setVisible(not turns or (self._reading and shown))
        self.thread_screen.header.back.setVisible(turns)
        wide_enough = width >= PANEL_FROM or (forced and width >= TURNS_BELOW)
        panel = shown and self._panel_wanted and wide_enough
        self.contact.setVisible(panel)
        self.line.setVisible(panel)

    async def _open(self, conversation_id: ConversationId) -> None:
        row = await self._store.conversations.get(conversation_id)
        if row is not None:
            self.show_conversation(row)

    async def _tell_offline(self) -> None:
        waiting = await self._store.outbox.pending()
        text = translate("inbox", "No network.")
        if waiting:
            text += " " + translate(
                "inbox",
                "%n reply(s) waiting; sent by itself when the line is back.",
                "",
                waiting,
            )
        else:
            text += " " + translate("inbox", "You can go on reading and writing.")
        self.banner.show_state("wifi-off", text)

    def _refresh_sending(self) -> None:
        self._tasks.start(self._tell_sending(), "sending")

    async def _tell_sending(self) -> None:
        """The strip while the service sends nothing for anybody."""
        state = await self._store.sending()
        if state is None or not state.is_stopped:
            self.stopped.hide()
            return
        me = self._store.me
        is_admin = me is not None and me.role is Role.ADMIN
        self.stopped.show_state("triangle-alert", words.stopped(state, is_admin=is_admin))

    def _on_messages_changed(self) -> None:
        self.contact.show_messages(self.thread_screen.model.messages)

    def _on_conversations_changed(self, ids: frozenset[ConversationId]) -> None:
        self.conversations.refresh()
        row = self.thread_screen.row
        if row is not None and row.id in ids:
            self.thread_screen.refresh_row()
            self._tasks.start(self._refresh_contact(row.id), "contact")

    async def _refresh_contact(self, conversation_id: ConversationId) -> None:
        row = await self._store.conversations.get(conversation_id)
        if row is not None:
            self.contact.show_conversation(row)

    def _on_everything_changed(self) -> None:
        self.conversations.refresh()
        self.thread_screen.refresh_row()
        self.thread_screen.model.reload()
        self._refresh_sending()

    def _on_link_changed(self, link: Link) -> None:
        self.show_link(link)
        if link is Link.ONLINE:
            self.pictures.on_line_back()

    def _on_split(self) -> None:
        self._chosen.keep(SPLIT, self.split.sizes()[0])

    def _on_tick(self) -> None:
        self.conversations.refresh_times()
        self.thread_screen.refresh_window()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.back()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
