"""The lock: nothing of the desk is seen or done until the account's password is given again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from console.ui.preferences import LOCK_AFTER, LOCKED

if TYPE_CHECKING:
    from PySide6.QtGui import QWindow

    from console.ui.screens.lock import LockScreen
    from console.ui.window import MainWindow

LOOK = 5_000  # ms between two looks at how long nobody was there
# What a person does to a window. Its content asks for none of these by itself.
SIGNS = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class Locker(QObject):
    """Locks when nobody was there for as long as the agent chose, or at once when asked."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._behind: QWidget | None = None
        self._screen: LockScreen | None = None
        self._hidden: list[QWidget] = []
        self._watched: list[QWindow] = []
        self._seen = self._moment()
        self._look = QTimer(self)
        self._look.setInterval(LOOK)
        self._look.timeout.connect(self.look)
        self.follow_setting()
        if window.workplace().chosen.flag(LOCKED, False):
            self.lock()  # it was when the program ended, however that did

    @property
    def is_locked(self) -> bool:
        return self._screen is not None

    @property
    def screen(self) -> LockScreen | None:
        """What is shown while locked."""
        return self._screen

    def follow_setting(self) -> None:
        """The agent chose other minutes: watch, or watch no more."""
        self._seen = self._moment()
        if self._minutes():
            self._look.start()
        else:
            self._look.stop()
            for handle in self._watched:
                handle.removeEventFilter(self)
            self._watched = []

    def look(self) -> None:
        """Lock if nobody was there for long enough."""
        if self.is_locked or not self._minutes():
            return
        for shown in (self._window, *self._window.windows.own):
            handle: QWindow | None = shown.windowHandle() if shown.isVisible() else None
            if handle is not None and handle not in self._watched:
                handle.installEventFilter(self)
                self._watched.append(handle)
        away = max(now - then for now, then in zip(self._moment(), self._seen, strict=True))
        if away >= self._minutes() * 60:
            self.lock()

    def lock(self) -> None:
        """Put everything away and ask for the password."""
        if self.is_locked:
            return
        window = self._window
        window.keep_draft()
        for other in QApplication.topLevelWidgets():
            if other is not window and other.isVisible():
                if other in window.windows.own:
                    self._hidden.append(other)
                    other.hide()
                else:  # a menu, a dialog, a picture
                    other.close()
        window.alerts.locked = True
        window.workplace().chosen.keep(LOCKED, True)
        behind = window.takeCentralWidget()
        if behind is not None:
            behind.setParent(window)  # hidden, and gone with the window
            behind.hide()
        self._behind = behind
        from console.ui.screens.lock import LockScreen

        self._screen = LockScreen(window.workplace())
        window.setCentralWidget(self._screen)
        self._screen.ask(self)

    def unlock(self) -> None:
        """Show everything as it was."""
        screen, self._screen = self._screen, None
        if screen is None or self._behind is None:
            return
        screen.end()
        window = self._window
        window.alerts.locked = False
        window.workplace().chosen.keep(LOCKED, False)
        self._seen = self._moment()
        window.setCentralWidget(self._behind)  # which deletes the lock's own screen
        self._behind.show()
        self._behind = None
        for other in self._hidden:
            other.show()
        self._hidden = []
        window.inbox.setFocus()

    def sign_out(self) -> None:
        """The way out for who does not know the password any more."""
        self._window.ask_sign_out()

    def _minutes(self) -> int:
        return self._window.workplace().chosen.number(LOCK_AFTER, 0)

    @staticmethod
    def _moment() -> tuple[float, float]:
        """Two clocks: one stands still while the computer sleeps, the other may be put back."""
        return time.monotonic(), time.time()

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in SIGNS:
            self._seen = self._moment()
        return False
