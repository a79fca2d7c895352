"""Alerts in the window: what is told, where, and what nobody else may see."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
import pytest_asyncio
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtWidgets import QMenu, QWidget

from console.domain.alerts import What
from console.domain.changes import Changes
from console.domain.content import Content, Kind
from console.domain.content import Event as Happened
from console.domain.delivery import Direction
from console.domain.ids import ConversationId, MessageId, ProfileId
from console.domain.message import Message
from console.ui.alerts.notices import notice_for
from console.ui.alerts.shield import Cover
from console.ui.alerts.tray import as_typed
from console.ui.window import MainWindow
from tests.gallery.memory import ME, NOW, MemoryStore
from tests.gallery.samples import SITI, row
from tests.gallery.stage import Stage, quiet
from tests.ui.told import Told
from tests.waiting import eventually

LINA = ConversationId("lina")
TO_ME = {"assignee_id": ME.id}


@pytest.fixture
def told(window: MainWindow) -> Told:
    return Told(window.alerts)


@pytest_asyncio.fixture
async def behind(window: MainWindow, stage: Stage) -> QWidget:
    """Another program's window is in front."""
    other = QWidget()
    stage.show(other, 200, 100)
    other.activateWindow()
    await eventually(lambda: not window.isActiveWindow())
    return other


def arrived(store: MemoryStore, *ids: str) -> None:
    store.changes.publish(Changes(arrived=frozenset(ConversationId(id) for id in ids)))


def assign_to_me(store: MemoryStore, id: ConversationId, by: str | None = "raka") -> None:
    store.conversations.change(id, assignee_id=ME.id)
    store.add(
        Message(
            id=MessageId(f"assigned-{id}"),
            conversation_id=id,
            direction=Direction.OUTBOUND,
            content=Content(
                Kind.EVENT, "", event=Happened("assigned", None, {"assignee_id": ME.id})
            ),
            timestamp=NOW + timedelta(seconds=1),
            status=None,
            version=1,
            sent_by=ProfileId(by) if by else None,
            sender_name="Raka Aditya" if by else None,
        )
    )


async def test_a_message_is_told_only_while_the_window_is_not_in_front(
    window: MainWindow, store: MemoryStore, told: Told, stage: Stage
) -> None:
    await eventually(window.isActiveWindow)
    arrived(store, "lina")
    await quiet()
    other = QWidget()
    stage.show(other, 200, 100)
    other.activateWindow()
    await eventually(lambda: not window.isActiveWindow())
    arrived(store, "siti")
    await eventually(lambda: told.notices)
    assert [notice.conversation_id for notice in told.notices] == [SITI]
    assert window.alerts.chime.played == 1


async def test_a_muted_conversation_is_silent_and_the_menu_says_so(
    window: MainWindow, store: MemoryStore, told: Told, behind: QWidget
) -> None:
    siti = await store.conversations.get(SITI)
    assert siti is not None
    panel = window.inbox.conversations
    index = panel.model.index_of(SITI)
    rect = panel.list.visualRect(index)
    before = panel.list.viewport().grab(rect).toImage()
    window.alerts.set_muted(SITI, True)
    assert panel.list.viewport().grab(rect).toImage() != before
    assert "dibisukan" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    menu = window.inbox.acts.menu((siti,))
    assert any(action.text().startswith("Bunyikan") for action in menu.actions())
    arrived(store, "siti", "lina")
    await eventually(lambda: told.notices)
    assert [notice.conversation_id for notice in told.notices] == [LINA]
    window.alerts.set_muted(SITI, False)
    assert not window.alerts.is_muted(SITI)
    assert panel.list.viewport().grab(rect).toImage() == before


async def test_an_assignment_is_told_until_it_is_looked_at(
    window: MainWindow, store: MemoryStore, told: Told, behind: QWidget
) -> None:
    assign_to_me(store, LINA)
    await eventually(lambda: told.notices)
    assert "Lina" in told.notices[0].title
    assert "Raka" in told.notices[0].text
    store.now = NOW + timedelta(minutes=3)
    window.alerts.look_at_clock()
    await eventually(lambda: len(told.notices) >= 2)

    told.chosen.emit(LINA)
    await eventually(lambda: window.inbox.has_reading and window.inbox.thread_screen.row)
    count = len(told.notices)
    store.now = NOW + timedelta(minutes=9)
    window.alerts.look_at_clock()
    await asyncio.sleep(0)
    assert window.alerts._repeating.is_empty
    assert len(told.notices) == count


async def test_what_one_did_oneself_is_no_news(
    window: MainWindow, store: MemoryStore, told: Told, behind: QWidget
) -> None:
    assign_to_me(store, LINA, by=str(ME.id))
    assign_to_me(store, SITI)
    await eventually(lambda: told.notices)
    assert [notice.conversation_id for notice in told.notices] == [SITI]


