"""One conversation in a window of its own: its thread, its composer, its contact."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QTimer, Signal
from PySide6.QtGui import QAction, QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QWidget

from console.domain.conversation import ConversationRow
from console.domain.ids import ConversationId
from console.ui import actions, keys, words
from console.ui.composer.tabs import Mode
from console.ui.preferences import ENTER_SENDS, SHORTCUTS
from console.ui.room import first_size
from console.ui.screens.inbox.reading import Reading
from console.ui.tasks import TaskScope
from console.ui.widgets.emblem import app_icon

if TYPE_CHECKING:
    from console.ui.screens.inbox.thread import ThreadScreen
    from console.ui.window import MainWindow

FIRST_SIZE = (1000, 740)
LEAST_SIZE = (460, 420)
PANEL_FROM = 900  # the contact stands beside the thread from this width on
TICK = 15_000  # ms between two looks at the clock


class ConversationWindow(QMainWindow):
    """`closed` carries the conversation; nothing of the window reads any more then."""

    closed = Signal(object)

    def __init__(self, main: MainWindow, row: ConversationRow, geometry: str = "") -> None:
        super().__init__()
        self.setProperty("desk", True)
        self.setWindowIcon(app_icon())
        self.setMinimumSize(*LEAST_SIZE)
        self._main = main
        self._place = place = main.workplace()
        self._tasks = TaskScope(place.errors)
        self._panel_wanted = True
        self.conversation_id: ConversationId = row.id
        self.reading = Reading(
            place.store,
            place.theme,
            self._tasks,
            place.writes,
            place.errors,
            place.now,
            main.inbox.team,
            place.chosen,
            main.workplace,
        )
        inside = QWidget()
        layout = QHBoxLayout(inside)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.reading.thread_screen, 1)
        self.line = QWidget()
        self.line.setFixedWidth(1)
        self.line.setObjectName("line")
        layout.addWidget(self.line)
        layout.addWidget(self.reading.contact)
        self.setCentralWidget(inside)
        self.thread_screen.header.back.hide()
        self._clock = QTimer(self)
        self._connect()
        self._made: dict[str, QAction] = {}
        self._install_shortcuts()
        self._end_listening = place.chosen.listen(self._on_kept)
        self.resize(first_size(self, FIRST_SIZE))
        if geometry:
            self.restoreGeometry(QByteArray.fromBase64(geometry.encode()))
        self._show_title(row)
        self.reading.show(row)

    @property
    def thread_screen(self) -> ThreadScreen:
        """The thread with its header and composer."""
        return self.reading.thread_screen

    @property
    def geometry_text(self) -> str:
        """Where it stands, to be given again at the next start."""
        return bytes(self.saveGeometry().toBase64().data()).decode()

    def bring_forward(self) -> None:
        """From behind other windows."""
        self.setWindowState(self.windowState() & ~self.windowState().WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def end(self) -> None:
        """Keep the draft, and read no more."""
        self.reading.keep()
        self.reading.company.end()
        self._clock.stop()
        self._end_listening()
        self._tasks.close()

    async def settle(self) -> None:
        """Wait until what `end` ended has ended."""
        await self._tasks.settle()

    def _connect(self) -> None:
        bridge, thread, acts = self._place.bridge, self.thread_screen, self._main.inbox.acts
        made = self.reading
        bridge.threads_changed.connect(thread.on_threads)
        bridge.link_changed.connect(thread.show_fetching)
        bridge.media_changed.connect(made.pictures.on_media)
        bridge.media_changed.connect(self._on_media)
        bridge.drafts_changed.connect(thread.composer.reload_draft)
        bridge.everything_changed.connect(thread.composer.reload_draft)
        bridge.everything_changed.connect(thread.model.reload)
        bridge.everything_changed.connect(self._refresh)
        bridge.conversations_changed.connect(self._on_conversations)
        header = thread.header
        header.panel_wanted.connect(self.toggle_contact)
        header.assign_wanted.connect(lambda: acts.ask_assignee(self._rows(), below=header.assignee))
        header.snooze_wanted.connect(lambda: acts.ask_moment(self._rows(), below=header.snooze))
        header.resolve_wanted.connect(lambda: acts.resolve_or_reopen(self._rows()))
        made.contact.labels_wanted.connect(lambda: acts.ask_labels(self._rows(), below=header.name))
        self._clock.timeout.connect(thread.refresh_window)
        self._clock.start(TICK)

    def _install_shortcuts(self) -> None:
        words = {entry.name: entry.words for entry in actions.shortcuts()}
        for name, slot in self._slots().items():
            action = self._made[name] = QAction(words[name], self)
            action.triggered.connect(partial(_run, slot))
            self.addAction(action)
        self._follow_shortcuts()

    def _follow_shortcuts(self) -> None:
        text = self._place.chosen.text(SHORTCUTS)
        keys.apply(self._made, text)
        keys.name_keys(self, text)

    def _on_kept(self, name: str) -> None:
        """A setting was changed: it holds at once, here too."""
        if name == SHORTCUTS:
            self._follow_shortcuts()
        if name in (SHORTCUTS, ENTER_SENDS):
            self.thread_screen.composer.follow_settings()

    def _slots(self) -> dict[str, Callable[[], object]]:
        acts, thread = self._main.inbox.acts, self.thread_screen
        composer = thread.composer
        return {
            "find": thread.open_finder,
            "date": thread.ask_date,
            "reply": lambda: composer.begin(Mode.REPLY),
            "note": lambda: composer.begin(Mode.NOTE),
            "attach": composer.choose_files,
            "emoji": composer.choose_emoji,
            "voice": composer.record,
            "canned": composer.begin_canned,
            "template": composer.choose_template,
            "undo_send": composer.undo_send,
            "contact": self.toggle_contact,
            "assign": lambda: acts.ask_assignee(self._rows(), below=thread.header.assignee),
            "take": lambda: acts.take(self._rows()),
            "snooze": lambda: acts.ask_moment(self._rows(), below=thread.header.snooze),
            "resolve": lambda: acts.resolve_or_reopen(self._rows()),
            "label": lambda: acts.ask_labels(self._rows(), below=thread.header.name),
            "shield": self._main.around.toggle_shield,
            "own_window": self.close,
        }

    def toggle_contact(self) -> None:
        """Show or hide the contact beside the thread."""
        self._panel_wanted = not self.reading.contact.isVisible()
        self._arrange(forced=self._panel_wanted)

    def _arrange(self, *, forced: bool = False) -> None:
        shown = self._panel_wanted and (self.width() >= PANEL_FROM or forced)
        self.reading.contact.setVisible(shown)
        self.line.setVisible(shown)

    def _rows(self) -> tuple[ConversationRow, ...]:
        row = self.thread_screen.row
        return (row,) if row is not None else ()

    def _show_title(self, row: ConversationRow) -> None:
        self.setWindowTitle(f"{words.one_line(words.title(row), 60)} · Balas")

    def _on_media(self) -> None:
        self.thread_screen.composer.intake.on_media()

    def _on_conversations(self, ids: frozenset[ConversationId]) -> None:
        if self.conversation_id in ids:
            self._refresh()

    def _refresh(self) -> None:
        self.thread_screen.refresh_row()
        self._tasks.start(self._read_contact(), "contact")

    async def _read_contact(self) -> None:
        row = await self._place.store.conversations.get(self.conversation_id)
        if row is None:
            self.close()  # no longer ours to see
            return
        self.reading.contact.show_conversation(row)
        self._show_title(row)

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            self.thread_screen.mark_read()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.end()
        super().closeEvent(event)
        self.closed.emit(self.conversation_id)


def _run(slot: Callable[[], object], _checked: bool = False) -> None:
    slot()
