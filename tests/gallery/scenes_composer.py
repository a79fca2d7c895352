"""Scenes of the composer: everything that can stand where one writes."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from functools import cache

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from console.domain.content import Content, Kind
from console.domain.delivery import Direction
from console.domain.ids import MessageId
from console.domain.intents import Attachment, Draft
from console.domain.message import Message
from console.ui.composer.bench.pictures import BlackOut, Crop
from console.ui.composer.bench.window import Bench
from console.ui.composer.composer import Composer
from console.ui.composer.face import Tone
from console.ui.composer.guard import Guard
from console.ui.composer.tabs import Mode
from console.ui.language import translate
from console.ui.window import MainWindow
from tests.gallery.memory import ME, NOW, MemoryStore
from tests.gallery.samples import COLLEAGUE, SITI, desk, photo
from tests.gallery.scenes import opened
from tests.gallery.speaker import Speaker
from tests.gallery.stage import Scene, Stage, quiet
from tests.waiting import eventually as until

SIZE = (1180, 700)
TEXT = "Sebagai permintaan maaf, kami kirimkan voucher gratis ongkir untuk pesanan berikutnya"


async def composing(stage: Stage, store: MemoryStore | None = None) -> tuple[MainWindow, Composer]:
    """Siti's conversation is open and one can write."""
    window = await opened(stage, store or desk(), width=SIZE[0], height=SIZE[1])
    window.activateWindow()
    await until(window.isActiveWindow)
    composer = window.inbox.thread_screen.composer
    await until(lambda: composer.is_ready)
    await until(lambda: window.inbox.team.canned)
    composer.begin()
    return window, composer


async def empty(stage: Stage) -> QWidget:
    return (await composing(stage))[0]


