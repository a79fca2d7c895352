"""Scenes of the preferences, and of the first run where it does not work."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.domain.errors import ExpectedError
from console.ui.errors import Errors
from console.ui.keys import change
from console.ui.preferences import SHORTCUTS
from console.ui.screens.preferences.screen import KEYS, Screen
from console.ui.screens.sign_in import SignInScreen
from console.ui.window import MainWindow
from tests.gallery.samples import desk
from tests.gallery.stage import NoSession, Scene, Stage, quiet
from tests.waiting import eventually as until


async def page(stage: Stage, name: str, **preferences: object) -> tuple[MainWindow, QWidget]:
    """The window with one of its pages in front."""
    window = stage.window(desk(), **preferences)
    stage.show(window, 1180, 760)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    window.go(name)
    await quiet()
    made = window.pages.screen_of(name)
    assert made is not None
    return window, made


async def preferences(stage: Stage, **more: object) -> tuple[MainWindow, Screen]:
    window, made = await page(stage, "preferences", **more)
    assert isinstance(made, Screen)
    return window, made


async def normal(stage: Stage) -> QWidget:
    return (await preferences(stage))[0]


async def shortcuts(stage: Stage) -> QWidget:
    """One was changed, and another is about to take its keys."""
    window, made = await preferences(stage, **{SHORTCUTS: change("", "find", ("Ctrl+Alt+F",))})
    made.sections.show_section(KEYS)
    made._shortcuts[0].rows["search"].wanted.emit("Ctrl+K", "Ctrl+G")
    await quiet()
    return window


async def found(stage: Stage) -> QWidget:
    window, made = await preferences(stage)
    made.search.setText("undo" if stage.language.code == "en" else "urungkan")
    await quiet()
    return window


async def wizard(stage: Stage) -> QWidget:
    """The test of the connection has failed."""
    screen = SignInScreen(NoSession(""), stage.theme, Errors())
    screen.project.field("url").setText("https://toko-makmur.supabase.co")
    screen.project.field("key").setText("sb_publishable_k3mQ…")
    stage.show(screen, 520, 720)
    screen.project.show_problem(
        ExpectedError(
            "Balas is not set up in this project yet",
            "The project is there, but its database does not have Balas's tables.",
            fix="Ask your administrator to run: balas migrate",
        )
    )
    return screen


SCENES: dict[str, Scene] = {
    "preferences": normal,
    "preferences-shortcuts": shortcuts,
    "preferences-found": found,
    "sign-in-first-run-failed": wizard,
}
