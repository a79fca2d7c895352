"""The inbox list: order, pages, search, numbers above it; and how fast it stays."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.conversation import ConversationRow, Filter, View
from console.domain.delivery import Direction
from console.domain.ids import ProfileId, new_message_id
from console.domain.intents import Draft, SendMessage
from console.domain.message import Message
from tests.store.conftest import ME, Desk

OTHER = ProfileId("00000000-0000-4000-8000-000000000002")


async def names(desk: Desk, filter: Filter = Filter.ALL, search: str = "") -> list[str]:
    return [row.name for row in await desk.store.conversations.page(View(filter), search=search)]


async def test_the_newest_activity_is_on_top_also_our_own(desk: Desk) -> None:
    first = await desk.customer("Agus", "satu")
    await desk.customer("Budi", "dua")
    assert await names(desk) == ["Budi", "Agus"]
    await desk.store.outbox.send(SendMessage(new_message_id(), first, "jawab"))
    assert await names(desk) == ["Agus", "Budi"]
    [row, _] = await desk.store.conversations.page(View(Filter.ALL))
    assert row.preview is not None
    assert (row.preview.text, row.preview.direction) == ("jawab", Direction.OUTBOUND)


async def test_pages_by_key_show_each_row_once_also_while_the_list_moves(desk: Desk) -> None:
    for number in range(25):
        await desk.customer(f"Nama {number}", "halo")
    seen: list[ConversationRow] = []
    after: ConversationRow | None = None
    while page := await desk.store.conversations.page(View(Filter.ALL), after=after, limit=10):
        seen += page
        after = page[-1]
        await desk.customer("Baru", "di atas")
    assert [row.name for row in seen] == [f"Nama {number}" for number in reversed(range(25))]


async def test_filters_and_numbers_follow_assignment_and_status(desk: Desk) -> None:
    mine = await desk.customer("Punyaku", "halo", assignee_id=ME)
    await desk.customer("Bebas", "halo")
    await desk.customer("Teman", "halo", assignee_id=OTHER)
    await desk.customer("Selesai", "halo", status="resolved")
    assert await names(desk, Filter.MINE) == ["Punyaku"]
    assert await names(desk, Filter.UNASSIGNED) == ["Bebas"]
    assert await names(desk, Filter.ALL) == ["Teman", "Bebas", "Punyaku"]
    counters = await desk.store.conversations.counters()
    assert (counters.mine, counters.unassigned, counters.all, counters.unread) == (1, 1, 3, 1)
    row = await desk.store.conversations.get(mine)
    assert row is not None
    assert row.assignee_name == "Sari"


@pytest.mark.parametrize(
    "search",
    ["budi", "BUDI S", "jose", "José", "+62 812-345", "0812345", "62812345", "50%", "a_b", "o'cl"],
)
async def test_search_finds_names_and_numbers_as_typed(desk: Desk, search: str) -> None:
    contact, conversation = desk.server.customer("Budi  José 50% a_b O'Clock", "+6281234599")
    await desk.apply(contacts=(contact,), conversations=(conversation,))
    await desk.apply(contacts=(replace(contact, name="Budi  Santoso José 50% a_b O'Clock"),))
    await desk.customer("Dewi", "lain")
    assert await names(desk, search=search) == ["Budi  Santoso José 50% a_b O'Clock"]


@pytest.mark.parametrize("search", ["%", "_", "'; drop table listing", "\\", "NEAR(", '"'])
async def test_search_takes_every_sign_literally(desk: Desk, search: str) -> None:
    await desk.customer("Budi", "halo")
    assert await names(desk, search=search) == []


async def test_a_failed_reply_keeps_its_code_until_a_later_one_arrives(desk: Desk) -> None:
    budi = await desk.customer("Budi", "halo")
    bad = desk.server.outbound(
        new_message_id(), budi, "failed", error_code=63024, error_text="Invalid recipient"
    )
    await desk.apply(messages=(bad,))
    [row] = await desk.store.conversations.page(View(Filter.ALL))
    assert (row.failed, row.failed_code, row.failed_rule) == ("Invalid recipient", 63024, None)
    assert await names(desk, search="recipient") == await names(desk, search="63024") == []
    await desk.apply(messages=(desk.server.outbound(new_message_id(), budi, "sent"),))
    [row] = await desk.store.conversations.page(View(Filter.ALL))
    assert (row.failed, row.failed_code) == (None, None)


async def test_a_refused_reply_names_the_rule_in_the_list_and_the_thread(desk: Desk) -> None:
    budi = await desk.customer("Budi", "halo")
    id = new_message_id()
    await desk.store.outbox.send(SendMessage(id, budi, "terlambat"))
    [lane] = [lane for lane in await desk.store.dispatch.lanes() if lane.replies]
    intent = await desk.store.dispatch.next(lane)
    assert intent is not None
    await desk.store.dispatch.refuse(intent, "window_closed", "Closed", "It is too late.")
    [row] = await desk.store.conversations.page(View(Filter.ALL))
    assert (row.failed, row.failed_rule) == ("It is too late.", "window_closed")
    message = await desk.store.messages.get(id)
    assert message is not None
    assert message.rule == "window_closed"


async def test_search_also_finds_what_is_resolved(desk: Desk) -> None:
    await desk.customer("Lama", "halo", status="resolved")
    assert await names(desk) == []
    assert await names(desk, search="lama") == ["Lama"]


async def test_a_new_name_of_the_contact_shows_in_the_list(desk: Desk) -> None:
    contact, conversation = desk.server.customer("", "+62811")
    await desk.apply(contacts=(contact,), conversations=(conversation,))
    [row] = await desk.store.conversations.page(View(Filter.ALL))
    assert row.title == "+62811"
    await desk.apply(contacts=(replace(contact, name="Wati"),))
    assert desk.heard[-1].conversations == {conversation.id}
    assert await names(desk) == ["Wati"]


async def test_a_draft_shows_in_the_list(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "halo")
    await desk.store.drafts.save(Draft(conversation, "belum selesai"))
    [row] = await desk.store.conversations.page(View(Filter.ALL))
    assert row.draft == "belum selesai"
    await desk.store.drafts.save(Draft(conversation, ""))
    [row] = await desk.store.conversations.page(View(Filter.ALL))
    assert row.draft is None


async def test_a_thread_of_thousands_opens_by_its_end_without_being_sorted(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    base = desk.server.now
    messages = tuple(
        desk.server.inbound(conversation, f"{n}", timestamp=base + timedelta(seconds=n))
        for n in range(5000)
    )
    await desk.apply(messages=messages)
    await desk.store.messages.latest(conversation)
    started = time.perf_counter()
    latest = await desk.store.messages.latest(conversation)
    earlier = await desk.store.messages.before(conversation, latest[0])
    later = await desk.store.messages.after(conversation, earlier[-1])
    took = time.perf_counter() - started
    assert [m.content.text for m in (*earlier, *latest)] == [f"{n}" for n in range(4880, 5000)]
    assert later == latest
    # Sorting the thread for each page would take some hundred milliseconds.
    assert took < 0.15


async def test_a_thread_is_read_again_from_a_message_on_also_when_that_is_gone(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "satu", "dua", "tiga", "empat")
    first, second, *_ = await desk.store.messages.latest(conversation)

    async def texts(limit: int, since: Message) -> list[str]:
        found = await desk.store.messages.latest(conversation, limit, since=since)
        return [message.content.text for message in found]

    assert await texts(60, second) == ["dua", "tiga", "empat"]
    assert await texts(2, first) == ["tiga", "empat"]
    await desk.apply(deleted={"messages": (second.id,)})
    assert await texts(60, second) == ["tiga", "empat"]


async def test_a_stretch_of_a_thread_is_what_stands_between_the_places_of_its_ends(
    desk: Desk,
) -> None:
    conversation = await desk.customer("Budi", "satu", "dua", "tiga", "empat", "lima")
    _, second, _, fourth, _ = await desk.store.messages.latest(conversation)

    async def stretch(limit: int = 60) -> list[str]:
        found = await desk.store.messages.latest(conversation, limit, since=second, until=fourth)
        return [message.content.text for message in found]

    assert await stretch() == ["dua", "tiga", "empat"]
    assert await stretch(2) == ["tiga", "empat"]
    await desk.apply(deleted={"messages": (fourth.id,)})
    assert await stretch() == ["dua", "tiga"]
    later = desk.server.inbound(conversation, "dua", id=second.id)
    await desk.apply(messages=(replace(later, updated_at=later.timestamp),))
    assert await stretch() == ["tiga"]
