"""Files that are not read yet when one goes on, or when the program ends: none is forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from console.domain.changes import Link
from console.domain.ids import ConversationId
from console.domain.intents import Attachment, Draft
from console.store.drafts import with_file
from console.ui.composer.card import Stage as Step
from console.ui.composer.composer import Composer
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI
from tests.gallery.stage import Stage
from tests.store.conftest import Desk, open_desk
from tests.ui.composing import begun, press, write
from tests.ui.test_composer_files import picture
from tests.ui.test_composer_kept import FULL, composing
from tests.waiting import eventually

OTHER = ConversationId("makmur")


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = await open_desk(tmp_path / "store")
    yield made
    await made.store.close()


def names(store: MemoryStore) -> list[tuple[str, bool]]:
    """The files of the draft on disk, and whether their bytes are there."""
    draft = store.drafts.kept.get(SITI)
    return [(item.name, item.kept is not None) for item in (draft.attachments if draft else ())]


def steps(composer: Composer) -> list[tuple[str, Step]]:
    return [(entry.attachment.name, entry.stage) for entry in composer.attachments.entries()]


async def gone_and_back(window: MainWindow, composer: Composer) -> None:
    for id in (OTHER, SITI):
        window.open_conversation(id)
        await eventually(partial(is_open, composer, id))


def is_open(composer: Composer, id: ConversationId) -> bool:
    here = composer._conversation
    return composer.is_ready and here is not None and here.id == id


async def test_a_file_that_was_not_read_when_the_program_ended_is_read_at_the_next_start(
    stage: Stage, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await desk.customer("Budi", "halo")
    other = await desk.customer("Ani", "halo")
    first = await composing(stage, desk, other)
    first.add_files([picture(tmp_path, "lama.jpg")])
    await eventually(lambda: first.attachments.items())
    composer = await composing(stage, desk, id)
    door, take = asyncio.Event(), desk.store.drafts.take

    async def slow(attachment: Attachment, content: bytes | None = None) -> Attachment:
        await door.wait()
        return await take(attachment, content)

    monkeypatch.setattr(desk.store.drafts, "take", slow)
    composer.add_files([picture(tmp_path, "a.jpg")])
    composer.end()
    await eventually(lambda: composer._writing == 0)
    draft = await desk.store.drafts.get(id)
    assert draft is not None
    assert [(item.name, item.kept) for item in draft.attachments] == [("a.jpg", None)]
    monkeypatch.undo()
    composer = await composing(stage, desk, id)
    await eventually(lambda: composer.attachments.items())
    assert steps(composer) == [("a.jpg", Step.READY)]
    composer.keep_draft()
    await eventually(lambda: composer._writing == 0)
    kept = await desk.store.drafts.get(id)
    assert kept is not None
    assert [item.kept is not None for item in kept.attachments] == [True]


async def test_a_file_that_is_gone_by_the_next_start_says_so(
    open_thread: MainWindow, store: MemoryStore, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    path = str(tmp_path / "hilang.jpg")
    store.drafts.kept[SITI] = Draft(SITI, "", (Attachment(path, "hilang.jpg", "", 0),))
    await gone_and_back(open_thread, composer)
    await eventually(lambda: steps(composer) == [("hilang.jpg", Step.FAILED)])
    assert "hilang.jpg" in composer.notice.text()
    composer.attachments.card(composer.attachments.entries()[0]).removed.emit()
    composer.keep_draft()
    await eventually(lambda: SITI not in store.drafts.kept)


async def test_who_comes_back_before_a_file_is_read_finds_it_on_its_way_and_once(
    open_thread: MainWindow, store: MemoryStore, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    store.drafts.door.clear()
    composer.add_files([picture(tmp_path, "a.jpg"), picture(tmp_path, "b.jpg")])
    composer.intake.take_image(QImage(4, 4, QImage.Format.Format_RGB32))
    shot = composer.attachments.entries()[2].attachment.name
    await gone_and_back(open_thread, composer)
    assert [(name, False) for name, _ in steps(composer)] == names(store)
    await gone_and_back(open_thread, composer)
    assert sorted(steps(composer)) == sorted((n, Step.BUSY) for n in ("a.jpg", "b.jpg", shot))
    store.drafts.door.set()
    await eventually(lambda: len(composer.attachments.items()) == 3)
    composer.keep_draft()
    await eventually(
        lambda: sorted(names(store)) == sorted((n, True) for n in ("a.jpg", "b.jpg", shot))
    )


async def test_what_is_read_after_one_has_gone_on_takes_its_place_in_the_draft(
    open_thread: MainWindow, store: MemoryStore, tmp_path: Path
) -> None:
    composer = await begun(open_thread)
    store.drafts.door.clear()
    composer.add_files([picture(tmp_path, "a.jpg"), picture(tmp_path, "b.jpg")])
    open_thread.open_conversation(OTHER)
    await eventually(lambda: names(store) == [("a.jpg", False), ("b.jpg", False)])
    store.drafts.door.set()
    await eventually(lambda: names(store) == [("a.jpg", True), ("b.jpg", True)])


async def test_what_could_not_be_read_after_one_had_gone_on_is_tried_again(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    store.drafts.door.clear()
    composer.intake.take_image(QImage(4, 4, QImage.Format.Format_RGB32))
    name = composer.attachments.entries()[0].attachment.name
    write(qtbot, open_thread, "Ini")
    open_thread.open_conversation(OTHER)
    await eventually(lambda: composer.is_ready and names(store) == [(name, False)])
    store.drafts.failure = FULL
    store.drafts.door.set()
    await eventually(lambda: composer.intake._left)
    store.drafts.failure = None
    open_thread.open_conversation(SITI)
    await eventually(lambda: composer.attachments.items())
    assert steps(composer) == [(name, Step.READY)]
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    assert [item.name for item in store.outbox.sent()[0].attachments] == [name]


async def test_a_canned_file_that_waits_for_the_line_says_so_and_stays_named(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    store.set_link(Link.OFFLINE)
    write(qtbot, open_thread, "/katalog")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.media.wanted)
    card = composer.attachments.card(composer.attachments.entries()[0])
    assert card.second.text() == "Menunggu jaringan"
    assert "Menunggu jaringan" in card.accessibleName()
    composer.keep_draft()
    await eventually(lambda: names(store) == [("Katalog.pdf", False)])
    store.media.files["canned/katalog.pdf"] = b"%PDF-1.7\n" + b"x" * 90
    open_thread.bridge.media_changed.emit(frozenset({"canned/katalog.pdf"}))
    await eventually(lambda: composer.attachments.items())
    assert "jaringan" not in card.accessibleName()


def test_of_two_files_of_one_name_each_takes_one_place() -> None:
    waiting = Attachment("/one/a.jpg", "a.jpg", "", 0), Attachment("", "a.heic", "", 0)
    draft = Draft(SITI, "", waiting)
    made = Attachment("/one/a.jpg", "a.jpg", "image/jpeg", 9, kept=1)
    other = Attachment("", "a.jpg", "image/jpeg", 8, kept=2)
    assert with_file(draft, made).attachments == (made, waiting[1])
    whole = with_file(with_file(draft, other, ("a.heic",)), made)
    assert whole.attachments == (made, other)
    assert with_file(Draft(SITI, ""), made).attachments == (made,)
