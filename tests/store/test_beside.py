"""Notes and events in their place among the messages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from console.domain.content import Kind
from console.domain.conversation import Filter, View
from console.domain.errors import RefusedError
from console.domain.feed import OlderPage, Record
from console.domain.ids import ConversationId, MessageId, NoteId, ProfileId
from console.domain.intents import AddNote, Draft
from console.domain.profile import Profile
from console.store.database import Reading
from console.store.messages import _SELECT
from tests.store.conftest import ME, NOON, Desk, new_id

RAKA = ProfileId("00000000-0000-4000-8000-000000000003")


def note(id: ConversationId, body: str, at: datetime, author: str = RAKA) -> Record:
    note_id = new_id()
    data: dict[str, object] = {"id": note_id, "conversation_id": id, "body": body}
    data |= {"author_id": author, "mentions": [ME], "created_at": at.isoformat()}
    return Record("notes", note_id, id, data)


def event(id: ConversationId, kind: str, at: datetime, actor: str | None = RAKA) -> Record:
    data = {"id": new_id(), "conversation_id": id, "kind": kind, "actor_id": actor}
    more = {"data": {"assignee_name": "Sari"}, "created_at": at.isoformat()}
    return Record("events", str(data["id"]), id, data | more)


@pytest.fixture
async def thread(desk: Desk) -> ConversationId:
    """Ten messages of Budi, one at each full minute from noon on; Raka works here too."""
    budi = await desk.customer("Budi")
    rows = tuple(
        desk.server.inbound(budi, f"pesan {n}", timestamp=NOON + timedelta(minutes=n))
        for n in range(10)
    )
    await desk.apply(messages=rows, profiles=(Profile(RAKA, "Raka"),))
    return budi


async def kinds(desk: Desk, id: ConversationId) -> list[tuple[Kind, str]]:
    return [(m.content.kind, m.content.text) for m in await desk.store.messages.latest(id)]


async def test_they_stand_where_they_happened_with_who_did_it(
    desk: Desk, thread: ConversationId
) -> None:
    half = NOON + timedelta(minutes=8, seconds=30)
    told, nobody = event(thread, "assigned", half), event(thread, "reopened", half, None)
    await desk.apply(records=(note(thread, "VIP", NOON + timedelta(minutes=20)), told))
    assert desk.heard[-1].threads == {thread}
    *_, before, happened, last, written = await desk.store.messages.latest(thread)
    assert (before.content.text, last.content.text) == ("pesan 8", "pesan 9")
    assert (before.sender_name, last.sent_by) == ("Budi", None)  # so it is copied, and read aloud
    assert happened.content.event is not None
    assert (happened.content.event.kind, happened.content.event.actor_name) == ("assigned", "Raka")
    assert happened.content.event.data == {"assignee_name": "Sari"}
    assert (written.content.kind, written.content.text) == (Kind.NOTE, "VIP")
    assert (written.sender_name, written.content.mentions) == ("Raka", (ME,))
    assert written.direction.value == "outbound"
    assert not written.local
    await desk.apply(records=(nobody,))
    other = await desk.store.messages.get(MessageId(nobody.id))
    assert other is not None
    assert other.content.event is not None
    assert other.content.event.actor_name is None


async def test_they_are_no_news_in_the_list_and_never_unread(
    desk: Desk, thread: ConversationId
) -> None:
    [before] = await desk.store.conversations.page(View(Filter.ALL))
    later = NOON + timedelta(hours=5)
    await desk.apply(records=(note(thread, "VIP", later), event(thread, "assigned", later)))
    assert await desk.store.conversations.page(View(Filter.ALL)) == [before]
    assert not any(changes.arrived for changes in desk.heard[-1:])


async def test_paging_walks_through_them_once_each(desk: Desk, thread: ConversationId) -> None:
    at = [NOON + timedelta(minutes=n, seconds=10) for n in range(10)]
    records = [note(thread, f"catatan {n}", when) for n, when in enumerate(at)]
    records += [event(thread, "labelled", when) for when in at]
    await desk.apply(records=tuple(records))
    seen = await desk.store.messages.latest(thread, 4)
    while page := await desk.store.messages.before(thread, seen[0], 4):
        seen = page + seen
    assert len(seen) == len({message.id for message in seen}) == 30
    assert [m.timestamp for m in seen] == sorted(m.timestamp for m in seen)
    forward = [seen[0]]
    while page := await desk.store.messages.after(thread, forward[-1], 7):
        forward += page
    assert forward == seen


async def test_no_page_of_a_thread_is_sorted(desk: Desk, thread: ConversationId) -> None:
    def plan(reading: Reading) -> list[str]:
        ways = (
            " and (position, id) < (?, ?) order by position desc, id desc limit ?",
            " and (position, id) >= (?, ?) order by position, id limit ?",
        )
        return [
            str(step[3])
            for way in ways
            for step in reading.all(
                f"explain query plan {_SELECT} where conversation_id = ? {way}", thread, 1, "", 60
            )
        ]

    steps = await desk.store._database.read(plan)
    assert steps
    assert not [step for step in steps if "TEMP B-TREE" in step]


async def test_what_is_older_than_the_messages_here_waits_for_them(
    desk: Desk, thread: ConversationId
) -> None:
    ancient = note(thread, "dari dulu", NOON - timedelta(days=40))
    await desk.apply(records=(ancient,))
    assert (await kinds(desk, thread))[0] == (Kind.TEXT, "pesan 0")
    first = desk.server.inbound(thread, "pertama", timestamp=NOON - timedelta(days=50))
    event_then = event(thread, "assigned", NOON - timedelta(days=60))
    await desk.store.feed.apply_older(thread, OlderPage((first,), True, (), (event_then,)))
    assert (await kinds(desk, thread))[:2] == [(Kind.TEXT, "pertama"), (Kind.NOTE, "dari dulu")]
    oldest = await desk.store.messages.oldest(thread)
    assert oldest is not None
    assert oldest.content.text == "pertama"
    await desk.store.feed.apply_older(thread, OlderPage((), False))
    assert (await kinds(desk, thread))[0] == (Kind.EVENT, "")


async def test_around_a_message_a_moment_or_nothing(desk: Desk, thread: ConversationId) -> None:
    everything = await desk.store.messages.latest(thread)
    around = await desk.store.messages.around(thread, everything[5].id, limit=4)
    assert around == everything[3:7]
    moment = NOON + timedelta(minutes=2, seconds=1)
    assert await desk.store.messages.around(thread, moment, limit=4) == everything[1:5]
    assert await desk.store.messages.around(thread, NOON + timedelta(days=1), 4) == everything[-2:]
    assert await desk.store.messages.around(thread, MessageId(new_id())) == []
    earlier = NOON - timedelta(days=1)
    assert await desk.store.messages.around(thread, earlier) == []
    await desk.store.feed.apply_older(thread, OlderPage((), False))
    assert await desk.store.messages.around(thread, earlier, 4) == everything[:4]


async def test_a_note_shows_at_once_and_once(desk: Desk, thread: ConversationId) -> None:
    id = NoteId(new_id())
    await desk.store.drafts.save(Draft(thread, "jawaban", note="VIP, hati-hati"))
    await desk.store.outbox.note(AddNote(id, thread, "VIP, hati-hati", (RAKA,)))
    shown = (await desk.store.messages.latest(thread))[-1]
    assert (shown.content.kind, shown.content.mentions) == (Kind.NOTE, (RAKA,))
    assert (shown.local, shown.waiting, shown.sender_name) == (True, "sending", "Sari")
    assert await desk.store.drafts.get(thread) == Draft(thread, "jawaban")
    assert await desk.store.outbox.pending() == 1
    [lane] = [lane for lane in await desk.store.dispatch.lanes() if not lane.replies]
    intent = await desk.store.dispatch.next(lane)
    assert intent is not None
    assert intent.field("mentions") == [RAKA]
    await desk.store.dispatch.confirm(intent, ())
    kept = (await desk.store.messages.latest(thread))[-1]
    assert kept.id == MessageId(id)
    assert (kept.local, kept.content.text) == (False, "VIP, hati-hati")
    server = replace(note(thread, "VIP, hati-hati", desk.store.server_now(), ME), id=id)
    await desk.apply(records=(server,))
    assert [m.id for m in await desk.store.messages.latest(thread)].count(MessageId(id)) == 1
    assert await desk.store.outbox.pending() == 0
    await desk.apply(deleted={"notes": (id,)})
    assert await desk.store.messages.get(MessageId(id)) is None


async def test_a_refused_note_keeps_its_text_and_can_be_tried_or_dropped(
    desk: Desk, thread: ConversationId
) -> None:
    id = MessageId(new_id())
    await desk.store.outbox.note(AddNote(NoteId(id), thread, "panjang sekali"))
    [lane] = [lane for lane in await desk.store.dispatch.lanes() if not lane.replies]
    intent = await desk.store.dispatch.next(lane)
    assert intent is not None
    await desk.store.dispatch.refuse(intent, "too_long", "Too long", "Shorten it.")
    shown = await desk.store.messages.get(id)
    assert shown is not None
    assert (shown.rule, shown.is_failed, shown.content.text) == ("too_long", True, "panjang sekali")
    await desk.store.outbox.discard(id)
    assert await desk.store.messages.get(id) is None
    with pytest.raises(RefusedError):
        await desk.store.outbox.note(AddNote(NoteId(new_id()), thread, "  "))
