"""The team in the window: views saved under a name, the handover, being there or away."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.conversation import Filter, Sort, View
from console.domain.errors import OfflineError
from console.domain.ids import LabelId
from console.domain.intents import SetPriority
from console.domain.shifts import Handed
from console.ui.screens.handover.screen import Screen as Handover
from console.ui.screens.inbox.saved import NameDialog
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.memory_server import MemoryServer
from tests.gallery.scenes_inbox import open_popup
from tests.gallery.stage import Stage
from tests.waiting import eventually


async def test_a_view_is_saved_under_a_name_chosen_again_and_forgotten(
    window: MainWindow, qtbot: QtBot
) -> None:
    views = window.inbox.conversations.views
    await eventually(lambda: window.inbox.team.labels)
    kept = View(Filter.UNASSIGNED, None, LabelId("prio"), Sort.WAITING)
    views.choose(kept.filter)
    views.show_only(kept.label_id)
    views.order_by(kept.sort)

    def take(words: str) -> None:
        window.actions_made["views"].trigger()
        chooser = open_popup(window)
        assert chooser is not None
        line = next(line for line in chooser._model.shown if line.words.startswith(words))
        chooser.chosen.emit(line.key)
        chooser.close()

    take("Simpan tampilan ini")
    dialog = next(each for each in window.findChildren(NameDialog) if each.isVisible())
    assert dialog.field.text() == "Antrean · Prioritas · Paling lama menunggu"
    dialog.field.setText("Pagi")
    dialog.save.click()
    views.choose(Filter.MINE)
    views.show_only(None)
    take("Pagi")
    assert views.view == kept
    take("Lupakan")
    assert views.saved is not None
    assert views.saved.all() == ()


async def test_many_conversations_get_a_priority_by_keyboard_alone(
    window: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    listed = window.inbox.conversations.list
    listed.setFocus()
    listed.setCurrentIndex(listed.model().index(0, 0))
    listed.setCurrentIndex(listed.model().index(1, 0))
    listed.selectAll()
    await eventually(lambda: len(window.inbox.conversations.chosen_rows()) > 1)
    count = len(window.inbox.conversations.chosen_rows())
    window.actions_made["priority"].trigger()
    chooser = open_popup(window)
    assert chooser is not None
    qtbot.keyClick(chooser, Qt.Key.Key_Down)
    qtbot.keyClick(chooser, Qt.Key.Key_Return)
    await eventually(lambda: len(store.outbox.intents) == count)
    assert {type(each) for each in store.outbox.intents} == {SetPriority}


async def test_a_handover_goes_to_whom_was_chosen_and_says_what_stayed(
    stage: Stage, store: MemoryStore, window: MainWindow, qtbot: QtBot
) -> None:
    server = MemoryServer()
    server.shift.answer = Handed(7, kept=1)
    stage.server.connect(server.as_server())
    window.actions_made["handover"].trigger()
    page = window.pages.screen_of("handover")
    assert isinstance(page, Handover)
    await eventually(lambda: page.rows)
    assert page.taker.words == "Nita Kusuma"  # who is there comes first
    server.shift.failure = OfflineError("No connection to the server")
    page.hand_over()
    await eventually(page.message.isVisible)
    server.shift.failure = None
    page.taker.show_current("raka")
    page.taker.chosen.emit("raka")
    page.summary.setPlainText("Tunggu resi")
    page.hand_over()
    await eventually(page.done.isVisible)
    assert server.shift.handed == [("raka", "Tunggu resi", None, False)]
    assert "1 tetap di sini" in page.done.text.text()


async def test_who_goes_away_shows_it_at_once_and_again_where_the_server_will_not(
    stage: Stage, store: MemoryStore, window: MainWindow
) -> None:
    server = MemoryServer()
    stage.server.connect(server.as_server())
    assert "tidak di tempat" in window.rail.me.toolTip()
    window.actions_made["available"].trigger()
    await eventually(lambda: server.shift.available is True)
    assert "tidak di tempat" not in window.rail.me.toolTip()
    server.shift.failure = OfflineError("No connection to the server")
    window.shift.toggle_available()
    await eventually(lambda: window.toast.isVisible())
    assert "tidak di tempat" not in window.rail.me.toolTip()
