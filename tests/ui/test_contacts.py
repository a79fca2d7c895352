"""The contact panel, what one can do about a contact, and the page of all contacts."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from console.domain.contact import Contact, ContactLine, FoundContacts
from console.domain.errors import OfflineError, RefusedError
from console.domain.feed import ContactRow
from console.domain.ids import ContactId, ConversationId
from console.domain.message import Message
from console.domain.profile import Role
from console.ui.screens.contact import exporting
from console.ui.screens.contact.dialog import Dialog
from console.ui.screens.contact.panel import ContactPanel
from console.ui.screens.contacts.screen import Screen
from console.ui.timeline.context import Hit, Target
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.memory_contacts import MemoryContactsServer
from tests.gallery.samples import SITI
from tests.gallery.scenes_contacts import SITI_CONTACT, known, open_dialog, served
from tests.gallery.stage import Stage
from tests.waiting import eventually

# Dialogs have a least size, about which the pictureless screen of the tests complains.
pytestmark = pytest.mark.qt_log_ignore(
    "This plugin does not support propagateSizeHints", extend=True
)
OFFLINE = OfflineError("No connection to the server", "The line is down.")


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
    await eventually(lambda: window.inbox.thread_screen.timeline.rows())
    shown = window.inbox.contact
    await eventually(lambda: len(shown.others.lines) == 2)
    return shown


def called(server: MemoryContactsServer, name: str) -> list[tuple[object, ...]]:
    return [call for call in server.calls if call[0] == name]


def chosen(menu: QMenu, words: str) -> QAction:
    return next(action for action in menu.actions() if words in action.text())


async def shown_dialog(window: MainWindow) -> Dialog:
    await eventually(lambda: open_dialog(window) is not None)
    made = open_dialog(window)
    assert made is not None
    return made


def of(panel: ContactPanel) -> Contact:
    assert panel._contact is not None
    return panel._contact


async def test_the_panel_says_who_the_customer_is_and_where_else_they_wrote(
    panel: ContactPanel, window: MainWindow, store: MemoryStore
) -> None:
    await eventually(lambda: panel.facts.value("time") == "10.43 WIB")
    assert panel.facts.value("language") == "Indonesia"
    assert panel.facts.value("window") != "tertutup"
    assert panel.notes.text.startswith("Pelanggan reseller")
    assert panel.show_all.isVisible()
    store.now += timedelta(days=2)
    panel.facts.tick()
    assert panel.facts.value("window") == "tertutup"
    assert "SMS Sentosa" in panel.others.lines[0].accessibleName()
    panel.others.lines[0].click()
    await eventually(
        lambda: (
            window.inbox.thread_screen.row is not None
            and window.inbox.thread_screen.row.id == ConversationId("retur")
        )
    )


async def test_what_is_written_in_place_is_saved_with_enter_and_stands_at_once(
    panel: ContactPanel, server: MemoryContactsServer, qtbot: QtBot
) -> None:
    panel.name.setFocus()
    panel.name.edit.selectAll()
    qtbot.keyClicks(panel.name.edit, "Siti R.")
    qtbot.keyClick(panel.name.edit, Qt.Key.Key_Return)
    await eventually(lambda: called(server, "edit") != [])
    assert called(server, "edit") == [("edit", SITI_CONTACT, {"name": "Siti R."})]
    assert panel.name.text == "Siti R."
    panel.attributes.add.click()
    qtbot.keyClicks(panel.attributes.name, "ulang tahun")
    qtbot.keyClick(panel.attributes.name, Qt.Key.Key_Return)
    qtbot.keyClicks(panel.attributes.value.edit, "12 Mei")
    qtbot.keyClick(panel.attributes.value.edit, Qt.Key.Key_Return)
    await eventually(lambda: of(panel).attributes.get("ulang tahun") == "12 Mei")
    panel.addresses.add.click()
    panel.addresses.channel._take("sms")
    qtbot.keyClicks(panel.addresses.new.edit, "+62 813 0000 1111")
    qtbot.keyClick(panel.addresses.new.edit, Qt.Key.Key_Return)
    await eventually(lambda: of(panel).addresses[-1].address == "+6281300001111")
    assert not panel.addresses.new.isVisible()
    field = panel.attributes._fields["kota"]
    field.edit.clear()
    qtbot.keyClick(field.edit, Qt.Key.Key_Return)
    await eventually(lambda: "kota" not in of(panel).attributes)


async def test_a_refused_change_stays_with_its_reason_until_it_is_tried_again_or_taken_back(
    panel: ContactPanel, server: MemoryContactsServer, qtbot: QtBot
) -> None:
    server.failure = OFFLINE
    edit = panel.notes.edit
    before = panel.notes.text
    edit.setPlainText("Alamat baru di Depok")
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: panel.notes.why.isVisible())
    assert panel.notes.text == "Alamat baru di Depok"
    panel.refresh()
    qtbot.keyClick(edit, Qt.Key.Key_Escape)
    assert panel.notes.text == before
    edit.setPlainText("Alamat baru di Depok")
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: panel.notes.why.isVisible())
    server.failure = None
    qtbot.keyClick(edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: of(panel).notes == "Alamat baru di Depok")
    assert not panel.notes.why.isVisible()


async def test_what_was_written_goes_to_its_contact_though_another_is_opened_meanwhile(
    panel: ContactPanel, window: MainWindow, server: MemoryContactsServer
) -> None:
    panel.notes.edit.setPlainText("Suka warna biru")
    window.open_conversation(ConversationId("bambang"))
    await eventually(lambda: called(server, "edit") != [])
    assert called(server, "edit") == [("edit", SITI_CONTACT, {"notes": "Suka warna biru"})]
    await eventually(lambda: panel._contact is not None and of(panel).id == "bambang")
    assert panel.notes.text == ""


async def test_what_was_written_is_kept_when_the_window_closes(
    panel: ContactPanel, window: MainWindow, server: MemoryContactsServer
) -> None:
    panel.notes.setFocus()
    panel.notes.edit.setPlainText("Bayar di tempat")
    await window.finish()
    assert called(server, "edit") == [("edit", SITI_CONTACT, {"notes": "Bayar di tempat"})]


async def test_two_contacts_become_one_and_two_again_from_the_notice(
    panel: ContactPanel, window: MainWindow, server: MemoryContactsServer, qtbot: QtBot
) -> None:
    panel.acts.merge(of(panel))
    dialog = await shown_dialog(window)
    qtbot.keyClicks(dialog.picker.field, "lina")  # type: ignore[attr-defined]
    await eventually(lambda: dialog.picker.list.isVisible())  # type: ignore[attr-defined]
    qtbot.keyClick(dialog.picker.field, Qt.Key.Key_Return)  # type: ignore[attr-defined]
    await eventually(dialog.step.isEnabled)
    dialog.step.click()
    await eventually(lambda: window.toast.step.isVisible())
    ((_, merge_id, into, gone),) = called(server, "merge")
    assert (into, gone) == (SITI_CONTACT, "lina")
    window.toast.step.click()
    await eventually(lambda: called(server, "undo_merge") == [("undo_merge", merge_id)])


async def test_blocking_asks_first_shows_in_the_panel_and_can_be_undone(
    panel: ContactPanel, window: MainWindow, server: MemoryContactsServer
) -> None:
    panel.acts._run(panel.acts._block(of(panel), True))
    await eventually(panel.blocked.isVisible)
    assert window.inbox.thread_screen.row is not None
    assert chosen(panel.acts.menu(of(panel), None), "lokir").isEnabled()
    window.toast.step.click()
    await eventually(lambda: not panel.blocked.isVisible())
    assert called(server, "block") == [("block", "siti", True), ("block", "siti", False)]


async def test_only_supervisors_erase_and_only_after_typing_the_name(
    panel: ContactPanel,
    window: MainWindow,
    store: MemoryStore,
    server: MemoryContactsServer,
    qtbot: QtBot,
) -> None:
    assert store.me is not None
    of_agent = len(panel.acts.menu(of(panel), None).actions())
    store.me = replace(store.me, role=Role.SUPERVISOR)
    assert len(panel.acts.menu(of(panel), None).actions()) > of_agent
    panel.acts.erase(of(panel))
    dialog = await shown_dialog(window)
    await eventually(lambda: dialog.is_counted)  # type: ignore[attr-defined]
    field = dialog.field  # type: ignore[attr-defined]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert called(server, "erase") == []
    qtbot.keyClicks(field, "siti rahmawati")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    await eventually(lambda: len(called(server, "erase")) == 1)
    await eventually(lambda: not dialog.step.isVisible())
    assert field.text() == called(server, "erase")[0][1]


async def test_writing_first_sends_once_though_the_line_was_lost_and_opens_the_thread(
    panel: ContactPanel,
    window: MainWindow,
    server: MemoryContactsServer,
    qtbot: QtBot,
    store: MemoryStore,
) -> None:
    panel.write.click()
    dialog = await shown_dialog(window)
    await eventually(lambda: dialog.template.fields)  # type: ignore[attr-defined]
    assert not dialog.step.isEnabled()
    fields = dialog.template.fields  # type: ignore[attr-defined]
    assert fields["1"].text() == "Siti"
    qtbot.keyClicks(fields["2"], "#7")
    await eventually(dialog.step.isEnabled)
    server.failure = OFFLINE
    dialog.step.click()
    await eventually(lambda: dialog.why.isVisible())
    server.failure = None
    dialog.step.click()
    await eventually(lambda: len(called(server, "start")) == 2)
    first, second = called(server, "start")
    assert first == second
    asked = first[3]
    assert isinstance(asked, dict)
    assert asked["contact_id"] == SITI_CONTACT
    assert asked["template"]["variables"] == {"1": "Siti", "2": "#7"}
    opened = store.conversations.rows[1].id
    await eventually(
        lambda: (
            window.inbox.thread_screen.row is not None
            and window.inbox.thread_screen.row.id == opened
        )
    )


async def test_a_number_on_a_contact_card_can_be_written_to(
    panel: ContactPanel, window: MainWindow, server: MemoryContactsServer, store: MemoryStore
) -> None:
    message: Message = store.messages.threads[SITI][0]
    window.inbox.thread_screen._on_targeted(message, Hit(Target.WRITE, "0812-999-000"))
    dialog = await shown_dialog(window)
    await eventually(lambda: dialog.template.fields)  # type: ignore[attr-defined]
    for field in dialog.template.fields.values():  # type: ignore[attr-defined]
        field.setText("x")
        field.textEdited.emit("x")
    await eventually(dialog.step.isEnabled)
    server.failure = RefusedError("bad_address", "This is no number that can be written to.")
    dialog.step.click()
    await eventually(lambda: dialog.why.isVisible())
    asked = called(server, "start")[0][3]
    assert isinstance(asked, dict)
    assert asked["address"] == "+62812999000"  # with the country of our own number


@pytest_asyncio.fixture
async def page(server: MemoryContactsServer, window: MainWindow) -> Screen:
    """The page of all contacts, read."""
    window.go("contacts")
    shown = window.pages.screen_of("contacts")
    assert isinstance(shown, Screen)
    await eventually(lambda: shown.model.is_loaded)
    return shown


async def test_contacts_are_searched_as_one_types_walked_by_keys_and_opened_beside(
    page: Screen, window: MainWindow, server: MemoryContactsServer, qtbot: QtBot
) -> None:
    stranger = ContactLine(ContactId("far"), "Siti Aminah", "+6281300001111")
    server.found = FoundContacts(
        (stranger, ContactLine(SITI_CONTACT, "Siti Rahmawati", "")),
        (ContactRow(stranger.id, stranger.name, "+6281300001111", False, notes="Dari impor"),),
    )
    assert page.search.hasFocus()
    qtbot.keyClicks(page.search, "siti")
    await eventually(lambda: [line.id for line in page.model.lines] == ["siti", "far"])
    qtbot.keyClick(page.search, Qt.Key.Key_Down)
    await eventually(lambda: len(page.contact.others.lines) == 3)
    qtbot.keyClick(page.list, Qt.Key.Key_Down)
    await eventually(lambda: page.contact.notes.text == "Dari impor")
    qtbot.keyClick(page.list, Qt.Key.Key_Up)
    await eventually(lambda: len(page.contact.others.lines) == 3)
    page.contact.others.lines[0].click()
    await eventually(lambda: window.pages.current == "inbox")
    window.go("contacts")
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_Return)
    await eventually(lambda: window.pages.current == "inbox")


async def test_who_is_not_found_by_number_can_be_written_to(
    page: Screen, window: MainWindow, qtbot: QtBot
) -> None:
    qtbot.keyClicks(page.search, "+62 811 0000 1111")
    await eventually(lambda: page.nothing.isVisible())
    page.nothing.step.click()
    dialog = await shown_dialog(window)
    assert not dialog.picker.isVisible()  # type: ignore[attr-defined]
    dialog.reject()


async def test_a_long_list_is_read_a_page_at_a_time(page: Screen, store: MemoryStore) -> None:
    for number in range(600):
        id = ContactId(f"n{number:03}")
        store.contacts.known[id] = Contact(id, f"Nama {number:03}", None)
    page.model.show("nama")
    await eventually(lambda: page.model.rowCount() == 60)
    while page.model.canFetchMore(page.list.rootIndex()):
        before = page.model.rowCount()
        page.model.fetchMore(page.list.rootIndex())
        await eventually(lambda before=before: page.model.rowCount() > before)  # type: ignore[misc]
    assert page.model.rowCount() == 600


async def test_end_goes_on_to_where_a_long_list_really_ends(
    page: Screen, store: MemoryStore, qtbot: QtBot
) -> None:
    for number in range(600):
        id = ContactId(f"n{number:03}")
        store.contacts.known[id] = Contact(id, f"Nama {number:03}", None)
    page.model.show("nama")
    await eventually(lambda: page.model.rowCount() == 60)
    page.list.setFocus()
    qtbot.keyClick(page.list, Qt.Key.Key_End)
    await eventually(lambda: page.list.currentIndex().row() == 599)


async def test_a_conversation_that_is_gone_leaves_the_screen(
    panel: ContactPanel, window: MainWindow, store: MemoryStore
) -> None:
    store.contacts.drop(SITI_CONTACT)
    await eventually(lambda: not window.inbox.is_thread_shown)
    assert not panel.isVisible()


async def test_a_contact_is_saved_for_programs_and_as_a_line_that_import_takes(
    panel: ContactPanel, window: MainWindow, store: MemoryStore, tmp_path: Path
) -> None:
    contact = replace(of(panel), name="=Siti")
    workplace = window.workplace()
    await exporting.write(workplace, contact, tmp_path / "siti.json")
    made = json.loads((tmp_path / "siti.json").read_text())
    assert made["attributes"]["kota"] == "Bekasi"
    assert len(made["conversations"]) == 3
    await exporting.write(workplace, contact, tmp_path / "siti.csv")
    table = (tmp_path / "siti.csv").read_text(encoding="utf-8-sig")
    (line,) = csv.DictReader(io.StringIO(table))
    assert line["name"] == "'=Siti"  # no formula for a spreadsheet
    assert (line["whatsapp"], line["opted_out"]) == ("+628123456789", "+628123456789")
    assert line["attributes.kota"] == "Bekasi"
