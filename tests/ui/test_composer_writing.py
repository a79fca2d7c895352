"""Writing with help: notes, mentions, canned replies, quotes, emoji, formatting, and drafts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from console.domain.ids import ConversationId, MessageId, ProfileId
from console.domain.intents import AddNote, Draft, Resolve
from console.ui.composer import writing
from console.ui.composer.emoji import found, groups, recent, used
from console.ui.composer.emoji_grid import COLUMNS
from console.ui.composer.mentions import mentioned
from console.ui.composer.tabs import Mode
from console.ui.painted import painted
from console.ui.preferences import RECENT_EMOJI
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI
from tests.gallery.scenes import opened
from tests.gallery.stage import Stage
from tests.ui.composing import CONTROL, NONE, begun, composer_of, press, write
from tests.waiting import eventually


def notes(store: MemoryStore) -> list[AddNote]:
    return [intent for intent in store.outbox.intents if isinstance(intent, AddNote)]


async def test_a_note_goes_to_the_team_and_to_those_named_in_it(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    composer.begin(Mode.NOTE)
    write(qtbot, open_thread, "Tolong @rak")
    assert composer.people.is_open()
    press(qtbot, open_thread, Qt.Key.Key_Return)
    assert composer.note.text() == "Tolong @Raka Aditya "
    write(qtbot, open_thread, "cek")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: notes(store))
    (note,) = notes(store)
    assert (note.body, note.mentions) == ("Tolong @Raka Aditya cek", (ProfileId("raka"),))
    assert store.outbox.sent() == []
    assert composer.note.text() == ""


def test_of_two_names_that_begin_alike_the_longer_one_is_meant(store: MemoryStore) -> None:
    raka, nita = store.desk.team[1], store.desk.team[2]
    people = [replace(raka, name="Raka"), replace(nita, name="Raka Putra")]
    assert mentioned("@Raka Putra dan @Raka", people, {}) == (nita.id, raka.id)
    assert mentioned("@Rakasa", people, {}) == ()
    assert mentioned("@Dewi", people, {"Dewi": ProfileId("x")}) == (ProfileId("x"),)


async def test_reply_and_note_are_kept_side_by_side_with_the_quote(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    quoted = store.messages.threads[SITI][1]
    composer.quote(quoted)
    write(qtbot, open_thread, "Sudah dicek")
    composer.begin(Mode.NOTE)
    write(qtbot, open_thread, "Tanya gudang")
    expected = Draft(SITI, "Sudah dicek", (), quoted.id, "Tanya gudang")
    await eventually(lambda: store.drafts.kept.get(SITI) == expected)
    open_thread.open_conversation(ConversationId("makmur"))
    await eventually(lambda: composer.is_ready and composer.editor.text() == "")
    assert not composer.quote_bar.is_set
    open_thread.open_conversation(SITI)
    await eventually(lambda: composer.is_ready and composer.editor.text() == "Sudah dicek")
    await eventually(lambda: composer.quote_bar.is_set)
    assert composer.note.text() == "Tanya gudang"


async def test_who_types_without_a_pause_has_a_draft_on_disk_all_the_same(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "LONGEST_PAUSE", 0.3)

    def kept() -> Draft | None:
        write(qtbot, open_thread, "a")
        return store.drafts.kept.get(SITI)

    await eventually(kept, within=5.0)


async def test_a_sent_reply_leaves_the_note_where_it_is(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    composer.note.show_text("nanti")
    write(qtbot, open_thread, "Siap")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    composer.keep_draft()
    await eventually(lambda: store.drafts.kept.get(SITI) == Draft(SITI, "", note="nanti"))


async def test_up_in_the_empty_field_quotes_the_customer_and_escape_lets_go(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    press(qtbot, open_thread, Qt.Key.Key_Up)
    assert composer.quote_bar.isVisible()
    assert composer.quote_bar.who.text() == "Siti Rahmawati"
    press(qtbot, open_thread, Qt.Key.Key_Escape)
    assert not composer.quote_bar.isVisible()
    press(qtbot, open_thread, Qt.Key.Key_Up)
    write(qtbot, open_thread, "Ya")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    inbound = [m for m in store.messages.threads[SITI] if m.sent_by is None]
    assert store.outbox.sent()[0].reply_to == inbound[-1].id
    assert not composer.quote_bar.is_set


async def test_a_canned_reply_is_called_by_a_slash_and_knows_the_customer(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "Pagi. /ma")
    assert composer.replies.is_open()
    press(qtbot, open_thread, Qt.Key.Key_Tab)
    assert composer.editor.text().startswith("Pagi. Mohon maaf atas ketidaknyamanannya, Siti R")
    assert not composer.replies.is_open()
    assert store.outbox.sent() == []


async def test_what_a_canned_reply_cannot_know_is_selected_to_be_typed(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "/jam")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    assert composer.editor.textCursor().selectedText() == "{{order}}"
    press(qtbot, open_thread, Qt.Key.Key_Return)  # too quick: the customer must not read {{order}}
    assert store.outbox.sent() == []
    assert composer.editor.textCursor().selectedText() == "{{order}}"
    assert composer.notice.isVisible()
    write(qtbot, open_thread, "#7")
    assert composer.editor.text().endswith("Pesanan: #7")
    assert not composer.notice.isVisible()
    write(qtbot, open_thread, " {{x}}")  # meant so: the second Enter sends it
    press(qtbot, open_thread, Qt.Key.Key_Return)
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(store.outbox.sent)
    assert store.outbox.sent()[0].text.endswith("Pesanan: #7 {{x}}")


async def test_tab_goes_from_variable_to_variable_and_then_on(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    editor = (await begun(open_thread)).editor
    editor.show_text("Halo {{nama}}, resi {{resi}} ya")
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    for value in ("Siti", "JNE1"):
        press(qtbot, open_thread, Qt.Key.Key_Tab)
        write(qtbot, open_thread, value)
    assert editor.text() == "Halo Siti, resi JNE1 ya"
    press(qtbot, open_thread, Qt.Key.Key_Tab)
    assert open_thread.focusWidget() is not editor


async def test_the_files_of_a_canned_reply_come_along(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "/katalog")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.media.wanted == ["canned/katalog.pdf"])
    assert composer.attachments.is_busy
    store.media.files["canned/katalog.pdf"] = b"%PDF-1.7\n" + b"x" * 90
    open_thread.bridge.media_changed.emit(frozenset({"canned/katalog.pdf"}))
    await eventually(lambda: composer.attachments.items())
    assert composer.attachments.items()[0].name == "Katalog.pdf"


async def test_a_slash_within_a_word_is_just_a_slash(open_thread: MainWindow, qtbot: QtBot) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "1/2")
    assert not composer.replies.is_open()
    write(qtbot, open_thread, " /")
    assert composer.replies.is_open()
    press(qtbot, open_thread, Qt.Key.Key_Escape)
    assert not composer.replies.is_open()
    write(qtbot, open_thread, "r")
    assert not composer.replies.is_open()  # sent away: it stays away for this word


async def test_formatting_keys_wrap_the_selection_and_can_be_undone(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "penting")
    composer.editor.selectAll()
    press(qtbot, open_thread, Qt.Key.Key_B, CONTROL)
    assert composer.editor.text() == "*penting*"
    press(qtbot, open_thread, Qt.Key.Key_I, CONTROL)
    assert composer.editor.text() == "_*penting*_"
    press(qtbot, open_thread, Qt.Key.Key_Z, CONTROL)
    press(qtbot, open_thread, Qt.Key.Key_Z, CONTROL)
    assert composer.editor.text() == "penting"


async def test_ctrl_i_is_italic_in_the_text_and_the_contact_elsewhere(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    before = open_thread.inbox.contact.isVisible()
    press(qtbot, open_thread, Qt.Key.Key_I, CONTROL)
    assert composer.editor.text() == "__"
    assert open_thread.inbox.contact.isVisible() == before


async def test_an_emoji_is_found_in_both_languages_and_remembered(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "Siap ")
    composer.choose_emoji()
    await eventually(lambda: composer.emoji.grid.count() > 1000)
    qtbot.keyClicks(composer.emoji.field, "terima kasih")
    current = composer.emoji.grid.current()
    assert current is not None
    qtbot.keyClick(composer.emoji.field, Qt.Key.Key_Return)
    assert composer.editor.text() == f"Siap {current.text}"
    assert not composer.emoji.isVisible()
    assert composer.editor.hasFocus()
    assert open_thread._chosen.text(RECENT_EMOJI) == current.text


async def test_the_emoji_picker_is_walked_by_keys_and_its_letters_search(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    composer.choose_emoji()
    picker = composer.emoji
    await eventually(lambda: picker.grid.count() > 1000)

    def press_here(*keys: Qt.Key, held: Qt.KeyboardModifier = NONE) -> int:
        for key in keys:
            qtbot.keyClick(open_thread.focusWidget(), key, held)
        return picker.grid._current

    k = Qt.Key
    qtbot.keyClicks(picker.field, "cat")
    assert press_here(k.Key_Home, k.Key_Right, k.Key_End) == 0, "as long as there is text to walk"
    assert open_thread.focusWidget() is picker.field
    assert press_here(k.Key_Right) == 1
    assert open_thread.focusWidget() is picker.grid
    assert press_here(k.Key_End) == COLUMNS - 1
    assert press_here(k.Key_Down, k.Key_Home) == COLUMNS
    assert press_here(k.Key_End, held=CONTROL) == picker.grid.count() - 1
    assert press_here(k.Key_Home, held=CONTROL) == 0
    press_here(k.Key_Left)
    assert open_thread.focusWidget() is picker.field
    press_here(k.Key_Tab)
    assert open_thread.focusWidget() is picker.buttons[0]
    press_here(k.Key_Right, k.Key_Return)  # the page of smileys
    assert open_thread.focusWidget() is picker.grid
    assert picker.grid._current > 0
    press_here(k.Key_E)  # in the window this resolves the conversation
    assert (picker.field.text(), open_thread.focusWidget()) == ("e", picker.field)
    press_here(k.Key_Down, k.Key_Backspace)
    assert picker.field.text() == ""
    press_here(k.Key_Tab, k.Key_Tab, k.Key_Tab)
    assert open_thread.focusWidget() is picker.field
    assert not [intent for intent in store.outbox.intents if isinstance(intent, Resolve)]
    qtbot.keyClicks(picker.field, "parcel")
    press_here(k.Key_Return)
    assert composer.editor.text() == "📦"


@pytest.mark.parametrize(("code", "scale"), [("id", 100), ("en", 100), ("id", 150), ("en", 150)])
async def test_the_emoji_picker_says_how_to_take_several(
    stage: Stage, store: MemoryStore, qtbot: QtBot, code: str, scale: int
) -> None:
    stage.set(language=code, scale=scale)
    composer = await begun(await opened(stage, store, SITI))
    composer.choose_emoji()
    picker = composer.emoji
    await eventually(lambda: picker.grid.count() > 1000)
    assert picker.hint.isVisible()
    assert "Shift+Enter" in picker.hint.text()
    assert picker.hint.width() >= picker.hint.sizeHint().width()
    qtbot.keyClicks(picker.field, "parcel")
    for _ in range(2):
        qtbot.keyClick(picker.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert picker.isVisible()
    assert composer.editor.text() == "📦📦"


def test_emoji_are_found_by_the_beginnings_of_words() -> None:
    assert "📦" in [emoji.text for emoji in found(groups(), "parcel")]
    assert "🙏" in [emoji.text for emoji in found(groups(), "terima kasih")]
    assert found(groups(), "indonesia")[0].text == "🇮🇩"
    assert found(groups(), "zzzz") == []


def test_recent_emoji_come_first_and_once() -> None:
    kept = used(used(used("", "🎉"), "📦"), "🎉")
    assert kept == "🎉 📦"
    assert recent(kept)[:2] == ["🎉", "📦"]
    assert len(set(recent(kept))) == len(recent(kept))


async def test_the_counter_counts_sms_in_parts(open_thread: MainWindow, qtbot: QtBot) -> None:
    open_thread.open_conversation(ConversationId("sms"))
    composer = composer_of(open_thread)
    await eventually(lambda: open_thread.inbox.thread_screen.row.id == "sms")  # type: ignore[union-attr]
    await eventually(lambda: composer.is_ready)
    composer.editor.show_text("x" * 161)
    assert composer.counter.text() == "161 / 1600 · 2 SMS"
    composer.editor.show_text("harga 🙏")
    assert "🙏" in composer.counter.toolTip()
    assert not composer.toolbar.template.isVisible()


async def test_what_cannot_be_quoted_is_not(open_thread: MainWindow, store: MemoryStore) -> None:
    composer = await begun(open_thread)
    local = replace(store.messages.threads[SITI][0], id=MessageId("x"), local=True)
    composer.quote(local)
    assert not composer.quote_bar.is_set


async def test_a_draft_from_another_machine_appears_where_nobody_types(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    store.drafts.kept[SITI] = Draft(SITI, "dari laptop lain", note="catat")
    open_thread.bridge.drafts_changed.emit()
    await eventually(lambda: composer.editor.text() == "dari laptop lain")
    assert composer.note.text() == "catat"


async def test_what_one_types_is_never_replaced_by_an_older_draft(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "saya di sini")
    store.drafts.kept[SITI] = Draft(SITI, "dari laptop lain")
    open_thread.bridge.drafts_changed.emit()
    await eventually(lambda: store.drafts.kept[SITI].text == "saya di sini")
    assert composer.editor.text() == "saya di sini"


async def test_a_reply_that_is_leaving_does_not_come_back_as_a_draft(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "Siap")
    composer.keep_draft()
    await eventually(lambda: store.drafts.kept.get(SITI))
    press(qtbot, open_thread, Qt.Key.Key_Return)
    open_thread.bridge.drafts_changed.emit()
    await eventually(lambda: store.outbox.sent())
    open_thread.bridge.drafts_changed.emit()
    await eventually(lambda: SITI not in store.drafts.kept)
    assert composer.editor.text() == ""


async def test_the_empty_field_is_painted_anew_for_whom_one_writes_to_now(
    open_thread: MainWindow,
) -> None:
    composer = composer_of(open_thread)
    open_thread.inbox.thread_screen.timeline.setFocus()  # no cursor that blinks
    await painted(open_thread)
    shown = open_thread.screen().grabWindow(open_thread.winId()).toImage()
    composer.editor.setPlaceholderText("Tulis ke orang lain")
    await painted(composer.send)
    assert open_thread.screen().grabWindow(open_thread.winId()).toImage() != shown


async def test_the_empty_field_follows_a_customer_who_is_renamed(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    editor = composer_of(open_thread).editor
    store.conversations.change(SITI, name="Nama Baru")
    store.announce(SITI)
    await eventually(lambda: "Nama Baru" in editor.placeholderText())
