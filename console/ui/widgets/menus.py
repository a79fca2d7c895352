"""Popup menus with round corners on every system."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget


def menu(parent: QWidget, title: str = "") -> QMenu:
    """Show it with popup(); it deletes itself when it closes."""
    made = rounded(QMenu(title, parent))
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return made


def rounded(made: QMenu) -> QMenu:
    """The style sheet draws the corners: the window around them must not."""
    made.setWindowFlag(Qt.WindowType.FramelessWindowHint)
    made.setWindowFlag(Qt.WindowType.NoDropShadowWindowHint)
    made.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
    return made
