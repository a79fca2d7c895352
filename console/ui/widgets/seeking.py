"""Keys that leap in a list that is read a page at a time: from no row too, to where it ends."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    SignalInstance,
)
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView

MOST = 10_000  # rows read for one press; the next one goes on from there
_LEAPS = (Qt.Key.Key_End, Qt.Key.Key_PageDown)
_ENDS = (QEvent.Type.MouseButtonPress, QEvent.Type.Wheel, QEvent.Type.FocusOut)


Index = QModelIndex | QPersistentModelIndex


class Paged(Protocol):
    """A list model that knows whether there is more; `read_on` follows each further page."""

    read_on: SignalInstance
    modelReset: SignalInstance

    @property
    def has_more(self) -> bool: ...

    def rowCount(self, parent: Index = ..., /) -> int: ...

    def index(self, row: int, column: int, parent: Index = ..., /) -> QModelIndex: ...

    def canFetchMore(self, parent: Index, /) -> bool: ...

    def fetchMore(self, parent: Index, /) -> None: ...


class EndSeeker(QObject):
    """Reads on for key End, and then moves there; whatever else one does in the list ends it.

    Where the list was read anew and has no current row, it leaps from the first one.
    """

    def __init__(self, view: QAbstractItemView, model: Paged) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self._until = 0  # rows; 0 while nobody seeks
        model.read_on.connect(self._go_on)
        model.modelReset.connect(self._stop)
        view.installEventFilter(self)
        view.viewport().installEventFilter(self)

    def _stop(self) -> None:
        self._until = 0

    def _stand(self) -> None:
        """Qt goes to the first row from none, whatever the key."""
        if not self._view.currentIndex().isValid():
            first, chosen = self._model.index(0, 0), self._view.selectionModel()
            chosen.setCurrentIndex(first, QItemSelectionModel.SelectionFlag.NoUpdate)

    def _go_on(self) -> None:
        if not self._until:
            return
        rows = self._model.rowCount()
        if self._model.has_more and rows < self._until:
            if self._model.canFetchMore(QModelIndex()):  # else a page is under way
                self._model.fetchMore(QModelIndex())
            return
        self._stop()
        self._view.setCurrentIndex(self._model.index(rows - 1, 0))

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _ENDS:
            self._stop()
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        self._stop()
        if event.key() in _LEAPS:
            self._stand()
        adds = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.key() != Qt.Key.Key_End or adds or not self._model.has_more:
            return False
        self._until = self._model.rowCount() + MOST
        self._go_on()
        return True
