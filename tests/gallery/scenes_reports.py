"""Scenes of the reports."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QWidget

from console.domain.errors import OfflineError, RefusedError
from console.domain.profile import Role
from console.ui.screens.reports.period import Period
from console.ui.screens.reports.screen import Screen
from console.ui.window import MainWindow
from tests.gallery.memory_desk import ME
from tests.gallery.memory_reports import MemoryReports
from tests.gallery.memory_server import MemoryServer
from tests.gallery.samples import desk
from tests.gallery.stage import Scene, Stage, quiet
from tests.waiting import eventually as until


async def reports(
    stage: Stage, made: MemoryReports, role: Role = Role.SUPERVISOR, height: int = 860
) -> tuple[MainWindow, Screen]:
    """The window with the reports in front."""
    server = MemoryServer()
    server.reports = made
    stage.server.connect(server.as_server())
    store = desk()
    store.me = replace(ME, role=role)
    window = stage.window(store)
    stage.show(window, 1280, height)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    window.go("reports")
    screen = window.pages.screen_of("reports")
    assert isinstance(screen, Screen)
    await until(lambda: screen.stack.currentWidget() is not screen._loading)
    await quiet()
    return window, screen


async def week(stage: Stage) -> QWidget:
    window, screen = await reports(stage, MemoryReports(), height=1100)
    screen.overview.cards["volume"].chart._pick(2)
    await quiet()
    return window


async def month(stage: Stage) -> QWidget:
    """A month, further down, with names longer than their room."""
    made = MemoryReports()
    long = "Raden Ajeng Kartini Sastrowardoyo Kusumawardhani van den Berg"
    made.names = (*made.names[:2], ("x", long), *made.names[2:])
    window, screen = await reports(stage, made, height=1100)
    screen.days.chips[Period.MONTH].click()
    await until(lambda: len(screen.overview.cards["volume"].chart._labels) == 30)
    await quiet()
    bar = screen._charts.verticalScrollBar()
    bar.setValue(bar.maximum())
    await quiet()
    return window


async def nothing(stage: Stage) -> QWidget:
    made = MemoryReports()
    made.quiet = True
    return (await reports(stage, made, Role.AGENT))[0]


async def offline(stage: Stage) -> QWidget:
    made = MemoryReports()
    window, screen = await reports(stage, made)
    made.failure = OfflineError("No connection to the server", "The server does not answer.")
    screen.reload()
    await until(lambda: screen.strip.isVisible())
    await quiet()
    return window


async def refused(stage: Stage) -> QWidget:
    made = MemoryReports()
    made.failure = RefusedError("not_allowed", "Not possible", "You work in no inbox.")
    return (await reports(stage, made, Role.AGENT))[0]


SCENES: dict[str, Scene] = {
    "reports": week,
    "reports-month": month,
    "reports-empty": nothing,
    "reports-offline": offline,
    "reports-refused": refused,
}
