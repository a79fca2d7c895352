"""The list: walked by keys, followed live, its names never read as HTML."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from console.domain.changes import Changes, Link, Refusal
from console.domain.conversation import Filter, Sort
from console.domain.ids import ConversationId
from console.domain.intents import Assign, Reopen, Resolve, SetLabel, Take
from console.settings.registry import REGISTRY
from console.ui.language import translate
from console.ui.models.conversations import RowRole
from console.ui.snoozing import moments
from console.ui.widgets.chooser import WIDTH, Chooser
from console.ui.window import MainWindow
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.memory_desk import ME
from tests.gallery.samples import SITI, row
from tests.gallery.stage import Stage
from tests.waiting import eventually


def names(window: MainWindow) -> list[str]:
    return [entry.id for entry in window.inbox.conversations.model.rows]


async def test_the_arrow_keys_walk_from_the_first_moment_and_nothing_is_denied_before_it_is_known(
    stage: Stage, store: MemoryStore, qtbot: QtBot
) -> None:
    made = stage.window(store)
    panel = made.inbox.conversations
    assert not panel.list.isHidden()
    assert panel.list.is_waiting
    assert panel.empty.isHidden()
    stage.show(made, 1200, 700)
    made.activateWindow()
    await eventually(lambda: panel.model.is_loaded and QApplication.focusWidget() is panel.list)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    await eventually(lambda: made.inbox.has_reading and made.inbox.thread_screen.row)
    assert panel.list.currentIndex().row() == 0


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
    qtbot.keyClick(inbox.conversations.list, Qt.Key.Key_Down)
    await eventually(lambda: inbox.middle.isVisible())
    assert QApplication.focusWidget() is inbox.thread_screen.timeline


@pytest.mark.parametrize(
    ("wide", "scale", "said", "number"),
    [
        (1180, 100, "sisa 23 j", "+62 812-3456-789"),
        (480, 100, "sisa 23 j 18 m", ""),
        (480, 150, "23 j", ""),
    ],
)
async def test_the_time_left_is_whole_and_the_number_whole_or_away(
    stage: Stage, store: MemoryStore, wide: int, scale: int, said: str, number: str
) -> None:
    stage.set(scale=scale)
    window = stage.window(store)
    stage.show(window, wide, 700)
    window.open_conversation(SITI)
    await eventually(lambda: window.inbox.is_thread_shown and window.inbox.middle.isVisible())
    header = window.inbox.thread_screen.header
    pill = header.window_pill
    await eventually(lambda: pill.text() == said)
    await eventually(lambda: pill.width() >= pill.sizeHint().width())
    assert pill.geometry().right() < header.assignee.x()
    assert ("" if header.facts.isHidden() else header.facts.text()) == number
    assert header.facts.isHidden() or header.facts.width() >= header.facts.sizeHint().width()


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
    open_thread: MainWindow, store: MemoryStore, stage: Stage, qtbot: QtBot
) -> None:
    await eventually(lambda: open_thread.inbox.team.people)
    open_thread.inbox.assign()
    popup = open_thread.findChild(Chooser)
    assert isinstance(popup, Chooser)
    assert popup.width() > stage.theme.px(WIDTH), "Dewi Wulandari (Anda), who is away, in whole"
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


async def test_what_one_does_oneself_does_not_wait_for_the_mouse_to_rest(
    window: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    listed = window.inbox.conversations.list
    listed._rest.setInterval(60_000)
    rect = listed.visualRect(window.inbox.conversations.model.index(2))
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    await eventually(lambda: window.inbox.has_reading and window.inbox.thread_screen.row)
    listed._point(True)
    qtbot.keyClick(listed, Qt.Key.Key_E)
    await eventually(lambda: len(names(window)) == 7)
    qtbot.keyClick(listed, Qt.Key.Key_Down)  # goes on where it was, not from the top
    assert [row.id for row in listed.chosen_rows()] == [names(window)[2]]


async def test_a_refusal_is_told(window: MainWindow, store: MemoryStore) -> None:
    refusal = Refusal(ConversationId("siti"), "assign", "strange", "Not assigned", "Ask Siti.")
    store.changes.publish(Changes(refusals=(refusal,)))
    toast = window.toast
    await eventually(lambda: toast.isVisible() and toast.title.text() == "Not assigned")


async def test_what_a_colleague_was_quicker_to_take_can_be_taken_over(
    stage: Stage, qtbot: QtBot
) -> None:
    store = MemoryStore([row(f"c{n}", f"Pelanggan {n}", "halo", mine=False) for n in range(2)])
    window = stage.window(store, inbox_view="unassigned")
    stage.show(window, 1200, 700)
    listed, toast = window.inbox.conversations.list, window.toast
    await eventually(lambda: len(names(window)) == 2)
    qtbot.keyClick(listed, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    await eventually(lambda: len(listed.chosen_rows()) == 2)
    window.inbox.take()
    takes = [Take(ConversationId(id), ME.id, None) for id in ("c0", "c1")]
    await eventually(lambda: store.outbox.intents == takes)
    for take, said in zip(takes, ("Raka sudah memegang Pelanggan 0", "2 "), strict=True):
        refusal = Refusal(take.conversation_id, "assign", "taken", "", "Raka")
        store.changes.publish(Changes(refusals=(refusal,)))
        await eventually(lambda said=said: toast.title.text().startswith(said))  # type: ignore[misc]
    qtbot.mouseClick(toast.step, Qt.MouseButton.LeftButton)
    over = [Assign(take.conversation_id, ME.id) for take in takes]
    await eventually(lambda: store.outbox.intents == takes + over)
    assert toast.isHidden()
