"""One conversation: header, timeline, composer, and what a click in the timeline does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPoint, Signal
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from console.domain.changes import Link
from console.domain.conversation import ConversationRow
from console.domain.delivery import Direction
from console.domain.ids import MessageId, new_message_id
from console.domain.intents import MarkRead, RetryMessage, SettleMessage
from console.domain.kind import Kind
from console.domain.message import Message
from console.domain.window import Window, window_of
from console.ui.composer.composer import Composer
from console.ui.composer.editor import local_paths
from console.ui.errors import Errors
from console.ui.language import translate
from console.ui.models.team import Team
from console.ui.models.thread import ThreadModel
from console.ui.preferences import Chosen
from console.ui.screens.inbox.files import FileActions
from console.ui.screens.inbox.finder import Finder
from console.ui.screens.inbox.header import ThreadHeader
from console.ui.screens.inbox.menu import can_be_quoted, message_menu, opening
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.timeline.context import Context, Hit, Target
from console.ui.timeline.pictures import Pictures
from console.ui.timeline.player import Player
from console.ui.timeline.rows import RowMaker
from console.ui.timeline.view import TimelineView
from console.ui.widgets import popups
from console.ui.widgets.banner import Banner
from console.ui.widgets.calendar import CalendarPopup
from console.ui.widgets.labels import rule
from console.ui.widgets.pill import JumpPill

if TYPE_CHECKING:
    from console.store.store import Store


FIRST_DAY = date(2009, 1, 1)  # WhatsApp's own first year


class ThreadScreen(QWidget):
    """Shows what `open` names; `refresh` follows the store."""

    opened = Signal()
    messages_changed = Signal()
    quote_wanted = Signal(object)  # Message
    gone = Signal()  # erased, joined to another, or no longer ours to see
    unblock_wanted = Signal()
    write_wanted = Signal(str)  # a number on a contact card
    take_back_wanted = Signal(object)  # the id of a reply that has not left

    def __init__(
        self,
        store: Store,
        theme: Theme,
        tasks: TaskScope,
        writes: TaskScope,
        errors: Errors,
        pictures: Pictures,
        now: Callable[[], datetime],
        team: Team,
        chosen: Chosen,
    ) -> None:
        super().__init__()
        self._store = store
        self._tasks = tasks
        self._writes = writes
        self._now = now
        self._theme = theme
        self._row: ConversationRow | None = None
        self._window = Window(None)
        self._unseen = 0
        self._told_read: MessageId | None = None
        self._shown_on: date | None = None  # the day that is "today" in the rows
        self.model = ThreadModel(store, tasks, self)
        self._rows = RowMaker()
        self.player = Player(self)
        self.files = FileActions(self, theme, tasks, pictures, self.player, errors)
        self.context = Context(theme, pictures, self.player, now, store.me.id if store.me else None)
        self.header = ThreadHeader(theme, now)
        self.timeline = TimelineView(self.context)
        self.composer = Composer(store, theme, tasks, writes, errors, team, chosen)
        self.pill = JumpPill(theme, self.timeline.viewport())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.finder = Finder(store, theme, tasks)
        self._team = team
        team.changed.connect(self._on_team_changed)
        self.notices = QVBoxLayout()  # what comes here takes of the thread alone
        self.blocked = Banner(theme)
        self.blocked.step_wanted.connect(self.unblock_wanted)
        above = (self.header, rule(), self.blocked, self.finder)
        for part in (*above, self.timeline, rule(), self.composer):
            layout.addWidget(part, 1 if part is self.timeline else 0)
        layout.insertLayout(2, self.notices)
        self.setAcceptDrops(True)
        self._connect()
        self._on_team_changed()

    @property
    def row(self) -> ConversationRow | None:
        return self._row

    def open(self, row: ConversationRow) -> None:
        """Show a conversation; its draft comes back with it."""
        self.player.stop()
        self._row = row
        self._unseen = 0
        self._told_read = None
        self.context.open_ledgers.clear()
        self.context.unfolded.clear()
        self.pill.hide()
        self.finder.close_finder()
        self.timeline.clear_selection()
        self.timeline.show_loading()
        self._window = window_of(row.channel, row.last_inbound_at, self._now())
        self.composer.open(row, self._window)
        self._show_row(row)
        self.model.open(row)
        self.opened.emit()

    def jump_to(self, at: MessageId | datetime, written: datetime | None = None) -> None:
        """Bring a message, or the first one of a moment, into view and let it stand out.

        With the moment it was `written`, also a message that this machine does not have.
        """
        if isinstance(at, str) and self.model.conversation_id and self.timeline.scroll_to(at):
            self.timeline.flash(at)
        else:
            self.model.show_around(at, written)

    def open_finder(self) -> None:
        """Search within this thread."""
        if self._row is not None:
            self.finder.open(self._row.id)

    def ask_date(self) -> None:
        """A calendar; the thread goes to the first message of the day that is taken."""
        if self._row is None:
            return
        today = self._now().astimezone().date()
        shown = self.timeline.first_message()
        day = shown.timestamp.astimezone().date() if shown is not None else today
        title = translate("thread", "Go to a day")
        popup = CalendarPopup(self, self._theme, title, day, FIRST_DAY, today)
        popup.chosen.connect(self.jump_to)
        place = self.timeline.mapToGlobal(QPoint(0, 8))
        popup.adjustSize()
        popups.open_at(popup, place + QPoint((self.timeline.width() - popup.width()) // 2, 0))

    def refresh_row(self) -> None:
        """The conversation itself changed: name, assignee, window."""
        if self._row is not None:
            self._tasks.start(self._read_row(self._row), "row")

    def show_fetching(self) -> None:
        """Say at the top that older messages are on their way, or that they wait for the line."""
        offline = self._store.link is Link.OFFLINE
        self.timeline.show_loading_older(self.model.is_fetching, offline=offline)

    def refresh_window(self) -> None:
        """Time went by: count down, and close the composer when the window closes."""
        if self._row is None:
            return
        if self.model.messages and self._shown_on != self._now().astimezone().date():
            self._on_model_changed(False)
        self._window = window_of(self._row.channel, self._row.last_inbound_at, self._now())
        self.header.show_window(self._window)
        self.composer.show_window(self._window)

    def on_threads(self, ids: frozenset[str]) -> None:
        """Messages of these conversations changed."""
        if self._row is not None and self._row.id in ids:
            self.model.reload()
            for message_id in self.context.open_ledgers:
                self._tasks.start(self._read_attempts(message_id), f"ledger:{message_id}")
        self.files.viewing.on_threads(ids)

    def mark_read(self) -> None:
        """Tell that the newest message has been seen, if it is in view in a window in front."""
        self._watch()
        messages = self.model.messages
        if not messages or not self.model.is_at_newest or not self.timeline.is_at_end():
            return
        if not self.isVisible() or not self.window().isActiveWindow():
            return
        newest = next((m for m in reversed(messages) if m.direction is Direction.INBOUND), None)
        if newest is not None and newest.id != self._told_read:
            self._told_read = newest.id
            intent = MarkRead(newest.conversation_id, newest.id)
            self._writes.start(self._store.outbox.mark_read(intent))

    def _watch(self) -> None:
        """The composer guards a reply against what the agent has not had on screen."""
        in_view = self.timeline.is_at_end() and self.isVisible()
        self.composer.watch(
            self.model.messages,
            in_view=in_view and self.window().isActiveWindow(),
            is_newest=self.model.is_at_newest,
        )

    def _connect(self) -> None:
        self.model.changed.connect(self._on_model_changed)
        self.model.arrived.connect(self._on_arrived)
        self.model.found.connect(self._on_found)
        self.finder.wanted.connect(self.jump_to)
        self.finder.closed.connect(self.timeline.setFocus)
        self.timeline.date_wanted.connect(self.ask_date)
        self.model.fetching_changed.connect(self.show_fetching)
        self.timeline.older_wanted.connect(self.model.older)
        self.timeline.newer_wanted.connect(self.model.newer)
        self.timeline.end_reached.connect(self._on_end_reached)
        self.timeline.end_left.connect(self._place_pill)
        self.timeline.targeted.connect(self._on_targeted)
        self.timeline.menu_wanted.connect(self._on_menu_wanted)
        self.timeline.opened.connect(self._on_opened)
        self.timeline.quote_wanted.connect(self.quote_wanted)
        self.timeline.viewport().installEventFilter(self)
        self.composer.sent.connect(self._to_end)
        self.composer.left_upwards.connect(self.timeline.setFocus)
        self.quote_wanted.connect(self.composer.quote)
        self.take_back_wanted.connect(self.composer.take_back)
        self.pill.clicked.connect(self._to_end)

    def _show_row(self, row: ConversationRow) -> None:
        self.header.show_conversation(row)
        if row.blocked:
            self.blocked.show_state(
                "ban",
                translate("thread", "Blocked: nothing is sent to them, what they write is kept."),
                translate("thread", "Unblock"),
            )
        else:
            self.blocked.hide()
        self.composer.show_row(row)
        self.refresh_window()

    async def _read_row(self, row: ConversationRow) -> None:
        found = await self._store.conversations.get(row.id)
        if self._row is None or self._row.id != row.id:
            return
        if found is None:
            self.gone.emit()
            return
        self._row = found
        self._show_row(found)

    async def _read_attempts(self, message_id: MessageId) -> None:
        self.context.attempts[message_id] = tuple(await self._store.messages.attempts(message_id))
        self.timeline.remeasure(message_id)

    def _on_model_changed(self, first: bool) -> None:
        now, model = self._now(), self.model
        self._shown_on = now.astimezone().date()
        rows = self._rows.rows(
            model.messages, now, model.new_from, model.new_count, self.context.me
        )
        if rows or not model.is_fetching:
            self.timeline.show_rows(rows, at_end=first)
        if first and self.timeline.is_above("new"):  # what is unread is read from its beginning
            self._unseen = model.new_count
            self.timeline.scroll_to("new")
        self.messages_changed.emit()
        self.mark_read()

    def _on_team_changed(self) -> None:
        buttons = {entry.name: entry.buttons for entry in self._team.templates if entry.buttons}
        names = tuple(sorted((person.name for person in self._team.people), key=len, reverse=True))
        if (buttons, names) != (self.context.buttons, self.context.names):
            self.context.buttons, self.context.names = buttons, names
            for message in self.model.messages:
                if message.content.template_name or message.content.kind is Kind.NOTE:
                    self.timeline.remeasure(message.id)

    def _on_found(self, message_id: MessageId | None) -> None:
        if message_id is not None and self.timeline.scroll_to(message_id):
            self.timeline.flash(message_id)

    def _on_arrived(self, messages: Sequence[Message]) -> None:
        self.timeline.tell_arrived(messages)
        if not self.timeline.is_at_end() or not self.model.is_at_newest:
            self._unseen += len(messages)
            self._place_pill()

    def _on_end_reached(self) -> None:
        if self.model.is_at_newest:
            self._unseen = 0
            self.pill.hide()
            self.mark_read()

    def _place_pill(self) -> None:
        self._watch()
        self.pill.show_count(self._unseen)

    def _to_end(self) -> None:
        self._unseen = 0
        self.pill.hide()
        if self.model.is_at_newest:
            self.timeline.scroll_to_end()
        else:
            self.model.to_newest()

    def _on_targeted(self, message: Message, hit: Hit) -> None:
        if hit.target in (Target.LINK, Target.PLACE):
            self.open_link(hit.value)
        elif hit.target is Target.WRITE:
            self.write_wanted.emit(hit.value)
        elif self.files.act(message, hit):
            pass
        elif hit.target is Target.QUOTE:
            self.jump_to(MessageId(hit.value))
        elif hit.target is Target.EXPAND:
            self.context.unfolded.add(message.id)
            self.timeline.remeasure(message.id)
        elif hit.target is Target.DETAILS:
            self._toggle_ledger(message.id)
        else:
            self._writes.start(self._answer(message, hit.target))

    def _on_opened(self, message: Message) -> None:
        hit = opening(message)
        if hit is not None:
            self._on_targeted(message, hit)

    async def _answer(self, message: Message, target: Target) -> None:
        outbox = self._store.outbox
        if target is Target.RETRY:
            await outbox.retry(RetryMessage(message.id, new_message_id()))
            self._to_end()
        elif target is Target.DISCARD:
            await outbox.discard(message.id)
        elif target is Target.RELEASE:
            await outbox.release(message.id)
        elif target is Target.TAKE_BACK:
            self.take_back_wanted.emit(message.id)
        else:
            outcome = "sent" if target is Target.WAS_SENT else "failed"
            await outbox.settle(SettleMessage(message.id, outcome))

    def _toggle_ledger(self, message_id: MessageId) -> None:
        if message_id in self.context.open_ledgers:
            self.context.open_ledgers.discard(message_id)
            self.timeline.remeasure(message_id)
        else:
            self.context.open_ledgers.add(message_id)
            self._tasks.start(self._read_attempts(message_id), f"ledger:{message_id}")

    def open_link(self, url: str) -> None:
        """Open an http(s) address in the browser; the window asks first where it deceives."""
        self.files.open_link(url)

    def _on_menu_wanted(self, message: Message, hit: Hit | None, place: QPoint) -> None:
        message = (hit and hit.message) or message
        menu = message_menu(self, message, hit, self._on_targeted, self.files)
        chosen = "" if self.timeline.selection.is_empty else self.timeline.copied_text()
        if chosen:
            first = menu.actions()[0]
            copy = QAction(translate("menu", "Copy chosen text"), menu)
            copy.triggered.connect(lambda: QGuiApplication.clipboard().setText(chosen))
            menu.insertAction(first, copy)
        if can_be_quoted(message):
            menu.addSeparator()
            quote = menu.addAction(translate("menu", "Quote") + "\tQ")
            quote.triggered.connect(lambda: self.quote_wanted.emit(message))
        menu.popup(place)

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.pill.place()
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.composer.can_write and local_paths(event.mimeData().urls()):
            event.acceptProposedAction()
            self.composer.show_drop(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.composer.show_drop(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.composer.show_drop(False)
        event.acceptProposedAction()
        self.composer.add_files(local_paths(event.mimeData().urls()))
