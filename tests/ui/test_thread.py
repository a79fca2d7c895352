"""Reading: nothing jumps, ticks follow, failures can be answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from console.domain.changes import Changes, Link
from console.domain.content import Content, Kind, MediaState
from console.domain.delivery import Direction, Status
from console.domain.ids import MessageId
from console.domain.intents import MarkRead, RetryMessage, SettleMessage
from console.domain.message import Message
from console.domain.samples import SAMPLES
from console.ui.screens.inbox.menu import message_menu
from console.ui.screens.viewer import Viewer
from console.ui.timeline.blocks import IconLine
from console.ui.timeline.context import Target
from console.ui.timeline.renderers import RENDERERS, faults, unsupported
from console.ui.timeline.text import TextBlock
from console.ui.timeline.view import TimelineView
from console.ui.window import MainWindow
from tests.gallery import threads
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import SITI, Thread, photo
from tests.waiting import eventually

Click = Callable[[MainWindow, float, float], None]


def timeline(window: MainWindow) -> TimelineView:
    return window.inbox.thread_screen.timeline


async def show(window: MainWindow, store: MemoryStore, messages: list[Message]) -> None:
    """Show these messages in Siti's thread."""
    store.messages.threads[SITI] = messages
    timeline(window).show_loading()
    store.announce(SITI)
    thread = window.inbox.thread_screen
    await eventually(lambda: [m.id for m in thread.model.messages][-1:] == [messages[-1].id])
    thread.model.open(store.conversations.rows[0])
    await eventually(lambda: thread.model.messages and timeline(window).is_at_end())


def find(window: MainWindow, message: Message, target: Target) -> QPointF:
    """A point of the viewport where clicking means `target` for `message`."""
    view = timeline(window)
    for y in range(0, view.viewport().height(), 3):
        for x in range(0, view.viewport().width(), 6):
            found = view.hit_at(QPointF(x, y))
            if found is None or found[0].id != message.id:
                break  # here lies another row, along the whole line
            if found[1] and found[1].target is target:
                return QPointF(x, y)
    raise AssertionError(f"{target} is nowhere in the thread")


def test_every_kind_has_its_renderer() -> None:
    assert set(RENDERERS) == set(Kind) - {Kind.EVENT}  # a line, not a bubble


async def test_every_sample_is_shown(open_thread: MainWindow, store: MemoryStore) -> None:
    thread = Thread()
    for place, content in enumerate(SAMPLES.values()):
        thread.add(minutes=100 - place, content=content, out=content.kind is Kind.TEMPLATE)
    await show(open_thread, store, thread.messages)
    shown = {row.key for row in timeline(open_thread).rows()}
    for message in thread.messages:
        assert message.id in shown
        if message.content.kind is Kind.EVENT:
            continue  # a line, not a bubble
        rect = timeline(open_thread).bubble_rect(message.id)
        assert rect is not None
        assert rect.height() > 20


@pytest.mark.parametrize("width", [120, 400])
async def test_what_cannot_be_shown_is_said_in_whole_words(
    open_thread: MainWindow, width: int
) -> None:
    context = open_thread.inbox.thread_screen.context
    message = Thread().add(content=Content(Kind.UNSUPPORTED, ""))
    first, *_ = unsupported.measure(message, width, context)
    assert isinstance(first, IconLine | TextBlock)
    assert not getattr(first, "is_cut", False)
    assert first.size.width() <= width
    assert first.text == "Balas belum bisa menampilkan jenis pesan ini"


