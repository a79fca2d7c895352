"""What is unread: a thread opens where it begins, and what comes below is counted."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF

from console.domain.content import Kind
from console.domain.delivery import Direction
from console.domain.ids import MessageId
from console.domain.intents import MarkRead
from console.domain.message import Message
from console.domain.samples import SAMPLES
from console.ui.models.thread import MOST
from console.ui.timeline.renderers import document
from console.ui.timeline.rows import NewRow
from console.ui.timeline.text import TextBlock
from console.ui.timeline.view import TimelineView
from console.ui.window import MainWindow
from tests.gallery import threads
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import SITI, Thread
from tests.waiting import eventually


async def opened(
    window: MainWindow, store: MemoryStore, messages: list[Message], unread: int
) -> TimelineView:
    """Siti's thread with these messages, the last `unread` of hers not read."""
    store.messages.threads[SITI] = messages
    screen = window.inbox.thread_screen
    screen.open(replace(store.conversations.rows[0], unread=unread))
    await eventually(lambda: [m.id for m in screen.model.messages][-1:] == [messages[-1].id])
    return screen.timeline


def inbound(count: int) -> list[Message]:
    return [replace(message, direction=Direction.INBOUND) for message in threads.long(count)]


def place(view: TimelineView, message: Message) -> QRectF:
    rect = view.bubble_rect(message.id)
    assert rect is not None
    return rect


async def test_a_thread_opens_where_what_is_unread_begins(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    messages = inbound(200)
    view = await opened(open_thread, store, messages, unread=90)
    first = messages[-90]
    await eventually(lambda: 0 < place(view, first).top() < view.viewport().height() / 2)
    assert [row.count for row in view.rows() if isinstance(row, NewRow)] == [90]
    pill = open_thread.inbox.thread_screen.pill
    assert pill.isVisible()
    assert "90" in pill.accessibleName()
    assert MarkRead(SITI, messages[-1].id) not in store.outbox.intents
    pill.click()
    await eventually(lambda: MarkRead(SITI, messages[-1].id) in store.outbox.intents)
    assert view.is_at_end()


async def test_unread_messages_that_fit_are_read_from_the_end(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    view = await opened(open_thread, store, inbound(60), unread=2)
    assert view.is_at_end()
    assert [row.count for row in view.rows() if isinstance(row, NewRow)] == [2]


async def test_where_the_first_unread_one_is_not_here_no_line_pretends_to_be_above_it(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    view = await opened(open_thread, store, inbound(MOST + 60), unread=MOST + 10)
    assert view.is_at_end()
    assert not any(isinstance(row, NewRow) for row in view.rows())


async def test_what_comes_while_one_reads_far_above_is_counted(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    messages = inbound(400)
    view = await opened(open_thread, store, messages, unread=0)
    screen = open_thread.inbox.thread_screen
    screen.jump_to(messages[20].id)
    await eventually(lambda: not screen.model.is_at_newest and not view.is_at_end())
    for number in ("1", "2"):
        store.add(replace(messages[-1], id=MessageId(f"baru-{number}"), timestamp=NOW))
        await eventually(lambda n=number: n in screen.pill.accessibleName())  # type: ignore[misc]
    screen.pill.click()
    await eventually(lambda: view.is_at_end() and view.bubble_rect(MessageId("baru-2")))


async def test_a_document_without_a_caption_shows_its_name_once(open_thread: MainWindow) -> None:
    context = open_thread.inbox.thread_screen.context
    shown = SAMPLES[Kind.DOCUMENT]
    name = shown.media[0].name
    assert name
    named = Thread().add(content=replace(shown, text=name))
    said = Thread().add(content=replace(shown, text="Mohon dicek"))
    assert not any(isinstance(block, TextBlock) for block in document.measure(named, 300, context))
    assert any(isinstance(block, TextBlock) for block in document.measure(said, 300, context))
