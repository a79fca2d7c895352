"""Native notices of new messages while the window is not in front."""

from __future__ import annotations

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QSystemTrayIcon, QWidget

from console.domain.conversation import ConversationRow
from console.domain.ids import ConversationId
from console.ui import words
from console.ui.language import translate

LONGEST = 160
SHOWN = 8000  # ms


def as_typed(text: str) -> str:
    """Text for a notice. Some Linux desktops read tags there: break them, visibly unchanged."""
    if not sys.platform.startswith("linux"):
        return text
    return text.replace("<", "<\u200b").replace("&", "&\u200b")


class Notifier(QObject):
    """`conversation_chosen` follows a click on the notice; the tray icon brings the window."""

    conversation_chosen = Signal(object)
    window_wanted = Signal()

    def __init__(self, window: QWidget, icon: QIcon) -> None:
        super().__init__(window)
        self._window = window
        self._last: ConversationId | None = None
        self._tray: QSystemTrayIcon | None = None
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._tray = QSystemTrayIcon(icon, self)
            self._tray.setToolTip("Balas")
            self._tray.messageClicked.connect(self._on_clicked)
            self._tray.activated.connect(lambda: self.window_wanted.emit())
            self._tray.show()

    def tell(self, row: ConversationRow, *, content: bool) -> None:
        """One new message; without `content` neither who nor what is shown."""
        title, text = notice(row, content=content)
        self._last = row.id
        QApplication.alert(self._window)
        if self._tray is not None:
            self._tray.showMessage(
                as_typed(title), as_typed(text), QSystemTrayIcon.MessageIcon.NoIcon, SHOWN
            )

    def _on_clicked(self) -> None:
        self.window_wanted.emit()
        if self._last is not None:
            self.conversation_chosen.emit(self._last)


def notice(row: ConversationRow, *, content: bool) -> tuple[str, str]:
    """A notice's title and text."""
    if not content:
        return "Balas", translate("notifications", "A customer wrote")
    return words.title(row), words.preview(row)[:LONGEST]