async def long_text(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    composer.editor.show_text("\n".join(f"{n}. {TEXT}" for n in range(1, 22)))
    return window


async def note(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    composer.begin(Mode.NOTE)
    composer.note.show_text("@Raka Aditya tolong cek resi ini ke JNE, sudah 5 hari.")
    return window


async def mentions(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    composer.begin(Mode.NOTE)
    composer.note.show_text("Tolong dicek ya ")
    composer.note.put("@")
    return window


async def quote(stage: Stage) -> QWidget:
    store = desk()
    window, composer = await composing(stage, store)
    composer.quote(store.messages.threads[SITI][1])
    composer.editor.show_text("Sudah kami cek Bu, paketnya tiba sore ini")
    return window


async def canned(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    composer.editor.put("/")
    return window


async def emoji(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    composer.choose_emoji()
    await until(lambda: composer.emoji.grid.count() > 1000)
    return window


async def emoji_found(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    composer.choose_emoji()
    await until(lambda: composer.emoji.grid.count() > 1000)
    composer.emoji.field.setText("terima kasih" if stage.language.code == "id" else "parcel")
    return window


async def template(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    composer.choose_template()
    composer.closed.fields["1"].setText("Siti")
    composer.closed.fields["2"].setText("#INV-2231")
    return window


async def missing(stage: Stage) -> QWidget:
    """A draft out of a rebuilt cache: its files are to be attached again, and Enter says so."""
    store = desk()
    store.drafts.kept[SITI] = Draft(
        SITI,
        "Berikut notanya ya Bu",
        (
            Attachment("", "nota-2231.pdf", "application/pdf", 412_000),
            Attachment("", "bukti.jpg", "image/jpeg", 812_000, caption="Foto kurir"),
        ),
    )
    window, composer = await composing(stage, store)
    await until(lambda: composer.attachments.missing())
    composer.editor.send_wanted.emit()
    await quiet()
    return window


async def told(stage: Stage) -> QWidget:
    """Good news under the field."""
    window, composer = await composing(stage)
    said = translate("composer", "The reply to {name} is a draft again.")
    composer.say(said.format(name="Lina Nuraini"), tone=Tone.INFORMATION)
    return window


async def uploads(stage: Stage) -> QWidget:
    """A file half-way, one ready with a caption, one that did not come."""
    store = desk()
    store.media.files["kept/7"] = photo("#7fb3a0", "#8c5a3c", 640, 480)
    store.drafts.kept[SITI] = Draft(
        SITI,
        "Berikut bukti pengirimannya ya Bu",
        (Attachment("", "bukti.jpg", "image/jpeg", 812_000, kept=7, caption="Foto kurir"),),
    )
    window, composer = await composing(stage, store)
    await until(lambda: composer.attachments.items())
    await quiet()
    half = composer.attachments.begin(
        Attachment("", "Voucher_Gratis_Ongkir.png", "image/png", 2_400_000)
    )
    composer.attachments.advance(half, 0.68)
    lost = composer.attachments.begin(Attachment("", "rekaman.wav", "audio/wav", 9_000_000))
    composer.attachments.fail(lost, "Disk penuh. Kosongkan sedikit ruang.")
    return window


def _newer(name: str, text: str, *, colleague: bool = False) -> Message:
    return Message(
        id=MessageId(name),
        conversation_id=SITI,
        direction=Direction.OUTBOUND if colleague else Direction.INBOUND,
        content=Content(Kind.TEXT, text),
        timestamp=NOW,
        status=None,
        version=1,
        sent_by=COLLEAGUE if colleague else None,
        sender_name="Raka Aditya" if colleague else "Siti Rahmawati",
    )


async def guard(stage: Stage) -> QWidget:
    store = desk()
    window, composer = await composing(stage, store)
    composer.guard = Guard(ME.id)
    composer.guard.show(store.messages.threads[SITI], in_view=True)
    composer.editor.show_text("Baik Bu, kami kirim ulang besok pagi ya")
    store.add(_newer("baru1", "Sudah sampai kak! Terima kasih banyak 🙏"))
    store.add(replace(_newer("baru2", "Syukurlah Bu, kami tutup ya", colleague=True)))
    await until(lambda: len(composer.guard.unseen()) == 2)
    composer.editor.send_wanted.emit()
    return window


async def undo(stage: Stage) -> QWidget:
    store = desk()
    window, composer = await composing(stage, store)
    composer.editor.show_text("Siap Bu, ditunggu ya")
    composer.editor.send_wanted.emit()
    await until(composer.undo_strip.isVisible)
    await until(lambda: store.outbox.sent())
    return window


@cache
def _speech(seconds: float) -> bytes:
    """Something that rises and falls like a voice."""
    return array(
        "h",
        (
            int(9000 * abs(math.sin(at / 3400)) ** 2 * math.sin(at / 9) * math.sin(at / 61_000))
            for at in range(int(24_000 * seconds))
        ),
    ).tobytes()


async def recording(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    speaker = Speaker()
    composer.voice.take_from(lambda: speaker)
    composer.record()
    speaker.say(_speech(12.4))
    return window


async def recorded(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    speaker = Speaker()
    composer.voice.take_from(lambda: speaker)
    composer.record()
    speaker.say(_speech(12.4))
    composer.voice.stop_recording()
    return window


async def recorded_asks(stage: Stage) -> QWidget:
    window = await recorded(stage)
    assert isinstance(window, MainWindow)
    voice = window.inbox.thread_screen.composer.voice
    QApplication.sendEvent(
        voice,
        QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
    )
    return window


async def no_microphone(stage: Stage) -> QWidget:
    window, composer = await composing(stage)
    composer.record()
    await until(composer.voice.said.isVisible)
    return window


async def bench(stage: Stage) -> QWidget:
    parent = stage.show(QWidget(), 10, 10)
    item = Attachment("", "resi-jne.jpg", "image/jpeg", 412_000, caption="Resi JNE")
    made = Bench(stage.theme, stage.scope(), item, desk().conversations.rows[0].channel, parent)
    await made.show_bytes(photo("#7fb3a0", "#8c5a3c"))
    made.work(BlackOut(0.1, 0.2, 0.35, 0.09))
    made.work(BlackOut(0.1, 0.36, 0.22, 0.09))
    return made


async def bench_crop(stage: Stage) -> QWidget:
    made = await bench(stage)
    assert isinstance(made, Bench)
    made.work(Crop(0.05, 0.1, 0.7, 0.7))
    return made


async def narrow(stage: Stage) -> QWidget:
    window = await opened(stage, desk(), width=560, height=700)
    composer = window.inbox.thread_screen.composer
    await until(lambda: composer.is_ready)
    composer.editor.show_text(TEXT)
    return window


async def sms(stage: Stage) -> QWidget:
    window = await opened(stage, desk(), "sms", *SIZE)
    composer = window.inbox.thread_screen.composer
    await until(lambda: composer.is_ready)
    composer.editor.show_text(TEXT + " 🙏")
    return window


SCENES: dict[str, Scene] = {
    f"composer-{name}": scene
    for name, scene in {
        "empty": empty,
        "long": long_text,
        "note": note,
        "mentions": mentions,
        "quote": quote,
        "canned": canned,
        "emoji": emoji,
        "emoji-found": emoji_found,
        "template": template,
        "uploads": uploads,
        "missing": missing,
        "told": told,
        "guard": guard,
        "undo": undo,
        "recording": recording,
        "recorded": recorded,
        "recorded-asks": recorded_asks,
        "no-microphone": no_microphone,
        "bench": bench,
        "bench-crop": bench_crop,
        "narrow": narrow,
        "sms": sms,
    }.items()
}
