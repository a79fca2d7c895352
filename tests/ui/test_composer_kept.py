"""What one wrote, said or attached stays until it has left, and no longer: on a real disk too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.errors import EnvironmentFaultError
from console.domain.ids import ConversationId, new_message_id
from console.domain.intents import Attachment, Draft, SendMessage
from console.domain.window import Window
from console.ui.composer.card import Stage as Step
from console.ui.composer.composer import Composer
from console.ui.models.team import Team
from console.ui.preferences import Chosen
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryPreferences, MemoryStore
from tests.gallery.samples import SITI
from tests.gallery.speaker import Speaker
from tests.gallery.stage import Stage
from tests.store.conftest import Desk, open_desk
from tests.ui.composing import begun, composer_of
from tests.ui.test_composer_files import picture
from tests.ui.test_composer_voice import speaking, speech
from tests.waiting import eventually

FULL = EnvironmentFaultError("The disk is full.", "", fix="Make room.")


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = await open_desk(tmp_path / "store")
    yield made
    await made.store.close()


async def composing(stage: Stage, desk: Desk, id: ConversationId) -> Composer:
    """A composer over a real store, open for a customer."""
    tasks = stage.scope()
    team = Team(desk.store, tasks)
    chosen = Chosen(MemoryPreferences())
    made = Composer(desk.store, stage.theme, tasks, stage.scope(), stage.errors, team, chosen)
    row = await desk.store.conversations.get(id)
    assert row is not None
    stage.show(made, 600, 300)
    made.open(row, Window(None))
    await eventually(lambda: made.is_ready)
    return made


async def test_of_a_reply_sent_before_its_last_keys_were_kept_no_draft_stays(
    stage: Stage, desk: Desk, qtbot: QtBot
) -> None:
    id = await desk.customer("Budi", "halo")
    composer = await composing(stage, desk, id)
    qtbot.keyClicks(composer.editor, "Halo, pesan")
    composer.keep_draft()
    await eventually(lambda: composer._writing == 0)  # as after two seconds of typing
    qtbot.keyClicks(composer.editor, "annya sudah jalan")
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    await eventually(lambda: composer.outgoing.can_undo)
    assert await desk.store.drafts.get(id) is None
    row = await desk.store.conversations.get(id)
    assert row is not None
    assert not row.draft
    composer.undo_send()
    await eventually(lambda: composer.editor.text() == "Halo, pesanannya sudah jalan")


async def test_a_file_taken_away_right_before_enter_does_not_stay_as_a_draft(
    stage: Stage, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    id = await desk.customer("Budi", "halo")
    composer = await composing(stage, desk, id)
    qtbot.keyClicks(composer.editor, "Ini")
    composer.add_files([picture(tmp_path, "a.jpg"), picture(tmp_path, "b.jpg")])
    await eventually(lambda: len(composer.attachments.items()) == 2)
    composer.keep_draft()
    await eventually(lambda: composer._writing == 0)
    composer.attachments.remove(composer.attachments.entries()[1])
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    await eventually(lambda: composer.outgoing.can_undo)
    assert await desk.store.drafts.get(id) is None


async def test_a_file_attached_before_the_draft_was_here_stands_behind_its_files(
    window: MainWindow, store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = await store.drafts.take(Attachment("", "lama.jpg", "image/jpeg", 0), b"lama")
    store.drafts.kept[SITI] = Draft(SITI, "Ini ", (kept,))
    door, get = asyncio.Event(), store.drafts.get

    async def late(id: ConversationId) -> Draft | None:
        await door.wait()
        return await get(id)

    monkeypatch.setattr(store.drafts, "get", late)
    window.open_conversation(SITI)
    composer = composer_of(window)
    await eventually(lambda: window.inbox.thread_screen.row is not None)
    composer.add_files([picture(tmp_path, "baru.jpg")])
    await eventually(lambda: composer.attachments.items())
    door.set()
    await eventually(lambda: composer.is_ready)
    assert [item.name for item in composer.attachments.items()] == ["lama.jpg", "baru.jpg"]
    composer.keep_draft()
    await eventually(lambda: len(store.drafts.kept[SITI].attachments) == 2)


async def test_a_voice_note_that_the_disk_does_not_take_can_be_tried_again(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer, _ = await speaking(open_thread)
    store.drafts.failure = FULL
    qtbot.keyClick(composer.voice, Qt.Key.Key_Return)
    await eventually(lambda: composer.attachments.has_failed)
    assert FULL.title in composer.notice.text()
    assert store.outbox.sent() == []
    store.drafts.failure = None
    (entry,) = composer.attachments.entries()
    composer.attachments.card(entry).retry.click()
    await eventually(lambda: entry.stage is Step.READY)
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    (intent,) = store.outbox.sent()
    assert intent.attachments[0].content_type == "audio/mp4"


async def test_what_failed_comes_back_with_its_conversation(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    other = next(row.id for row in store.conversations.rows if row.id != SITI)
    speaker = Speaker()
    composer.voice.take_from(lambda: speaker)
    composer.record()
    speaker.say(speech(1.0))
    store.drafts.failure = FULL
    open_thread.open_conversation(other)  # while one speaks: it is to become a file of the draft
    await eventually(lambda: composer.is_ready and FULL.title in composer.notice.text())
    assert "Siti" in composer.notice.text()
    open_thread.open_conversation(SITI)
    await eventually(lambda: composer.attachments.has_failed)
    open_thread.open_conversation(other)
    await eventually(lambda: composer.is_ready and not composer.attachments.entries())
    store.drafts.failure = None
    open_thread.open_conversation(SITI)
    await eventually(lambda: composer.attachments.items())
    assert composer.attachments.items()[0].content_type == "audio/mp4"


async def test_a_draft_that_changed_since_is_not_taken_for_what_was_sent(desk: Desk) -> None:
    id = await desk.customer("Budi", "halo")
    kept = Draft(id, "Halo")
    await desk.store.drafts.save(replace(kept, text="dari laptop lain"))
    await desk.store.outbox.send(SendMessage(new_message_id(), id, "Halo kak"), kept)
    assert await desk.store.drafts.get(id) == Draft(id, "dari laptop lain")


async def test_a_reply_that_waits_for_a_word_is_not_called_sent(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    qtbot.keyClicks(composer.editor, "Bisa kak")
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    await eventually(composer.undo_strip.isVisible)
    ours = store.messages.threads[SITI][-1]
    store.change(replace(ours, waiting="asking", rule="customer_wrote"))
    await eventually(lambda: not composer.undo_strip.isVisible())
    assert not composer.outgoing.can_undo
