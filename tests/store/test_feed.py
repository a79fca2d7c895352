"""Pages of the feed: what they change, what they announce, what they may not undo."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.delivery import Status
from console.domain.errors import ExpectedError, RefusedError
from console.domain.feed import AttemptRow, DraftRow, ReadRow, Record
from console.domain.ids import AttemptId, ConversationId, MessageId, new_message_id
from console.domain.intents import Draft, MarkRead, RetryMessage, SendMessage, SettleMessage
from tests.store.conftest import NOON, Desk, new_id


async def test_a_message_that_comes_live_arrives_and_an_old_one_does_not(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    desk.heard.clear()
    old = desk.server.inbound(conversation, "kemarin", timestamp=NOON - timedelta(days=1))
    await desk.apply(messages=(old,))
    assert not any(changes.arrived for changes in desk.heard)
    await desk.apply(messages=(desk.server.inbound(conversation, "sekarang"),))
    assert desk.heard[-1].arrived == {conversation}


async def test_the_same_page_twice_changes_nothing_more(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    message = desk.server.inbound(conversation, "halo")
    await desk.apply(messages=(message,))
    await desk.apply(messages=(message,))
    assert await desk.texts(conversation) == ["halo"]
    assert not desk.heard[-1].arrived
    assert not desk.heard[-1].conversations


async def test_every_visible_change_makes_the_version_grow(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    id = new_message_id()
    versions: list[int] = []

    async def look() -> None:
        message = await desk.store.messages.get(id)
        assert message is not None
        versions.append(message.version)

    await desk.store.outbox.send(SendMessage(id, conversation, "hai"))
    await look()
    intent = await desk.store.dispatch.next((await desk.store.dispatch.lanes())[0])
    assert intent is not None
    await desk.store.dispatch.progress(intent, 0.5)
    await look()
    await desk.store.dispatch.confirm(
        intent, [desk.server.outbound(id, conversation, Status.QUEUED)]
    )
    await look()
    await desk.apply(messages=(desk.server.outbound(id, conversation, Status.SENT),))
    await look()
    assert versions == sorted(set(versions))


async def test_an_inbox_we_left_takes_everything_of_it_along(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "halo")
    await desk.store.drafts.save(Draft(conversation, "hampir"))
    await desk.store.outbox.send(SendMessage(new_message_id(), conversation, "menunggu"))
    await desk.store.media.append("media", f"{conversation}/m/0/a.jpg", 0, b"jpeg")
    await desk.store.media.finish("media", f"{conversation}/m/0/a.jpg", 4)
    await desk.apply(forget=(desk.server.inbox,))
    assert desk.heard[-1].everything
    assert await desk.store.conversations.get(conversation) is None
    assert await desk.texts(conversation) == []
    assert await desk.store.drafts.get(conversation) is None
    assert await desk.store.outbox.pending() == 0
    assert await desk.store.media.read("media", f"{conversation}/m/0/a.jpg") is None
    assert (await desk.store.conversations.counters()).all == 0


async def test_deleted_rows_go(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "satu", "dua")
    first = (await desk.store.messages.latest(conversation))[0]
    await desk.apply(deleted={"messages": (first.id,), "no_such_kind": ("x",)})
    assert await desk.texts(conversation) == ["dua"]
    await desk.apply(deleted={"conversations": (conversation,)})
    assert await desk.store.conversations.get(conversation) is None


async def test_unread_counts_from_this_agents_own_mark(desk: Desk) -> None:
    conversation = await desk.customer("Budi", "satu", "dua", "tiga")
    messages = await desk.store.messages.latest(conversation)

    async def unread() -> int:
        row = await desk.store.conversations.get(conversation)
        assert row is not None
        return row.unread

    assert await unread() == 3
    await desk.store.outbox.mark_read(MarkRead(conversation, messages[1].id))
    assert await unread() == 1
    await desk.store.outbox.mark_read(MarkRead(conversation, messages[0].id))
    assert await unread() == 1
    mark = ReadRow(conversation, messages[2].timestamp, messages[2].id)
    await desk.apply(reads=(mark,))
    assert await unread() == 0
    # Marked as unread on another machine; what was read here and is not told yet counts still.
    await desk.apply(reads=(replace(mark, read_at=messages[0].timestamp),))
    assert await unread() == 1


async def test_a_draft_from_another_machine_does_not_replace_what_is_being_written(
    desk: Desk,
) -> None:
    conversation = await desk.customer("Budi")
    await desk.apply(drafts=(DraftRow(conversation, "dari laptop", NOON),))
    draft = await desk.store.drafts.get(conversation)
    assert draft is not None
    assert draft.text == "dari laptop"
    await desk.store.drafts.save(Draft(conversation, "lebih baru"))
    await desk.apply(drafts=(DraftRow(conversation, "dari laptop lagi", NOON),))
    draft = await desk.store.drafts.get(conversation)
    assert draft is not None
    assert draft.text == "lebih baru"


async def test_sending_ends_the_draft_it_was_typed_in_and_no_other(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    await desk.store.drafts.save(Draft(conversation, "siap"))
    await desk.store.outbox.send(SendMessage(new_message_id(), conversation, "siap"))
    assert await desk.store.drafts.get(conversation) is None
    await desk.store.drafts.save(Draft(conversation, "berikutnya"))
    await desk.store.outbox.send(SendMessage(new_message_id(), conversation, "cepat"))
    assert await desk.store.drafts.get(conversation) == Draft(conversation, "berikutnya")


async def test_the_answer_to_an_uncertain_message_shows_before_the_server_heard_it(
    desk: Desk,
) -> None:
    conversation = await desk.customer("Budi")
    id = new_message_id()
    row = desk.server.outbound(id, conversation, Status.UNCERTAIN)
    await desk.apply(messages=(row,))

    async def status() -> Status | None:
        message = await desk.store.messages.get(id)
        return message.status if message else None

    assert await status() is Status.UNCERTAIN
    await desk.store.outbox.settle(SettleMessage(id, "sent"))
    assert await status() is Status.SENT
    assert await desk.store.outbox.pending() == 1
    # A callback of Twilio's came first: the answer is not needed any more.
    await desk.apply(messages=(desk.server.outbound(id, conversation, Status.DELIVERED),))
    assert await status() is Status.DELIVERED
    assert await desk.store.outbox.pending() == 0


async def test_what_the_agent_called_not_sent_is_tried_again_at_once_and_behind_that_word(
    desk: Desk,
) -> None:
    conversation = await desk.customer("Budi")
    id, again = new_message_id(), new_message_id()
    await desk.apply(messages=(desk.server.outbound(id, conversation, Status.UNCERTAIN),))
    with pytest.raises(ExpectedError):
        await desk.store.outbox.retry(RetryMessage(id, again))  # nobody has said yet
    await desk.store.outbox.settle(SettleMessage(id, "failed"))
    await desk.store.outbox.retry(RetryMessage(id, again))  # there may be no line for hours
    [lane] = await desk.store.dispatch.lanes()
    first = await desk.store.dispatch.next(lane)
    assert first is not None
    assert (first.kind, first.target) == ("settle", id)
    shown = await desk.store.messages.latest(conversation)
    assert [(one.id, one.status) for one in shown] == [(id, Status.FAILED), (again, Status.QUEUED)]


async def test_a_quote_is_filled_in_when_the_quoted_message_comes(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    quoted = desk.server.inbound(conversation, "yang mana?", sid="SMquoted")
    answer = desk.server.inbound(
        conversation, "yang ini", metadata={"quoted": {"sid": "SMquoted", "sender": "whatsapp:+1"}}
    )
    await desk.apply(messages=(answer,))
    [shown] = await desk.store.messages.latest(conversation)
    assert shown.quote is not None
    assert shown.quote.message_id is None
    await desk.apply(messages=(quoted,))
    later = await desk.store.messages.get(shown.id)
    assert later is not None
    assert later.quote is not None
    assert (later.quote.text, later.quote.sender) == ("yang mana?", "Budi")
    assert later.version > shown.version


async def test_the_ledger_lists_attempts_oldest_first(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    id = new_message_id()
    attempts = tuple(
        AttemptRow(
            AttemptId(new_id()), id, NOON + timedelta(minutes=m), None, outcome, 429, None, outcome
        )
        for m, outcome in ((2, "accepted"), (1, "retry"))
    )
    await desk.apply(
        messages=(desk.server.outbound(id, conversation, Status.SENT),), attempts=attempts
    )
    assert [a.outcome for a in await desk.store.messages.attempts(id)] == ["retry", "accepted"]
    assert desk.heard[-1].threads == {conversation}


async def test_who_is_renamed_is_renamed_in_the_thread_and_in_what_is_quoted_there(
    desk: Desk,
) -> None:
    contact, facts = desk.server.customer("Budi")
    asked = desk.server.inbound(facts.id, "ada?")
    answer = desk.server.outbound(new_message_id(), facts.id, Status.SENT, reply_to=asked.id)
    await desk.apply(contacts=(contact,), conversations=(facts,), messages=(asked, answer))
    await desk.apply(contacts=(replace(contact, name="Budi Santoso"),))
    assert desk.heard[-1].threads == {facts.id}
    first, last = await desk.store.messages.latest(facts.id)
    assert first.sender_name == "Budi Santoso"
    assert last.quote is not None
    assert last.quote.sender == "Budi Santoso"
    await desk.apply(contacts=(replace(contact, name="Budi Santoso", notes="VIP"),))
    assert desk.heard[-1].threads == frozenset()


async def test_small_rows_are_kept_and_go_with_their_conversation(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    note = Record("notes", new_id(), conversation, {"body": "penting"})
    await desk.apply(records=(note,))
    await desk.apply(deleted={"notes": (note.id,)})
    await desk.apply(records=(note,), deleted={"conversations": (conversation,)})


async def test_the_servers_clock_judges_and_is_remembered(desk: Desk) -> None:
    ahead = timedelta(hours=3)
    await desk.store.feed.apply(desk.server.page(), ahead)
    before = desk.store.server_now()
    assert abs(before - desk.store.server_now()) < timedelta(seconds=5)
    conversation = await desk.customer("Budi")
    id = new_message_id()
    await desk.store.outbox.send(SendMessage(id, conversation, "hai"))
    message = await desk.store.messages.get(id)
    assert message is not None
    assert abs(message.timestamp - before) < timedelta(seconds=30)


async def test_a_reply_stands_below_what_it_answers_whatever_our_clock_says(desk: Desk) -> None:
    conversation = await desk.customer("Budi")
    future = desk.store.server_now() + timedelta(days=2)
    await desk.apply(messages=(desk.server.inbound(conversation, "dari nanti", timestamp=future),))
    await desk.store.outbox.send(SendMessage(new_message_id(), conversation, "jawab"))
    assert await desk.texts(conversation) == ["dari nanti", "jawab"]


async def test_a_reply_to_a_conversation_that_is_gone_is_refused_at_once(desk: Desk) -> None:
    intent = SendMessage(new_message_id(), ConversationId(new_id()), "halo?")
    with pytest.raises(RefusedError, match="gone"):
        await desk.store.outbox.send(intent)
    assert await desk.store.messages.get(MessageId(intent.id)) is None
