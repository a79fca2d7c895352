"""A store of an older version: opened at once, complete soon after, nothing lost."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from console.domain.content import Kind
from console.domain.conversation import Filter, Sort, View
from console.domain.delivery import Status
from console.domain.ids import ConversationId, MessageId
from console.domain.intents import Draft
from console.store import filling, migrations
from console.store.database import _connect
from console.store.store import Store
from console.store.times import micros, position_of
from tests.store.conftest import KEY, ME, NOON, Desk, Server, new_id, open_desk
from tests.waiting import eventually

CUSTOMERS = 250


@pytest.fixture
def old_store(path: Path) -> dict[str, str]:
    """A store as version 0002 left it: customers, two messages each, a note, a draft, a reply."""
    path.parent.mkdir(parents=True)
    connection = _connect(path, KEY, readonly=False)
    for number, sql in migrations.steps():
        if number <= 2:
            connection.execute(sql)
    connection.pragma("user_version", 2)
    connection.execute("begin")
    connection.execute("insert into meta values ('me', ?), ('cursor', 'c')", (ME,))
    connection.execute("insert into profiles values (?, 'Sari', 'agent', 1, 0, 'id')", (ME,))
    inbox, label, note, reply = new_id(), new_id(), new_id(), new_id()
    connection.execute(
        "insert into inboxes values (?, 'Jakarta', 'whatsapp', null, 0, 0)", (inbox,)
    )
    data = {"id": label, "name": "Retur", "color": "red"}
    connection.execute(
        "insert into records values ('labels', ?, null, ?)", (label, json.dumps(data))
    )
    first = ""
    for number in range(CUSTOMERS):
        id, contact = new_id(), new_id()
        at = micros(NOON + timedelta(minutes=number))
        first = first or id
        mine = ME if number % 2 else None
        connection.execute(
            "insert into contacts values (?, ?, null, 0)", (contact, f"Nama {number}")
        )
        connection.execute(
            "insert into conversations values (?, ?, ?, 'open', ?, null, null, ?, ?, null, 0)",
            (id, inbox, contact, mine, at, at),
        )
        for part in range(2):
            connection.execute(
                "insert into messages values (?, ?, ?, ?, 'inbound', 'text', ?, '[]', '{}', null,"
                " null, 'received', null, null, null, null, 0, null, null, 1)",
                (new_id(), id, position_of(at, part), at, f"pesan {number} bagian {part}"),
            )
        connection.execute(
            "insert into listing values (?, ?, 'open', ?, ?, ?, '', 2, null, null, 'text', ?,"
            " 'inbound', 'received', '', null, null)",
            (id, at, mine, inbox, f"Nama {number}", f"pesan {number} bagian 1"),
        )
        connection.execute(
            "insert into tallies values ('open', ?, 1, 1) on conflict do nothing", (mine or "",)
        )
    marked = {"conversation_id": first, "label_id": label}
    connection.execute(
        "insert into records values ('conversation_labels', ?, ?, ?)",
        (f"{first}:{label}", first, json.dumps(marked)),
    )
    noted = {"body": "VIP", "author_id": ME, "created_at": (NOON + timedelta(days=1)).isoformat()}
    connection.execute(
        "insert into records values ('notes', ?, ?, ?)", (note, first, json.dumps(noted))
    )
    connection.execute("insert into drafts values (?, 'hampir', '[]', 1)", (first,))
    connection.execute(
        "insert into intents (seq, kind, target, conversation_id, payload, created_at, version)"
        " values (7, 'send', ?, ?, ?, 1, 1)",
        (reply, first, json.dumps({"text": "segera", "reply_to": None})),
    )
    at = micros(NOON + timedelta(days=2))
    connection.execute(
        "insert into bubbles values (?, 7, ?, ?, ?, 'text', 'segera', '[]', '{}', null)",
        (reply, first, position_of(at), at),
    )
    connection.execute("insert into blobs values (5, 4, 1)")
    connection.execute("insert into chunks values (5, 0, ?)", (b"jpeg",))
    connection.execute("insert into files values (7, 0, 5, 'p', 'foto.jpg', 'image/jpeg', 4, 0)")
    connection.execute("commit")
    connection.close()
    return {"first": first, "reply": reply, "note": note, "label": label, "inbox": inbox}


async def test_an_older_store_opens_with_its_newest_and_is_soon_complete(
    old_store: dict[str, str], path: Path
) -> None:
    store = await Store.open(path, KEY)
    first = ConversationId(old_store["first"])
    newest = await store.conversations.page(View(Filter.ALL), limit=50)
    assert [row.name for row in newest] == [
        f"Nama {number}" for number in reversed(range(CUSTOMERS - 50, CUSTOMERS))
    ]

    async def complete() -> bool:
        return store._filling is not None and store._filling.done()

    await eventually(complete)
    counters = await store.conversations.counters()
    assert (counters.all, counters.mine, counters.unassigned) == (250, 125, 125)
    assert counters.labels == {old_store["label"]: 1}
    for sort in Sort:
        rows = await store.conversations.page(View(Filter.ALL, sort=sort), limit=500)
        assert len({row.id for row in rows}) == CUSTOMERS
    assert [r.id for r in await store.conversations.page(View(), search="nama 0")] == [first]
    hits = await store.search.messages("pesan bagian", limit=1000)
    assert len(hits) == 2 * CUSTOMERS
    assert [hit.timestamp for hit in hits] == sorted((hit.timestamp for hit in hits), reverse=True)
    assert [hit.message_id for hit in await store.search.messages("vip")] == [old_store["note"]]
    thread = await store.messages.latest(first)
    assert [m.content.kind for m in thread] == [Kind.TEXT, Kind.TEXT, Kind.NOTE, Kind.TEXT]
    assert thread[-1].id == old_store["reply"]
    assert thread[-1].status is Status.QUEUED
    assert await store.drafts.get(first) == Draft(first, "hampir")
    taken = await store.outbox.take_back(MessageId(old_store["reply"]))
    assert taken is not None
    assert [(file.name, file.kept) for file in taken.attachments] == [("foto.jpg", 5)]
    await store.close()


async def test_nothing_is_written_for_a_store_that_is_filled(path: Path) -> None:
    desk = await open_desk(path)
    await desk.customer("Budi", "halo")
    await desk.store.close()
    store = await Store.open(path, KEY)
    opened = store._database.writes
    assert store._filling is not None
    await store._filling
    assert store._database.writes == opened == 1, "what was cut off by the last end, and no more"
    await store.close()


async def test_what_changes_while_it_is_filled_is_counted_once(
    old_store: dict[str, str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "ROWS", 20)
    store = await Store.open(path, KEY)
    desk = Desk(store, Server())
    rows = await store.conversations.page(View(Filter.ALL), limit=500)
    assert len(rows) < CUSTOMERS
    first = ConversationId(old_store["first"])
    await desk.apply(messages=(desk.server.inbound(first, "pesan baru bagian"),))
    await desk.apply(deleted={"conversations": (rows[0].id,)})
    await desk.customer("Baru", "pesan bagian")

    async def complete() -> bool:
        return store._filling is not None and store._filling.done()

    await eventually(complete)
    counters = await store.conversations.counters()
    assert counters.all == CUSTOMERS
    rows = await store.conversations.page(View(Filter.ALL), limit=500)
    assert len(rows) == len({row.id for row in rows}) == CUSTOMERS
    assert len(await store.search.messages("pesan bagian", limit=1000)) == 2 * CUSTOMERS
    left = await store._database.read(
        lambda reading: reading.one(
            "select (select count(*) from messages where rowid < 1 << 40),"
            " (select count(*) from messages), (select count(*) from needles)"
        )
    )
    assert left == (0, 2 * CUSTOMERS + 1, CUSTOMERS)  # the note too
    await store.close()


async def test_closed_half_way_it_goes_on_with_the_next_start(
    old_store: dict[str, str], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "ROWS", 30)
    for _ in range(40):
        store = await Store.open(path, KEY)
        await store.close()
    store = await Store.open(path, KEY)

    async def complete() -> bool:
        return store._filling is not None and store._filling.done()

    await eventually(complete)
    assert (await store.conversations.counters()).all == CUSTOMERS
    assert len(await store.search.messages("pesan", limit=1000)) == 2 * CUSTOMERS
    await store.close()


async def test_another_agents_list_is_sorted_anew(path: Path) -> None:
    desk = await open_desk(path)
    await desk.customer("Budi", "halo", assignee_id=ME)
    other = new_id()
    assert (await desk.store.conversations.counters()).mine == 1
    await desk.store.set_me(other)  # type: ignore[arg-type]

    async def sorted_anew() -> bool:
        counters = await desk.store.conversations.counters()
        return (counters.mine, counters.all) == (0, 1)

    await eventually(sorted_anew)
    await desk.store.close()
