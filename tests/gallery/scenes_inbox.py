"""Scenes of the inbox list and of what one does with conversations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu, QWidget

from console.domain.conversation import ConversationStatus, Filter, Sort, View
from console.domain.ids import LabelId
from console.ui.widgets.chooser import Chooser
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SHIPPING, SITI, URGENT, ago, desk, row
from tests.gallery.scenes import opened
from tests.gallery.stage import Scene, Stage, quiet
from tests.waiting import eventually as until


def busy() -> MemoryStore:
    """A desk where much has been put away, labelled and left waiting."""
    store = desk()
    rows = store.conversations.rows
    for place, labels in ((2, (SHIPPING,)), (4, (URGENT,))):
        rows[place] = replace(
            rows[place], labels=labels, waiting_since=ago(minutes=37 + 90 * place)
        )
    away = (
        ("fajar", "Fajar Nugroho", 3),
        ("ratna", "Ratna Dewi", 21),
        ("budi", "Budi Setiawan", 90),
    )
    for id, name, hours in away:
        rows.append(
            replace(
                row(id, name, "Nanti saya kabari lagi ya kak", minutes=200),
                status=ConversationStatus.SNOOZED,
                snoozed_until=ago(hours=-hours),
            )
        )
    rows.append(
        replace(
            row("mira", "Mira Lestari", "Sudah sampai, terima kasih banyak!", minutes=600),
            status=ConversationStatus.RESOLVED,
            labels=(SHIPPING,),
        )
    )
    return store


def open_popup(window: MainWindow) -> Chooser | None:
    """The chooser that is open over the window."""
    return next((made for made in window.findChildren(Chooser) if made.isVisible()), None)


def chooser(ask: Callable[[MainWindow], object]) -> Scene:
    """A scene of one popup alone."""

    async def made(stage: Stage) -> QWidget:
        window = await opened(stage, busy())
        await until(lambda: window.inbox.team.people)
        ask(window)
        await until(lambda: open_popup(window))
        shown = open_popup(window)
        assert shown is not None
        shown.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        return shown

    return made


async def several(stage: Stage) -> QWidget:
    window = await opened(stage, busy())
    listed = window.inbox.conversations.list
    for place in (1, 2, 4):
        flags = listed.selectionModel().SelectionFlag.Select
        listed.selectionModel().select(window.inbox.conversations.model.index(place), flags)
    return window


async def narrow_several(stage: Stage) -> QWidget:
    window = await narrow(stage)
    window.inbox.conversations.list.selectAll()
    await until(window.inbox.conversations.chosen_bar.isVisible)
    return window


async def narrow_found(stage: Stage) -> QWidget:
    window = await narrow(stage)
    panel = window.inbox.conversations
    panel.search.setText("siti")
    panel._show()
    await until(lambda: panel.hits.found.rowCount() > 0 and panel.model.rowCount() == 1)
    await quiet()
    return window


async def narrow(stage: Stage) -> MainWindow:
    window = stage.window(busy())
    stage.show(window, 480, 720)
    await until(lambda: window.inbox.conversations.model.is_loaded)
    return window


async def menu(stage: Stage) -> QWidget:
    window = await opened(stage, busy())
    made: QMenu = window.inbox.acts.menu(window.inbox.targets())
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    made.ensurePolished()
    made.adjustSize()
    return made


def view(wanted: View, conversation: str = SITI) -> Scene:
    """The window with the list in one view."""

    async def made(stage: Stage) -> QWidget:
        window = await opened(stage, busy(), conversation)
        panel = window.inbox.conversations
        panel.views._change(wanted)
        await quiet()
        await until(lambda: panel.model.is_loaded)
        return window

    return made


async def found(stage: Stage) -> QWidget:
    window = await opened(stage, busy())
    panel = window.inbox.conversations
    panel.search.setText("siti")
    panel._show()
    await until(lambda: panel.hits.found.rowCount() > 0 and panel.model.rowCount() == 1)
    await quiet()
    return window


SCENES: dict[str, Scene] = {
    "inbox-found": found,
    "inbox-assign": chooser(lambda window: window.inbox.assign()),
    "inbox-snooze": chooser(lambda window: window.inbox.snooze()),
    "inbox-labels": chooser(lambda window: window.inbox.label()),
    "inbox-order": chooser(lambda window: window.inbox.conversations.views.ask_order()),
    "inbox-narrow": chooser(lambda window: window.inbox.conversations.views.ask_narrow()),
    "inbox-menu": menu,
    "inbox-several": several,
    "inbox-narrow-several": narrow_several,
    "inbox-narrow-found": narrow_found,
    "inbox-snoozed": view(View(Filter.SNOOZED), "ratna"),
    "inbox-resolved": view(View(Filter.RESOLVED), "mira"),
    "inbox-by-wait": view(View(Filter.ALL, sort=Sort.WAITING)),
    "inbox-narrowed": view(View(Filter.ALL, label_id=LabelId(SHIPPING.id))),
}
