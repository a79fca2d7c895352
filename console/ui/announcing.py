"""What is said to those who hear the window rather than see it, the moment it happens."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent


def is_heard() -> bool:
    """Whether anything reads the window to somebody."""
    return bool(QAccessible.isActive())


def announce(speaker: QObject, text: str) -> None:
    """Have a screen reader say `text` now, if one listens."""
    if text and is_heard():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(speaker, text))
