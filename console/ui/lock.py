"""The lock: nothing of the desk is seen or done until the account's password is given again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from console.domain.errors import BalasError
from console.ui.errors import in_one
from console.ui.language import translate
from console.ui.preferences import LOCK_AFTER, LOCKED
from console.ui.screens.form import Form
from console.ui.tasks import TaskScope
from console.ui.widgets.emblem import Emblem
from console.ui.workplace import Workplace

if TYPE_CHECKING:
    from console.ui.window import MainWindow

LOOK = 5_000  # ms between two looks at how long nobody was there
WIDTH = 340
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


class LockScreen(QWidget):
    """Asks for the password. It knows nothing of what lies behind it."""

    def __init__(self, place: Workplace) -> None:
        super().__init__()
        self.setProperty("kind", "background")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._place = place
        self._tasks = TaskScope(place.errors)
        me = place.store.me
        self.form = Form(
            place.theme, translate("lock", "Balas is locked"), translate("lock", "Unlock")
        )
        self.form.caption.setText(me.name if me is not None else "")
        self.form.caption.setVisible(bool(me is not None and me.name))
        self.field = self.form.add("password", translate("lock", "Your password"), secret=True)
        column = QVBoxLayout()
        column.addStretch(2)
        column.addWidget(Emblem(44), 0, Qt.AlignmentFlag.AlignLeading)
        column.addSpacing(14)
        self.form.setFixedWidth(place.theme.px(WIDTH))
        column.addWidget(self.form)
        column.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(column)
        layout.addStretch(1)

    def end(self) -> None:
        """Ask no more."""
        self._tasks.close()

    def ask(self, locker: Locker) -> None:
        """Let the right password through to `locker`."""
        self.form.submitted.connect(lambda: self._tasks.start(self._try(locker), "try"))
        self.form.link(translate("lock", "Sign out…"), locker.sign_out)
        self.field.setFocus()

    async def _try(self, locker: Locker) -> None:
        if not self.form.demand("password"):
            return
        self.form.set_busy(True)
        self.form.say("")
        try:
            is_right = await self._place.session.unlock(self.field.text())
        except BalasError as error:
            self.form.say(in_one(error), wrong=True)
            return
        finally:
            self.form.set_busy(False)
        if is_right:
            locker.unlock()
        else:
            self.form.say(translate("lock", "This is not the password."), wrong=True)
            self.form.focus_last()


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
