"""The left column: title, search, views with their counters, the conversations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QLocale, QModelIndex, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from console.domain.conversation import ConversationRow, Counters, Filter
from console.domain.ids import ConversationId, ProfileId
from console.ui.language import translate
from console.ui.models.conversations import ConversationModel, RowRole
from console.ui.screens.inbox.row import AVATAR, HEIGHT, MARGIN, RowDelegate
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Theme
from console.ui.widgets.buttons import button
from console.ui.widgets.empty import EmptyState
from console.ui.widgets.labels import label
from console.ui.widgets.search import SearchField

if TYPE_CHECKING:
    from console.store.store import Store

TYPING_PAUSE = 120  # ms after the last key before the search runs


class ConversationList(QListView):
    """The rows. Enter goes on to the composer."""

    entered = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.is_waiting = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self.setAccessibleName(translate("inbox", "Conversations"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.is_waiting:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("skeleton"))
        wide = self.viewport().width()
        for place in range(8):
            y = place * HEIGHT
            painter.drawEllipse(QRectF(MARGIN, y + 14, AVATAR, AVATAR))
            x = MARGIN + AVATAR + 11
            for top, part in ((19, 0.42 + 0.05 * (place % 3)), (41, 0.8 - 0.1 * (place % 2))):
                painter.drawRoundedRect(QRectF(x, y + top, (wide - x - MARGIN) * part, 10), 5, 5)
        painter.end()


class ConversationsPanel(QWidget):
    """`chosen` carries the conversation to open; `entered` asks for its composer."""

    chosen = Signal(object)
    entered = Signal()

    def __init__(
        self,
        store: Store,
        theme: Theme,
        tasks: TaskScope,
        now: Callable[[], datetime],
        filter: Filter,
    ) -> None:
        super().__init__()
        self.setProperty("kind", "surface")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._store = store
        self._tasks = tasks
        self._filter = filter
        self._open: ConversationId | None = None
        self._quiet = False
        self._top: tuple[ConversationId, int] | None = None
        self.model = ConversationModel(store, tasks)
        self.title = label(translate("inbox", "Inbox"), "title")
        self.total = label("", "small", "muted")
        self.search = SearchField(theme, translate("inbox", "Search messages, names, numbers…"))
        self.views: dict[Filter, QPushButton] = {}
        self.list = ConversationList(theme)
        self.empty = EmptyState(theme)
        self._delegate = RowDelegate(theme, now, self._me)
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(TYPING_PAUSE)
        self._pause.timeout.connect(self._show)
        self._connect()
        self.show_counters(None)
        self._show()
        self.refresh_counters()

    @property
    def filter(self) -> Filter:
        return self._filter

    def mark_open(self, conversation_id: ConversationId | None) -> None:
        """Show which conversation is open without choosing it."""
        self._open = conversation_id
        self._select_open()

    def choose_view(self, filter: Filter) -> None:
        """Show another view of the conversations."""
        if filter is self._filter:
            return
        self._filter = filter
        self._mark_view()
        self._show()

    def refresh(self) -> None:
        """Something in the conversations changed."""
        self._remember_top()
        self.model.reload()
        self.refresh_counters()

    def refresh_counters(self) -> None:
        self._tasks.start(self._read_counters(), "counters")

    def refresh_times(self) -> None:
        """Time went by: countdowns and "yesterday" move on."""
        self.list.viewport().update()

    def show_counters(self, counters: Counters | None) -> None:
        for filter, chip in self.views.items():
            name = view_name(filter)
            count = None
            if counters is not None:
                count = {
                    Filter.MINE: counters.mine,
                    Filter.UNASSIGNED: counters.unassigned,
                }.get(filter)
            chip.setText(f"{name} {QLocale().toString(count)}" if count else name)
        if counters is not None:
            self.total.setText(
                translate("inbox", "{count} open").format(count=QLocale().toString(counters.all))
            )

    def walk(self, step: int) -> None:
        """Open the next or previous conversation."""
        current = self.list.currentIndex()
        place = current.row() + step if current.isValid() else 0
        if 0 <= place < self.model.rowCount():
            self.list.setCurrentIndex(self.model.index(place))

    def _build(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self.total, 1, Qt.AlignmentFlag.AlignBottom)
        chips = QHBoxLayout()
        chips.setSpacing(6)
        group = QButtonGroup(self)
        for filter in Filter:
            chip = button(view_name(filter), "chip")
            chip.setCheckable(True)
            chip.clicked.connect(lambda _=False, view=filter: self.choose_view(view))
            group.addButton(chip)
            chips.addWidget(chip)
            self.views[filter] = chip
        chips.addStretch(1)
        self._mark_view()
        top = QVBoxLayout()
        top.setContentsMargins(16, 14, 16, 10)
        top.setSpacing(10)
        top.addLayout(head)
        top.addWidget(self.search)
        top.addLayout(chips)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(top)
        whole.addWidget(self.list, 1)
        whole.addWidget(self.empty, 1)
        self.empty.hide()
        self.list.setModel(self.model)
        self.list.setItemDelegate(self._delegate)

    def _connect(self) -> None:
        self.search.textEdited.connect(lambda: self._pause.start())
        self.search.left_downwards.connect(self._focus_list)
        self.model.loaded.connect(self._on_loaded)
        self.list.entered.connect(self.entered)
        self.list.clicked.connect(self._on_current_changed)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)

    def _show(self) -> None:
        self._top = None
        self.model.show(self._filter, self.search.text())

    def _mark_view(self) -> None:
        for filter, chip in self.views.items():
            chip.setChecked(filter is self._filter)

    def _focus_list(self) -> None:
        self.list.setFocus()
        if not self.list.currentIndex().isValid():
            self.walk(0)

    def _me(self) -> ProfileId | None:
        return self._store.me.id if self._store.me else None

    async def _read_counters(self) -> None:
        self.show_counters(await self._store.conversations.counters())

    def _remember_top(self) -> None:
        """A reader in the middle of the list keeps their place when rows move to its top."""
        self._top = None
        if self.list.verticalScrollBar().value() > 0:
            index = self.list.indexAt(self.list.viewport().rect().topLeft())
            row = index.data(RowRole.ROW) if index.isValid() else None
            if isinstance(row, ConversationRow):
                self._top = (row.id, self.list.visualRect(index).top())

    def _restore_top(self) -> None:
        if self._top is None:
            return
        index = self.model.index_of(self._top[0])
        if index.isValid():
            bar = self.list.verticalScrollBar()
            bar.setValue(bar.value() + self.list.visualRect(index).top() - self._top[1])
        self._top = None

    def _select_open(self) -> None:
        self._quiet = True
        index = self.model.index_of(self._open) if self._open else QModelIndex()
        if index.isValid():
            if index.row() != self.list.currentIndex().row():
                flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
                self.list.selectionModel().setCurrentIndex(index, flags)
        else:
            self.list.selectionModel().clear()
        self._quiet = False

    def _on_loaded(self) -> None:
        self.list.is_waiting = False
        self._select_open()
        self._restore_top()
        nothing = self.model.rowCount() == 0
        self.list.setVisible(not nothing)
        self.empty.setVisible(nothing)
        if nothing:
            self._explain_nothing()
        self.list.viewport().update()

    def _explain_nothing(self) -> None:
        if self.search.text().strip():
            self.empty.show_state(
                "search",
                translate("inbox", "Nothing found"),
                translate("inbox", "No name, number or message here has these words."),
                translate("inbox", "Clear the search"),
                self._clear_search,
            )
        elif self._filter is Filter.MINE:
            self.empty.show_state(
                "coffee",
                translate("inbox", "All answered"),
                translate("inbox", "Nobody waits for you. The queue may have someone."),
                translate("inbox", "Look at the queue"),
                lambda: self.choose_view(Filter.UNASSIGNED),
            )
        elif self._filter is Filter.UNASSIGNED:
            self.empty.show_state(
                "coffee",
                translate("inbox", "The queue is empty"),
                translate("inbox", "New customers appear here by themselves."),
            )
        else:
            self.empty.show_state(
                "message-circle",
                translate("inbox", "No conversations yet"),
                translate("inbox", "The first message to your number appears here by itself."),
            )

    def _clear_search(self) -> None:
        self.search.clear()
        self._show()

    def _on_current_changed(self, index: QModelIndex) -> None:
        row = index.data(RowRole.ROW)
        if self._quiet or not isinstance(row, ConversationRow) or row.id == self._open:
            return
        self._open = row.id
        self.chosen.emit(row)


def view_name(filter: Filter) -> str:
    return {
        Filter.MINE: translate("inbox", "Mine"),
        Filter.UNASSIGNED: translate("inbox", "Queue"),
        Filter.ALL: translate("inbox", "All"),
    }[filter]
