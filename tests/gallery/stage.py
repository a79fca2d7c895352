"""Sets a scene: an application, a theme, a language, a loop; takes its picture."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget

from console.ui.appearance import dress
from console.ui.errors import Errors
from console.ui.language import Language
from console.ui.server import LateServer
from console.ui.tasks import TaskScope
from console.ui.theme.theme import Scheme, Theme
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryPreferences, MemoryStore


@cache
def dressed(application: QApplication) -> tuple[Theme, Language]:
    """An application is dressed once in its life."""
    return dress(application, MemoryPreferences(theme="light", language="id"))


class NoSession:
    """A session that does nothing, at once."""

    def __init__(self, project_url: str = "https://toko-makmur.supabase.co") -> None:
        self.project_url = project_url
        self.project_fixed = False
        self.failure: Exception | None = None
        self.calls: list[tuple[str, ...]] = []

    async def connect_project(self, url: str, key: str) -> None:
        self._call("connect_project", url, key)
        self.project_url = url

    async def sign_in(self, email: str, password: str) -> None:
        self._call("sign_in", email, password)

    async def request_code(self, email: str) -> None:
        self._call("request_code", email)

    async def verify_code(self, email: str, code: str, new_password: str) -> None:
        self._call("verify_code", email, code, new_password)

    async def unlock(self, password: str) -> bool:
        self._call("unlock", password)
        return password == "rahasia"

    async def sign_out(self, choice: str) -> None:
        self._call("sign_out", choice)

    def _call(self, *words: str) -> None:
        self.calls.append(words)
        if self.failure is not None:
            raise self.failure


class Stage:
    """One dressed application; scenes are built with it and closed by it."""

    def __init__(self, application: QApplication) -> None:
        self.application = application
        application.setQuitOnLastWindowClosed(False)  # as the program does
        self.theme, self.language = dressed(application)
        self.set()
        self.errors = Errors()
        self.server = LateServer()  # connect a MemoryServer to it where one is asked
        self.told: list[tuple[str, str]] = []
        self.errors.told.connect(lambda title, text: self.told.append((title, text)))
        self._shown: list[QWidget] = []
        self._windows: list[MainWindow] = []
        self._scopes: list[TaskScope] = []

    def set(self, scheme: Scheme = Scheme.LIGHT, language: str = "id", scale: int = 100) -> None:
        self.language.choose(language)
        if (scheme, scale) != (self.theme.scheme, self.theme.scale):  # Qt styles everything anew
            self.theme.choose(scheme, scale)

    def turn(self, direction: Qt.LayoutDirection) -> None:
        """The window of those who read this way, until the scene is cleared."""
        self.application.setLayoutDirection(direction)

    def scope(self) -> TaskScope:
        made = TaskScope(self.errors)
        self._scopes.append(made)
        return made

    def window(self, store: MemoryStore, **preferences: object) -> MainWindow:
        made = MainWindow(
            store.as_store(),
            self.server,
            NoSession(),
            MemoryPreferences(**{"inbox_view": "mine", **preferences}),
            self.theme,
            self.language,
        )
        self._windows.append(made)
        return made

    def show(self, widget: QWidget, width: int = 0, height: int = 0) -> QWidget:
        if width:
            widget.resize(width, height or widget.sizeHint().height())
        widget.show()
        self._shown.append(widget)
        return widget

    async def clear(self) -> None:
        """End everything that the scene started."""
        for window in self._windows:
            await window.finish()
            window.close()
            window.deleteLater()
        for scope in self._scopes:
            scope.close()
            await scope.settle()
        for widget in self._shown:
            if widget in self._windows:
                continue
            widget.close()
            widget.deleteLater()
        self._windows, self._scopes, self._shown = [], [], []
        self.server = LateServer()
        self.turn(Qt.LayoutDirection.LeftToRight)
        await asyncio.sleep(0)


async def quiet(rounds: int = 12) -> None:
    """Let what is already under way reach the screen."""
    for _ in range(rounds):
        await asyncio.sleep(0.01)


def grab(widget: QWidget) -> QImage:
    return widget.grab().toImage()


Scene = Callable[[Stage], Awaitable[QWidget]]
