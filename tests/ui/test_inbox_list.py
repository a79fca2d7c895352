"""The list at length: many rows, what each of them shows and says, search and narrowing."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest
from PySide6.QtCore import QLocale, QModelIndex, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from console.domain.conversation import ConversationStatus, Counters, Filter, Label
from console.domain.desk import SearchHit
from console.domain.ids import ConversationId, LabelId
from console.ui.models.conversations import RowRole
from console.ui.theme.theme import Scheme
from console.ui.widgets.marked import draw_marked
from console.ui.widgets.painting import draw_line
from console.ui.window import MainWindow
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import SITI, Thread, desk, row
from tests.gallery.stage import Stage
from tests.waiting import eventually


def names(window: MainWindow) -> list[str]:
    return [entry.id for entry in window.inbox.conversations.model.rows]


async def test_enter_in_the_search_opens_the_first_found_and_escape_ends_the_search(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel, inbox = window.inbox.conversations, window.inbox
    assert "hits" not in vars(panel)  # what shows found messages is not made for the start
    qtbot.keyClicks(panel.search, "lina")
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)  # before anything was looked for
    await eventually(lambda: inbox.has_reading and inbox.thread_screen.row)
    assert inbox.thread_screen.row is not None
    assert inbox.thread_screen.row.id == "lina"
    qtbot.keyClick(panel.list, Qt.Key.Key_Escape)
    await eventually(lambda: len(names(window)) == 8)
    assert panel.search.text() == ""
    qtbot.keyClicks(panel.search, "nggak ada dua kali")
    await eventually(lambda: panel.empty.isVisible())
    panel.search.clear()
    qtbot.keyClicks(panel.search, "kurir")  # in messages only
    qtbot.keyClick(panel.search, Qt.Key.Key_Return)
    await eventually(lambda: inbox.thread_screen.row and inbox.thread_screen.row.id == "siti")
    assert QApplication.focusWidget() is panel.hits  # and on by the keys, also with no list above
    after = panel.list.nextInFocusChain()
    while after and (not after.focusPolicy().value or panel.list.isAncestorOf(after)):
        after = after.nextInFocusChain()
    assert after is panel.hits  # Tab comes there from the conversations, though it is made late
    qtbot.keyClick(panel.hits, Qt.Key.Key_Up)
    assert panel.search.hasFocus()
    qtbot.keyClick(panel.search, Qt.Key.Key_Down)
    assert QApplication.focusWidget() is panel.hits


async def test_narrowed_to_a_label_the_views_count_what_they_would_show(
    window: MainWindow,
) -> None:
    views = window.inbox.conversations.views
    views.show_only(LabelId("kirim"))
    await eventually(lambda: views.chips[Filter.MINE].text() == "Milik saya 1")
    views.show_only(None)
    await eventually(lambda: views.chips[Filter.MINE].text() == "Milik saya 8")


async def test_a_long_list_is_as_long_as_it_is_and_read_where_one_looks(
    stage: Stage, qtbot: QtBot
) -> None:
    rows = [row(f"c{n:05}", f"Pelanggan {n}", "halo", minutes=n) for n in range(20_000)]
    store = MemoryStore(rows)
    window = stage.window(store)
    stage.show(window, 1200, 700)
    model, listed = window.inbox.conversations.model, window.inbox.conversations.list
    await eventually(lambda: model.rowCount() == 20_000)
    assert len(model.rows) == 40
    listed.setFocus()
    qtbot.keyClick(listed, Qt.Key.Key_End)
    thread = window.inbox.thread_screen
    await eventually(lambda: thread.row is not None and thread.row.id == "c19999")
    assert len(model.rows) < 200
    assert listed.currentIndex().row() == 19_999

    store.conversations.change(ConversationId("c19998"), last_message_at=NOW + timedelta(hours=1))
    store.announce(ConversationId("c19998"))
    await eventually(lambda: listed.model().index(19_998, 0).data(RowRole.ROW).id == "c19997")
    assert listed.currentIndex().data(RowRole.ROW).id == "c19999"

    listed.verticalScrollBar().setValue(listed.verticalScrollBar().maximum() // 2)
    middle = listed.viewport().rect().center()
    await eventually(lambda: listed.indexAt(middle).data(RowRole.ROW) is not None)


async def test_who_scrolls_through_what_a_search_finds_meets_no_end_before_the_last(
    stage: Stage, qtbot: QtBot
) -> None:
    rows = [row(f"c{n:04}", f"Pelanggan {n}", "halo", minutes=n) for n in range(350)]
    window = stage.window(MemoryStore(rows))
    stage.show(window, 1200, 700)
    window.inbox.conversations.search.setText("pelanggan")
    window.inbox.conversations._show()
    model = window.inbox.conversations.model
    listed = window.inbox.conversations.list
    bar = listed.verticalScrollBar()
    await eventually(lambda: not model._anew and bar.maximum())
    while model.rowCount() < 350:  # by the wheel: the end of what is read is never in the way
        before = model.rowCount()
        while model.rowCount() == before:
            assert bar.value() < bar.maximum()
            bar.setValue(bar.value() + 3 * 68)
            await asyncio.sleep(0)
    assert names(window) == [entry.id for entry in rows]
    listed.setFocus()
    qtbot.keyClick(listed, Qt.Key.Key_End)
    await eventually(lambda: listed.currentIndex().row() == 349)


async def searching(stage: Stage, count: int) -> MainWindow:
    """A window that has found so many conversations, and read the first of them."""
    rows = [row(f"c{n:04}", f"Pelanggan {n}", "halo", minutes=n) for n in range(count)]
    window = stage.window(MemoryStore(rows))
    stage.show(window, 1200, 700)
    panel = window.inbox.conversations
    panel.search.setText("pelanggan")
    panel._show()
    await eventually(lambda: not panel.model._anew)
    return window


async def test_end_goes_to_the_real_end_of_what_a_search_finds(stage: Stage, qtbot: QtBot) -> None:
    window = await searching(stage, 350)
    panel = window.inbox.conversations
    assert panel.model.rowCount() < 350
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_End)
    thread = window.inbox.thread_screen
    await eventually(lambda: thread.row is not None and thread.row.id == "c0349")
    assert panel.list.currentIndex().row() == 349


@pytest.mark.parametrize(
    ("key", "place"),
    [(Qt.Key.Key_End, 24), (Qt.Key.Key_PageDown, 8), (Qt.Key.Key_Home, 0), (Qt.Key.Key_PageUp, 0)],
    ids=["End", "PageDown", "Home", "PageUp"],
)
async def test_from_no_row_each_key_goes_where_it_says(
    stage: Stage, qtbot: QtBot, key: Qt.Key, place: int
) -> None:
    panel = (await searching(stage, 25)).inbox.conversations
    panel.list.setFocus()
    panel.search.setText("langgan")
    panel._show()  # the keys stay where they are
    await eventually(lambda: panel.model.is_loaded and not panel.model.is_searching)
    panel.model.fetchMore(QModelIndex())
    await eventually(lambda: not panel.model.has_more)  # and the list knows it
    assert not panel.list.currentIndex().isValid()
    qtbot.keyClick(panel.list, key)
    await eventually(lambda: panel.list.currentIndex().row() == place)
    assert panel.list.selectionModel().isSelected(panel.model.index(place))


async def test_end_goes_to_the_oldest_message_found_and_how_many_there_are_is_said(
    stage: Stage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("console.ui.widgets.seeking.MOST", 200)
    thread = Thread()
    for n in range(3_000):
        thread.add(f"paket {n}", minutes=n)
    store = desk()
    store.messages.threads[SITI] = thread.messages
    window = stage.window(store)
    stage.show(window, 1200, 700)
    panel = window.inbox.conversations
    panel.search.setText("paket")
    panel._show()
    await eventually(lambda: panel.hits.isVisible())
    assert re.fullmatch(r"PESAN · \d+\+", panel.hits.title.text())
    panel.hits.setFocus()
    qtbot.keyClick(panel.hits, Qt.Key.Key_End)
    await eventually(lambda: panel.hits.currentIndex().row() >= 200)  # as far as one press leads
    assert panel.hits.found.rowCount() < 3_000
    assert panel.hits.title.text().endswith("+")
    qtbot.keyClick(panel.hits, Qt.Key.Key_End)
    qtbot.keyClick(panel.hits, Qt.Key.Key_Home)  # on second thoughts
    await eventually(lambda: not panel.hits.found._is_fetching)
    assert panel.hits.currentIndex().row() == 0
    monkeypatch.undo()
    qtbot.keyClick(panel.hits, Qt.Key.Key_End)
    await eventually(lambda: panel.hits.currentIndex().row() == 2_999)
    assert panel.hits.title.text() == "PESAN · 3.000"


async def test_that_nothing_was_found_is_said_when_the_messages_are_known_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = desk()
    window = stage.window(store)
    stage.show(window, 1200, 700)
    panel = window.inbox.conversations
    await eventually(lambda: panel.model.is_loaded)
    go_on = asyncio.Event()

    async def late(*_: object, **__: object) -> list[SearchHit]:
        await go_on.wait()
        return []

    monkeypatch.setattr(store.search, "messages", late)
    panel.search.setText("zzzz")
    panel._show()
    await eventually(lambda: panel.model.rowCount() == 0)
    assert not panel.empty.isVisible()
    go_on.set()
    await eventually(lambda: panel.empty.isVisible())


async def test_what_was_found_is_drawn_once_and_anew_in_other_colours(stage: Stage) -> None:
    thread = Thread()
    for n in range(5):
        thread.add(f"paket {n}", minutes=n)
    store = desk()
    store.messages.threads[SITI] = thread.messages
    window = stage.window(store)
    stage.show(window, 1200, 700)
    panel = window.inbox.conversations
    panel.search.setText("paket")
    panel._show()
    await eventually(lambda: panel.hits.isVisible())
    before = panel.hits.viewport().grab().toImage()
    with patch("console.ui.screens.inbox.hits.draw_marked", wraps=draw_marked) as drawn:
        assert panel.hits.viewport().grab().toImage() == before
        assert drawn.call_count == 0
        stage.set(scheme=Scheme.DARK)
        assert panel.hits.viewport().grab().toImage() != before
        assert drawn.call_count == 5


async def test_all_that_a_search_finds_can_be_chosen_though_it_was_not_looked_at(
    stage: Stage, qtbot: QtBot
) -> None:
    window = await searching(stage, 120)
    panel = window.inbox.conversations
    qtbot.keyClick(panel.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: len(panel.chosen_rows()) == 120)


async def test_a_search_over_all_marks_what_is_snoozed_or_resolved(stage: Stage) -> None:
    store = desk()
    store.conversations.change(SITI, status=ConversationStatus.RESOLVED)
    window = stage.window(store, inbox_view="resolved")
    stage.show(window, 1200, 700)
    panel = window.inbox.conversations
    await eventually(lambda: "siti" in names(window))

    def spoken(id: str) -> str:
        index = panel.model.index_of(ConversationId(id))
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole))

    def hit_said() -> str:
        return str(panel.hits.found.index(0).data(Qt.ItemDataRole.AccessibleTextRole))

    assert "selesai" not in spoken("siti")  # all are in this view
    panel.search.setText("a")
    panel._show()
    await eventually(lambda: len(names(window)) > 1)
    assert "selesai" in spoken("siti")
    panel.search.setText("kurir")
    panel._show()
    await eventually(lambda: panel.hits.found.rowCount() > 0)
    assert hit_said().startswith("Siti Rahmawati, selesai: ")
    store.conversations.change(SITI, name="", address="whatsapp:+628123456789")
    panel._show()
    await eventually(lambda: hit_said().startswith("+62 812-3456-789, selesai: "))


async def test_all_of_a_long_list_are_chosen_at_once(stage: Stage, qtbot: QtBot) -> None:
    rows = [row(f"c{n:04}", f"Pelanggan {n}", "halo", minutes=n) for n in range(120)]
    window = stage.window(MemoryStore(rows))
    stage.show(window, 1200, 700)
    panel = window.inbox.conversations
    await eventually(lambda: panel.model.is_loaded)
    qtbot.keyClick(panel.list, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: len(panel.chosen_rows()) == 120)
    assert panel.chosen_bar.isVisible()
    qtbot.keyClick(panel.list, Qt.Key.Key_Escape)
    await eventually(lambda: not panel.chosen_bar.isVisible())


async def test_all_that_a_row_shows_is_spoken(window: MainWindow) -> None:
    panel = window.inbox.conversations
    panel.show_company({ConversationId("siti"): ("Raka Aditya", True)})

    def spoken(id: str) -> str:
        index = panel.model.index_of(ConversationId(id))
        return str(index.data(Qt.ItemDataRole.AccessibleTextRole))

    said = spoken("siti")
    for part in ("2 belum dibaca", "Raka Aditya sedang mengetik", "Pengiriman", "10.42"):
        assert part in said
    assert "sisa 48 mnt" in spoken("bambang")
    assert "menunggu 4 mnt" in spoken("bambang")
    assert "jendela tutup" in spoken("yusuf")
    panel.show_company({})
    assert "mengetik" not in spoken("siti")


async def test_a_muted_conversation_has_a_mark_that_is_spoken_too(window: MainWindow) -> None:
    panel, id = window.inbox.conversations, ConversationId("makmur")
    index = panel.model.index_of(id)

    def seen() -> QImage:
        return panel.list.viewport().grab(panel.list.visualRect(index)).toImage()

    before = seen()
    window.alerts.set_muted(id, True)
    assert seen() != before
    assert "dibisukan" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    window.alerts.set_muted(id, False)
    assert seen() == before


async def test_a_name_keeps_its_room_whatever_stands_beside_it(stage: Stage) -> None:
    stage.set(scale=150)
    name = "Perseroan Terbatas Sumber Makmur Abadi"
    labels = tuple(Label(LabelId(str(n)), str(n)) for n in range(5))
    busy = replace(row("pt", name, "halo", minutes=30, waiting=23 * 60), labels=labels)
    window = stage.window(MemoryStore([replace(busy, priority="urgent")]))
    stage.show(window, 1100, 700)
    listed = window.inbox.conversations.list
    await eventually(lambda: window.inbox.conversations.model.rowCount() == 1)
    with patch("console.ui.screens.inbox.row.draw_line", wraps=draw_line) as drawn:
        window.inbox.conversations._delegate._kept.clear()
        listed.viewport().grab()
    room = next(call.args[1].width() for call in drawn.mock_calls if call.args[2] == name)
    assert room >= 0.3 * listed.viewport().width()


async def test_who_has_answered_everybody_is_offered_who_waits_longest(
    stage: Stage, qtbot: QtBot
) -> None:
    store = MemoryStore(
        [
            row("baru", "Baru", "halo", mine=False, unread=1, minutes=5),
            row("lama", "Lama", "halo?", mine=False, unread=1, minutes=50),
        ]
    )
    window = stage.window(store)
    stage.show(window, 1200, 700)
    empty = window.inbox.conversations.empty
    await eventually(lambda: empty.step.text() == "Ambil berikutnya")
    qtbot.mouseClick(empty.step, Qt.MouseButton.LeftButton)
    await eventually(lambda: names(window) == ["lama"])
    assert window.inbox.thread_screen.row is not None
    assert window.inbox.thread_screen.row.id == "lama"


@pytest.mark.parametrize("code", ["id", "en"])
async def test_large_counts_leave_the_views_on_one_line(
    stage: Stage, store: MemoryStore, code: str
) -> None:
    store.conversations.total = Counters(99_999, 99_999, 100_000, 0)
    stage.set(language=code)
    window = stage.window(store)
    stage.show(window, 1200, 700)
    views = window.inbox.conversations.views
    mine, whole = views.chips[Filter.MINE], QLocale().toString(99_999)
    await eventually(lambda: mine.text().endswith(" 99.999" if code == "id" else " 99,999"))
    for width in (316, 286):  # the list as it is at first, and as narrow as it can be made
        views.setFixedWidth(width)
        await eventually(lambda: "99" in mine.text() and views.rest.y() == mine.y())
        assert whole in (mine.toolTip() or mine.text())
    if code == "id":
        assert (mine.text(), mine.toolTip()) == ("Milik saya 99rb", "Milik saya 99.999")
    views.setFixedWidth(600)
    await eventually(lambda: whole in mine.text())
    assert mine.toolTip() == ""


async def test_a_label_that_is_gone_has_its_way_back(
    window: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    listed = window.inbox.conversations
    whole = len(listed.model.rows)
    label = LabelId("deleted elsewhere")
    listed.views.show_only(label)
    await eventually(lambda: listed.empty.isVisible())
    assert [chip.text().strip() for chip in listed.views.narrowed] == ["Label yang sudah tidak ada"]
    qtbot.mouseClick(listed.empty.step, Qt.MouseButton.LeftButton)
    await eventually(lambda: len(listed.model.rows) == whole)
    assert listed.views.view.label_id is None
    assert listed.views.narrowed == []
