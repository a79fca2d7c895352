"""The outline around a list, a thread or a page that the keyboard came to."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QPlainTextEdit,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from console.ui.theme.theme import Theme

THICK = 2.0  # px


class _Outline(QWidget):
    """Lies over an area, and lets everything through."""

    def __init__(self, theme: Theme, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setGeometry(area.rect())
        area.installEventFilter(self)
        self.show()
        self.raise_()

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setPen(QPen(self._theme.color("accent"), THICK))
            half = THICK / 2
            painter.drawRect(QRectF(self.rect()).adjusted(half, half, -half, -half))


class FocusRing(QObject):
    """One for the application. Fields and buttons show their focus by themselves; what scrolls
    does not, and only needs to where Tab led to it: a click has its own answer.
    """

    def __init__(self, application: QApplication, theme: Theme) -> None:
        super().__init__(application)
        self._theme = theme
        self._outline: _Outline | None = None
        application.focusChanged.connect(self._on_focus_changed)

    def _on_focus_changed(self, before: QWidget | None, now: QWidget | None) -> None:
        if self._outline is not None:
            if isValid(self._outline):  # else it went with its area
                self._outline.hide()
                self._outline.deleteLater()
            self._outline = None
        if (
            isinstance(now, QAbstractScrollArea)
            and not isinstance(now, QPlainTextEdit | QTextEdit)
            and now.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        ):
            self._outline = _Outline(self._theme, now)
