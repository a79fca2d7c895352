"""Windows of their own, what stands there at the next start, links, and one program at a time."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from pytestqt.qtbot import QtBot

from console.app.doorway import Doorway, door_name
from console.domain.changes import Changes
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import Resolve
from console.domain.links import DeepLink, Target
from console.ui import keys
from console.ui.preferences import CLOSE_TO_TRAY, ENTER_SENDS, PLACE, SHORTCUTS
from console.ui.room import within
from console.ui.screens.conversation_window import ConversationWindow
from console.ui.window import MainWindow
from tests.gallery.memory import MemoryStore
from tests.gallery.memory_server import MemoryServer
from tests.gallery.samples import SITI
from tests.gallery.stage import Stage, quiet
from tests.waiting import eventually

SECOND = """
import sys
from PySide6.QtCore import QCoreApplication
from console.app.doorway import Doorway
application = QCoreApplication([])
sys.exit(not Doorway(sys.argv[1]).hand_over("balas://conversation/2"))
"""


async def own_window(main: MainWindow) -> ConversationWindow:
    main.actions_made["own_window"].trigger()
    await eventually(lambda: main.windows.own)
    made = main.windows.own[0]
    await eventually(lambda: made.thread_screen.timeline.rows())
    await eventually(lambda: made.thread_screen.composer.is_ready)
    return made


async def test_a_conversation_gets_a_window_with_its_thread_and_its_draft(
    open_thread: MainWindow, store: MemoryStore, qtbot: QtBot
) -> None:
    open_thread.inbox.thread_screen.composer.editor.setPlainText("Sebentar ya kak")
    made = await own_window(open_thread)
    editor = made.thread_screen.composer.editor
    await eventually(lambda: editor.toPlainText() == "Sebentar ya kak")
    assert not open_thread.inbox.is_thread_shown
    assert "Siti" in made.windowTitle()

    qtbot.keyClick(editor, Qt.Key.Key_Return)

    await eventually(store.outbox.sent)
    assert store.outbox.sent()[0].conversation_id == SITI
    open_thread.windows.open(SITI)
    assert len(open_thread.windows.own) == 1


async def test_keys_and_settings_changed_meanwhile_hold_in_it_too(open_thread: MainWindow) -> None:
    made = await own_window(open_thread)
    chosen, composer = open_thread.workplace().chosen, made.thread_screen.composer
    chosen.keep(SHORTCUTS, keys.change("", "emoji", ("Ctrl+J",)))
    chosen.keep(ENTER_SENDS, False)
    assert [action.text() for action in made.actions() if action.shortcut() == "Ctrl+J"] == [
        "Emoji"
    ]
    assert composer.toolbar.emoji.toolTip() == "Emoji (Ctrl+J)"
    assert not composer.editor.enter_sends


async def test_it_is_on_screen_and_no_alert_comes_for_it(open_thread: MainWindow) -> None:
    made = await own_window(open_thread)
    made.activateWindow()
    await eventually(made.isActiveWindow)
    assert open_thread.around.on_screen() == {SITI}
    made.close()
    await eventually(lambda: not open_thread.windows.own)


async def test_colleagues_see_each_window_where_it_is(
    stage: Stage, open_thread: MainWindow, qtbot: QtBot
) -> None:
    server = MemoryServer()
    stage.server.connect(server.as_server())
    seen = server.presence
    made = await own_window(open_thread)
    open_thread.open_conversation(ConversationId("bambang"))
    await eventually(lambda: set(seen.shown.values()) == {SITI, "bambang"})
    qtbot.keyClicks(made.thread_screen.composer.field, "Baik")
    await eventually(lambda: seen.said == ["typing"] * 4)
    made.close()
    await eventually(lambda: set(seen.shown.values()) == {"bambang"})
    assert seen.said[-1] == "quiet"


async def test_a_conversation_that_is_no_longer_ours_takes_its_window_along(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    await own_window(open_thread)
    store.conversations.rows = [row for row in store.conversations.rows if row.id != SITI]
    store.changes.publish(Changes(conversations=frozenset({SITI})))
    await eventually(lambda: not open_thread.windows.own)


async def test_everything_stands_where_it_stood_at_the_next_start(
    open_thread: MainWindow, stage: Stage, store: MemoryStore
) -> None:
    await own_window(open_thread)
    open_thread.open_conversation(ConversationId("lina"))
    await eventually(lambda: open_thread.inbox.is_thread_shown)
    open_thread.go("preferences")
    open_thread.close()
    kept = open_thread.workplace().chosen.text(PLACE)

    again = stage.window(store, last_place=kept)
    stage.show(again, 1360, 860)

    await eventually(lambda: again.windows.own)
    assert again.windows.own[0].conversation_id == SITI
    assert again.pages.current == "preferences"
    await eventually(lambda: again.inbox.has_reading and again.inbox.thread_screen.row)
    row = again.inbox.thread_screen.row
    assert row is not None
    assert row.id == "lina"


async def test_what_was_kept_and_cannot_be_read_is_as_on_the_first_day(
    stage: Stage, store: MemoryStore
) -> None:
    for kept in ("{", "[]", '{"page": 1, "conversation": [], "windows": [["x"], 3]}'):
        made = stage.window(store, last_place=kept)
        stage.show(made, 1000, 700)
        model = made.inbox.conversations.model
        await eventually(partial(getattr, model, "is_loaded"))
        assert made.pages.current == "inbox"


async def test_links_lead_to_conversations_and_to_messages(
    window: MainWindow, store: MemoryStore
) -> None:
    ids = {"c": "6f1f6a4e-5a51-4b0e-9f38-0a4d7a3e6f11", "m": "7a1f6a4e-5a51-4b0e-9f38-0a4d7a3e6f12"}
    store.conversations.rows = [
        replace(row, id=ConversationId(ids["c"])) if row.id == SITI else row
        for row in store.conversations.rows
    ]
    thread = store.messages.threads.pop(SITI)
    object.__setattr__(thread[0], "id", MessageId(ids["m"]))
    for message in thread:
        object.__setattr__(message, "conversation_id", ConversationId(ids["c"]))
    store.messages.threads[ConversationId(ids["c"])] = thread

    window.windows.open_link(str(DeepLink(Target.MESSAGE, ids["m"])))
    await eventually(lambda: window.inbox.has_reading and window.inbox.is_thread_shown)
    await eventually(lambda: window.inbox.thread_screen.timeline.rows())
    window.actions_made["copy_link"].trigger()
    assert QGuiApplication.clipboard().text() == f"balas://conversation/{ids['c']}"

    window.windows.open_link("balas://settings/x")
    assert window.toast.isVisible()
    window.toast.hide()
    window.windows.open_link(str(DeepLink(Target.CONVERSATION, ids["m"])))
    await eventually(window.toast.isVisible)


async def test_on_another_page_no_key_acts_on_a_conversation_behind_it(
    open_thread: MainWindow, store: MemoryStore
) -> None:
    open_thread.go("preferences")
    open_thread.actions_made["resolve"].trigger()
    open_thread.actions_made["own_window"].trigger()
    await quiet()
    assert not any(isinstance(intent, Resolve) for intent in store.outbox.intents)
    assert open_thread.windows.own == ()


async def test_closing_can_mean_the_tray(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(window.alerts.tray), "is_there", property(lambda _: True))
    window.workplace().chosen.keep(CLOSE_TO_TRAY, True)
    event = QCloseEvent()
    window.closeEvent(event)
    assert not event.isAccepted()
    assert not window.isVisible()
    window.bring_forward()
    window.quit()
    event = QCloseEvent()
    window.closeEvent(event)
    assert event.isAccepted()


async def test_a_second_start_hands_its_link_over_and_the_first_hears_it(
    tmp_path: Path, qtbot: QtBot
) -> None:
    name = door_name(tmp_path, "https://toko.supabase.co")
    assert name != door_name(tmp_path, "https://other.supabase.co")
    first = Doorway(name)
    heard: list[str] = []
    assert not Doorway(name).hand_over("balas://conversation/1")
    first.knocked.connect(heard.append)
    assert first.open()

    second = await asyncio.create_subprocess_exec(sys.executable, "-c", SECOND, name)

    assert await second.wait() == 0
    assert heard == ["balas://conversation/2"]
    first.close()
    assert not Doorway(name).hand_over("")


def test_a_door_that_a_dead_program_left_is_taken_over(qtbot: QtBot) -> None:
    with TemporaryDirectory(prefix="door") as folder:  # a path that fits a socket's name
        name = door_name(Path(folder), "")
        Path(name).write_bytes(b"")
        assert not Doorway(name).hand_over("")
        door = Doorway(name)
        assert door.open()
        door.close()


def test_of_a_folder_too_deep_for_a_socket_the_door_is_elsewhere_and_never_where_one_stands() -> (
    None
):
    name = door_name(Path("/home") / ("x" * 120), "")
    assert Path(name).is_absolute() == (sys.platform != "win32")
    assert len(name.encode()) < 100


@pytest.mark.parametrize(
    ("room", "size"),
    [((1280, 800), (1278, 760)), ((1920, 1080), (1360, 860))],
    ids=["small", "wide"],
)
def test_a_first_window_is_no_larger_than_its_screen(
    room: tuple[int, int], size: tuple[int, int]
) -> None:
    assert within(QSize(1360, 860), QSize(*room)) == QSize(*size)
