"""The viewer leafs through the thread's pictures and videos, turns, zooms, copies, plays."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.content import Content, Kind
from console.domain.message import Message
from console.ui.models.gallery import neighbour
from console.ui.screens.inbox import viewing
from console.ui.screens.viewer import Viewer
from console.ui.timeline.decoding import decoded
from console.ui.timeline.pictures import key_of
from console.ui.window import MainWindow
from tests.gallery.made import pdf, sample_file
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import SITI, Thread, media, photo
from tests.waiting import eventually

Key = Qt.Key


@pytest.fixture
def thread(qapp: QApplication, store: MemoryStore) -> list[Message]:
    """Pictures far apart, two in one message, a video, a PDF, a sticker and many words."""
    made = Thread()
    for place in range(700):
        minutes = 700 - place
        if place == 3:
            content = Content(Kind.IMAGE, "", (media("satu.jpg", "image/jpeg", 1),))
        elif place == 400:
            two = (
                media("dua.jpg", "image/jpeg", 1),
                media("tiga.jpg", "image/jpeg", 1, index=1),
            )
            content = Content(Kind.IMAGE, "", two)
        elif place == 500:
            content = Content(Kind.STICKER, "", (media("s.webp", "image/webp", 1),))
        elif place == 690:
            content = Content(Kind.VIDEO, "", (media("film.mp4", "video/mp4", 1),))
        elif place == 695:
            content = Content(Kind.DOCUMENT, "", (media("faktur.pdf", "application/pdf", 1),))
        else:
            content = Content(Kind.TEXT, f"pesan {place}")
        made.add(minutes=minutes, content=content)
    files = store.media.files
    files["siti/satu.jpg"] = photo("#102030", "#405060", 300, 200)
    files["siti/dua.jpg"] = photo("#203040", "#506070", 200, 300)
    files["siti/tiga.jpg"] = photo("#304050", "#607080", 100, 100)
    files["siti/film.mp4"] = sample_file("video.mp4")
    files["siti/faktur.pdf"] = pdf(3)
    store.messages.threads[SITI] = made.messages
    return made.messages


async def looking(window: MainWindow, message: Message, index: int = 0) -> Viewer:
    window.inbox.thread_screen.files.open(message, index)
    await eventually(lambda: any(v.isVisible() for v in window.findChildren(Viewer)))
    viewer = next(v for v in window.findChildren(Viewer) if v.isVisible())
    await eventually(viewer.isActiveWindow)
    return viewer


async def test_neighbours_are_found_far_away_and_within_a_message(
    store: MemoryStore, thread: list[Message]
) -> None:
    source = store.as_store()
    thread = await store.messages.latest(SITI, len(thread))
    order = [(thread[3], 0), (thread[400], 0), (thread[400], 1), (thread[690], 0)]
    for here, there in pairwise(order):
        assert await neighbour(source, here, 1) == there
        assert await neighbour(source, there, -1) == here
    assert await neighbour(source, order[0], -1) is None
    assert await neighbour(source, order[-1], 1) is None


async def test_arrows_leaf_through_the_thread(
    open_thread: MainWindow, thread: list[Message], qtbot: QtBot
) -> None:
    viewer = await looking(open_thread, thread[400])
    assert viewer.windowTitle() == "dua.jpg"
    assert viewer.previous.isEnabled()
    qtbot.keyClick(viewer, Key.Key_Right)
    await eventually(lambda: viewer.windowTitle() == "tiga.jpg")
    qtbot.keyClick(viewer, Key.Key_Left)
    await eventually(lambda: viewer.windowTitle() == "dua.jpg")
    qtbot.keyClick(viewer, Key.Key_Left)
    await eventually(lambda: viewer.windowTitle() == "satu.jpg")
    qtbot.keyClick(viewer, Key.Key_Left)
    await eventually(lambda: not viewer.previous.isEnabled())
    assert viewer.windowTitle() == "satu.jpg"


async def test_the_arrow_at_an_end_is_off_until_one_more_comes(
    open_thread: MainWindow, store: MemoryStore, thread: list[Message]
) -> None:
    viewer = await looking(open_thread, thread[690])
    await eventually(lambda: not viewer.next.isEnabled())
    assert viewer.previous.isEnabled()
    newest = media("empat.jpg", "image/jpeg", 1)
    store.media.files["siti/empat.jpg"] = photo("#405060", "#708090", 90, 90)
    made = Thread()
    made.add(minutes=0, content=Content(Kind.IMAGE, "", (newest,)))
    store.messages.threads[SITI] = [*thread, made.messages[0]]
    open_thread.bridge.threads_changed.emit(frozenset({SITI}))
    await eventually(viewer.next.isEnabled)


async def test_a_picture_is_turned_zoomed_and_fitted(
    open_thread: MainWindow, thread: list[Message], qtbot: QtBot
) -> None:
    viewer = await looking(open_thread, thread[3])
    canvas = viewer.canvas
    assert canvas._turned().toSize() == QSize(300, 200)
    qtbot.keyClick(viewer, Key.Key_R)
    assert canvas._turned().toSize() == QSize(200, 300)
    qtbot.keyClick(viewer, Key.Key_Plus)
    assert canvas.scale() == 1.25
    assert viewer.percent.text() == "125%"
    qtbot.keyClick(viewer, Key.Key_0)
    assert canvas.scale() == 1.0


async def test_copy_takes_the_whole_picture(
    open_thread: MainWindow, thread: list[Message], qtbot: QtBot
) -> None:
    viewer = await looking(open_thread, thread[3])
    QGuiApplication.clipboard().clear()
    qtbot.keyClick(viewer, Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: QGuiApplication.clipboard().image().size() == QSize(300, 200))


async def test_a_video_plays_and_stops_when_one_leafs_on(
    open_thread: MainWindow, thread: list[Message], qtbot: QtBot
) -> None:
    viewer = await looking(open_thread, thread[690])
    await eventually(lambda: not viewer.canvas.is_empty)
    assert viewer.film.isVisible()
    await eventually(lambda: viewer.film.time.text().endswith("0:03"))
    qtbot.keyClick(viewer, Key.Key_Left)
    await eventually(lambda: viewer.windowTitle() == "tiga.jpg")
    assert not viewer.film.isVisible()


async def test_pages_of_a_document_are_leafed_through(
    open_thread: MainWindow, thread: list[Message], qtbot: QtBot
) -> None:
    viewer = await looking(open_thread, thread[695])
    assert not viewer.previous.isEnabled()
    qtbot.keyClick(viewer, Key.Key_PageDown)
    await eventually(lambda: "2" in viewer.detail.text().partition("·")[0])
    qtbot.keyClick(viewer, Key.Key_Right)
    await eventually(lambda: not viewer.next.isEnabled())


async def test_a_file_that_is_not_here_yet_appears_when_it_comes(
    open_thread: MainWindow, store: MemoryStore, thread: list[Message], qtbot: QtBot
) -> None:
    late = store.media.files.pop("siti/satu.jpg")
    viewer = await looking(open_thread, thread[400])
    qtbot.keyClick(viewer, Key.Key_Left)
    await eventually(lambda: viewer.canvas.is_empty)
    await eventually(lambda: "siti/satu.jpg" in store.media.wanted)
    store.media.files["siti/satu.jpg"] = late
    open_thread.bridge.media_changed.emit(frozenset({"siti/satu.jpg"}))
    await eventually(lambda: not viewer.canvas.is_empty)


async def test_escape_closes_it_and_ends_what_it_reads(
    open_thread: MainWindow, thread: list[Message], qtbot: QtBot
) -> None:
    viewer = await looking(open_thread, thread[3])
    qtbot.keyClick(viewer, Key.Key_Escape)
    assert open_thread.inbox.thread_screen.files.viewing._viewer is None
    again = await looking(open_thread, thread[400])
    assert again.windowTitle() == "dua.jpg"


async def test_the_same_picture_arriving_in_the_thread_does_not_stop_the_viewer(
    open_thread: MainWindow, thread: list[Message], monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures = open_thread.inbox.pictures

    async def decoded_later(data: bytes, longest: int | None) -> QImage | None:
        pictures.loaded.emit(key_of(thread[3].content.media[0]))
        await asyncio.sleep(0)
        return await decoded(data, longest)

    monkeypatch.setattr(viewing, "decoded", decoded_later)
    viewer = await looking(open_thread, thread[3])
    assert viewer.windowTitle() == "satu.jpg"


async def test_a_picture_that_is_none_opens_no_viewer(
    open_thread: MainWindow, store: MemoryStore, thread: list[Message]
) -> None:
    told: list[str] = []
    open_thread.errors.told.connect(lambda title, text: told.append(title))
    store.media.files["siti/satu.jpg"] = b"\x89PNG\r\n\x1a\n" + bytes(100)
    open_thread.inbox.thread_screen.files.open(replace(thread[3]), 0)
    await eventually(lambda: told)
    assert not [v for v in open_thread.findChildren(Viewer) if v.isVisible()]
