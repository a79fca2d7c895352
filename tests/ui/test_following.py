"""A thread that is read again costs what is new in it, not what is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtGui import QPainterPath

from console.domain.content import Kind
from console.domain.delivery import Status
from console.domain.ids import MessageId
from console.domain.message import Message
from console.domain.samples import SAMPLES
from console.ui.models.thread import MOST, PAGE
from console.ui.screens.inbox.counting import Counted, CountedChips
from console.ui.timeline import bubble, layouts
from console.ui.timeline.bubble import BubbleLayout
from console.ui.timeline.rows import MessageRow, Row, RowMaker, rows_of
from console.ui.timeline.view import TimelineView
from console.ui.window import MainWindow
from tests.gallery import threads
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import SITI, Thread
from tests.gallery.stage import quiet
from tests.waiting import eventually


def new_one(after: Message) -> Message:
    return replace(after, id=MessageId("baru"), timestamp=after.timestamp + timedelta(minutes=20))


def fresh(before: list[Row], after: list[Row]) -> list[str]:
    """The keys of rows that are not the very same as before."""
    known = {id(row) for row in before}
    return [row.key for row in after if id(row) not in known]


def test_rows_that_nothing_changed_for_are_the_same_ones() -> None:
    maker, messages = RowMaker(), threads.long(80)
    before = maker.rows(messages, NOW)
    came = new_one(messages[-1])
    after = maker.rows([*messages, came], NOW)
    assert after == rows_of([*messages, came], NOW)
    assert set(fresh(before, after)) <= {messages[-1].id, came.id}


def test_a_tick_makes_its_own_row_and_those_beside_it_anew() -> None:
    maker, messages = RowMaker(), threads.long(80)
    before = maker.rows(messages, NOW)
    messages[40] = replace(messages[40], status=Status.FAILED, version=99)
    after = maker.rows(messages, NOW)
    assert after == rows_of(messages, NOW)
    assert {messages[40].id} <= set(fresh(before, after)) <= {m.id for m in messages[39:42]}


def test_what_comes_above_makes_only_the_first_row_anew() -> None:
    maker, messages = RowMaker(), threads.long(80)
    before = maker.rows(messages[40:], NOW)
    after = maker.rows(messages, NOW)
    assert after == rows_of(messages, NOW)
    assert not {m.id for m in messages[41:]} & set(fresh(before, after))


def test_a_picture_that_joins_an_album_changes_its_bubble() -> None:
    thread, maker = Thread(), RowMaker()
    for seconds in (60, 40, 20):
        thread.add(minutes=seconds / 60, content=SAMPLES[Kind.IMAGE])
    before = maker.rows(thread.messages[:2], NOW)
    after = maker.rows(thread.messages, NOW)
    assert after == rows_of(thread.messages, NOW)
    assert fresh(before, after)


def test_another_day_makes_all_rows_anew() -> None:
    maker, messages = RowMaker(), threads.long(80)
    maker.rows(messages, NOW)
    tomorrow = NOW + timedelta(days=1)
    assert maker.rows(messages, tomorrow) == rows_of(messages, tomorrow)


async def test_a_new_message_has_few_layouts_compared(
    open_thread: MainWindow, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = open_thread.inbox.thread_screen
    store.messages.threads[SITI] = messages = threads.long(PAGE)
    screen.open(replace(store.conversations.rows[0], unread=0))
    await eventually(lambda: len(screen.model.messages) == PAGE)
    await eventually(lambda: not screen.timeline._layouts.pending)
    compared: list[MessageRow] = []
    shown = layouts._shown

    def noted(row: MessageRow) -> object:
        compared.append(row)
        return shown(row)

    monkeypatch.setattr(layouts, "_shown", noted)
    store.add(new_one(messages[-1]))
    await eventually(lambda: screen.timeline.bubble_rect(MessageId("baru")) is not None)
    assert len(compared) <= 4


async def test_a_bubble_that_loses_its_tail_is_not_measured_again(
    open_thread: MainWindow, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = open_thread.inbox.thread_screen
    store.messages.threads[SITI] = messages = threads.long(PAGE)
    screen.open(replace(store.conversations.rows[0], unread=0))
    view = screen.timeline
    await eventually(lambda: len(view.rows()) > PAGE and not view._layouts.pending)
    measured: list[Message] = []
    measure = bubble.measure

    def noted(message: Message, *asked: float, **more: float) -> BubbleLayout:
        measured.append(message)
        return measure(message, *asked, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(bubble, "measure", noted)
    last = messages[-1]
    before = frame(view, last.id)
    came = replace(last, id=MessageId("baru"), timestamp=last.timestamp + timedelta(seconds=5))
    store.add(came)
    await eventually(lambda: view.bubble_rect(came.id) is not None)
    assert [message.id for message in measured] == [came.id]
    assert frame(view, last.id) != before


def frame(view: TimelineView, message_id: MessageId) -> QPainterPath:
    """A bubble's outline."""
    index = view._layouts.index_of(message_id)
    assert index is not None
    row = view.rows()[index]
    assert isinstance(row, MessageRow)
    return view._layouts.layout(row).frame


async def test_what_lies_above_what_is_loaded_is_not_read_again(
    open_thread: MainWindow, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = open_thread.inbox.thread_screen
    store.messages.threads[SITI] = messages = threads.long(4 * PAGE)
    screen.open(replace(store.conversations.rows[0], unread=0))
    await eventually(lambda: len(screen.model.messages) == PAGE)
    read: list[list[Message]] = []
    latest = store.messages.latest

    async def noted(*asked: object, **more: object) -> list[Message]:
        read.append(await latest(*asked, **more))  # type: ignore[arg-type]
        return read[-1]

    monkeypatch.setattr(store.messages, "latest", noted)
    store.add(new_one(messages[-1]))
    await eventually(lambda: len(screen.model.messages) == PAGE + 1)
    assert [len(each) for each in read] == [PAGE + 1]


async def test_a_thread_whose_first_unread_one_cannot_be_loaded_is_a_page(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    store.messages.threads[SITI] = threads.long(2 * MOST)
    screen = open_thread.inbox.thread_screen
    screen.open(replace(store.conversations.rows[0], unread=MOST + 1))
    await eventually(lambda: screen.model.messages)
    assert len(screen.model.messages) == PAGE


async def test_counts_that_stay_have_no_chip_fitted_again(
    open_thread: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    views = open_thread.inbox.conversations.views
    await eventually(lambda: views._counters is not None)
    assert views._counters is not None
    fitted: list[Counted] = []
    monkeypatch.setattr(CountedChips, "fit", lambda _, counted, __: fitted.append(counted))
    views.show_counters(replace(views._counters))
    assert fitted == []
    views.show_counters(replace(views._counters, mine=views._counters.mine + 1))
    assert fitted


async def test_a_bubble_that_quotes_is_measured_again_when_who_is_quoted_is_renamed(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    timeline = open_thread.inbox.thread_screen.timeline
    thread = store.messages.threads[SITI]
    place = next(n for n, message in enumerate(thread) if message.quote is not None)
    quote = thread[place].quote
    assert quote is not None

    def shown() -> BubbleLayout:
        row = next(
            row
            for row in timeline.rows()
            if isinstance(row, MessageRow) and row.message.id == thread[place].id
        )
        return timeline._layouts.layout(row)

    timeline.scroll_to(thread[place].id)
    await quiet()
    before = shown()
    store.announce(SITI)
    await quiet()
    assert shown() is before
    thread[place] = replace(thread[place], quote=replace(quote, sender="Nama Baru"))
    store.announce(SITI)
    await eventually(lambda: shown() is not before)
