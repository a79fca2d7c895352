"""The room below the views, while letters come: nothing is arranged, read or painted in vain."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, SignalInstance
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from console.domain.conversation import ConversationRow
from console.domain.desk import SearchHit
from console.ui.painted import painted
from console.ui.screens.inbox import results
from console.ui.screens.inbox.conversations import ConversationsPanel
from console.ui.screens.inbox.row import RowDelegate
from tests.gallery.memory import MemoryStore
from tests.gallery.samples import Thread, desk, row
from tests.gallery.stage import Stage
from tests.waiting import eventually


class Counted(QObject):
    """How often a widget was told of something."""

    def __init__(self, widget: QWidget, kind: QEvent.Type) -> None:
        super().__init__(widget)
        self._kind = kind
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == self._kind
        return False


class Told:
    """What a signal carried."""

    def __init__(self, signal: SignalInstance) -> None:
        self.all: list[Any] = []
        signal.connect(self.all.append)


class Gate:
    """Messages are found once it is open."""

    def __init__(self, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
        self.opened = asyncio.Event()
        self._found = store.search.messages
        monkeypatch.setattr(store.search, "messages", self._late)

    async def _late(self, text: str, **options: object) -> Sequence[SearchHit]:
        await self.opened.wait()
        return await self._found(text, **options)  # type: ignore[arg-type]


def late_conversations(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Conversations are found once it is set."""
    known = asyncio.Event()
    page = store.conversations.page

    async def late(*asked: Any, **options: Any) -> Sequence[ConversationRow]:
        await known.wait()
        return await page(*asked, **options)

    monkeypatch.setattr(store.conversations, "page", late)
    return known


@pytest.fixture
def store() -> MemoryStore:
    return desk()


