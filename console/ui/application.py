"""Qt's application object, as this program needs it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

from console.ui.collector import Collector


class Application(QApplication):
    """`quit_wanted` is the system's wish (Cmd+Q, the end of the session); Qt itself ends nothing.

    `link_wanted` carries a `balas://` link that macOS gives to the running program.

    No event filter: one on the application would be asked in Python about each event of each
    widget, for a wish that comes once.
    """

    quit_wanted = Signal()
    link_wanted = Signal(str)

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self._collector = Collector(self)

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Quit:
            self.quit_wanted.emit()
            return True
        if isinstance(event, QFileOpenEvent):
            from console.domain.links import SCHEME

            if event.url().scheme() == SCHEME:
                self.link_wanted.emit(event.url().toString())
                return True
        return super().event(event)
