"""Contacts in the real window on the whole stack: edited, written to first, seen by everybody."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.ui.screens.contact.starting import StartDialog
from tests.story.conftest import World, seated
from tests.waiting import eventually


@pytest.mark.qt_log_ignore("This plugin does not support propagateSizeHints", extend=True)
async def test_a_note_on_a_contact_comes_back_with_the_feed_and_a_new_number_is_written_to(
    world: World, tmp_path: Path, qtbot: QtBot
) -> None:
    world.customer_does(
        "inbound", **{"from": "whatsapp:+6281311100001", "name": "Wulan", "body": "Halo"}
    )
    async with seated(world, tmp_path) as seat:
        window, store = seat.window, seat.store
        row = await seat.thread_of("Wulan")
        panel = window.inbox.contact
        contact_id = row.contact_id
        assert contact_id is not None
        await eventually(lambda: panel.facts.value("time").endswith("WIB"))
        panel.notes.edit.setPlainText("Pelanggan lama")
        qtbot.keyClick(panel.notes.edit, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)

        async def is_kept() -> bool:
            found = await store.contacts.get(contact_id)
            return found is not None and found.notes == "Pelanggan lama"

        await eventually(is_kept)

        window.actions_made["start"].trigger()
        await eventually(lambda: window.findChild(StartDialog) is not None)
        dialog = window.findChild(StartDialog)
        assert dialog is not None
        qtbot.keyClicks(dialog.picker.field, "0813-1110-0002")
        qtbot.keyClick(dialog.picker.field, Qt.Key.Key_Return)
        await eventually(lambda: dialog._inboxes != [])
        sms = next(inbox for inbox in dialog._inboxes if inbox.channel == "sms")
        dialog.inbox._take(sms.id)
        dialog.text.setPlainText("Pesanan Ibu siap diambil")
        dialog.step.click()
        screen = window.inbox.thread_screen
        await eventually(lambda: screen.row is not None and screen.row.address == "+6281311100002")
        await eventually(lambda: len(world.creates_to("+6281311100002")) == 1)
