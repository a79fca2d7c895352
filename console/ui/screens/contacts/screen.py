"""The contacts page: everybody by name, searched as one types, one opened beside the list."""

from __future__ import annotations

import asyncio

from PySide6.QtCore import QLocale, QModelIndex, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from console.domain.contact import ContactLine
from console.domain.errors import BalasError
from console.domain.ids import ContactId
from console.domain.message import Message
from console.ui.language import translate
from console.ui.models.contacts import ContactModel, LineRole
from console.ui.screens.contact.panel import ContactPanel
from console.ui.screens.contact.picking import PATIENCE, LineDelegate
from console.ui.screens.contact.starting import ask_start
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.timeline.pictures import Pictures
from console.ui.widgets.buttons import IconButton, button
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.labels import label, rule
from console.ui.widgets.search import SearchField
from console.ui.widgets.seeking import EndSeeker
from console.ui.workplace import Workplace

ROW = 54
EDGE = 20  # px from the side to the pictures, and to what stands above them
BESIDE_FROM = 720  # px of the page from which list and contact stand beside each other
PANEL = 330
SETTLE = 1_200  # ms after a change before the list is read again


class _List(QListView):
    """Enter opens; what was never seen shows as skeleton rows."""

    entered = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.is_waiting = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self.setAccessibleName(translate("contacts", "Contacts"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif event.text() and not event.text().isspace() and not event.modifiers():
            event.ignore()  # letters are the window's shortcuts, not a search of Qt's
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.is_waiting:
            return
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("skeleton"))
            for place in range(9):
                y = place * ROW
                painter.drawEllipse(QRectF(EDGE, y + 8, 38, 38))
                wide = 150 + 24 * (place % 3)
                painter.drawRoundedRect(QRectF(EDGE + 50, y + 22, wide, 10), 5, 5)


class Screen(QWidget):
    """One of the pages; see `PageScreen`."""

    def __init__(self, workplace: Workplace) -> None:
        super().__init__()
        self._workplace = workplace
        theme = workplace.theme
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._tasks = TaskScope(workplace.errors)
        self._chosen: ContactId | None = None
        self._is_read = False
        self._is_entered = False
        self.model = ContactModel(workplace.store, self._tasks, self)
        self.title = label(translate("contacts", "Contacts"), "title")
        self.count = label("", "", "muted")
        self.start = button(translate("contacts", "New conversation"), "primary")
        self.start.setToolTip(translate("contacts", "New conversation (Ctrl+N)"))
        self.search = SearchField(
            theme, translate("contacts", "Search by name or number"), translate("contacts", "Esc")
        )
        self.list = _List(theme)
        self.nothing = EmptyState(theme)
        self.middle = QStackedWidget()
        self.back = IconButton(theme, "arrow-left", translate("contacts", "Back to the list (Esc)"))
        self.hint = label(
            translate(
                "contacts",
                "Many at once: an administrator takes them in with “balas contacts import FILE” and"
                " out with “balas contacts export FILE”.",
            ),
            "small",
            "faint",
            wrap=True,
        )
        self.pictures = Pictures(workplace.store, self._tasks, self)
        self.contact = ContactPanel(workplace, self._tasks, self.pictures)
        self.ask = EmptyState(theme)
        self.beside = QStackedWidget()
        self._column = QWidget()
        self._line = QFrame()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE)
        self._build(theme)
        self._connect()

    def enter(self) -> None:
        """It is shown: read the list, and take the keyboard."""
        self.model.show(self.search.text()) if not self._is_read else self.model.reload()
        self._is_read = True
        self.search.setFocus()
        self._arrange()

    def close_tasks(self) -> None:
        """Keep what was noted, and end what still reads."""
        self.contact.flush()
        self._tasks.close()

    async def settle(self) -> None:
        """Wait until it has ended."""
        await self._tasks.settle()

    def choose(self, contact_id: ContactId) -> None:
        """Open one beside the list."""
        self._chosen = contact_id
        self.beside.setCurrentWidget(self.contact)
        self._tasks.start(self._show(contact_id), "choose")

    async def _show(self, contact_id: ContactId) -> None:
        self.contact.show_contact(contact_id, self.model.found(contact_id))
        await self.model.know(contact_id)
        self.contact.refresh()

    def new_conversation(self) -> None:
        """Write first: to the number that was searched, or to whom one types."""
        typed = self.search.text().strip()
        is_number = bool(typed) and not typed.strip("+-(). 0123456789")
        ask_start(self, self._workplace, number=typed if is_number else "")

    @property
    def _current(self) -> ContactLine | None:
        line = self.list.currentIndex().data(LineRole.LINE)
        return line if isinstance(line, ContactLine) else None

    def _open(self) -> None:
        """Their latest conversation, or the first one with them."""
        self._is_entered = self.model.found_for != self.search.text()
        if self._is_entered:
            return  # the list is still that of fewer letters
        line = self._current
        if line is not None:
            self._tasks.start(self._open_latest(line), "open")

    async def _open_latest(self, line: ContactLine) -> None:
        await self.model.know(line.id)
        rows = await self._workplace.store.conversations.of_contact(line.id)
        if rows:
            self._workplace.open_conversation(rows[0].id)
        else:
            ask_start(self, self._workplace, contact=line)

    def _on_typed(self, text: str) -> None:
        self._is_entered = False
        self.model.show(text)
        if text.strip():
            self._tasks.start(self._ask_server(text), "server")
        else:
            self._tasks.cancel("server")

    async def _ask_server(self, text: str) -> None:
        await asyncio.sleep(PATIENCE)
        try:
            found = await self._workplace.server.contacts.search(text)
        except BalasError:
            return  # what is on this machine stands
        self.model.join(text, found)

    def _on_loaded(self) -> None:
        self.list.is_waiting = False
        self.list.viewport().update()
        some = self.model.rowCount() > 0
        self.middle.setCurrentWidget(self.list if some else self.nothing)
        if not some:
            self._say_nothing()
        place = self.model.place_of(self._chosen) if self._chosen is not None else -1
        if place >= 0:
            self.list.setCurrentIndex(self.model.index(place))
        elif some and self.search.text():
            self.list.setCurrentIndex(self.model.index(0))
        self._tasks.start(self._read_count(), "count")
        if self._is_entered:
            self._open()

    def _say_nothing(self) -> None:
        typed = self.search.text().strip()
        if not typed:
            self.nothing.show_state(
                "users",
                translate("contacts", "Nobody is known yet"),
                translate("contacts", "Whoever writes to you stands here by themselves."),
                translate("contacts", "New conversation"),
                self.new_conversation,
            )
        elif typed.strip("+-(). 0123456789"):
            self.nothing.show_state(
                "search",
                translate("contacts", "Nobody has this name"),
                translate("contacts", "Fewer letters find more; numbers are found, too."),
            )
        else:
            self.nothing.show_state(
                "search",
                translate("contacts", "Nobody has this number"),
                translate("contacts", "You can be the first to write."),
                translate("contacts", "Write to this number"),
                self.new_conversation,
            )

    async def _read_count(self) -> None:
        count = await self._workplace.store.contacts.count()
        self.count.setText(QLocale().toString(count))

    def _on_current(self, index: QModelIndex) -> None:
        line = index.data(LineRole.LINE)
        if isinstance(line, ContactLine) and line.id != self._chosen:
            self.choose(line.id)

    def _on_picture(self, message: Message) -> None:
        self._workplace.open_conversation(message.conversation_id)

    def _on_changed(self) -> None:
        if self.isVisible():
            self._settle.start()
            if self._chosen is not None:
                self.contact.refresh()

    def _down(self) -> None:
        if self.model.rowCount():
            self.list.setFocus()
            if not self.list.currentIndex().isValid():
                self.list.setCurrentIndex(self.model.index(0))

    def _to_list(self) -> None:
        self._column.show()
        self.list.setFocus()
        self._arrange()

    def _arrange(self, *, opened: bool = False) -> None:
        """Beside each other, or in turns where it is narrow."""
        wide = self.width() >= BESIDE_FROM
        self.back.setVisible(not wide)
        self.contact.setFixedWidth(PANEL if wide else max(PANEL, self.width()))
        self.beside.setFixedWidth(PANEL if wide else max(PANEL, self.width()))
        self._column.setVisible(wide or not opened)
        self.beside.setVisible(wide or opened)
        self._line.setVisible(wide)

    def _connect(self) -> None:
        bridge = self._workplace.bridge
        self.search.textEdited.connect(self._on_typed)
        self.search.left_downwards.connect(self._down)
        self.search.returnPressed.connect(self._open)
        self.list.entered.connect(self._open)
        self.list.doubleClicked.connect(lambda _: self._open())
        self.list.clicked.connect(lambda _: self._arrange(opened=True))
        self.list.selectionModel().currentChanged.connect(self._on_current)
        self.model.loaded.connect(self._on_loaded)
        self.start.clicked.connect(self.new_conversation)
        self.back.clicked.connect(self._to_list)
        self.contact.picture_chosen.connect(self._on_picture)
        self._settle.timeout.connect(self.model.reload)
        bridge.conversations_changed.connect(self._on_changed)
        bridge.everything_changed.connect(self._on_changed)
        bridge.media_changed.connect(self.pictures.on_media)

    def _build(self, theme: Theme) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.count, 1)
        head.addWidget(self.start)
        top = QVBoxLayout()
        top.setContentsMargins(20, 16, 20, 10)
        top.setSpacing(10)
        top.addLayout(head)
        top.addWidget(self.search)
        self.list.setModel(self.model)
        self.list.setItemDelegate(LineDelegate(theme, ROW, EDGE))
        EndSeeker(self.list, self.model)
        self.middle.addWidget(self.list)
        self.middle.addWidget(self.nothing)
        foot = QVBoxLayout()
        foot.setContentsMargins(20, 8, 20, 10)
        foot.addWidget(self.hint)
        column = QVBoxLayout(self._column)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(rule())
        column.addWidget(self.middle, 1)
        column.addWidget(rule())
        column.addLayout(foot)
        self.ask.show_state(
            "user",
            translate("contacts", "Nobody is chosen"),
            translate("contacts", "Arrow keys walk the list, Enter opens the conversation."),
        )
        self.beside.addWidget(self.ask)
        self.beside.addWidget(self.contact)
        self._line.setProperty("kind", "rule")
        self._line.setFixedWidth(1)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addWidget(self.back)
        right.addWidget(self.beside, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._column, 1)
        layout.addWidget(self._line)
        layout.addLayout(right)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self._column.isVisible():
                self.search.setFocus()
                self.search.selectAll()
            else:
                self._to_list()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(opened=not self._column.isVisible())
