"""Voice messages from a made-up microphone: sent, thrown away, kept in the draft."""

from __future__ import annotations

import asyncio
import math
from array import array

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.ids import ConversationId
from console.domain.intents import Resolve
from console.ui.composer.bench import sound
from console.ui.composer.card import Stage as Step
from console.ui.composer.composer import Composer
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI
from tests.gallery.speaker import Speaker
from tests.ui.composing import begun, write
from tests.waiting import eventually


def speech(seconds: float) -> bytes:
    return array("h", (int(9000 * math.sin(i / 9)) for i in range(int(24_000 * seconds)))).tobytes()


async def test_a_voice_note_is_recorded_heard_and_sent_alone(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    write(qtbot, open_thread, "belum selesai")
    speaker = Speaker()
    composer.voice.take_from(lambda: speaker)
    composer.record()
    assert not composer.fields.isVisible()
    speaker.say(speech(1.5))
    assert composer.voice.time.text() == "0:01"
    qtbot.keyClick(composer.voice, Qt.Key.Key_Return)
    await eventually(lambda: store.outbox.sent())
    (intent,) = store.outbox.sent()
    (note,) = intent.attachments
    assert (intent.text, note.content_type) == ("", "audio/mp4")
    assert store.media.files[f"kept/{note.kept}"][4:12] == b"ftypM4A "
    assert composer.editor.text() == "belum selesai"
    assert composer.editor.isVisible()
    assert not speaker.is_on


async def speaking(window: MainWindow, length: float = 1.0) -> tuple[Composer, Speaker]:
    """A recording is under way."""
    composer = await begun(window)
    speaker = Speaker()
    composer.voice.take_from(lambda: speaker)
    composer.record()
    speaker.say(speech(length))
    return composer, speaker


async def test_enter_on_the_bin_throws_a_recording_away_and_letters_do_nothing(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer, speaker = await speaking(open_thread)
    qtbot.keyClick(composer.voice, Qt.Key.Key_E)  # in the window this resolves the conversation
    assert not [intent for intent in store.outbox.intents if isinstance(intent, Resolve)]
    composer.voice.drop.setFocus()
    qtbot.keyClick(composer.voice.drop, Qt.Key.Key_Return)
    assert not speaker.is_on
    assert composer.editor.isVisible()
    assert composer.attachments.entries() == ()
    assert store.outbox.sent() == []


async def test_escape_asks_before_a_recording_goes_and_one_may_speak_on(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    composer, speaker = await speaking(open_thread)
    voice = composer.voice
    qtbot.keyClick(voice, Qt.Key.Key_Escape)
    assert voice.question.isVisible()
    assert voice.back.hasFocus()
    assert not voice.send.isVisible()
    speaker.say(speech(2.0))
    assert voice.time.text() == "0:03"
    qtbot.keyClick(voice.back, Qt.Key.Key_Escape)
    assert not voice.question.isVisible()
    assert voice.hasFocus()
    assert speaker.is_on
    qtbot.keyClick(voice, Qt.Key.Key_Escape)
    qtbot.keyClick(voice.back, Qt.Key.Key_Return)
    assert speaker.is_on
    voice.stop_recording()
    qtbot.keyClick(voice, Qt.Key.Key_Escape)
    voice.discard.setFocus()
    qtbot.keyClick(voice.discard, Qt.Key.Key_Return)
    assert composer.editor.isVisible()
    assert composer.editor.hasFocus()
    composer.record()
    assert not voice.question.isVisible()
    assert store.outbox.sent() == []


async def test_a_recording_that_has_hardly_begun_goes_unasked(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    composer, speaker = await speaking(open_thread, 0.2)
    qtbot.keyClick(composer.voice, Qt.Key.Key_Escape)
    assert composer.editor.isVisible()
    assert not speaker.is_on


async def test_without_a_microphone_the_words_say_what_to_do(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    composer = await begun(open_thread)
    speaker = Speaker()
    composer.voice.take_from(lambda: speaker)
    composer.record()
    speaker.failed.emit("Tidak ada mikrofon.")
    assert composer.voice.said.isVisible()
    assert composer.voice.again.isVisible()
    assert not composer.voice.send.isVisible()
    qtbot.keyClick(composer.voice, Qt.Key.Key_Escape)
    assert composer.editor.isVisible()


def drafted(store: MemoryStore) -> list[str]:
    """The types of the files in Siti's draft."""
    draft = store.drafts.kept.get(SITI)
    return [item.content_type for item in draft.attachments] if draft else []


async def test_a_recording_stays_in_the_draft_of_whom_it_was_for_when_another_is_opened(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    composer, speaker = await speaking(open_thread)
    open_thread.open_conversation(ConversationId("makmur"))
    await eventually(lambda: not speaker.is_on)
    await eventually(composer.editor.isVisible)
    await eventually(lambda: drafted(store) == ["audio/mp4"])
    assert composer.attachments.entries() == ()
    assert store.outbox.sent() == []
    open_thread.open_conversation(SITI)
    await eventually(lambda: [item.name for item in composer.attachments.items()])


async def test_a_recording_stays_in_the_draft_when_the_window_is_put_away(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    composer, speaker = await speaking(open_thread)
    composer.editor.show_text("belum selesai")
    open_thread.keep_draft()
    assert not speaker.is_on
    await eventually(lambda: drafted(store) == ["audio/mp4"])
    assert store.drafts.kept[SITI].text == "belum selesai"
    assert composer.editor.isVisible()
    assert len(composer.attachments.items()) == 1


async def test_a_recording_stays_in_the_draft_when_the_program_ends(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    await speaking(open_thread)
    open_thread.keep_draft()
    await open_thread.finish()
    assert drafted(store) == ["audio/mp4"]


async def test_a_recording_stays_in_the_draft_when_its_own_window_is_closed(
    window: MainWindow, store: MemoryStore
) -> None:
    window.windows.open(SITI)
    await eventually(lambda: window.windows.own)
    (own,) = window.windows.own
    composer = own.thread_screen.composer
    await eventually(lambda: composer.is_ready)
    speaker = Speaker()
    composer.voice.take_from(lambda: speaker)
    composer.record()
    speaker.say(speech(1.0))
    own.close()
    assert not speaker.is_on
    await eventually(lambda: drafted(store) == ["audio/mp4"])


def attached(composer: Composer) -> list[tuple[str, Step]]:
    return [(e.attachment.content_type, e.stage) for e in composer.attachments.entries()]


def hang(patch: pytest.MonkeyPatch) -> None:
    """As with a codec that does not move."""

    async def stuck(_done: asyncio.Event, _stepped: asyncio.Event) -> bool:
        return False

    patch.setattr(sound, "_until", stuck)


async def test_a_recording_that_cannot_be_made_ready_stays_as_it_was_heard_until_it_can(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    composer, _ = await speaking(open_thread, 1.5)
    with monkeypatch.context() as hung:
        hang(hung)
        open_thread.open_conversation(ConversationId("makmur"))
        await eventually(lambda: drafted(store) == [sound.RAW])
        assert composer.attachments.entries() == ()
        open_thread.open_conversation(SITI)
        await eventually(lambda: attached(composer) == [(sound.RAW, Step.FAILED)])
        write(qtbot, open_thread, "halo")
        qtbot.keyClick(composer.field, Qt.Key.Key_Return)
        assert store.outbox.sent() == []
        composer.keep_draft()
        await eventually(lambda: store.drafts.kept[SITI].text == "halo")
        assert drafted(store) == [sound.RAW]
    (entry,) = composer.attachments.entries()
    composer.attachments.card(entry).retry.click()
    await eventually(lambda: attached(composer) == [(sound.TYPE, Step.READY)])
    await eventually(lambda: drafted(store) == [sound.TYPE])
    (item,) = composer.attachments.items()
    assert item.name == "voice-note.m4a"
    pcm = await sound.decoded(store.media.files[f"kept/{item.kept}"], 60)
    assert sound.seconds(pcm) == pytest.approx(1.5, abs=0.15)


async def test_a_recording_kept_as_it_was_heard_stays_where_the_window_is_put_away(
    open_thread: MainWindow, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    composer, _ = await speaking(open_thread)
    hang(monkeypatch)
    open_thread.keep_draft()
    await eventually(lambda: attached(composer) == [(sound.RAW, Step.FAILED)])
    await eventually(lambda: drafted(store) == [sound.RAW])
    (entry,) = composer.attachments.entries()
    assert composer.attachments.card(entry).retry.isVisible()
    assert entry.why == "Suara ini tidak dapat diubah. Tetap ada di sini: coba lagi."
    composer.attachments.card(entry).cross.click()
    composer.keep_draft()
    await eventually(lambda: drafted(store) == [])


async def test_who_leaves_while_the_kept_sound_is_made_ready_does_not_get_it_twice(
    open_thread: MainWindow, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    composer, _ = await speaking(open_thread)
    with monkeypatch.context() as hung:
        hang(hung)
        open_thread.open_conversation(ConversationId("makmur"))
        await eventually(lambda: drafted(store) == [sound.RAW])
    store.drafts.door.clear()
    before = len(store.media.files)
    open_thread.open_conversation(SITI)
    await eventually(lambda: attached(composer) == [(sound.RAW, Step.BUSY)])
    open_thread.open_conversation(ConversationId("makmur"))
    await eventually(lambda: composer.attachments.entries() == ())
    store.drafts.door.set()
    await eventually(lambda: len(store.media.files) > before)
    open_thread.open_conversation(SITI)
    await eventually(lambda: attached(composer) == [(sound.TYPE, Step.READY)])
    await eventually(lambda: drafted(store) == [sound.TYPE])


@pytest.mark.parametrize("kind", ["UInt8", "Int16", "Int32", "Float"])
async def test_sound_of_every_form_that_a_microphone_has_can_be_kept(
    open_thread: MainWindow, kind: str
) -> None:
    form = sound.pcm_format()
    form.setSampleFormat(getattr(form.SampleFormat, kind))
    form.setSampleRate(48_000)
    form.setChannelCount(2)
    pcm = bytes(form.bytesForDuration(700_000))
    heard = await sound.decoded(sound.raw(pcm, form), 60)
    assert sound.seconds(heard) == pytest.approx(0.7, abs=0.05)
