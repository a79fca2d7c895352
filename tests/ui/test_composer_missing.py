"""Files of a draft that were attached elsewhere: shown by name, never left in silence."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from console.domain.feed import DraftRow
from console.domain.ids import ConversationId
from console.domain.intents import Attachment, Draft
from console.domain.media_rules import MB
from console.store.store import Store
from console.ui.composer.card import Card
from console.ui.composer.composer import Composer
from console.ui.composer.face import Tone
from console.ui.theme.theme import Scheme
from console.ui.window import MainWindow
from tests.gallery.stage import Stage
from tests.store.conftest import NOON, Desk, open_desk
from tests.ui.composing import composer_of
from tests.ui.test_composer_files import picture
from tests.ui.test_composer_kept import composing
from tests.waiting import eventually

NOTA = Attachment("", "nota.pdf", "application/pdf", 2_000)
RESI = Attachment("", "resi.jpg", "image/jpeg", 412_000, caption="Resi JNE")


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    made = await open_desk(tmp_path / "store")
    yield made
    await made.store.close()


async def rebuilt(desk: Desk, text: str, *files: Attachment) -> ConversationId:
    """A conversation whose draft the server alone still had."""
    id = await desk.customer("Budi", "halo")
    await desk.apply(drafts=(DraftRow(id, text, NOON, files=files),))
    return id


def cards(composer: Composer) -> list[Card]:
    return [composer.attachments.card(entry) for entry in composer.attachments.entries()]


async def sent(store: Store, id: ConversationId) -> list[tuple[str, list[str]]]:
    ours = [m for m in await store.messages.latest(id) if m.local]
    return [(m.content.text, [item.name or "" for item in m.content.media]) for m in ours]


async def test_enter_names_what_is_missing_once_and_then_sends_without_it(
    stage: Stage, desk: Desk, qtbot: QtBot
) -> None:
    id = await rebuilt(desk, "Ini notanya", NOTA, RESI)
    composer = await composing(stage, desk, id)
    assert [card.name.text() for card in cards(composer)] == ["nota.pdf", "resi.jpg"]
    assert "lampirkan lagi" in cards(composer)[0].second.text()
    assert "nota.pdf" in cards(composer)[0].accessibleName()
    assert cards(composer)[1].second.text().endswith("lampirkan lagi · Resi JNE")
    assert "Resi JNE" in cards(composer)[1].accessibleName()
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    assert "nota.pdf, resi.jpg" in composer.notice.text()
    assert composer.notice.property("tone") == Tone.WARNING.value
    assert not composer.outgoing.is_busy
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    await eventually(lambda: composer.outgoing.can_undo)
    assert await sent(desk.store, id) == [("Ini notanya", [])]
    assert await desk.store.drafts.get(id) is None
    composer.undo_send()
    await eventually(lambda: composer.editor.text() == "Ini notanya")
    assert composer.attachments.missing() == (NOTA, RESI)
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    assert not composer.outgoing.is_busy, "after an undo it is asked again"


async def test_a_key_held_down_is_no_second_enter(stage: Stage, desk: Desk, qtbot: QtBot) -> None:
    id = await rebuilt(desk, "Ini notanya", NOTA)
    composer = await composing(stage, desk, id)
    qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    for _ in range(3):
        held = QKeyEvent(
            QEvent.Type.KeyPress,
            Qt.Key.Key_Return,
            Qt.KeyboardModifier.NoModifier,
            "\r",
            autorep=True,
        )
        QApplication.sendEvent(composer.editor, held)
    assert "nota.pdf" in composer.notice.text()
    assert not composer.outgoing.is_busy
    assert composer.editor.text() == "Ini notanya"
    assert composer.attachments.missing() == (NOTA,)


async def test_a_reply_of_two_messages_leaves_no_draft_of_what_was_missing(
    stage: Stage, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    id = await rebuilt(desk, "Ini notanya", NOTA)
    composer = await composing(stage, desk, id)
    composer.add_files([picture(tmp_path, "b.jpg")])
    await eventually(lambda: composer.attachments.items())
    composer.attachments.describe(composer.attachments.entries()[1], "b.jpg", "dua")
    for _ in range(2):
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    await eventually(lambda: composer.outgoing.can_undo)
    assert await sent(desk.store, id) == [("Ini notanya", []), ("dua", ["b.jpg"])]
    assert await desk.store.drafts.get(id) is None


async def test_where_nothing_else_stands_there_enter_sends_nothing(
    stage: Stage, desk: Desk, qtbot: QtBot
) -> None:
    composer = await composing(stage, desk, await rebuilt(desk, "", NOTA))
    for _ in range(2):
        qtbot.keyClick(composer.editor, Qt.Key.Key_Return)
    assert "nota.pdf" in composer.notice.text()
    assert not composer.outgoing.is_busy
    assert composer.attachments.missing() == (NOTA,)
    qtbot.keyClick(cards(composer)[0], Qt.Key.Key_Delete)
    assert composer.notice.text() == ""


async def test_a_file_of_the_same_name_takes_its_place_and_caption(
    stage: Stage, desk: Desk, tmp_path: Path
) -> None:
    id = await rebuilt(desk, "Ini", RESI, NOTA)
    composer = await composing(stage, desk, id)
    composer.add_files([picture(tmp_path, "resi.jpg")])
    await eventually(lambda: composer.attachments.items())
    (back,) = composer.attachments.items()
    assert (back.name, back.caption) == ("resi.jpg", "Resi JNE")
    assert [item.name for item in composer.attachments.kept()] == ["resi.jpg", "nota.pdf"]
    composer.keep_draft()
    await eventually(lambda: composer._writing == 0)
    assert await desk.store.drafts.get(id) == Draft(id, "Ini", (back, NOTA))


async def test_the_card_asks_for_its_file_and_stays_where_that_does_not_fit(
    stage: Stage, desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    composer = await composing(stage, desk, await rebuilt(desk, "Ini", RESI))
    large = tmp_path / "film.bin"
    with large.open("wb") as file:
        file.truncate(200 * MB)
    for path in (str(large), picture(tmp_path, "lain.jpg")):
        qtbot.keyClick(cards(composer)[0], Qt.Key.Key_Return)
        dialog = composer.findChildren(QFileDialog)[-1]
        dialog.fileSelected.emit(path)
        dialog.close()
        await eventually(lambda: not composer.attachments.is_busy)
        if path == str(large):
            assert composer.attachments.missing() == (RESI,)
            assert "film.bin" in composer.notice.text()
    (back,) = composer.attachments.items()
    assert (back.name, back.caption) == ("lain.jpg", "Resi JNE")


async def test_a_rebuilt_cache_shows_them_where_the_conversation_is_open(
    stage: Stage, desk: Desk
) -> None:
    id = await desk.customer("Budi", "halo")
    composer = await composing(stage, desk, id)
    await desk.apply(drafts=(DraftRow(id, "Ini", NOON, files=(NOTA,)),))
    composer.reload_draft()
    await eventually(lambda: composer.attachments.missing() == (NOTA,))
    assert composer.editor.text() == "Ini"


@pytest.mark.parametrize("scheme", [Scheme.LIGHT, Scheme.DARK])
@pytest.mark.parametrize("tone", list(Tone))
async def test_a_notice_has_the_colour_of_what_it_says(
    stage: Stage, open_thread: MainWindow, tone: Tone, scheme: Scheme
) -> None:
    stage.set(scheme=scheme)
    composer = composer_of(open_thread)
    composer.say("Balasan kepada Siti menjadi draf lagi.", tone=tone)
    composer.notice.ensurePolished()
    assert composer.notice.palette().windowText().color() == stage.theme.color(tone.value)
    composer.say("Disk penuh.")
    composer.notice.ensurePolished()
    assert composer.notice.palette().windowText().color() == stage.theme.color("danger")


async def test_good_news_is_no_alarm(open_thread: MainWindow) -> None:
    composer = composer_of(open_thread)
    composer._on_came_back(Draft(ConversationId("lain"), "Halo"), "Lina")
    assert composer.notice.property("tone") == Tone.INFORMATION.value
