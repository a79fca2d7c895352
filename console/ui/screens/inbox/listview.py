"""The list of conversations: walked by keys, chosen one or many, quiet under the mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView

from console.domain.conversation import ConversationRow
from console.ui.language import translate
from console.ui.models.conversations import RowRole
from console.ui.screens.inbox.row import AVATAR, HEIGHT, MARGIN
from console.ui.theme.theme import Theme

RESTING = 1500  # ms without a movement after which the mouse is no longer about to click


class ConversationList(QListView):
    """Enter goes on to the composer. `pointed` tells whether someone is about to click here."""

    entered = Signal()
    pointed = Signal(bool)
    menu_wanted = Signal(QPoint)
    left_downwards = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.is_waiting = True
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.verticalScrollBar().setSingleStep(24)
        self.setAccessibleName(translate("inbox", "Conversations"))
        self._is_pointed = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(RESTING)
        self._rest.timeout.connect(lambda: self._point(False))

    def chosen_rows(self) -> list[ConversationRow]:
        """What is selected, from top to bottom."""
        places = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        rows = [index.data(RowRole.ROW) for index in places]
        return [row for row in rows if isinstance(row, ConversationRow)]

    def toggle_current(self) -> None:
        """Add the current row to what is chosen, or take it out."""
        index = self.currentIndex()
        if index.isValid():
            flags = self.selectionModel().SelectionFlag.Toggle
            self.selectionModel().select(index, flags)

    def _is_at_end(self) -> bool:
        return self.currentIndex().row() == self.model().rowCount() - 1

    def _point(self, on: bool) -> None:
        if on:
            self._rest.start()
        else:
            self._rest.stop()
        if on != self._is_pointed:
            self._is_pointed = on
            self.pointed.emit(on)

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
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

    def leaveEvent(self, event: QEvent) -> None:
        self._point(False)
        super().leaveEvent(event)

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
        super().mousePressEvent(event)

    def row_at(self, place: QPoint) -> QModelIndex:
        """The row at a global point."""
        return self.indexAt(self.viewport().mapFromGlobal(place))

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
