"""Where the attached files stand: as tall as they need, scrolled where they are many."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLayout, QScrollArea, QWidget

ROWS = 3  # of cards at most, so that the thread stays in view


class Shelf(QScrollArea):
    """There while what stands on it is; grows and scrolls with it."""

    def __init__(self, inside: QWidget, layout: QLayout) -> None:
        super().__init__()
        self._inside = inside
        self._layout = layout
        self._heights = (0, 0)  # px, at least and as the cards want it
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        inside.hide()
        inside.installEventFilter(self)
        self.verticalScrollBar().rangeChanged.connect(lambda _, end: self._follow(end))
        self._end = 0
        self.hide()

    def _fit(self) -> None:
        card = self._layout.itemAt(0)
        row = card.sizeHint().height() + self._layout.spacing() if card else 0
        wanted = self._layout.heightForWidth(self.viewport().width())
        heights = (min(row, wanted), min(ROWS * row, wanted))
        if heights != self._heights:
            self._heights = heights
            self.setMaximumHeight(heights[1])
            self.updateGeometry()

    def _follow(self, end: int) -> None:
        """What was put there last is in view."""
        if end > self._end:
            self.verticalScrollBar().setValue(end)
        self._end = end

    # Qt

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._heights[1])

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._heights[0])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        match event.type():
            case QEvent.Type.ShowToParent | QEvent.Type.HideToParent:
                # Not before it stands somewhere: it would be a window of its own.
                self.setVisible(self.parentWidget() is not None and not self._inside.isHidden())
                self._fit()
            case QEvent.Type.LayoutRequest:
                self._fit()
        return super().eventFilter(watched, event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()
