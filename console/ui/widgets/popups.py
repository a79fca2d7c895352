"""Where popups open: beside what asked for them, and never over the screen's edge."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

MARGIN = 8  # px from the screen's edge


def open_at(popup: QWidget, place: QPoint) -> None:
    """Show with the upper left corner at `place` (global), moved in where it would not fit."""
    popup.adjustSize()
    screen = QGuiApplication.screenAt(place) or QGuiApplication.primaryScreen()
    room = screen.availableGeometry()
    x = min(place.x(), room.right() - popup.width() - MARGIN)
    y = place.y()
    if y + popup.height() > room.bottom() - MARGIN:
        y = max(room.top() + MARGIN, room.bottom() - MARGIN - popup.height())
    popup.move(max(room.left() + MARGIN, x), y)
    popup.show()
    popup.setFocus()


def open_below(popup: QWidget, widget: QWidget) -> None:
    """Show under a button."""
    open_at(popup, widget.mapToGlobal(QPoint(0, widget.height() + 4)))


def open_in_middle(popup: QWidget, window: QWidget) -> None:
    """Show where one looks when nothing asked for it but a key."""
    popup.adjustSize()
    place = window.mapToGlobal(QPoint(window.width() // 2, window.height() // 4))
    open_at(popup, place - QPoint(popup.width() // 2, 0))
