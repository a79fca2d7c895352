"""Scenes of what stands around the screens: the palette, alerts, own windows, the lock."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from console.domain.changes import Link
from console.domain.conversation import ConversationStatus
from console.domain.desk import SearchHit
from console.domain.finding import Found, snippet
from console.domain.ids import ConversationId, MessageId
from console.ui.language import translate
from console.ui.window import MainWindow
from tests.gallery.memory_server import MemoryServer
from tests.gallery.samples import SITI, ago, desk
from tests.gallery.scenes import opened
from tests.gallery.stage import Scene, Stage
from tests.waiting import eventually as until

OLD = (
    ("Nomor resi JNE 0123 belum bisa dilacak ya kak", "Rina Hapsari", 40),
    ("Terima kasih, resi sudah saya terima dengan baik", "Agus Pratama", 75),
    (
        "Kemarin saya kirim ulang paketnya lewat kurir lain karena yang pertama hilang di jalan, "
        "resi barunya akan saya susulkan besok pagi",
        "Perkumpulan Pengusaha Batik Tulis Nusantara Cabang Pekalongan dan Sekitarnya",
        120,
    ),
)


def old_hit(text: str, name: str, days: float, query: str = "resi") -> SearchHit:
    """A message that only the server has, of a conversation that was resolved long ago."""
    line, spans = snippet(text, query)
    id = f"old-{name}-{days}"
    return SearchHit(
        MessageId(id),
        ConversationId(id),
        ago(days=days),
        name,
        line,
        spans,
        ConversationStatus.RESOLVED,
    )


async def searched(stage: Stage, typed: str, link: Link = Link.ONLINE) -> MainWindow:
    """The palette over the window, with something typed."""
    store = desk()
    server = MemoryServer()
    server.search.pages = [Found(tuple(old_hit(*entry) for entry in OLD))]
    stage.server.connect(server.as_server())
    store.link = link
    window = await opened(stage, store)
    window.around.search_everything()
    guide = window.around.guide
    assert guide is not None
    guide.palette.field.setText(typed)
    if len(typed) > 1:
        await until(lambda: any(e.key == "title:messages" for e in guide.palette.model.entries))
        if link is Link.ONLINE:
            await until(lambda: server.search.asked)
    else:
        await until(lambda: guide.palette.model.entries)
    return window


async def complete(stage: Stage) -> QWidget:
    stage.server.connect(MemoryServer().as_server())
    window = await opened(stage, desk(), width=1000)
    await until(window.around.complete.isVisible)
    return window


async def palette(stage: Stage) -> QWidget:
    return await searched(stage, "resi")


async def palette_empty(stage: Stage) -> QWidget:
    return await searched(stage, "")


async def palette_offline(stage: Stage) -> QWidget:
    return await searched(stage, "paket", Link.OFFLINE)


async def shield(stage: Stage) -> QWidget:
    window = await opened(stage, desk())
    window.actions_made["shield"].trigger()
    return window


async def own_window(stage: Stage) -> QWidget:
    window = await opened(stage, desk())
    window.windows.open(SITI)
    await until(lambda: window.windows.own)
    made = window.windows.own[0]
    await until(lambda: made.thread_screen.timeline.rows())
    return made


async def locked(stage: Stage) -> QWidget:
    window = await opened(stage, desk(), width=1100, height=700)
    window.locker.lock()
    screen = window.locker.screen
    assert screen is not None
    screen.form.say(translate("lock", "This is not the password."), wrong=True)
    return window


SCENES: dict[str, Scene] = {
    "complete": complete,
    "palette-found": palette,
    "palette-empty": palette_empty,
    "palette-offline": palette_offline,
    "shield": shield,
    "own-window": own_window,
    "locked": locked,
}
