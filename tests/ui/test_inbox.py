"""The list: walked by keys, followed live, its names never read as HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from console.domain.changes import Changes, Link, Refusal
from console.domain.conversation import Filter, Label, Sort
from console.domain.ids import ConversationId, LabelId
from console.domain.intents import Assign, Reopen, Resolve, SetLabel
from console.settings.registry import REGISTRY
from console.ui.language import translate
from console.ui.models.conversations import RowRole
from console.ui.snoozing import moments
from console.ui.widgets.chooser import Chooser
from console.ui.widgets.painting import draw_line
from console.ui.window import MainWindow
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.samples import row
from tests.gallery.stage import Stage
from tests.waiting import eventually


def names(window: MainWindow) -> list[str]:
    return [entry.id for entry in window.inbox.conversations.model.rows]


async def test_arrow_keys_walk_and_enter_goes_to_the_composer(
    window: MainWindow, qtbot: QtBot
) -> None:
    listed = window.inbox.conversations.list
    window.inbox.conversations.search.setFocus()
    qtbot.keyClick(window.inbox.conversations.search, Qt.Key.Key_Down)
    await eventually(lambda: window.inbox.thread_screen.row)
    qtbot.keyClick(listed, Qt.Key.Key_Down)
    thread = window.inbox.thread_screen
    await eventually(lambda: thread.row is not None and thread.row.id == "bambang")
    qtbot.keyClick(listed, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is thread.composer.editor


async def test_a_new_message_moves_its_row_to_the_top_and_keeps_the_selection(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    rows = store.conversations.rows
    place = next(i for i, entry in enumerate(rows) if entry.id == "makmur")
    rows[place] = replace(rows[place], last_message_at=NOW, unread=1)
    store.announce(ConversationId("makmur"))
    await eventually(lambda: names(open_thread)[0] == "makmur")
    current = open_thread.inbox.conversations.list.currentIndex()
    assert current.data(RowRole.ROW).id == "siti"
    assert open_thread.inbox.thread_screen.row is not None
    assert open_thread.inbox.thread_screen.row.id == "siti"


async def test_views_show_their_conversations_and_counts(window: MainWindow, qtbot: QtBot) -> None:
    panel = window.inbox.conversations
    await eventually(lambda: panel.views.chips[Filter.UNASSIGNED].text() == "Antrean 2")
    qtbot.mouseClick(panel.views.chips[Filter.UNASSIGNED], Qt.MouseButton.LeftButton)
    await eventually(lambda: names(window) == ["antre1", "antre2"])


async def test_a_newcomer_sees_every_conversation_that_waits(stage: Stage) -> None:
    window = stage.window(MemoryStore([row("bebas", "Bebas", "halo", mine=False)]), inbox_view=None)
    stage.show(window, 1200, 700)
    await eventually(lambda: names(window) == ["bebas"])
    assert REGISTRY["inbox_view"].default == Filter.ALL


async def test_typing_searches_and_escape_brings_everything_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = window.inbox.conversations
    qtbot.keyClicks(panel.search, "lina")
    await eventually(lambda: names(window) == ["lina"])
    qtbot.keyClick(panel.search, Qt.Key.Key_Escape)
    await eventually(lambda: len(names(window)) == 8)


async def test_a_search_without_result_offers_the_way_back(
    window: MainWindow, qtbot: QtBot
) -> None:
    panel = window.inbox.conversations
    qtbot.keyClicks(panel.search, "zzz")
    await eventually(lambda: panel.empty.isVisible())
    qtbot.mouseClick(panel.empty.step, Qt.MouseButton.LeftButton)
    await eventually(lambda: panel.list.isVisible() and len(names(window)) == 8)


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


async def test_what_a_search_finds_is_read_a_page_at_a_time(stage: Stage) -> None:
    rows = [row(f"c{n:04}", f"Pelanggan {n}", "halo", minutes=n) for n in range(350)]
    window = stage.window(MemoryStore(rows))
    stage.show(window, 1200, 700)
    window.inbox.conversations.search.setText("pelanggan")
    window.inbox.conversations._show()
    model = window.inbox.conversations.model
    await eventually(lambda: model.rowCount() == 40)
    listed = window.inbox.conversations.list
    listed.verticalScrollBar().setValue(listed.verticalScrollBar().maximum())
    await eventually(lambda: model.rowCount() > 40)
    assert len(set(names(window))) == model.rowCount()


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


async def test_html_in_names_is_shown_as_typed(stage: Stage) -> None:
    evil = "<b>Tebal</b><img src='file:///etc/passwd'>"
    store = MemoryStore([row("evil", evil, evil)])
    window = stage.window(store)
    stage.show(window, 1360, 800)
    await eventually(lambda: window.inbox.conversations.model.is_loaded)
    window.open_conversation(ConversationId("evil"))
    await eventually(lambda: window.inbox.thread_screen.header.name.text() == evil)
    for label in window.findChildren(QLabel):
        assert label.textFormat() is Qt.TextFormat.PlainText or not label.text()


async def test_offline_is_a_strip_that_goes_by_itself(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    store.outbox.waiting = 2
    store.set_link(Link.OFFLINE)
    banner = open_thread.inbox.strips.line
    await eventually(banner.isVisible)
    assert "2 balasan menunggu" in banner.text.text()
    assert open_thread.inbox.thread_screen.composer.can_write
    store.set_link(Link.ONLINE)
    await eventually(lambda: not banner.isVisible())


async def test_narrow_windows_take_turns(open_thread: MainWindow, qtbot: QtBot) -> None:
    open_thread.resize(700, 700)
    inbox = open_thread.inbox
    await eventually(lambda: not inbox.conversations.isVisible())
    assert inbox.middle.isVisible()
    assert not inbox.contact.isVisible()
    qtbot.mouseClick(inbox.thread_screen.header.back, Qt.MouseButton.LeftButton)
    assert inbox.conversations.isVisible()
    assert not inbox.middle.isVisible()


async def test_the_language_changes_in_place(open_thread: MainWindow, stage: Stage) -> None:
    assert open_thread.inbox.conversations.views.title.text() == "Kotak masuk"
    stage.language.choose("en")
    await eventually(lambda: open_thread.inbox.thread_screen.timeline.rows())
    assert open_thread.inbox.conversations.views.title.text() == "Inbox"
    stage.language.choose("id")
    await eventually(lambda: open_thread.inbox.thread_screen.timeline.rows())


def choose(window: MainWindow, *places: int) -> None:
    listed = window.inbox.conversations.list
    for place in places:
        flags = listed.selectionModel().SelectionFlag.Select
        listed.selectionModel().select(window.inbox.conversations.model.index(place), flags)


async def test_what_is_done_with_several_is_done_with_each(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    choose(open_thread, 1, 2)
    bar = open_thread.inbox.conversations.chosen_bar
    assert bar.isVisible()
    assert len(open_thread.inbox.targets()) == 3
    open_thread.inbox.resolve()
    await eventually(lambda: len(store.outbox.intents) >= 3)
    done = [i.conversation_id for i in store.outbox.intents if isinstance(i, Resolve)]
    assert sorted(done) == ["bambang", "makmur", "siti"]
    await eventually(lambda: "makmur" not in names(open_thread))
    assert open_thread.inbox.thread_screen.row is not None
    assert open_thread.inbox.thread_screen.row.id == "siti"


async def test_escape_ends_a_choice_before_it_leaves_the_thread(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    choose(open_thread, 1, 2)
    panel = open_thread.inbox.conversations
    qtbot.keyClick(panel.list, Qt.Key.Key_Escape)
    assert panel.chosen_rows() == ()
    assert panel.list.currentIndex().data(RowRole.ROW).id == "siti"


async def test_letters_act_on_the_open_conversation(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    open_thread.inbox.conversations.list.setFocus()
    qtbot.keyClick(open_thread.inbox.conversations.list, Qt.Key.Key_E)
    await eventually(lambda: store.outbox.intents[-1:] == [Resolve(ConversationId("siti"))])
    header = open_thread.inbox.thread_screen.header
    await eventually(lambda: header.resolve.accessibleName() == translate("thread", "Reopen"))
    qtbot.mouseClick(header.resolve, Qt.MouseButton.LeftButton)
    await eventually(lambda: store.outbox.intents[-1:] == [Reopen(ConversationId("siti"))])


async def test_letters_in_the_composer_are_letters(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    editor = open_thread.inbox.thread_screen.composer.editor
    editor.clear()
    qtbot.keyClicks(editor, "esal")
    assert editor.toPlainText() == "esal"
    assert not [i for i in store.outbox.intents if isinstance(i, Resolve)]


async def test_a_person_is_found_by_typing_and_taken_by_enter(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    await eventually(lambda: open_thread.inbox.team.people)
    open_thread.inbox.assign()
    popup = open_thread.findChild(Chooser)
    assert isinstance(popup, Chooser)
    qtbot.keyClick(popup, Qt.Key.Key_Down)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    await eventually(lambda: any(isinstance(i, Assign) for i in store.outbox.intents))
    intent = next(i for i in store.outbox.intents if isinstance(i, Assign))
    assert intent.assignee_id == "nita"


async def test_labels_are_put_on_and_taken_off_while_the_popup_stays(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    await eventually(lambda: open_thread.inbox.team.labels)
    open_thread.inbox.label()
    popup = open_thread.findChild(Chooser)
    assert isinstance(popup, Chooser)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    await eventually(lambda: len([i for i in store.outbox.intents if isinstance(i, SetLabel)]) == 2)
    first, second = (i for i in store.outbox.intents if isinstance(i, SetLabel))
    assert (first.label_id, first.on, second.on) == ("kirim", False, True)
    assert popup.isVisible()


async def test_snoozing_until_tomorrow_names_the_moment(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    tomorrow = moments(NOW)[3]
    open_thread.inbox.acts.snooze(open_thread.inbox.targets(), tomorrow.until)
    header = open_thread.inbox.thread_screen.header
    await eventually(lambda: "08.00" in header.snooze.text())
    open_thread.inbox.choose_view(Filter.SNOOZED)
    await eventually(lambda: names(open_thread) == ["siti"])


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


async def test_who_waits_longest_comes_first_when_asked(window: MainWindow) -> None:
    views = window.inbox.conversations.views
    views.order_by(Sort.WAITING)
    await eventually(lambda: names(window)[:2] == ["bambang", "siti"])


async def test_no_row_moves_under_a_mouse_that_is_about_to_click(
    window: MainWindow, store: MemoryStore
) -> None:
    before = names(window)
    listed = window.inbox.conversations.list
    listed.pointed.emit(True)
    store.conversations.change(ConversationId("makmur"), last_message_at=NOW, unread=7)
    store.announce(ConversationId("makmur"))
    await eventually(lambda: any(row.unread == 7 for row in window.inbox.conversations.model.rows))
    assert names(window) == before
    listed.pointed.emit(False)
    await eventually(lambda: names(window)[0] == "makmur")


async def test_a_refusal_is_told(window: MainWindow, store: MemoryStore) -> None:
    refusal = Refusal(ConversationId("siti"), "assign", "strange", "Not assigned", "Ask Siti.")
    store.changes.publish(Changes(refusals=(refusal,)))
    toast = window.toast
    await eventually(lambda: toast.isVisible() and toast.title.text() == "Not assigned")