async def test_in_front_an_assignment_is_told_in_the_window(
    window: MainWindow, store: MemoryStore, told: Told
) -> None:
    await eventually(window.isActiveWindow)
    assign_to_me(store, LINA)
    await eventually(window.toast.isVisible)
    assert "Lina" in window.toast.title.text()
    assert told.notices == []


@pytest.mark.parametrize("width", [1360, 480])
async def test_a_notice_in_the_window_never_stands_where_one_writes(
    window: MainWindow, width: int
) -> None:
    window.resize(width, 620)
    window.toast.tell("Raka mentions you", "@Sari please look at this")
    assert window.toast.geometry().bottom() > 500  # nobody writes here
    window.open_conversation(SITI)
    await eventually(lambda: window.inbox.is_thread_shown)
    thread = window.inbox.thread_screen
    await eventually(thread.composer.isVisible)

    def place(widget: QWidget) -> QRect:
        return QRect(widget.mapToGlobal(QPoint()), widget.size())

    def clear() -> bool:
        notice = place(window.toast)
        return place(thread.timeline).contains(notice) and not place(thread.composer).intersects(
            notice
        )

    await eventually(clear)
    thread.open_finder()
    await eventually(clear)


async def test_one_is_reminded_once_before_a_window_closes(
    window: MainWindow, store: MemoryStore, told: Told, behind: QWidget
) -> None:
    closing = NOW - timedelta(hours=23, minutes=30)
    for entry in store.conversations.rows:
        store.conversations.change(entry.id, waiting_since=None)
    store.conversations.change(SITI, last_inbound_at=closing, waiting_since=closing)
    window.alerts.look_at_clock()
    await eventually(lambda: told.notices)
    window.alerts.look_at_clock()
    await window.alerts._tasks.settle()
    assert [notice.conversation_id for notice in told.notices] == [SITI]


async def test_the_servers_own_reminder_is_told_too_and_not_twice(
    window: MainWindow, store: MemoryStore, told: Told, behind: QWidget
) -> None:
    await window.alerts._tasks.settle()
    store.conversations.change(SITI, waiting_since=NOW)
    closing = Message(
        id=MessageId("closing"),
        conversation_id=SITI,
        direction=Direction.OUTBOUND,
        content=Content(Kind.EVENT, "", event=Happened("window_closing", None, {})),
        timestamp=NOW + timedelta(seconds=1),
        status=None,
        version=1,
    )
    store.add(closing)
    await eventually(lambda: told.notices)
    store.add(replace(closing, id=MessageId("again"), timestamp=NOW + timedelta(seconds=2)))
    await quiet()
    await window.alerts._tasks.settle()
    assert [notice.conversation_id for notice in told.notices] == [SITI]


async def test_a_reply_written_in_the_notice_is_sent(
    window: MainWindow, store: MemoryStore, told: Told, behind: QWidget
) -> None:
    arrived(store, "siti")
    await eventually(lambda: told.notices)
    assert told.notices[0].can_be_answered
    told.answered.emit(SITI, " Sebentar ya ")
    await eventually(store.outbox.sent)
    assert [intent.text for intent in store.outbox.sent()] == ["Sebentar ya"]
    newest = store.messages.threads[SITI][-2].id
    assert store.outbox.sent()[0].seen == newest


async def test_the_shield_covers_names_and_texts_and_notices_too(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    told = Told(open_thread.alerts)
    open_thread.actions_made["shield"].trigger()
    covers = [cover for cover in open_thread.findChildren(Cover) if cover.isVisible()]
    covered = {cover.parentWidget() for cover in covers}
    inbox = open_thread.inbox
    assert {inbox.middle, inbox.conversations.list, inbox.contact} <= covered
    assert inbox.middle.childAt(inbox.middle.rect().center()) in covers
    siti = await store.conversations.get(SITI)
    assert siti is not None
    open_thread.alerts._on_screen = frozenset
    open_thread.alerts._is_in_front = lambda: False  # type: ignore[method-assign]
    assert open_thread.alerts.tell(What.MESSAGE, siti)
    assert "Siti" not in told.notices[0].title + told.notices[0].text

    open_thread.actions_made["shield"].trigger()

    await eventually(lambda: not open_thread.findChildren(Cover))


async def test_the_trays_menu_has_a_way_back_and_a_way_out(window: MainWindow) -> None:
    menu = QMenu()
    window.around.fill_tray(menu)
    quits: list[bool] = []
    window.quit_wanted.connect(lambda: quits.append(True))
    menu.actions()[-1].trigger()
    assert quits == [True]


def test_a_notice_can_hide_who_and_what() -> None:
    entry = row("siti", "Siti <b>", "rahasia")
    shown = notice_for(What.MESSAGE, entry, None, content=True)
    assert (shown.title, shown.text) == ("Siti <b>", "rahasia")
    for what in What:
        hidden = notice_for(what, entry, None, content=False)
        assert "Siti" not in hidden.title + hidden.text
        assert "rahasia" not in hidden.title + hidden.text
    assert "<b>" not in as_typed("Siti <b>") or as_typed("<") == "<"
