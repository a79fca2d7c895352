"""The palette: everything in one field, and nothing moves under one's hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from console.domain.changes import Link
from console.domain.contact import ContactLine, FoundContacts
from console.domain.content import Content, Kind
from console.domain.conversation import ConversationStatus
from console.domain.desk import SearchHit
from console.domain.errors import OfflineError
from console.domain.feed import ContactRow, ConversationFacts
from console.domain.finding import Found, snippet
from console.domain.ids import ContactId, ConversationId, InboxId, MessageId
from console.ui.palette.entries import found_palette, places_for
from console.ui.palette.overlay import Palette
from console.ui.window import MainWindow
from tests.gallery.memory import NOW, MemoryStore
from tests.gallery.memory_server import MemoryServer
from tests.gallery.samples import SITI
from tests.gallery.scenes_around import old_hit
from tests.gallery.stage import Stage
from tests.waiting import eventually


def hit(number: int, age: int) -> SearchHit:
    at = datetime(2026, 1, 31, tzinfo=UTC) - timedelta(days=age)
    return SearchHit(MessageId(f"m{number}"), ConversationId("c"), at, "Siti", "resi", ((0, 4),))


def keys(palette: Palette) -> list[str]:
    return [entry.key for entry in palette.model.entries]


def opened(window: MainWindow) -> Palette:
    window.around.search_everything()
    assert window.around.guide is not None
    return window.around.guide.palette


@pytest.fixture
def server(stage: Stage) -> MemoryServer:
    made = MemoryServer()
    stage.server.connect(made.as_server())
    return made


def test_a_snippet_shows_the_words_typed_whatever_their_case_and_accents() -> None:
    text, spans = snippet("Kirim RÉSI ke alamat baru, resinya hilang", "kirim resi")

    assert [text[at : at + length] for at, length in spans] == ["Kirim", "RÉSI", "resi"]


def test_what_comes_later_stands_in_its_order_but_never_above_what_is_chosen() -> None:
    shown = found_palette((), [hit(n, n) for n in range(8)], ())
    chosen = next(i for i, entry in enumerate(shown) if entry.key == "message:m6")

    places = places_for(shown, [hit(3, 3), hit(20, 5), hit(21, 9)], chosen)

    assert min(places) > chosen
    assert [entry.key for at in sorted(places) for entry in places[at]] == [
        "message:m20",
        "message:m21",
    ]


async def test_people_and_messages_of_conversations_set_aside_are_marked_so(
    window: MainWindow, store: MemoryStore, server: MemoryServer
) -> None:
    late = replace(old_hit("siti resi", "Rina", 400), status=ConversationStatus.SNOOZED)
    server.search.pages = [Found((late,))]
    store.conversations.change(SITI, status=ConversationStatus.RESOLVED)
    store.add(
        replace(
            store.messages.threads[SITI][0], id=MessageId("x"), content=Content(Kind.TEXT, "siti")
        )
    )
    palette = opened(window)
    palette.field.setText("siti")
    await eventually(lambda: f"message:{late.message_id}" in keys(palette))
    said = {entry.key: entry.spoken for entry in palette.model.entries}
    assert said["person:siti"].startswith("Siti Rahmawati, selesai, ")
    assert said["message:x"] == "Siti Rahmawati, selesai, siti"
    assert "ditunda" in said[f"message:{late.message_id}"]
    open_ones = [entry for entry in palette.model.entries if entry.row and entry.row.id != SITI]
    assert not [entry for entry in open_ones if entry.state]


async def test_the_servers_answer_joins_below_and_the_chosen_line_stays_where_it_is(
    window: MainWindow, store: MemoryStore, server: MemoryServer, qtbot: QtBot
) -> None:
    mine = await store.search.messages("resi")
    server.search.pages = [Found((mine[0], old_hit("resi lama sekali", "Rina", 400)))]
    palette = opened(window)
    palette.field.setText("resi")
    await eventually(lambda: "title:messages" in keys(palette))
    qtbot.keyClick(palette.field, Qt.Key.Key_Down)
    before = palette.list.currentIndex()
    top = palette.list.visualRect(before).top()
    chosen = palette.model.entries[before.row()].key

    await eventually(lambda: "message:old-Rina-400" in keys(palette))

    after = palette.list.currentIndex()
    assert palette.model.entries[after.row()].key == chosen
    assert palette.list.visualRect(after).top() == top
    assert keys(palette).count(f"message:{mine[0].message_id}") == 1


async def test_a_message_that_only_the_server_has_is_opened_and_fetched(
    window: MainWindow, store: MemoryStore, server: MemoryServer, qtbot: QtBot
) -> None:
    found = old_hit("resi lama sekali", "Rina", 400)
    facts = ConversationFacts(
        found.conversation_id,
        InboxId("wa"),
        ContactId("rina"),
        "resolved",
        *(None,) * 3,
        last_message_at=NOW,
        last_inbound_at=None,
        waiting_since=None,
    )
    person = ContactRow(ContactId("rina"), "Rina", None, False)
    server.search.pages = [Found((found,), (facts,), (person,))]
    store.messages.complete = False
    palette = opened(window)
    palette.field.setText("sekali")
    await eventually(lambda: f"message:{found.message_id}" in keys(palette))

    qtbot.keyClick(palette.field, Qt.Key.Key_Return)

    await eventually(lambda: window.inbox.has_reading and window.inbox.thread_screen.row)
    assert window.inbox.thread_screen.row is not None
    assert window.inbox.thread_screen.row.id == found.conversation_id
    await eventually(lambda: found.conversation_id in store.messages.wanted)
    assert not palette.isVisible()


async def test_somebody_whom_only_the_server_knows_is_found_and_opened(
    window: MainWindow, store: MemoryStore, server: MemoryServer, qtbot: QtBot
) -> None:
    facts = ConversationFacts(
        ConversationId("wulan"),
        InboxId("wa"),
        ContactId("wulan"),
        "resolved",
        *(None,) * 3,
        last_message_at=NOW,
        last_inbound_at=None,
        waiting_since=None,
    )
    line = ContactLine(ContactId("wulan"), "Wulan Sari", "whatsapp:+628110001")
    person = ContactRow(ContactId("wulan"), "Wulan Sari", None, False)
    server.contacts.found = FoundContacts((line,), (person,), (facts,))
    palette = opened(window)
    palette.field.setText("wulan s")
    await eventually(lambda: "person:wulan" in keys(palette))
    assert keys(palette)[0] == "title:strangers"

    qtbot.keyClick(palette.field, Qt.Key.Key_Return)

    await eventually(lambda: window.inbox.has_reading and window.inbox.is_thread_shown)
    await eventually(lambda: window.inbox.thread_screen.header.name.text() == "Wulan Sari")


async def test_the_end_of_the_list_brings_the_next_page(
    window: MainWindow, server: MemoryServer, qtbot: QtBot
) -> None:
    hits = [old_hit(f"resi nomor {n}", f"Pelanggan {n}", 100 + n) for n in range(40)]
    server.search.pages = [
        Found(tuple(hits[:20]), cursor={"page": 1}),
        Found(tuple(hits[:20]), cursor={"page": 2}),  # nothing new in it
        Found(tuple(hits[20:])),
    ]
    palette = opened(window)
    palette.field.setText("resi")
    await eventually(lambda: f"message:{hits[19].message_id}" in keys(palette))
    assert len(server.search.asked) == 1

    for _ in range(4):
        qtbot.keyClick(palette.field, Qt.Key.Key_PageDown)

    await eventually(lambda: f"message:{hits[39].message_id}" in keys(palette))
    assert keys(palette)[-1] != "remark"
    shown = [key for key in keys(palette) if key.startswith("message:old")]
    assert len(shown) == len(set(shown)) == 40


async def test_an_action_is_found_by_its_words_with_its_keys_and_done(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    palette = opened(open_thread)
    action = open_thread.actions_made["resolve"]
    palette.field.setText(action.text())
    await eventually(lambda: keys(palette)[1:2] == ["action:resolve"])
    assert palette.model.entries[1].keys == "E"

    qtbot.keyClick(palette.field, Qt.Key.Key_Return)

    outbox = open_thread.workplace().store.outbox
    await eventually(lambda: getattr(outbox, "intents", ()))


async def test_offline_it_says_that_only_this_machine_is_searched(
    window: MainWindow, store: MemoryStore, server: MemoryServer
) -> None:
    store.link = Link.OFFLINE
    palette = opened(window)
    palette.field.setText("resi")
    await eventually(lambda: keys(palette)[-1:] == ["remark"])
    assert "title:messages" in keys(palette)
    assert server.search.asked == []


async def test_a_server_that_fails_leaves_what_was_found_here(
    window: MainWindow, server: MemoryServer
) -> None:
    server.search.failure = OfflineError("No connection to the server", "")
    palette = opened(window)
    palette.field.setText("resi")
    await eventually(lambda: server.search.asked)
    await eventually(lambda: keys(palette)[-1:] == ["remark"])
    assert "title:messages" in keys(palette)


async def test_escape_gives_the_keyboard_back_to_where_it_was(
    open_thread: MainWindow, qtbot: QtBot
) -> None:
    editor = open_thread.inbox.thread_screen.composer.editor
    editor.setFocus()
    palette = opened(open_thread)
    assert open_thread.focusWidget() is palette.field

    qtbot.keyClick(palette.field, Qt.Key.Key_Escape)

    assert not palette.isVisible()
    assert open_thread.focusWidget() is editor


async def test_a_person_is_opened_from_their_name(window: MainWindow, qtbot: QtBot) -> None:
    palette = opened(window)
    palette.field.setText("siti")
    await eventually(lambda: keys(palette)[1:2] == [f"person:{SITI}"])

    qtbot.keyClick(palette.field, Qt.Key.Key_Return)

    await eventually(lambda: window.inbox.has_reading and window.inbox.is_thread_shown)
