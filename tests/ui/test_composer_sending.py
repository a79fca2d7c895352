"""Sending: the look before it, the moment to undo it, templates, captions of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.changes import Changes, Link
from console.domain.content import Content, Kind
from console.domain.delivery import Direction
from console.domain.errors import EnvironmentFaultError
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import Attachment, Draft, Resolve, TemplateChoice
from console.domain.message import Message
from console.ui.composer.guard import LOOK, Guard
from console.ui.composer.sender import intents, joined
from console.ui.composer.tabs import Mode
from console.ui.preferences import UNDO
from console.ui.window import MainWindow
from tests.gallery.memory import ME, NOW, MemoryStore
from tests.gallery.samples import COLLEAGUE, SITI, ago, photo
from tests.ui.composing import CONTROL, begun, composer_of, press, write
from tests.waiting import eventually


def arrives(store: MemoryStore, name: str, text: str, *, colleague: bool = False) -> None:
    """A message of the customer, or of a colleague, is in the thread."""
    store.add(
        Message(
            id=MessageId(name),
            conversation_id=SITI,
            direction=Direction.OUTBOUND if colleague else Direction.INBOUND,
            content=Content(Kind.TEXT, text),
            timestamp=NOW,
            status=None,
            version=1,
            sent_by=COLLEAGUE if colleague else None,
            sender_name="Raka Aditya" if colleague else None,
        )
    )


async def writing_while(
    window: MainWindow, store: MemoryStore, qtbot: QtBot, *, colleague: bool
) -> None:
    """The agent has typed, and just now something came in."""
    composer = await begun(window)
    composer.guard = Guard(ME.id, lambda: 0.0)  # nothing stays on screen long enough
    composer.guard.show(store.messages.threads[SITI], in_view=True)
    write(qtbot, window, "Kami kirim ulang")
    arrives(store, "baru", "Sudah sampai kak", colleague=colleague)
    await eventually(lambda: composer.guard.unseen())


@pytest.mark.parametrize("colleague", [False, True])
async def test_enter_pauses_for_one_look_when_something_came_in(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, colleague: bool
) -> None:
    composer = composer_of(open_thread)
    await writing_while(open_thread, store, qtbot, colleague=colleague)
    press(qtbot, open_thread, Qt.Key.Key_Return)
    assert composer.guard_strip.isVisible()
    assert ("Raka A." if colleague else "Siti") in composer.guard_strip.title.text()
    assert store.outbox.sent() == []
    assert composer.editor.text() == "Kami kirim ulang"
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    assert store.outbox.sent()[0].seen == "baru"
    assert not composer.guard_strip.isVisible()


async def test_who_types_on_while_something_stands_on_screen_is_asked_too(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = composer_of(open_thread)
    await writing_while(open_thread, store, qtbot, colleague=False)
    moment = [0.0]
    composer.guard._clock = lambda: moment[0]
    for letter in " besok":
        moment[0] += LOOK / 2
        write(qtbot, open_thread, letter)
    press(qtbot, open_thread, Qt.Key.Key_Return)
    assert composer.guard_strip.isVisible()


async def test_escape_goes_back_to_the_text_and_the_look_was_had(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = composer_of(open_thread)
    await writing_while(open_thread, store, qtbot, colleague=False)
    press(qtbot, open_thread, Qt.Key.Key_Return)
    press(qtbot, open_thread, Qt.Key.Key_Escape)
    assert not composer.guard_strip.isVisible()
    assert composer.editor.hasFocus()
    write(qtbot, open_thread, " besok")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    assert store.outbox.sent()[0].text == "Kami kirim ulang besok"


async def test_what_comes_during_the_look_asks_for_another(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = composer_of(open_thread)
    await writing_while(open_thread, store, qtbot, colleague=False)
    press(qtbot, open_thread, Qt.Key.Key_Return)
    message = replace(store.messages.threads[SITI][-1], id=MessageId("lagi"))
    store.now = NOW.replace(minute=NOW.minute + 1)
    store.add(replace(message, timestamp=store.now))
    await eventually(lambda: len(composer.guard.unseen()) == 2)
    press(qtbot, open_thread, Qt.Key.Key_Return)
    assert store.outbox.sent() == []
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())


async def test_a_reply_can_be_taken_back_for_five_seconds(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    quoted = store.messages.threads[SITI][1]
    composer.quote(quoted)
    write(qtbot, open_thread, "Terlalu cepat")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(composer.undo_strip.isVisible)
    assert store.outbox.sent()[0].hold == 5.0
    press(qtbot, open_thread, Qt.Key.Key_Z, CONTROL)
    await eventually(lambda: composer.editor.text() == "Terlalu cepat")
    assert store.outbox.sent() == []
    await eventually(lambda: composer.quote_bar.is_set)
    assert store.drafts.kept[SITI] == Draft(SITI, "Terlalu cepat", (), quoted.id)
    assert not composer.undo_strip.isVisible()


async def test_ctrl_z_undoes_typing_before_it_undoes_a_reply(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "satu")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(composer.undo_strip.isVisible)
    write(qtbot, open_thread, "dua")
    press(qtbot, open_thread, Qt.Key.Key_Z, CONTROL)
    assert composer.editor.text() == ""
    assert len(store.outbox.sent()) == 1
    write(qtbot, open_thread, "tiga")
    composer.undo_send()
    await eventually(lambda: composer.editor.text() == "satu\n\ntiga")


@pytest.mark.parametrize(
    ("link", "said"),
    [
        (Link.ONLINE, "Terkirim ke Siti Rahmawati."),
        (Link.OFFLINE, "Kepada Siti Rahmawati: menunggu jaringan."),
    ],
)
async def test_a_reply_is_taken_back_from_another_conversation(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, link: Link, said: str
) -> None:
    store.set_link(link)
    composer = await begun(open_thread)
    write(qtbot, open_thread, "Salah orang")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(composer.undo_strip.isVisible)
    open_thread.open_conversation(ConversationId("makmur"))
    await eventually(lambda: composer.undo_strip.text.text() == said)
    await eventually(lambda: composer.is_ready)
    composer.undo_send()
    await eventually(lambda: store.drafts.kept.get(SITI) == Draft(SITI, "Salah orang"))
    assert composer.editor.text() == ""


async def test_what_has_left_cannot_be_taken_back_and_that_is_said(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "Siap")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(composer.undo_strip.isVisible)
    store.outbox.gone.add(store.outbox.sent()[0].id)
    composer.undo_send()
    await eventually(composer.notice.isVisible)
    assert composer.editor.text() == ""


async def test_without_undo_nothing_is_held(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    open_thread._chosen.keep(UNDO, 0)
    write(qtbot, open_thread, "Siap")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    assert store.outbox.sent()[0].hold == 0
    assert not composer.undo_strip.isVisible()


def item(name: str, caption: str = "") -> Attachment:
    return Attachment("", name, "image/jpeg", 9, 1, caption)


def test_a_file_with_a_caption_leaves_as_a_message_of_its_own_in_its_place() -> None:
    files = (item("a"), item("b", "dua"), item("c"), item("d", "empat"))
    draft = Draft(SITI, "Halo", files, MessageId("q"))
    made = intents(draft, 5.0, MessageId("s"))
    assert [(one.text, [file.name for file in one.attachments]) for one in made] == [
        ("Halo", ["a"]),
        ("dua", ["b"]),
        ("", ["c"]),
        ("empat", ["d"]),
    ]
    assert [one.reply_to for one in made] == ["q", None, None, None]
    assert {(one.hold, one.seen) for one in made} == {(5.0, "s")}
    assert [one.text for one in intents(Draft(SITI, "", (item("x", "satu"),)), 0, None)] == ["satu"]


async def test_a_reply_with_captions_comes_back_whole(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    store.media.files["kept/0"] = photo("#112233", "#445566")
    files = (item("a.jpg"), item("b.jpg", "dua"))
    composer.attachments.show_items(files, composer._channel)
    write(qtbot, open_thread, "Halo")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(lambda: len(store.outbox.sent()) == 2)
    await eventually(composer.undo_strip.isVisible)
    composer.undo_send()
    await eventually(lambda: composer.editor.text() == "Halo")
    assert composer.attachments.items() == files
    assert store.outbox.sent() == []
    assert store.drafts.kept[SITI] == Draft(SITI, "Halo", files)


def test_joining_keeps_what_was_typed_since_behind_it() -> None:
    first, second = Draft(SITI, "a", (item("1"),)), Draft(SITI, "b", (item("2"),), note="n")
    assert joined(first, second) == Draft(SITI, "a\n\nb", (item("1"), item("2")), note="n")


async def test_a_closed_window_offers_templates_and_sends_one_with_its_values(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    rows = store.conversations.rows
    rows[0] = replace(rows[0], last_inbound_at=ago(hours=25))
    store.announce(SITI)
    await eventually(composer.closed.isVisible)
    picker = composer.closed
    assert not picker.send.isEnabled()
    for before, field in ((picker.list, "1"), (picker.fields["1"], "2")):
        before.setFocus()
        qtbot.keyClick(before, Qt.Key.Key_Tab)
        assert open_thread.focusWidget() is picker.fields[field]
    picker.fields["1"].setText("Siti")
    assert not picker.send.isEnabled()
    picker.fields["2"].setText(" #INV-2231\n ")
    assert picker.send.isEnabled()
    qtbot.keyClick(picker.fields["2"], Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    (intent,) = store.outbox.sent()
    assert intent.text == "Halo Siti, pesanan #INV-2231 sudah dikirim. Ada yang bisa kami bantu?"
    assert intent.template == TemplateChoice(
        "HX01", "tindak_lanjut_pesanan", {"1": "Siti", "2": "#INV-2231"}
    )
    await eventually(composer.undo_strip.isVisible)
    assert not picker.send.isEnabled()  # a second Enter sends nothing
    qtbot.keyClick(picker.search, Qt.Key.Key_Z, CONTROL)
    await eventually(lambda: store.outbox.sent() == [])
    await eventually(lambda: picker.fields["2"].text() == "#INV-2231")
    assert picker.send.isEnabled()
    assert not composer.undo_strip.isVisible()


async def test_a_template_too_pauses_for_one_look_and_stays_under_the_hands_of_who_fills_it_in(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    rows = store.conversations.rows
    before = rows[0]
    rows[0] = replace(before, last_inbound_at=ago(hours=25))
    store.announce(SITI)
    picker = composer.closed
    await eventually(picker.isVisible)
    composer.guard._clock = lambda: 0.0  # nothing stays on screen long enough
    qtbot.keyClicks(picker.fields["1"], "Siti")
    qtbot.keyClicks(picker.fields["2"], "#INV-2231")
    rows[0] = before  # the customer wrote: one may write freely again
    arrives(store, "baru", "Sudah sampai kak")
    await eventually(lambda: composer.guard.unseen() and picker.cross.isVisible())
    for _ in range(2):
        qtbot.keyClick(picker.fields["2"], Qt.Key.Key_Return)
        assert composer.guard_strip.isVisible()
        assert picker.fields["2"].text() == "#INV-2231"
        assert store.outbox.sent() == []
        composer.watch((), in_view=False, is_newest=False)  # now one reads far above
    await eventually(lambda: store.outbox.sent())
    (intent,) = store.outbox.sent()
    assert (intent.template is not None, intent.seen) == (True, "baru")
    assert not composer.guard_strip.isVisible()
    assert open_thread.focusWidget() is composer.editor


async def test_templates_are_searched_narrowed_and_sent_only_when_approved(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    composer.choose_template()
    picker = composer.closed
    assert picker.isVisible()
    qtbot.keyClicks(picker.search, "order")
    assert [t.name for t in picker._model.shown] == ["order_follow_up"]
    picker.search.setText("promo")
    assert picker.current is not None
    assert picker.current.status == "pending"
    assert not picker.fields
    assert not picker.send.isEnabled()
    qtbot.keyClick(picker.search, Qt.Key.Key_Escape)
    assert not picker.isVisible()
    assert composer.editor.hasFocus()


async def test_letters_in_a_short_list_of_templates_search_it_and_command_nothing(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    store.desk.approved = store.desk.approved[:3]
    store.changes.publish(Changes(team=True))
    composer = await begun(open_thread)
    picker = composer.closed
    await eventually(lambda: len(open_thread.inbox.team.templates) == 3)
    composer.choose_template()
    assert picker.list.hasFocus()
    assert not picker.search.isVisible()
    qtbot.keyClick(picker.list, Qt.Key.Key_E)  # in the window this resolves the conversation
    assert picker.search.hasFocus()
    qtbot.keyClick(picker.search, Qt.Key.Key_Backspace)
    assert picker.search.hasFocus()
    qtbot.keyClicks(picker.search, "order")
    assert [t.name for t in picker._model.shown] == ["order_follow_up"]
    assert not [intent for intent in store.outbox.intents if isinstance(intent, Resolve)]


async def test_notes_can_be_written_while_the_window_is_closed(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    open_thread.open_conversation(ConversationId("yusuf"))
    composer = composer_of(open_thread)
    await eventually(composer.closed.isVisible)
    qtbot.keyClick(open_thread.inbox.thread_screen.timeline, Qt.Key.Key_N)
    await eventually(composer.note.isVisible)
    assert composer.can_write


async def test_a_note_that_cannot_be_kept_comes_back(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    store.outbox.failure = EnvironmentFaultError("Disk penuh", "Kosongkan sedikit ruang.")
    composer = await begun(open_thread)
    composer.begin(Mode.NOTE)
    write(qtbot, open_thread, "Penting")
    press(qtbot, open_thread, Qt.Key.Key_Return)
    await eventually(composer.notice.isVisible)
    assert composer.note.text() == "Penting"
