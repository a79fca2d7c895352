"""The list marks a reply of which a part did not arrive, until somebody has taken care of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.feed import MessageFacts
from console.domain.ids import ConversationId, MessageId, new_message_id
from console.domain.intents import RetryMessage, SendMessage
from console.store import listing
from console.store.database import Reading
from tests.store.conftest import Desk

MICROSECOND = timedelta(microseconds=1)


async def failed(desk: Desk, id: ConversationId) -> str | None:
    row = await desk.store.conversations.get(id)
    assert row is not None
    return row.failed


async def refused_in_the_middle(
    desk: Desk, *, after: float = 0
) -> tuple[ConversationId, MessageId]:
    """A reply of three messages; the second did not arrive, which was known so much later (s)."""
    id = await desk.customer("Budi", "halo")
    parts = parts_of(desk, id, "delivered", "failed", "read")
    known = parts[1].timestamp + timedelta(seconds=after)
    parts[1] = replace(parts[1], error_text="Berkas ditolak", error_code=63019, updated_at=known)
    await desk.apply(messages=tuple(parts))
    return id, parts[1].id


def parts_of(desk: Desk, id: ConversationId, *statuses: str) -> list[MessageFacts]:
    first = desk.server.tick()
    return [
        desk.server.outbound(new_message_id(), id, status, timestamp=first + place * MICROSECOND)
        for place, status in enumerate(statuses)
    ]


async def another(desk: Desk, id: ConversationId, status: str, **facts: object) -> MessageId:
    """A later message to the customer."""
    message = desk.server.outbound(new_message_id(), id, status, **facts)
    await desk.apply(messages=(message,))
    return message.id


async def test_a_file_refused_in_the_middle_of_a_reply_is_marked_until_the_next_arrives(
    desk: Desk,
) -> None:
    id, _ = await refused_in_the_middle(desk)
    assert await failed(desk, id) == "Berkas ditolak"
    await desk.store.outbox.send(SendMessage(new_message_id(), id, "Sebentar"))
    await another(desk, id, "queued")
    await another(desk, id, "delivered", automatic=True)
    assert await failed(desk, id) == "Berkas ditolak", "nothing that somebody wrote arrived yet"
    await another(desk, id, "delivered")
    assert await failed(desk, id) is None


async def test_what_was_written_before_it_was_known_is_no_answer_to_it(desk: Desk) -> None:
    id, _ = await refused_in_the_middle(desk, after=20)
    await another(desk, id, "sent")  # the captioned file of the same reply, say
    assert await failed(desk, id) == "Berkas ditolak"
    desk.server.now += timedelta(seconds=20)
    await another(desk, id, "sent")
    assert await failed(desk, id) is None


async def test_an_old_failure_that_is_touched_again_is_not_marked_anew(desk: Desk) -> None:
    id, middle = await refused_in_the_middle(desk)
    desk.server.now += timedelta(minutes=2)
    await another(desk, id, "delivered")
    desk.server.now += timedelta(days=30)
    old = desk.server.outbound(middle, id, "failed", timestamp=desk.server.now - timedelta(days=30))
    early = old.timestamp - timedelta(minutes=3)
    await desk.apply(messages=(replace(old, timestamp=early, updated_at=desk.server.now),))
    assert await failed(desk, id) is None


async def test_trying_again_is_care_at_once_and_what_comes_of_it_counts(desk: Desk) -> None:
    id, middle = await refused_in_the_middle(desk)
    again = new_message_id()
    await desk.store.outbox.retry(RetryMessage(middle, again))
    assert await failed(desk, id) is None
    await desk.store.outbox.discard(again)
    assert await failed(desk, id) == "Berkas ditolak"
    linked = {"kind": "image", "retry_of": middle}
    theirs = await another(desk, id, "queued", metadata=linked)  # a colleague's
    assert await failed(desk, id) is None
    await desk.apply(
        messages=(desk.server.outbound(theirs, id, "undelivered", metadata=linked),),
    )
    assert await failed(desk, id) == "undelivered"


async def test_a_reply_refused_before_it_left_is_marked_though_a_later_one_waits(
    desk: Desk,
) -> None:
    id = await desk.customer("Budi", "halo")
    first = new_message_id()
    await desk.store.outbox.send(SendMessage(first, id, "satu"))
    await desk.store.outbox.send(SendMessage(new_message_id(), id, "dua"))
    [lane] = [lane for lane in await desk.store.dispatch.lanes() if lane.replies]
    intent = await desk.store.dispatch.next(lane)
    assert intent is not None
    await desk.store.dispatch.refuse(intent, "bad_media", "Refused", "Ditolak.")
    assert await failed(desk, id) == "Ditolak."
    await desk.store.outbox.discard(first)
    assert await failed(desk, id) is None


@pytest.mark.parametrize("status", ["accepted", "delivered"])
async def test_a_long_thread_is_not_read_to_its_start(desk: Desk, status: str) -> None:
    id = await desk.customer("Budi", "halo")
    await desk.apply(
        messages=tuple(desk.server.outbound(new_message_id(), id, status) for _ in range(300))
    )
    rows = 0

    class Counting(Reading):
        def each(self, sql: str, *values: object):  # type: ignore[no-untyped-def]
            nonlocal rows
            for row in super().each(sql, *values):
                rows += 1
                yield row

    await desk.store._database.read(
        lambda reading: listing._failed_there(Counting(reading._connection), id)
    )
    assert 0 < rows <= 62
