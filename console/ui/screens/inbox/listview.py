"""The list of conversations: walked by keys, chosen one or many, quiet under the mouse."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRectF,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from console.domain.conversation import ConversationRow
from console.domain.ids import ConversationId
from console.ui.language import translate
from console.ui.models.conversations import RowRole
from console.ui.screens.inbox.row import AVATAR, HEIGHT, MARGIN, row_height
from console.ui.theme.theme import Theme
from console.ui.widgets.pill import JumpPill

FREE = 400  # ms in which what the agent did comes back from the store
RESTING = 20_000  # ms without a movement after which the mouse was left lying here
WALKS = frozenset(
    {
        Qt.Key.Key_Down,
        Qt.Key.Key_Up,
        Qt.Key.Key_PageDown,
        Qt.Key.Key_PageUp,
        Qt.Key.Key_Home,
        Qt.Key.Key_End,
        Qt.Key.Key_Return,
        Qt.Key.Key_Enter,
    }
)
NOTHING_HELD = Qt.KeyboardModifier.NoModifier
MOST_EARLY = 32  # keys; more have got stuck
ALONE = (Qt.Key.Key_Control, Qt.Key.Key_Shift, Qt.Key.Key_Alt, Qt.Key.Key_Meta)  # held for a click


class ConversationList(QTableView):
    """Enter goes on to the composer. `pointed` tells whether someone is about to click here.

    The mouse may rest over a row for a while before it clicks. So what would come in above waits,
    and a pill says so, until the mouse leaves, was left lying, or the agent does something else.

    A table of one column: its rows are as high as each other, so that however many there are cost
    nothing. (QListView lays all of them out anew whenever one changes.)
    """

    entered = Signal()
    viewed = Signal(int, int)  # the first and the last place in view
    everything_wanted = Signal()
    pointed = Signal(bool)
    menu_wanted = Signal(QPoint)
    left_downwards = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._make_viewport()
        self.is_waiting = True
        self._early: list[tuple[int, Qt.KeyboardModifier]] = []  # pressed before the first rows
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("kind", "conversations")
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().hide()
        self._measure()
        theme.changed.connect(self._measure)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self.setAccessibleName(translate("inbox", "Conversations"))
        self.gathers = False  # the one row selected was chosen, not opened: more will follow
        self._is_pointed = False
        self.pill = JumpPill(theme, self.viewport(), upwards=True)
        self.pill.clicked.connect(self._go_up)
        self._top: tuple[ConversationId, int] | None = None
        self._free = QTimer(self)
        self._free.setSingleShot(True)
        self._free.setInterval(FREE)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(RESTING)
        self._rest.timeout.connect(lambda: self._point(False))

    def chosen_rows(self) -> list[ConversationRow]:
        """What is selected, from top to bottom."""
        places = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        rows = [index.data(RowRole.ROW) for index in places]
        return [row for row in rows if isinstance(row, ConversationRow)]

    def remember_top(self) -> None:
        """A reader in the middle of the list keeps their place when rows move to its top."""
        self._top = None
        if self.verticalScrollBar().value() > 0:
            index = self.indexAt(self.viewport().rect().topLeft())
            row = index.data(RowRole.ROW) if index.isValid() else None
            if isinstance(row, ConversationRow):
                self._top = (row.id, self.visualRect(index).top())

    def restore_top(self, index_of: Callable[[ConversationId], QModelIndex]) -> None:
        """What was remembered stands where it stood."""
        index = index_of(self._top[0]) if self._top is not None else QModelIndex()
        if self._top is not None and index.isValid():
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self.visualRect(index).top() - self._top[1])
        self._top = None

    def forget_top(self) -> None:
        """Something else is shown: from its start."""
        self._top = None

    def show_open(self, index: QModelIndex, *, sought: bool) -> None:
        """Choose the open conversation's row, and if `sought` bring it into view."""
        chosen = self.selectionModel()
        if index.row() != self.currentIndex().row() or not chosen.hasSelection():
            self.setAutoScroll(sought)
            chosen.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self.setAutoScroll(True)

    def stand_at(self, place: int | None) -> None:
        """What was open has left the list: choose none, the keys go on from where it stood."""
        chosen = self.selectionModel()
        chosen.clearSelection()
        if place is not None and self.model().rowCount():
            index = self.model().index(min(place, self.model().rowCount() - 1), 0)
            self.setAutoScroll(False)
            chosen.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
            self.setAutoScroll(True)

    def press_later(self, key: int, held: Qt.KeyboardModifier = NOTHING_HELD) -> bool:
        """Have a key act as soon as the first rows are there; False where they are."""
        if self.is_waiting and key in WALKS and len(self._early) < MOST_EARLY:
            self._early.append((key, held))
        return self.is_waiting

    def end_waiting(self) -> None:
        """The first rows are there: what was pressed before them acts now."""
        if not self.is_waiting:
            return
        self.is_waiting = False
        self.viewport().update()
        early, self._early = self._early, []
        for key, held in early if self.model().rowCount() else ():
            self.keyPressEvent(QKeyEvent(QEvent.Type.KeyPress, key, held))

    def toggle_current(self) -> None:
        """Add the current row to what is chosen, or take it out."""
        index = self.currentIndex()
        if index.isValid():
            self.gathers = self.gathers or not self.selectionModel().hasSelection()
            flags = self.selectionModel().SelectionFlag.Toggle
            self.selectionModel().select(index, flags)

    def _make_viewport(self) -> None:
        """One like Qt's own, but known to PySide from the start.

        Of a widget that Qt made, PySide looks for the exact class, and once for all makes Python
        types of every kind of widget that there is: a hundredth of a second, before the first
        picture.
        """
        made = QWidget()
        made.setBackgroundRole(QPalette.ColorRole.Base)
        made.setAutoFillBackground(True)
        self.setViewport(made)

    def _measure(self) -> None:
        self.verticalHeader().setDefaultSectionSize(row_height(self._theme))

    def _tell_viewed(self) -> None:
        count = self.model().rowCount() if self.model() is not None else 0
        if count:
            last = self.rowAt(self.viewport().height() - 1)
            self.viewed.emit(max(0, self.rowAt(0)), last if last >= 0 else count - 1)

    def _awaited(self) -> list[int]:
        """The places in view that are not read yet."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        if first < 0:
            return []
        places = range(first, (last if last >= 0 else self.model().rowCount() - 1) + 1)
        model = self.model()
        return [place for place in places if model.index(place, 0).data(RowRole.ROW) is None]

    def _is_at_end(self) -> bool:
        return self.currentIndex().row() == self.model().rowCount() - 1

    def let_go(self) -> None:
        """The agent did something: what comes of it may move rows, the mouse in the way or not."""
        self._point(False)
        self._free.start()

    def show_above(self, count: int) -> None:
        """So many would come in above; they wait until the mouse is elsewhere."""
        if count:
            self.pill.show_count(count)
        else:
            self.pill.hide()

    def _go_up(self) -> None:
        self.let_go()
        self.forget_top()
        self.scrollToTop()

    def _point(self, on: bool) -> None:
        on = on and not self._free.isActive()
        if on:
            self._rest.start()
        else:
            self._rest.stop()
        if on != self._is_pointed:
            self._is_pointed = on
            self.pointed.emit(on)

    # Qt

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        super().scrollContentsBy(dx, dy)
        if self.pill.isVisible():
            self.pill.place()  # Qt moves along what lies in the viewport
        self._tell_viewed()

    def updateGeometries(self) -> None:
        super().updateGeometries()
        self._tell_viewed()

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        if not selected.isEmpty() and not deselected.isEmpty():
            self.gathers = False  # walked on to another
        self.gathers = self.gathers and self.selectionModel().hasSelection()
        super().selectionChanged(selected, deselected)

    def reset(self) -> None:
        self.gathers = False  # nothing is selected after it, and no signal says so
        super().reset()

    def selectAll(self) -> None:
        self.everything_wanted.emit()  # the rows have to be known first

    def moveCursor(
        self,
        action: QAbstractItemView.CursorAction,
        modifiers: Qt.KeyboardModifier,
    ) -> QModelIndex:
        # Home and End are the list's, not those of a row with one column.
        ends = (QAbstractItemView.CursorAction.MoveHome, QAbstractItemView.CursorAction.MoveEnd)
        if action in ends:
            modifiers |= Qt.KeyboardModifier.ControlModifier
        return super().moveCursor(action, modifiers)

    def event(self, event: QEvent) -> bool:
        pressed = event.type() in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if pressed and isinstance(event, QKeyEvent) and event.key() not in ALONE:
            self.let_go()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in WALKS and self.press_later(event.key(), event.modifiers()):
            return
        walks = event.key() == Qt.Key.Key_Down and not self.selectionModel().hasSelection()
        if walks and self.currentIndex().isValid():
            # It stands for what has come to where the open conversation was.
            flags = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().select(self.currentIndex(), flags)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.gathers = False
            self.entered.emit()
        elif event.key() == Qt.Key.Key_Down and self._is_at_end():
            self.left_downwards.emit()
        elif event.text() and not event.text().isspace() and not event.modifiers():
            event.ignore()  # letters are the window's shortcuts, not a search of Qt's
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(True)
        super().mouseMoveEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._point(True)
        super().wheelEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self._point(False)
        super().leaveEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self._early.clear()  # the agent does something else by now
        super().focusOutEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() is QContextMenuEvent.Reason.Keyboard:
            index = self.currentIndex()
            if index.isValid():
                self.menu_wanted.emit(self.viewport().mapToGlobal(self.visualRect(index).center()))
            return
        self.menu_wanted.emit(event.globalPos())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        # The right button asks about a row; it neither opens it nor ends a choice it belongs to.
        if event.button() == Qt.MouseButton.RightButton:
            event.accept()
            return
        none_yet = not self.selectionModel().hasSelection()
        holds = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        self.gathers = holds and (self.gathers or none_yet)
        super().mousePressEvent(event)

    def row_at(self, place: QPoint) -> QModelIndex:
        """The row at a global point."""
        return self.indexAt(self.viewport().mapFromGlobal(place))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        awaited = list(range(8)) if self.is_waiting else self._awaited()
        if not awaited:
            return
        with QPainter(self.viewport()) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._theme.color("skeleton"))
            wide = self.viewport().width()
            tall, top_of_all = row_height(self._theme), self.verticalScrollBar().value()
            for place in awaited:
                y = place * tall + (tall - HEIGHT) / 2 - top_of_all
                painter.drawEllipse(QRectF(MARGIN, y + 14, AVATAR, AVATAR))
                x = MARGIN + AVATAR + 11
                for top, part in ((19, 0.42 + 0.05 * (place % 3)), (41, 0.8 - 0.1 * (place % 2))):
                    painter.drawRoundedRect(
                        QRectF(x, y + top, (wide - x - MARGIN) * part, 10), 5, 5
                    )
