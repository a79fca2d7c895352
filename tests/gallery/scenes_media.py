"""Scenes of files in the thread: every kind with real bytes, albums, what is wrong, the viewer."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QWidget

from console.domain.content import Content, Kind, MediaItem
from console.domain.message import Message
from console.ui.screens.viewer import Viewer
from console.ui.window import MainWindow
from tests.gallery.made import looked_into, pdf, sample_file
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import PLACE, SITI, Thread, desk, media, photo
from tests.gallery.scenes import opened
from tests.gallery.stage import Scene, Stage, quiet
from tests.waiting import eventually as until

CARD = b"""BEGIN:VCARD
VERSION:3.0
FN:Budi Santoso
ORG:Gudang Bekasi
TEL;type=CELL;waid=6281234567890:+62 812-3456-7890
TEL;type=WORK:021 555 0101
EMAIL:budi@toko-makmur.example
END:VCARD
"""
COLORS = (
    ("#7fb3a0", "#8c5a3c"),
    ("#c9a25a", "#5c6fb4"),
    ("#d06a8c", "#7c4a2c"),
    ("#4d7fa8", "#a8c98f"),
    ("#8a6bb0", "#e0a070"),
    ("#3f7f6f", "#d9d08a"),
    ("#b4584a", "#e9c46a"),
)


def pictures(names: str, store: MemoryStore) -> tuple[MediaItem, ...]:
    """Photos a, b, c … of different shapes, as files of one message."""
    made = []
    for index, name in enumerate(names):
        wide, tall = ((960, 640), (640, 900), (800, 800))[index % 3]
        path = f"foto-{name}.jpg"
        store.media.files[f"siti/{path}"] = photo(*COLORS[ord(name) % len(COLORS)], wide, tall)
        made.append(media(path, "image/jpeg", 412_000, index=index))
    return tuple(made)


async def filled(stage: Stage, store: MemoryStore, thread: Thread, height: int) -> MainWindow:
    """A window that shows these messages, with whatever their files hold."""
    store.conversations.rows[0] = replace(store.conversations.rows[0], unread=0)
    store.messages.threads[SITI] = thread.messages
    window = await opened(stage, store, width=1180, height=height)
    await looked_into(window)
    return window


def kept(store: MemoryStore) -> None:
    files = store.media.files
    files["siti/PTT-1.ogg"] = files["siti/PTT-2.ogg"] = sample_file("suara.ogg")
    files["siti/unboxing.mp4"] = sample_file("video.mp4")
    files["siti/faktur.pdf"] = pdf(12, "FAKTUR")
    files["siti/Budi Santoso.vcf"] = CARD
    files["siti/foto.jpg.exe"] = b"MZ\x90\x00" + bytes(400)
    files["siti/ok.webp"] = photo("#f6c344", "#e0662f", 300, 300)


def of_every_kind() -> Thread:
    thread = Thread()
    video = media("unboxing.mp4", "video/mp4", 1_250_000)
    thread.add(minutes=58, content=Content(Kind.VIDEO, "Unboxing kak", (video,)))
    thread.add(minutes=50, content=Content(Kind.LOCATION, "", location=PLACE))
    card = media("Budi Santoso.vcf", "text/vcard", 214)
    thread.add(minutes=44, content=Content(Kind.CONTACT_CARD, "", (card,)))
    voice = media("PTT-1.ogg", "audio/ogg", 33_502)
    thread.add(minutes=40, content=Content(Kind.AUDIO, "", (voice,)))
    mine = media("PTT-2.ogg", "audio/ogg", 33_502)
    thread.add(minutes=36, out=True, content=Content(Kind.AUDIO, "", (mine,)))
    bill = media("faktur.pdf", "application/pdf", 92_117)
    thread.add(minutes=34, out=True, content=Content(Kind.DOCUMENT, "Berikut fakturnya", (bill,)))
    program = media("foto.jpg.exe", "image/jpeg", 404)
    thread.add(minutes=30, content=Content(Kind.DOCUMENT, "", (program,)))
    large = media("katalog-2026.mp4", "video/mp4", 14_800_000)
    thread.add(minutes=20, content=Content(Kind.VIDEO, "", (large,)))
    thread.add(
        minutes=10, content=Content(Kind.STICKER, "", (media("ok.webp", "image/webp", 20_480),))
    )
    return thread


async def kinds(stage: Stage) -> QWidget:
    store = desk()
    kept(store)
    window = await filled(stage, store, of_every_kind(), 1900)
    return window.inbox.thread_screen


async def albums(stage: Stage) -> QWidget:
    store, thread = desk(), Thread()
    thread.add(minutes=50, content=Content(Kind.IMAGE, "Dua sisi", pictures("ab", store)))
    thread.add(minutes=40, content=Content(Kind.IMAGE, "", pictures("cde", store)))
    thread.add(minutes=30, out=True, content=Content(Kind.IMAGE, "", pictures("abcdefg", store)))
    for place, name in enumerate("gfe"):
        text = "Ini fotonya kak, satu per satu" if place == 0 else ""
        content = Content(Kind.IMAGE, text, pictures(name, store))
        thread.add(minutes=20 - place / 10, content=content)
    window = await filled(stage, store, thread, 1320)
    return window.inbox.thread_screen


async def looking(stage: Stage, thread: Thread, message: Message) -> Viewer:
    store = desk()
    kept(store)
    pictures("abc", store)
    window = await filled(stage, store, thread, 900)
    window.inbox.thread_screen.files.open(message, 0)
    await until(lambda: any(v.isVisible() for v in window.findChildren(Viewer)))
    viewer = next(v for v in window.findChildren(Viewer) if v.isVisible())
    await until(lambda: not viewer.canvas.is_empty)
    return viewer


async def picture_viewed(stage: Stage) -> QWidget:
    thread = Thread()
    thread.add(
        minutes=5,
        content=Content(Kind.IMAGE, "", (media("foto-a.jpg", "image/jpeg", 412_000),)),
        by_name="Siti Rahmawati",
    )
    return await looking(stage, thread, thread.messages[0])


async def turned(stage: Stage) -> QWidget:
    viewer = await picture_viewed(stage)
    assert isinstance(viewer, Viewer)
    viewer.canvas.turn(1)
    viewer.canvas.zoom(1.8, QPointF(300, 200))
    return viewer


async def film_viewed(stage: Stage) -> QWidget:
    thread = Thread()
    thread.add(
        minutes=5,
        content=Content(Kind.VIDEO, "", (media("unboxing.mp4", "video/mp4", 13_313),)),
        by_name="Siti Rahmawati",
    )
    viewer = await looking(stage, thread, thread.messages[0])
    await until(lambda: "0:03" in viewer.film.time.text())
    viewer.film.toggle()
    await quiet()
    return viewer


async def page_viewed(stage: Stage) -> QWidget:
    thread = Thread()
    thread.add(
        minutes=5,
        content=Content(Kind.DOCUMENT, "", (media("faktur.pdf", "application/pdf", 92_117),)),
        by_name="Siti Rahmawati",
    )
    return await looking(stage, thread, thread.messages[0])


SCENES: dict[str, Scene] = {
    "thread-media": kinds,
    "thread-albums": albums,
    "viewer": picture_viewed,
    "viewer-turned": turned,
    "viewer-film": film_viewed,
    "viewer-pages": page_viewed,
}
