"""Two write about one contact at once: what stands in the panel until one of both is chosen."""

from __future__ import annotations

from dataclasses import replace

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from console.domain.contact import Contact
from console.domain.ids import ConversationId
from console.ui.screens.contact.fields import TextField
from console.ui.screens.contact.panel import ContactPanel
from console.ui.screens.question import Question
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.memory_contacts import MemoryContactsServer
from tests.gallery.samples import SITI
from tests.gallery.scenes_contacts import SITI_CONTACT, known, served
from tests.gallery.stage import Stage
from tests.waiting import eventually


@pytest.fixture
def store() -> MemoryStore:
    """A desk whose first customer has been with us for a while."""
    return known()


@pytest.fixture
def server(stage: Stage, store: MemoryStore) -> MemoryContactsServer:
    """The server at the end of the line."""
    return served(stage, store)


@pytest_asyncio.fixture
async def panel(server: MemoryContactsServer, window: MainWindow) -> ContactPanel:
    """Siti's conversation is open, with all that is known of her beside it."""
    window.open_conversation(SITI)
    shown = window.inbox.contact
    await eventually(lambda: len(shown.others.lines) == 2)
    return shown


def edits(server: MemoryContactsServer) -> list[tuple[object, ...]]:
    return [call for call in server.calls if call[0] == "edit"]


def of(panel: ContactPanel) -> Contact:
    assert panel._contact is not None
    return panel._contact


async def test_what_a_colleague_wrote_meanwhile_stands_beside_ones_own_until_one_chooses(
    panel: ContactPanel, server: MemoryContactsServer, store: MemoryStore, qtbot: QtBot
) -> None:
    notes, mine, theirs = panel.notes, "Alamat di Depok", "Alamat di Bogor"
    server.elsewhere[SITI_CONTACT] = {"notes": theirs}  # not known here when it is sent
    notes.edit.setPlainText(mine)
    qtbot.keyClick(notes.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await eventually(notes.why.isVisible)
    assert notes.text == mine
    assert theirs in notes.why.text()
    await eventually(lambda: panel._contact is not None and panel._contact.notes == theirs)
    assert notes.text == mine
    qtbot.keyClick(notes.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: of(panel).notes == mine)
    await eventually(notes.why.isHidden)
    # What the feed brings while one writes is said before it is sent.
    field = panel.attributes._fields["kota"]
    field.setFocus()
    field.edit.setText("Depok")
    others = {**of(panel).attributes, "kota": "Bogor", "hobi": "catur"}
    store.contacts.put(replace(of(panel), attributes=others))
    await eventually(lambda: "Bogor" in field.why.text())
    assert field.text == "Depok"
    assert panel.attributes._fields["hobi"].text == "catur"
    qtbot.keyClick(field.edit, Qt.Key.Key_Escape)
    assert (field.text, field.is_dirty) == ("Bogor", False)


async def test_what_stands_against_a_colleagues_words_can_still_be_had_when_one_goes_on(
    panel: ContactPanel,
    window: MainWindow,
    server: MemoryContactsServer,
    store: MemoryStore,
    qtbot: QtBot,
) -> None:
    panel.name.setFocus()
    panel.name.edit.setText("Siti R.")
    store.contacts.put(replace(of(panel), name="Ibu Siti"))
    await eventually(panel.name.why.isVisible)
    window.open_conversation(ConversationId("bambang"))
    await eventually(lambda: "Siti R." in window.toast.text.text())
    assert edits(server) == []
    qtbot.mouseClick(window.toast.step, Qt.MouseButton.LeftButton)
    await eventually(lambda: edits(server) == [("edit", SITI_CONTACT, {"name": "Siti R."})])


async def test_the_window_does_not_go_with_what_stands_against_a_colleagues_words_unasked(
    panel: ContactPanel,
    window: MainWindow,
    server: MemoryContactsServer,
    store: MemoryStore,
    qtbot: QtBot,
) -> None:
    panel.name.setFocus()
    panel.name.edit.setText("Siti R.")
    store.contacts.put(replace(of(panel), name="Ibu Siti"))
    await eventually(panel.name.why.isVisible)

    def answer(text: str) -> None:
        (asked,) = window.findChildren(Question)
        said = [each.text() for each in asked.findChildren(QLabel)]
        assert "“Siti R.”" in said
        made = next(each for each in asked.findChildren(QPushButton) if each.text() == text)
        qtbot.mouseClick(made, Qt.MouseButton.LeftButton)

    assert not window.close()
    answer("Tetap di sini")
    assert window.isVisible()
    assert panel.name.text == "Siti R."
    await eventually(lambda: not window.findChildren(Question))
    assert not window.close()
    answer("Tutup tanpa menyimpannya")
    assert window.isHidden()
    assert edits(server) == []


def test_what_this_machine_still_has_from_before_an_answer_is_no_news(
    qtbot: QtBot, stage: Stage
) -> None:
    won, lost = TextField(stage.theme, "Notes"), TextField(stage.theme, "Notes")
    for field, mine in ((won, "Depok"), (lost, "Bogor")):
        qtbot.addWidget(field)
        field.show_value("", anew=True)
        field.edit.setPlainText(mine)
        field.flush()
    won.accept()
    lost.conflict("Depok")
    for field in (won, lost):
        field.show_value("")  # the change feed is slower than the answer
    assert won.text == "Depok"
    assert "Depok" in lost.why.text()
    for field in (won, lost):
        field.show_value("Depok")
        field.show_value("")  # now it is: somebody emptied it
    assert won.text == ""
    assert "Depok" not in lost.why.text()
    assert lost.text == "Bogor"