async def test_a_tick_repaints_when_the_status_moves(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    sent = Thread().add("halo", out=True, status=Status.SENT)
    await show(open_thread, store, [sent])
    view = timeline(open_thread)
    before = view.viewport().grab().toImage()
    store.change(replace(sent, status=Status.READ))
    model = open_thread.inbox.thread_screen.model
    await eventually(lambda: model.messages[-1].status is Status.READ)
    assert view.viewport().grab().toImage() != before


async def test_try_again_writes_one_intent(
    open_thread: MainWindow, store: MemoryStore, click: Click
) -> None:
    bad = Thread().add("halo", out=True, status=Status.FAILED, code=63024)
    await show(open_thread, store, [bad])
    spot = find(open_thread, bad, Target.RETRY)
    click(open_thread, spot.x(), spot.y())
    await eventually(lambda: any(isinstance(i, RetryMessage) for i in store.outbox.intents))
    (intent,) = [i for i in store.outbox.intents if isinstance(i, RetryMessage)]
    assert intent.message_id == bad.id
    assert intent.new_id != bad.id


async def test_details_open_the_ledger(
    open_thread: MainWindow, store: MemoryStore, click: Click
) -> None:
    messages, ledger = threads.failed()
    store.messages.ledger = ledger
    bad = messages[1]
    await show(open_thread, store, messages)
    view = timeline(open_thread)
    total = view.verticalScrollBar().maximum()
    spot = find(open_thread, bad, Target.DETAILS)
    click(open_thread, spot.x(), spot.y())
    context = open_thread.inbox.thread_screen.context
    await eventually(lambda: context.attempts.get(bad.id))
    assert view.verticalScrollBar().maximum() >= total
    assert bad.id in context.open_ledgers


async def test_the_agents_answer_settles_an_uncertain_reply(
    open_thread: MainWindow, store: MemoryStore, click: Click
) -> None:
    doubt = Thread().add("halo", out=True, status=Status.UNCERTAIN)
    await show(open_thread, store, [doubt])
    spot = find(open_thread, doubt, Target.WAS_SENT)
    click(open_thread, spot.x(), spot.y())
    await eventually(lambda: SettleMessage(doubt.id, "sent") in store.outbox.intents)


async def test_older_messages_come_in_without_moving_the_reader(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    await show(open_thread, store, threads.long(150))
    view, model = timeline(open_thread), open_thread.inbox.thread_screen.model
    count = len(model.messages)
    view.verticalScrollBar().setValue(500)
    watched = model.messages[12].id
    before = view.bubble_rect(watched)
    await eventually(lambda: len(model.messages) > count)
    after = view.bubble_rect(watched)
    assert before is not None
    assert after is not None
    assert abs(after.top() - before.top()) <= 1


async def test_at_the_cached_end_the_server_is_asked_for_older_ones(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    store.messages.complete = False
    await show(open_thread, store, threads.long(40))
    timeline(open_thread).verticalScrollBar().setValue(0)
    await eventually(lambda: SITI in store.messages.wanted)
    assert open_thread.inbox.thread_screen.model.is_fetching
    assert not timeline(open_thread)._is_offline
    store.set_link(Link.OFFLINE)
    await eventually(lambda: timeline(open_thread)._is_offline)


async def test_a_message_below_shows_the_pill_and_moves_nothing(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    messages = threads.long(60)
    await show(open_thread, store, messages)
    thread, view = open_thread.inbox.thread_screen, timeline(open_thread)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() - 900)
    watched = messages[40].id
    before = view.bubble_rect(watched)
    last = messages[-1]
    store.add(replace(last, id=MessageId("new"), direction=Direction.INBOUND, timestamp=NOW))
    await eventually(lambda: "1" in thread.pill.accessibleName())
    assert view.bubble_rect(watched) == before
    thread.pill.click()
    await eventually(view.is_at_end)


async def test_a_message_is_followed_while_reading_at_the_end(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    messages = threads.long(60)
    await show(open_thread, store, messages)
    store.add(replace(messages[-1], id=MessageId("new"), timestamp=NOW))
    await eventually(lambda: timeline(open_thread).bubble_rect(MessageId("new")))
    assert timeline(open_thread).is_at_end()


async def test_a_picture_that_arrives_late_moves_nothing(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    view = timeline(open_thread)
    store.media.files["siti/IMG_2041.jpg"] = photo("#102030", "#405060", 400, 900)
    last = MessageId("siti-7")
    before = view.bubble_rect(last)
    pictures = open_thread.inbox.pictures
    item = store.messages.threads[SITI][3].content.media[0]
    view.verticalScrollBar().setValue(0)
    await eventually(lambda: pictures.size_of(item))
    view.scroll_to_end()
    assert view.bubble_rect(last) == before


async def test_a_picture_asks_for_its_file_and_appears_when_it_comes(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    thread = Thread()
    thread.add(minutes=3, content=SAMPLES[Kind.IMAGE])
    await show(open_thread, store, thread.messages)
    item = SAMPLES[Kind.IMAGE].media[0]
    assert item.path is not None
    open_thread.grab()
    await eventually(lambda: item.path in store.media.wanted)
    store.media.files[item.path] = photo("#000000", "#ffffff")
    open_thread.bridge.media_changed.emit(frozenset({item.path}))
    await eventually(lambda: open_thread.inbox.pictures.preview(item))


async def failed_download(window: MainWindow, store: MemoryStore, content: Content) -> Message:
    """A file that was asked for and could not be brought."""
    shown = Thread().add(minutes=3, content=content)
    await show(window, store, [shown])
    item = content.media[0]
    assert item.path is not None
    window.inbox.pictures.want_again(item)
    store.media.problems[item.path] = "The file is gone"
    store.changes.publish(Changes(media=frozenset({item.path})))
    await eventually(lambda: window.inbox.pictures.problem_of(item))
    store.media.wanted.clear()
    return shown


def said_under(window: MainWindow, message: Message) -> list[str]:
    """What stands under a message's files."""
    blocks = faults.measure(message, 300, window.inbox.thread_screen.context)
    return [block.text for block in blocks if isinstance(block, TextBlock)]


@pytest.mark.parametrize("kind", [Kind.IMAGE, Kind.AUDIO, Kind.DOCUMENT, Kind.VIDEO])
async def test_a_download_that_failed_says_why_and_can_be_tried_again(
    open_thread: MainWindow, store: MemoryStore, click: Click, kind: Kind
) -> None:
    bad = await failed_download(open_thread, store, SAMPLES[kind])
    item = SAMPLES[kind].media[0]
    assert item.path is not None
    open_thread.grab()
    assert said_under(open_thread, bad) == ["Berkasnya sudah tidak ada."]
    assert store.media.wanted == []  # not by itself: it would fail and be announced for ever
    spot = find(open_thread, bad, Target.FETCH)
    click(open_thread, spot.x(), spot.y())
    assert store.media.wanted == [item.path]
    assert said_under(open_thread, bad) == []
    store.media.files[item.path] = photo("#000000", "#ffffff")
    store.changes.publish(Changes(media=frozenset({item.path})))
    await eventually(lambda: item.path not in open_thread.inbox.pictures._wanted)
    assert said_under(open_thread, bad) == []


async def test_what_failed_is_fetched_when_the_line_is_back(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    bad = await failed_download(open_thread, store, SAMPLES[Kind.IMAGE])
    store.set_link(Link.OFFLINE)
    store.set_link(Link.ONLINE)
    await eventually(lambda: SAMPLES[Kind.IMAGE].media[0].path in store.media.wanted)
    assert said_under(open_thread, bad) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("not_found", "Twilio sudah tidak memiliki berkas ini."),
        ("unheard_of", "Berkas tidak dapat diambil."),
        (None, "Berkas tidak dapat diambil."),
    ],
)
async def test_a_file_that_never_came_says_why_in_the_agents_language(
    open_thread: MainWindow, store: MemoryStore, code: str | None, words: str
) -> None:
    item = replace(SAMPLES[Kind.IMAGE].media[0], state=MediaState.FAILED, path=None, error=code)
    lost = Thread().add(minutes=3, content=replace(SAMPLES[Kind.IMAGE], media=(item,)))
    await show(open_thread, store, [lost])
    assert said_under(open_thread, lost) == [words]
    with pytest.raises(AssertionError, match="nowhere"):
        find(open_thread, lost, Target.FETCH)


async def test_a_click_on_a_picture_opens_the_viewer(
    open_thread: MainWindow, store: MemoryStore, click: Click
) -> None:
    thread = Thread()
    shown = thread.add(minutes=3, content=SAMPLES[Kind.IMAGE])
    path = SAMPLES[Kind.IMAGE].media[0].path
    assert path is not None
    store.media.files[path] = photo("#000000", "#ffffff")
    await show(open_thread, store, thread.messages)
    # Until it is there the bubble shows a place of another height, and what is clicked moves.
    item, pictures = shown.content.media[0], open_thread.inbox.pictures
    await eventually(lambda: pictures.preview(item) is not None)
    await asyncio.sleep(0)
    spot = find(open_thread, shown, Target.MEDIA)
    click(open_thread, spot.x(), spot.y())
    await eventually(
        lambda: [
            viewer
            for viewer in open_thread.findChildren(Viewer)
            if viewer.isVisible() and viewer.windowTitle() == "barang.jpg"
        ]
    )


async def test_the_menu_copies_the_text(open_thread: MainWindow) -> None:
    thread = open_thread.inbox.thread_screen
    message = thread.model.messages[-1]
    menu = message_menu(thread, message, None, lambda *_: None, thread.files)
    menu.actions()[0].trigger()
    assert QGuiApplication.clipboard().text() == "Baik kak, saya tunggu ya 🙏"
    menu.deleteLater()


async def test_what_was_seen_is_told_once(open_thread: MainWindow, store: MemoryStore) -> None:
    await eventually(lambda: any(isinstance(i, MarkRead) for i in store.outbox.intents))
    seen = [i for i in store.outbox.intents if isinstance(i, MarkRead)]
    assert seen == [MarkRead(SITI, MessageId("siti-8"))]


async def test_html_in_a_message_is_shown_as_typed(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    thread = Thread()
    thread.add("<b>tebal</b><img src='file:///etc/passwd'>", minutes=2)
    thread.add("tebal", minutes=1)
    await show(open_thread, store, thread.messages)
    typed = timeline(open_thread).bubble_rect(thread.messages[0].id)
    plain = timeline(open_thread).bubble_rect(thread.messages[1].id)
    assert typed is not None
    assert plain is not None
    assert typed.width() > plain.width() * 2
