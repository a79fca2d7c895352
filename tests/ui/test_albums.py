"""Pictures that come together are one bubble, and each keeps its own clicks, menu and place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from PySide6.QtCore import QPointF, Qt
from pytestqt.qtbot import QtBot

from console.domain.content import Content, Kind
from console.domain.delivery import Status
from console.domain.ids import MessageId
from console.domain.message import Message, Quote
from console.ui.screens.viewer import Viewer
from console.ui.timeline import surface
from console.ui.timeline.context import Target
from console.ui.timeline.rows import MessageRow, rows_of
from console.ui.window import MainWindow
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import SITI, Thread, media, photo
from tests.waiting import eventually


def pictures(count: int, *, apart: float = 5, text_at: int = -1, out: bool = False) -> Thread:
    """Photos of one sender, so many seconds apart; one of them may have a text."""
    thread = Thread()
    for place in range(count):
        item = media(f"p{place}.jpg", "image/jpeg", 1)
        content = Content(Kind.IMAGE, "Ini kak" if place == text_at else "", (item,))
        thread.add(content=content, minutes=10 - place * apart / 60, out=out)
    return thread


def bubbles(messages: list[Message], new_from: str | None = None) -> list[MessageRow]:
    first = MessageId(new_from) if new_from else None
    rows = rows_of(messages, NOW, first, 1 if first else 0)
    return [row for row in rows if isinstance(row, MessageRow)]


@pytest.mark.parametrize("text_at", [-1, 0, 2])
def test_pictures_within_a_minute_are_one_bubble_with_their_text(text_at: int) -> None:
    thread = pictures(3, text_at=text_at)
    (row,) = bubbles(thread.messages)
    assert row.album == tuple(thread.messages)
    assert row.key == thread.messages[-1].id
    assert row.message.content.text == ("" if text_at < 0 else "Ini kak")


def test_what_is_far_apart_or_has_two_texts_stays_apart() -> None:
    assert len(bubbles(pictures(3, apart=61).messages)) == 3
    two = pictures(2, text_at=0).messages
    two[1] = replace(two[1], content=replace(two[1].content, text="Dan ini"))
    assert len(bubbles(two)) == 2


def test_a_failed_or_quoting_or_new_picture_stands_alone() -> None:
    three = pictures(3, out=True).messages
    failed = [three[0], replace(three[1], status=Status.FAILED), three[2]]
    assert [len(row.album) for row in bubbles(failed)] == [0, 0, 0]
    quoting = [three[0], replace(three[1], quote=Quote(None, "x", "y")), three[2]]
    assert [len(row.album) for row in bubbles(quoting)] == [0, 0, 0]
    three = pictures(3).messages
    assert [len(row.album) for row in bubbles(three, three[1].id)] == [0, 2]


def test_another_senders_picture_is_not_in_it() -> None:
    mixed = [*pictures(2).messages, *pictures(1, out=True).messages]
    mixed = [
        replace(m, id=MessageId(f"m{n}"), timestamp=NOW + timedelta(seconds=n))
        for n, m in enumerate(mixed)
    ]
    assert [len(row.album) for row in bubbles(mixed)] == [2, 0]


async def test_each_picture_of_an_album_opens_and_is_found_by_its_own_message(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    thread = pictures(6)
    for place in range(6):
        store.media.files[f"siti/p{place}.jpg"] = photo("#102030", "#405060", 90 + place, 90)
    store.messages.threads[SITI] = thread.messages
    screen = open_thread.inbox.thread_screen
    screen.model.open(replace(store.conversations.rows[0], unread=0))
    timeline = screen.timeline
    await eventually(lambda: len(screen.model.messages) == 6)
    whole = timeline.bubble_rect(thread.messages[5].id)
    assert whole is not None
    assert timeline.bubble_rect(thread.messages[0].id) == whole
    owners = set()
    for x in range(int(whole.left()), int(whole.right()), 12):
        for y in range(int(whole.top()), int(whole.bottom()), 12):
            found = timeline.hit_at(QPointF(x, y))
            if found and found[1] and found[1].target is Target.MEDIA and found[1].message:
                owners.add(found[1].message.id)
    assert owners == {message.id for message in thread.messages[:4]}
    spot = whole.topLeft() + QPointF(30, 30)
    qtbot.mouseClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=spot.toPoint())
    await eventually(lambda: any(v.isVisible() for v in open_thread.findChildren(Viewer)))
    (viewer,) = [v for v in open_thread.findChildren(Viewer) if v.isVisible()]
    assert viewer.windowTitle() == "p0.jpg"


async def test_a_picture_that_joins_an_album_moves_nothing_above(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    words = Thread()
    for place in range(30):
        words.add(f"pesan {place}", minutes=60 - place)
    album = [
        replace(m, id=MessageId(f"a{n}"), timestamp=NOW + timedelta(seconds=n))
        for n, m in enumerate(pictures(4).messages)
    ]
    store.messages.threads[SITI] = [*words.messages, *album[:3]]
    screen = open_thread.inbox.thread_screen
    screen.model.open(replace(store.conversations.rows[0], unread=0))
    timeline = screen.timeline
    await eventually(lambda: timeline.bubble_rect(MessageId("a2")))
    await eventually(lambda: not timeline._layouts.pending)
    timeline.verticalScrollBar().setValue(120)
    before = timeline.bubble_rect(words.messages[6].id)
    store.add(album[3])
    await eventually(lambda: timeline.bubble_rect(MessageId("a3")))
    assert timeline.bubble_rect(words.messages[6].id) == before


async def test_an_album_stands_out_for_a_picture_in_it_and_the_keys_go_on_from_there(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    thread = pictures(3)
    for n in range(4):
        thread.add(f"sesudahnya {n}", minutes=5 - n)
    store.messages.threads[SITI] = thread.messages[:2]
    screen, timeline = open_thread.inbox.thread_screen, open_thread.inbox.thread_screen.timeline
    screen.model.open(replace(store.conversations.rows[0], unread=0))
    await eventually(lambda: len(screen.model.messages) == 2)
    timeline.setFocus()
    with patch.object(surface, "paint_glow") as glow, patch.object(surface, "paint_ring") as ring:
        screen.jump_to(thread.messages[0].id)
        await eventually(lambda: glow.called and ring.called)
    store.messages.threads[SITI] = thread.messages  # another picture joins, and more follows
    store.announce(SITI)
    await eventually(lambda: len(screen.model.messages) == 7)
    qtbot.keyClick(timeline, Qt.Key.Key_Down)
    message = timeline._current_message()
    assert message is not None
    assert message.content.text == "sesudahnya 0"


async def test_text_chosen_under_an_album_stays_marked_when_the_album_grows(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    thread = pictures(3, text_at=0)
    store.messages.threads[SITI] = thread.messages[:2]
    screen, timeline = open_thread.inbox.thread_screen, open_thread.inbox.thread_screen.timeline
    screen.model.open(replace(store.conversations.rows[0], unread=0))
    await eventually(lambda: len(screen.model.messages) == 2)
    timeline.selection.choose_all()
    timeline._show_selection()
    (before,) = timeline._context.selected.values()
    assert timeline.copied_text() == "Ini kak"
    store.messages.threads[SITI] = thread.messages
    store.announce(SITI)
    await eventually(lambda: len(screen.model.messages) == 3)
    assert timeline._context.selected == {thread.messages[2].id: before}
    assert timeline.copied_text() == "Ini kak"
