"""Reading a thread: jumps, search within it, days, and text chosen across bubbles."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from console.domain.content import Content, Event, Kind
from console.domain.ids import MessageId
from console.domain.message import Message, Quote
from console.ui.events import sentence
from console.ui.screens.inbox.menu import can_be_quoted, message_menu
from console.ui.timeline.context import Target
from console.ui.timeline.rows import EventRow, rows_of
from console.ui.widgets.calendar import CalendarPopup
from console.ui.window import MainWindow
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import SITI, Thread, media
from tests.gallery.stage import Stage, quiet
from tests.waiting import eventually

NOTE = (media("suara.ogg", "audio/ogg", 40_000),)


def long_thread(count: int = 600) -> list[Message]:
    """A message every hour; every hundredth names a parcel."""
    thread = Thread()
    for place in range(count):
        text = f"paket {place} sudah sampai" if place % 100 == 0 else f"pesan {place}"
        thread.add(text, minutes=60 * (count - place), out=place % 3 == 0)
    return thread.messages


async def opened(stage: Stage, store: MemoryStore, messages: list[Message]) -> MainWindow:
    store.messages.threads[SITI] = messages
    window = stage.window(store)
    stage.show(window, 1200, 800)
    window.open_conversation(SITI)
    await eventually(lambda: window.inbox.thread_screen.timeline.rows())
    return window


def is_in_view(window: MainWindow, key: str) -> bool:
    timeline = window.inbox.thread_screen.timeline
    rect = timeline.bubble_rect(MessageId(key))
    return rect is not None and rect.intersects(timeline.viewport().rect().toRectF())


async def test_finding_walks_from_hit_to_hit_far_above(
    stage: Stage, store: MemoryStore, qtbot: QtBot
) -> None:
    window = await opened(stage, store, long_thread())
    thread = window.inbox.thread_screen
    thread.open_finder()
    qtbot.keyClicks(thread.finder.field, "paket")
    await eventually(lambda: is_in_view(window, "siti-500"))
    for place in (400, 300, 200):
        qtbot.keyClick(thread.finder.field, Qt.Key.Key_Return)
        await eventually(partial(is_in_view, window, f"siti-{place}"))
    assert "4" in thread.finder.count.text()
    qtbot.keyClick(thread.finder.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    await eventually(lambda: is_in_view(window, "siti-300"))
    qtbot.keyClick(thread.finder.field, Qt.Key.Key_Escape)
    assert not thread.finder.isVisible()
    assert is_in_view(window, "siti-300")


async def test_after_a_jump_the_thread_goes_on_in_both_directions(
    stage: Stage, store: MemoryStore
) -> None:
    window = await opened(stage, store, long_thread())
    thread = window.inbox.thread_screen
    thread.jump_to(MessageId("siti-200"))
    await eventually(lambda: is_in_view(window, "siti-200"))
    shown = [m.id for m in thread.model.messages]
    assert shown == [f"siti-{n}" for n in range(int(shown[0][5:]), int(shown[-1][5:]) + 1)]
    assert not thread.model.is_at_newest
    thread.model.newer()
    await eventually(lambda: thread.model.messages[-1].id != shown[-1])
    thread.model.to_newest()
    await eventually(lambda: thread.model.is_at_newest)


async def test_a_quote_leads_to_its_message(stage: Stage, store: MemoryStore) -> None:
    messages = long_thread(300)
    quote = Quote(MessageId("siti-20"), "Siti", "pesan 20")
    messages[-1] = replace(messages[-1], quote=quote)
    window = await opened(stage, store, messages)
    thread = window.inbox.thread_screen
    rect = thread.timeline.bubble_rect(messages[-1].id)
    assert rect is not None
    found = thread.timeline.hit_at(QPointF(rect.center().x(), rect.top() + 20))
    assert found is not None
    assert found[1] is not None
    thread.timeline.targeted.emit(*found)
    await eventually(lambda: is_in_view(window, "siti-20"))


async def test_what_a_message_holds_is_opened_by_keyboard_and_from_its_menu(
    stage: Stage, store: MemoryStore, qtbot: QtBot
) -> None:
    messages = long_thread(300)
    quote = Quote(MessageId("siti-20"), "Siti", "pesan 20")
    messages[-1] = replace(messages[-1], quote=quote)
    window = await opened(stage, store, messages)
    thread = window.inbox.thread_screen
    qtbot.keyClick(thread.timeline, Qt.Key.Key_Up)
    qtbot.keyClick(thread.timeline, Qt.Key.Key_Return)
    await eventually(lambda: is_in_view(window, "siti-20"))
    told: list[tuple[Target, str]] = []
    message = replace(messages[-1], content=Content(Kind.AUDIO, "https://a.example", NOTE))
    menu = message_menu(
        thread, message, None, lambda m, hit: told.append((hit.target, hit.value)), thread.files
    )
    for action in menu.actions()[:3]:
        action.trigger()
    assert told == [
        (Target.PLAY, "0"),
        (Target.LINK, "https://a.example"),
        (Target.QUOTE, "siti-20"),
    ]
    menu.deleteLater()


async def test_a_day_is_taken_from_the_calendar(
    stage: Stage, store: MemoryStore, qtbot: QtBot
) -> None:
    window = await opened(stage, store, long_thread())
    thread = window.inbox.thread_screen
    thread.ask_date()
    popup = thread.findChild(CalendarPopup)
    assert isinstance(popup, CalendarPopup)
    for _ in range(2):
        qtbot.keyClick(popup.grid, Qt.Key.Key_Up)
    wanted = popup.grid.day
    qtbot.keyClick(popup.grid, Qt.Key.Key_Return)
    await eventually(
        lambda: any(
            is_in_view(window, m.id)
            for m in thread.model.messages
            if m.timestamp.astimezone().date() == wanted
        )
    )


async def test_text_chosen_over_several_bubbles_is_copied_with_names_and_times(
    stage: Stage, store: MemoryStore, qtbot: QtBot
) -> None:
    thread = Thread()
    thread.add("satu dua", minutes=9)
    thread.add("tiga *empat*", minutes=8, out=True)
    thread.add("lima enam", minutes=7)
    window = await opened(stage, store, thread.messages)
    timeline = window.inbox.thread_screen.timeline
    first, last = (timeline.bubble_rect(thread.messages[n].id) for n in (0, 2))
    assert first is not None
    assert last is not None
    viewport = timeline.viewport()
    start = QPoint(round(first.left() + 12), round(first.top() + 16))
    end = QPoint(round(last.left() + 11), round(last.top() + 16))
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(viewport, start + QPoint(30, 0))
    timeline.selection.reach(timeline._place_at(end.toPointF()))
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=end)
    timeline.setFocus()
    qtbot.keySequence(timeline, QKeySequence.StandardKey.Copy)
    copied = QGuiApplication.clipboard().text().splitlines()
    assert [line.rpartition("] ")[2] for line in copied[:2]] == [
        "Siti Rahmawati: satu dua",
        "Dewi Wulandari: tiga empat",
    ]


async def test_text_is_chosen_beyond_the_views_edge(
    stage: Stage, store: MemoryStore, qtbot: QtBot
) -> None:
    window = await opened(stage, store, long_thread(200))
    timeline = window.inbox.thread_screen.timeline
    viewport = timeline.viewport()
    await quiet()
    last = timeline.bubble_rect(MessageId("siti-199"))
    assert last is not None
    start = QPoint(round(last.left()) + 30, round(last.top()) + 16)
    drag(viewport, start, Qt.MouseButton.NoButton)
    assert viewport.cursor().shape() is Qt.CursorShape.IBeamCursor
    qtbot.mousePress(viewport, Qt.MouseButton.LeftButton, pos=start)
    before = timeline.verticalScrollBar().value()
    drag(viewport, QPoint(start.x(), -40))
    chosen = timeline.selection.spans
    await eventually(lambda: timeline.verticalScrollBar().value() < before - 400)
    drag(viewport, QPoint(start.x(), 40))
    assert not timeline._drag.isActive(), "it moves on though the hand came back"
    assert len(timeline.selection.spans) > len(chosen)
    qtbot.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(start.x(), 40))


async def test_after_midnight_today_is_yesterday(stage: Stage, store: MemoryStore) -> None:
    thread = Thread()
    thread.add("Selamat malam", minutes=9)
    window = await opened(stage, store, thread.messages)
    screen = window.inbox.thread_screen
    assert screen.timeline.rows()[0].text == "Hari ini"  # type: ignore[union-attr]
    store.now = NOW + timedelta(days=1)
    screen.refresh_window()
    assert screen.timeline.rows()[0].text == "Kemarin"  # type: ignore[union-attr]


def drag(
    viewport: QWidget, place: QPoint, held: Qt.MouseButton = Qt.MouseButton.LeftButton
) -> None:
    """The hand goes there, with its button down if not said otherwise."""
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(place),
        viewport.mapToGlobal(place).toPointF(),
        Qt.MouseButton.NoButton,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(viewport, event)


async def test_a_double_click_takes_a_word_and_escape_lets_it_go(
    stage: Stage, store: MemoryStore, qtbot: QtBot
) -> None:
    thread = Thread()
    thread.add("Paketnya sudah sampai", minutes=9)
    window = await opened(stage, store, thread.messages)
    timeline = window.inbox.thread_screen.timeline
    rect = timeline.bubble_rect(thread.messages[0].id)
    assert rect is not None
    spot = QPoint(round(rect.left() + 24), round(rect.top() + 16))
    qtbot.mouseDClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=spot)
    assert timeline.copied_text() == "Paketnya"
    qtbot.keyClick(timeline, Qt.Key.Key_Escape)
    assert timeline.selection.is_empty


BY_SOMEBODY = (
    "priority_changed",
    "started",
    "blocked",
    "unblocked",
    "contact_edited",
    "contact_merged",
    "merge_undone",
)


def test_every_event_is_a_sentence() -> None:
    until = (NOW + timedelta(hours=20)).isoformat()
    told = [
        Event("assigned", "Raka", {"assignee_name": "Dewi"}),
        Event("unassigned", "Raka", {}),
        Event("snoozed", "Raka", {"until": until}),
        Event("resolved", None, {}),
        Event("reopened", None, {"by": "customer"}),
        Event("reopened", None, {"by": "time"}),
        Event("labelled", "Raka", {"label_name": "Retur"}),
        Event("unlabelled", "Raka", {"label_name": "Retur"}),
        Event("message_settled", "Raka", {"outcome": "sent"}),
        Event("assigned", None, {"assignee_name": "Dewi", "by": "routing"}),
        Event("unassigned", None, {"by": "absence"}),
        Event("window_closing", None, {}),
        Event("response_overdue", None, {}),
        Event("schedule_failed", None, {}),
        Event("opted_out", None, {}),
        Event("opted_in", None, {}),
        *(Event(kind, who, {}) for kind in BY_SOMEBODY for who in ("Raka", None)),
        Event("something_new", None, {}),
        Event("snoozed", "Raka", {"until": "kapan-kapan"}),
    ]
    said = [sentence(event, by_me=False, now=NOW) for event in told]
    assert all(text.strip() and "{" not in text for text in said)
    assert len(set(said)) == len(said)


def test_events_are_lines_and_notes_do_not_join_replies() -> None:
    thread = Thread()
    thread.add("halo", minutes=5, out=True)
    thread.note("catatan", minutes=4)
    thread.event("resolved", 3)
    rows = rows_of(thread.messages, NOW)
    assert isinstance(rows[-1], EventRow)
    assert [row.last for row in rows if hasattr(row, "last")] == [True, True]


@pytest.mark.parametrize(("kind", "expected"), [(Kind.TEXT, True), (Kind.NOTE, False)])
def test_what_the_customer_never_saw_cannot_be_quoted(kind: Kind, expected: bool) -> None:
    message = Thread().add(content=Content(kind, "x"), minutes=1)
    assert can_be_quoted(message) is expected
    assert not can_be_quoted(replace(message, local=True))
