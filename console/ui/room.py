"""How large a window is when nobody has sized it yet: as wanted, and no larger than the screen."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

FRAME = QSize(2, 40)  # px that a system's own border and title take


def first_size(window: QWidget, wanted: tuple[int, int]) -> QSize:
    """In pixels, on the screen where the window will stand."""
    if QGuiApplication.platformName() == "offscreen":
        return QSize(*wanted)  # there is no screen, only one that Qt makes up
    return within(QSize(*wanted), window.screen().availableGeometry().size())


def within(wanted: QSize, room: QSize) -> QSize:
    """As much of `wanted` as fits into a screen's `room` with its frame."""
    return wanted.boundedTo(room - FRAME)
