"""Qt's application object, as this program needs it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QApplication


class Application(QApplication):
    """`quit_wanted` is the system's wish (Cmd+Q, the end of the session); Qt itself ends nothing.

    No event filter: one on the application would be asked in Python about each event of each
    widget, for a wish that comes once.
    """

    quit_wanted = Signal()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Quit:
            self.quit_wanted.emit()
            return True
        return super().event(event)
