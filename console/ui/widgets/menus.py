"""Popup menus with round corners on every system, their shortcuts in a quieter colour."""

from __future__ import annotations

from PySide6.QtCore import Property, QRect, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QMenu, QStyle, QStyleOptionMenuItem, QWidget

SIDE = 14  # px behind a shortcut


class Menu(QMenu):
    """Whatever stands behind a tab in an action's text is its shortcut.

    A style sheet has one colour for both, so the menu paints the shortcuts itself.
    """

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self._muted = QColor()
        # The style sheet draws the corners: the window around them must not.
        self.setWindowFlag(Qt.WindowType.FramelessWindowHint)
        self.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)

    def _get_muted(self) -> QColor:
        return self._muted

    def _set_muted(self, color: QColor) -> None:
        self._muted = color

    muted = Property(QColor, _get_muted, _set_muted)  # the style sheet sets it

    # Qt

    def initStyleOption(self, option: QStyleOptionMenuItem, action: QAction) -> None:
        super().initStyleOption(option, action)
        option.text = option.text.partition("\t")[0]

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setPen(self._muted)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            for action in self.actions():
                keys = action.text().partition("\t")[2]
                place = self.actionGeometry(action)
                if keys and event.region().intersects(place):
                    inner: QRect = place.adjusted(SIDE, 0, -SIDE, 0)
                    painter.drawText(
                        inner, QStyle.visualAlignment(self.layoutDirection(), right), keys
                    )


def menu(parent: QWidget, title: str = "") -> QMenu:
    """Show it with popup(); it deletes itself when it closes."""
    made = Menu(title, parent)
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return made
