"""Scenes of the administration."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from PySide6.QtWidgets import QWidget

from console.domain.errors import OfflineError, RefusedError
from console.domain.ids import InboxId, ProfileId
from console.domain.profile import Role
from console.ui.screens.administration.auto_replies import AutoReplies, AutoReplyForm
from console.ui.screens.administration.canned import CannedForm, CannedReplies
from console.ui.screens.administration.inboxes import Inboxes
from console.ui.screens.administration.people import People
from console.ui.screens.administration.screen import Screen
from console.ui.window import MainWindow
from tests.gallery.memory_administration import PEOPLE, UNKNOWN_VARIABLE, MemoryAdministration
from tests.gallery.memory_desk import ME
from tests.gallery.memory_server import MemoryServer
from tests.gallery.samples import desk
from tests.gallery.stage import Scene, Stage, quiet
from tests.waiting import eventually as until

Part = TypeVar("Part", bound=QWidget)


async def administration(
    stage: Stage, made: MemoryAdministration, section: str = "people", height: int = 860
) -> tuple[MainWindow, Screen]:
    """The window with one section of the administration in front."""
    server = MemoryServer()
    server.administration = made
    stage.server.connect(server.as_server())
    store = desk()
    store.me = replace(ME, role=made.state.role, available=True)
    window = stage.window(store)
    stage.show(window, 1240, height)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    window.go("administration")
    screen = window.pages.screen_of("administration")
    assert isinstance(screen, Screen)
    await until(lambda: screen.stack.currentWidget() is not screen.loading)
    await until(lambda: made.failure or screen.model.canned)
    if screen.sections is not None:
        screen.sections.show_section(section)
    await quiet()
    return window, screen


def section(screen: Screen, kind: type[Part]) -> Part:
    """The widget of a section that was looked at."""
    return screen.findChildren(kind)[0]


async def people(stage: Stage) -> QWidget:
    made = MemoryAdministration()
    long = "Raden Ajeng Kartini Sastrowardoyo Kusumawardhani van den Berg"
    made.state = replace(
        made.state, people=(*PEOPLE, replace(PEOPLE[2], id=ProfileId("x"), name=long))
    )
    window, screen = await administration(stage, made, height=1060)
    section(screen, People).folds[ProfileId("raka")].open()
    await quiet()
    return window


async def hours(stage: Stage) -> QWidget:
    window, screen = await administration(stage, MemoryAdministration(), "inboxes", 1320)
    section(screen, Inboxes).folds[InboxId("wa")].open()
    await quiet()
    return window


async def canned(stage: Stage) -> QWidget:
    window, screen = await administration(stage, MemoryAdministration(), "canned")
    section(screen, CannedReplies).entries.folds["katalog"].open()
    await quiet()
    return window


async def meanwhile(stage: Stage) -> QWidget:
    """Two people change one reply at once, and each their own hours."""
    window, screen = await administration(stage, MemoryAdministration(), "canned")
    fold = section(screen, CannedReplies).entries.folds["katalog"]
    fold.open()
    form = fold.inside
    assert isinstance(form, CannedForm)
    assert form.seen is not None
    form.body.text = "Halo {{name}}, ini katalog terbaru kami. Ada yang cocok?"
    form.show_entry(
        replace(form.seen, body="Halo kak {{name}}, katalog Lebaran kami terlampir ya.")
    )
    await quiet()
    return window


async def auto(stage: Stage) -> QWidget:
    made = MemoryAdministration(Role.SUPERVISOR)
    window, screen = await administration(stage, made, "auto", 1000)
    section(screen, AutoReplies).entries.folds["a3"].open()
    await quiet()
    return window


async def unknown(stage: Stage) -> QWidget:
    """The server knows no such variable."""
    made = MemoryAdministration(Role.SUPERVISOR)
    window, screen = await administration(stage, made, "auto", 1000)
    fold = section(screen, AutoReplies).entries.folds["a1"]
    fold.open()
    form = fold.inside
    assert isinstance(form, AutoReplyForm)
    form.body.text = "Halo {{nama}}, terima kasih sudah menghubungi {{inbox.name}}."
    made.failure = UNKNOWN_VARIABLE
    form.foot.save.click()
    await until(form.body.why.isVisible)
    await quiet()
    return window


def plain(name: str) -> Scene:
    """A section as it opens."""

    async def made(stage: Stage) -> QWidget:
        return (await administration(stage, MemoryAdministration(), name))[0]

    return made


def failing(error: Exception) -> Scene:
    """What the page says when it cannot be read."""

    async def made(stage: Stage) -> QWidget:
        server = MemoryAdministration(Role.SUPERVISOR)
        server.failure = error
        return (await administration(stage, server))[0]

    return made


SCENES: dict[str, Scene] = {
    "administration-people": people,
    "administration-hours": hours,
    "administration-canned": canned,
    "administration-meanwhile": meanwhile,
    "administration-auto": auto,
    "administration-unknown": unknown,
    "administration-templates": plain("templates"),
    "administration-labels": plain("labels"),
    "administration-retention": plain("retention"),
    "administration-audit": plain("audit"),
    "administration-offline": failing(
        OfflineError("No connection to the server", "The server does not answer.")
    ),
    "administration-refused": failing(RefusedError("not_allowed", "Not possible")),
}