@pytest.fixture
async def panel(stage: Stage, store: MemoryStore) -> ConversationsPanel:
    window = stage.window(store)
    stage.show(window, 1200, 700)
    shown = window.inbox.conversations
    await window.inbox.is_whole.wait()
    await eventually(lambda: shown.model.is_loaded)
    return shown


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the machine is."""
    monkeypatch.setattr(results, "TOGETHER", 60_000)


def look_for(panel: ConversationsPanel, text: str) -> None:
    panel.search.setText(text)
    panel._show()


async def test_what_is_found_comes_and_goes_without_arranging_the_window(
    panel: ConversationsPanel,
) -> None:
    look_for(panel, "nggak ada dua kali")
    await eventually(lambda: panel.empty.isVisible())
    parent = panel.parentWidget()
    assert parent is not None
    asked = [Counted(widget, QEvent.Type.LayoutRequest) for widget in (panel, parent)]
    chips = Counted(panel.views, QEvent.Type.Resize)
    for text in ("kurir", "siti", "nggak ada dua kali", "lina"):
        look_for(panel, text)
        await eventually(lambda: not panel.model.is_searching and not panel.hits.found.is_searching)
        await eventually(lambda: panel.results.updatesEnabled())
        assert panel.hits.isVisible() is bool(panel.hits.found.hits)
        assert panel.list.isVisible() is bool(panel.model.rowCount())
    assert [counted.count for counted in asked] == [0, 0]
    assert chips.count == 0


async def test_conversations_wait_a_moment_to_be_painted_with_the_messages(
    panel: ConversationsPanel, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = Gate(store, monkeypatch)
    look_for(panel, "siti")
    paints = Counted(panel.list.viewport(), QEvent.Type.Paint)
    await eventually(lambda: not panel.model.is_searching)
    assert not panel.results.updatesEnabled()
    gate.opened.set()
    await eventually(lambda: paints.count > 0)
    assert not panel.hits.found.is_searching


async def test_of_what_is_found_a_screen_is_read_and_the_rest_as_one_looks_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    thread = Thread()
    for n in range(200):
        thread.add(f"pelanggan {n}", minutes=n)
    rows = [row(f"c{n:04}", f"Pelanggan {n}", "halo", minutes=n) for n in range(200)]
    store = MemoryStore(rows)
    store.messages.threads[rows[0].id] = thread.messages
    window = stage.window(store)
    stage.show(window, 1200, 700)
    panel = window.inbox.conversations
    look_for(panel, "pelanggan")
    await eventually(lambda: panel.hits.isVisible() and not panel.model.is_searching)
    await eventually(lambda: panel.results.updatesEnabled())
    assert (panel.model.rowCount(), panel.hits.found.rowCount()) == (20, 20)
    panel.list.verticalScrollBar().setValue(panel.list.verticalScrollBar().maximum() * 3 // 4)
    panel.hits.verticalScrollBar().setValue(panel.hits.verticalScrollBar().maximum() * 3 // 4)
    await eventually(lambda: panel.model.rowCount() > 20 and panel.hits.found.rowCount() > 20)


async def test_rows_stay_as_they_are_painted_until_others_are_known(
    panel: ConversationsPanel, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    look_for(panel, "s")
    panel.search.clear()
    panel._show()
    await eventually(lambda: panel.hits.found.rowCount() == 0 and not panel.model.is_searching)
    await painted(panel.list.viewport())
    known = late_conversations(store, monkeypatch)
    seen = Counted(panel.list.viewport(), QEvent.Type.Paint)
    with patch.object(RowDelegate, "_paint", autospec=True, side_effect=RowDelegate._paint) as made:
        look_for(panel, "i")
        await painted(panel.search)
        assert seen.count == 0
        panel.list.viewport().repaint()
        assert made.call_count == 0
        known.set()
        await eventually(lambda: made.call_count > 0)
        assert not panel.model.is_searching


async def test_conversations_are_painted_though_the_messages_are_long_in_coming(
    panel: ConversationsPanel, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    Gate(store, monkeypatch)
    panel.results._held.setInterval(1)
    look_for(panel, "siti")
    await eventually(lambda: not panel.model.is_searching and panel.results.updatesEnabled())
    assert panel.hits.found.is_searching


async def test_enter_where_nothing_is_found_opens_nothing_later(
    panel: ConversationsPanel, qtbot: QtBot
) -> None:
    opened = Told(panel.chosen)
    qtbot.keyClicks(panel.search, "nggak ada dua kali")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    await eventually(lambda: panel.empty.isVisible())
    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    await eventually(lambda: panel.model.rowCount() == 8)
    assert opened.all == []


async def test_enter_opens_no_conversation_that_was_found_for_other_letters(
    panel: ConversationsPanel,
    store: MemoryStore,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened = Told(panel.chosen)
    known = late_conversations(store, monkeypatch)
    qtbot.keyClicks(panel.search, "lina")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    await eventually(lambda: panel.results.has_hits and not panel.results.is_searching)
    assert opened.all == []
    known.set()
    await eventually(lambda: bool(opened.all))
    assert [entry.id for entry in opened.all] == ["lina"]


async def test_a_team_that_begins_without_conversations_walks_them_once_they_come(
    stage: Stage,
) -> None:
    store = MemoryStore([])
    window = stage.window(store)
    shown = window.inbox.conversations
    await eventually(lambda: shown.empty.isVisibleTo(shown))
    stage.show(window, 1200, 700)
    await window.inbox.is_whole.wait()
    store.conversations.rows = desk().conversations.rows
    store.announce(store.conversations.rows[0].id)
    await eventually(lambda: shown.list.isVisible())
    assert shown.list.hasFocus()


async def test_while_the_first_rows_are_awaited_their_outlines_fill_the_list(
    stage: Stage, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*asked: Any, **options: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(store.conversations, "part", never)
    window = stage.window(store)
    stage.show(window, 1200, 700)
    shown = window.inbox.conversations
    await painted(window)
    assert shown.list.is_waiting
    assert shown.list.geometry() == shown.results.rect()
