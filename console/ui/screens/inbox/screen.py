"""The main screen: list, thread and contact beside each other, or in turns where it is narrow."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.changes import Link
from console.domain.conversation import ConversationRow, Filter
from console.domain.ids import ConversationId
from console.ui.bridge import Bridge
from console.ui.composer.tabs import Mode
from console.ui.errors import Errors
from console.ui.language import translate
from console.ui.models.team import Team
from console.ui.painted import painted
from console.ui.preferences import PANEL, SPLIT, Chosen
from console.ui.screens.inbox.conversations import ConversationsPanel
from console.ui.screens.inbox.strips import Strips
from console.ui.screens.inbox.views import kept_view
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.theme.tokens import LIST_WIDTH, PANEL_FROM, TURNS_BELOW
from console.ui.widgets.empty import EmptyState

if TYPE_CHECKING:
    from console.domain.desk import SearchHit
    from console.store.store import Store
    from console.ui.screens.contact.panel import ContactPanel
    from console.ui.screens.inbox.acts import Acts
    from console.ui.screens.inbox.reading import Reading
    from console.ui.screens.inbox.thread import ThreadScreen
    from console.ui.timeline.pictures import Pictures
    from console.ui.workplace import Workplace

# What an open conversation and a search need: a step at a time, the list answers in between.
STEPS = (
    "console.ui.screens.inbox.acts",
    "console.ui.timeline.pictures",
    "console.ui.timeline.view",
    "console.ui.composer.editor",
    "console.ui.composer.composer",
    "console.ui.screens.contact.panel",
    "console.ui.screens.inbox.thread",
    "console.ui.screens.inbox.reading",
    "console.ui.screens.inbox.hits",
)
TICK = 15_000  # ms between two looks at the clock, for countdowns


class InboxScreen(QWidget):
    """Follows the store through the bridge while it lives.

    `told` carries a title and a sentence; `additions` go into the menu of conversations.
    """

    told = Signal(str, str)
    listed = Signal()

    def __init__(
        self,
        store: Store,
        theme: Theme,
        bridge: Bridge,
        errors: Errors,
        writes: TaskScope,
        chosen: Chosen,
        now: Callable[[], datetime],
        workplace: Callable[[], Workplace],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._chosen = chosen
        self._bridge = bridge
        self._tasks = TaskScope(errors)
        self._panel_wanted = chosen.flag(PANEL, True)
        self._is_reading = False
        self.is_whole = asyncio.Event()  # the list is on screen, and all the rest is made
        self.team = Team(store, self._tasks, self)
        self.additions: list[Callable[[QMenu, Sequence[ConversationRow]], None]] = []
        self._make_acts = partial(self._made_acts, store, theme, self.team, writes, now)
        self.split = QSplitter(Qt.Orientation.Horizontal, self)
        panel = (store, theme, self._tasks, now, self.team, lambda: self.acts)
        self.conversations = ConversationsPanel(*panel, kept_view(chosen), self.split)
        self.conversations.keep_in(chosen)
        parts = (theme, self._tasks, writes, errors, now, self.team, chosen, workplace)
        self._make_reading = partial(self._made_reading, *parts)
        self.strips = Strips(self, store, theme, bridge, self._tasks)
        self._column, self._above = QWidget(self.split), QVBoxLayout()
        self.middle = QStackedWidget(self._column)
        self.nothing = EmptyState(theme, self.middle)
        self.nothing.setProperty("kind", "thread")
        self.nothing.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._clock = QTimer(self)
        self._build()
        self._connect()

    @cached_property
    def acts(self) -> Acts:
        """What is done with conversations; made when first asked for."""
        return self._make_acts()

    @cached_property
    def reading(self) -> Reading:
        """The open conversation's side; made when first asked for."""
        return self._make_reading()

    @property
    def has_reading(self) -> bool:
        """Whether that side is made already."""
        return "reading" in self.__dict__

    @property
    def thread_screen(self) -> ThreadScreen:
        return self.reading.thread_screen

    @property
    def contact(self) -> ContactPanel:
        return self.reading.contact

    @property
    def pictures(self) -> Pictures:
        return self.reading.pictures

    @property
    def is_thread_shown(self) -> bool:
        """Whether a conversation is open, not the words in its place."""
        return self.has_reading and self.middle.currentWidget() is self.thread_screen

    def close_tasks(self) -> None:
        """Keep the draft and end what still reads."""
        if self.has_reading:
            self.reading.keep()
            self.reading.company.end()
        self._tasks.close()

    async def settle(self) -> None:
        """Wait until what `close_tasks` ended has ended."""
        await self._tasks.settle()

    def open(self, conversation_id: ConversationId) -> None:
        """Open a conversation by its id, as from a notification."""
        self._tasks.start(self._open(conversation_id), "open")

    def show_conversation(self, row: ConversationRow) -> None:
        """Open a conversation that is at hand."""
        self._is_reading = True
        self.middle.setCurrentWidget(self.thread_screen)
        self.conversations.mark_open(row.id)
        self.reading.show(row)
        self._arrange()

    def open_hit(self, hit: SearchHit) -> None:
        """Open the conversation of a found message, at that message."""
        self._tasks.start(self._open(hit.conversation_id, hit), "open")

    def focus_reply(self, mode: Mode = Mode.REPLY) -> None:
        """Begin to write a reply, or a note."""
        if self.is_thread_shown:
            self.thread_screen.composer.begin(mode)

    def toggle_contact(self) -> None:
        self._panel_wanted = not self.contact.isVisible()
        self._chosen.keep(PANEL, self._panel_wanted)
        self._arrange(forced=self._panel_wanted)

    def back(self) -> None:
        """To the list: its column where there is room, the list itself where there is not."""
        self._is_reading = False
        self._arrange()
        self.conversations.results.take_keys()

    def choose_view(self, filter: Filter) -> None:
        self.conversations.choose_view(filter)

    def targets(self) -> Sequence[ConversationRow]:
        """What an action is about: those chosen in the list, else the open conversation."""
        if rows := self._seen_choice():
            return rows
        row = self.thread_screen.row if self.isVisible() and self.is_thread_shown else None
        return (row,) if row is not None else ()

    def assign(self) -> None:
        self.acts.ask_assignee(self.targets(), below=self._near(self.thread_screen.header.assignee))

    def take(self) -> None:
        self.acts.take(self.targets())

    def snooze(self) -> None:
        self.acts.ask_moment(self.targets(), below=self._near(self.thread_screen.header.snooze))

    def resolve(self) -> None:
        self.acts.resolve_or_reopen(self.targets())

    def label(self) -> None:
        self.acts.ask_labels(self.targets(), below=self._near(self.contact.add_label))

    def prioritise(self) -> None:
        self.acts.ask_priority(self.targets(), below=self._near(self.contact.add_label))

    def mark_unread(self) -> None:
        self.acts.mark_unread(self.targets())

    def _near(self, widget: QWidget) -> QWidget | None:
        """The button that an answer opens under; none while the action is about many."""
        return None if self._seen_choice() else widget

    def _seen_choice(self) -> Sequence[ConversationRow]:
        """Nobody means what they cannot see: on another page, or where a thread stands alone."""
        return self.conversations.chosen_rows() if self.conversations.isVisible() else ()

    def _build(self) -> None:
        self.nothing.show_state(
            "message-circle",
            translate("inbox", "No conversation is open"),
            translate("inbox", "Choose one on the left, or walk there with the arrow keys."),
        )
        self.middle.addWidget(self.nothing)
        self._column.setMinimumWidth(340)
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._above)
        column.addWidget(self.middle, 1)
        self.conversations.setMinimumWidth(LIST_WIDTH[0])
        self.split.addWidget(self.conversations)
        self.split.addWidget(self._column)
        self.split.setChildrenCollapsible(False)
        self.split.setHandleWidth(1)
        self.split.setStretchFactor(0, 0)
        self.split.setStretchFactor(1, 1)
        wide = self._chosen.number(SPLIT, LIST_WIDTH[1])
        self.split.setSizes([min(LIST_WIDTH[2], max(LIST_WIDTH[0], wide)), 2000])
        self.line = QWidget(self)
        self.line.setFixedWidth(1)
        self.line.setObjectName("line")
        self._body = body = QHBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        body.addWidget(self.split, 1)
        body.addWidget(self.line)
        self.line.hide()

    def _connect(self) -> None:
        bridge = self._bridge
        self.conversations.chosen.connect(self.show_conversation)
        self.conversations.hit_chosen.connect(self.open_hit)
        self.conversations.entered.connect(lambda: self.focus_reply())
        self.conversations.model.loaded.connect(self._on_listed)
        bridge.team_changed.connect(self.team.reload)
        self.split.splitterMoved.connect(self._on_split)
        bridge.conversations_changed.connect(self._on_conversations_changed)
        bridge.drafts_changed.connect(self.conversations.refresh)
        bridge.everything_changed.connect(self._on_everything_changed)
        bridge.link_changed.connect(self._on_link_changed)
        self._clock.timeout.connect(self._on_tick)
        self._clock.start(TICK)

    def _on_listed(self) -> None:
        self.conversations.model.loaded.disconnect(self._on_listed)
        self.listed.emit()
        self._tasks.start(self._make_whole())

    async def _make_whole(self) -> None:
        """After the list's first paint, what one needs next."""
        await painted(self)
        self.team.reload()
        for name in STEPS:
            import_module(name)
            await asyncio.sleep(0)
        _ = self.acts, self.reading
        await painted(self)  # what waits for us takes the interpreter for a while
        self.is_whole.set()

    def _made_acts(self, *parts: Any) -> Acts:
        from console.ui.screens.inbox.acts import Acts

        made = Acts(self, *parts)
        made.additions = self.additions
        made.told.connect(self.told)
        made.acted.connect(self.conversations.list.let_go)
        return made

    def _made_reading(self, *parts: Any) -> Reading:
        from console.ui.screens.inbox.reading import Reading

        made = Reading(self._store, *parts)
        thread, bridge = made.thread_screen, self._bridge
        thread.header.back_wanted.connect(self.back)
        thread.gone.connect(partial(self.middle.setCurrentWidget, self.nothing))
        thread.gone.connect(self.back)
        thread.composer.typed.connect(self.conversations.list.let_go)
        thread.header.panel_wanted.connect(self.toggle_contact)
        thread.header.assign_wanted.connect(self.assign)
        thread.header.snooze_wanted.connect(self.snooze)
        thread.header.resolve_wanted.connect(self.resolve)
        made.contact.labels_wanted.connect(self.label)
        made.company.changed.connect(self.conversations.show_company)
        bridge.threads_changed.connect(thread.on_threads)
        bridge.link_changed.connect(thread.show_fetching)
        bridge.media_changed.connect(made.pictures.on_media)
        bridge.media_changed.connect(thread.composer.intake.on_media)
        bridge.drafts_changed.connect(thread.composer.reload_draft)
        bridge.everything_changed.connect(thread.composer.reload_draft)
        from console.ui.screens.inbox.deciding import Deciding

        self._deciding = Deciding(self, self._store, self._tasks)
        made.contact.hide()
        self.middle.addWidget(thread)
        self._body.addWidget(made.contact)
        return made

    def _arrange(self, *, forced: bool = False) -> None:
        """Who is visible at this width."""
        width = self.window().width()
        turns = width < TURNS_BELOW
        shown = self.is_thread_shown
        alone = turns and self._is_reading and shown
        leaves = alone and self.conversations.isAncestorOf(self.focusWidget())
        self.conversations.setVisible(not alone)
        self._column.setVisible(not turns or alone)
        beside = self.thread_screen.notices if shown else self._above
        self.strips.stand_in(self.conversations.foot if turns and not alone else beside)
        if leaves:  # the keys come along, rather than lie on the first button
            self.thread_screen.timeline.setFocus()
        if not self.has_reading:
            return
        self.thread_screen.header.show_alone(turns)
        wide_enough = width >= PANEL_FROM or (forced and width >= TURNS_BELOW)
        panel = shown and self._panel_wanted and wide_enough
        self.contact.setVisible(panel)
        self.line.setVisible(panel)

    async def _open(self, conversation_id: ConversationId, hit: SearchHit | None = None) -> None:
        row = await self._store.conversations.get(conversation_id)
        if row is None:
            return
        shown = self.thread_screen.row
        if hit is None or shown is None or shown.id != row.id or not self.is_thread_shown:
            self.show_conversation(row)
        if hit is not None:
            self.thread_screen.jump_to(hit.message_id, hit.timestamp)

    def _on_conversations_changed(self, ids: frozenset[ConversationId]) -> None:
        self.conversations.refresh()
        row = self.thread_screen.row if self.has_reading else None
        if row is not None and row.id in ids:
            self.thread_screen.refresh_row()
            self.contact.refresh()

    def _on_everything_changed(self) -> None:
        self.conversations.refresh()
        if self.has_reading:
            self.thread_screen.refresh_row()
            self.thread_screen.model.reload()
            self.contact.refresh()
        self.team.reload()

    def _on_link_changed(self, link: Link) -> None:
        if link is Link.ONLINE and self.has_reading:
            self.pictures.on_line_back()

    def _on_split(self) -> None:
        self._chosen.keep(SPLIT, self.split.sizes()[0])

    def _on_tick(self) -> None:
        self.conversations.refresh_times()
        if self.has_reading:
            self.thread_screen.refresh_window()

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if not self._seen_choice() or not self.conversations.end_choice():
                self.back()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
