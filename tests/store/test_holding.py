"""Replies that have not left: taken back, held for a look, let go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from console.domain.changes import Link
from console.domain.content import Kind
from console.domain.delivery import Status
from console.domain.feed import DraftRow, InboxRow
from console.domain.ids import ConversationId, MessageId, ProfileId, new_message_id
from console.domain.intents import Attachment, Draft, RetryMessage, SendMessage, TemplateChoice
from console.domain.message import Message
from console.domain.window import WINDOW
from console.store.dispatch import Intent
from tests.store.conftest import Desk

OTHER = ProfileId("00000000-0000-4000-8000-000000000002")


@pytest.fixture
async def budi(desk: Desk) -> ConversationId:
    """Budi wrote an hour ago: the window is open."""
    desk.server.now = desk.store.server_now() - timedelta(hours=1)
    return await desk.customer("Budi", "halo", last_inbound_at=desk.server.now)


async def send(desk: Desk, id: ConversationId, text: str = "balas", **facts: object) -> MessageId:
    message_id = new_message_id()
    await desk.store.outbox.send(SendMessage(message_id, id, text, **facts))  # type: ignore[arg-type]
    return message_id


async def bubble(desk: Desk, id: MessageId) -> Message:
    message = await desk.store.messages.get(id)
    assert message is not None
    return message


async def due(desk: Desk) -> list[Intent]:
    lanes = [lane for lane in await desk.store.dispatch.lanes() if lane.replies]
    return [intent for lane in lanes if (intent := await desk.store.dispatch.next(lane))]


async def test_a_held_reply_does_not_leave_before_its_time(
    desk: Desk, budi: ConversationId
) -> None:
    id = await send(desk, budi, hold=60.0)
    assert (await bubble(desk, id)).waiting == "held"
    assert await due(desk) == []
    wait = await desk.store.dispatch.next_due()
    assert wait is not None
    assert timedelta(seconds=50) < wait <= timedelta(seconds=60)
    desk.store._clock.offset += timedelta(seconds=61)
    # Due, and yet to be looked at again should the look come a moment too early.
    assert await desk.store.dispatch.next_due() == timedelta(seconds=5)
    [intent] = await due(desk)
    assert await desk.store.dispatch.begin(intent, calling=True)
    assert (await bubble(desk, id)).waiting == "sending"


async def test_taken_back_it_is_the_draft_again_with_file_and_quote(
    desk: Desk, budi: ConversationId, tmp_path: Path
) -> None:
    file = tmp_path / "foto.jpg"
    file.write_bytes(b"jpeg")
    [quoted] = await desk.store.messages.latest(budi)
    attachment = Attachment(str(file), "foto.jpg", "image/jpeg", 4)
    id = await send(desk, budi, "salah", attachments=(attachment,), reply_to=quoted.id, hold=5.0)
    file.unlink()
    draft = await desk.store.outbox.take_back(id)
    assert draft is not None
    assert (draft.text, draft.reply_to) == ("salah", quoted.id)
    assert await desk.store.drafts.get(budi) == draft
    assert await desk.store.messages.get(id) is None
    assert await desk.store.outbox.pending() == 0
    # The same file goes out with the corrected reply.
    again = await send(desk, budi, "benar", attachments=draft.attachments)
    shown = await bubble(desk, again)
    path = shown.content.media[0].path
    assert path is not None
    assert await desk.store.media.read("attachments", path) == b"jpeg"


async def test_taken_back_it_stands_before_what_was_typed_since(
    desk: Desk, budi: ConversationId
) -> None:
    id = await send(desk, budi, "pertama", hold=5.0)
    await desk.store.drafts.save(Draft(budi, "kedua", note="ingat"))
    assert await desk.store.outbox.take_back(id) == Draft(budi, "pertama\n\nkedua", note="ingat")


async def test_what_is_leaving_cannot_be_taken_back_and_what_was_taken_back_cannot_leave(
    desk: Desk, budi: ConversationId
) -> None:
    gone = await send(desk, budi, "pergi")
    [intent] = await due(desk)
    assert await desk.store.dispatch.begin(intent, calling=True)
    assert await desk.store.outbox.take_back(gone) is None
    await desk.store.dispatch.postpone(intent, timedelta(0))  # nobody knows whether it arrived
    assert await desk.store.outbox.take_back(gone) is None
    await desk.store.dispatch.confirm(
        intent, [desk.server.outbound(gone, budi, "queued", content="pergi")]
    )
    assert await desk.store.outbox.take_back(gone) is None
    stays = await send(desk, budi, "tinggal")
    [intent] = await due(desk)
    assert await desk.store.outbox.take_back(stays) is not None
    assert not await desk.store.dispatch.begin(intent, calling=True)


async def test_while_its_file_goes_up_it_can_still_be_taken_back_or_asked_about(
    desk: Desk, budi: ConversationId, tmp_path: Path
) -> None:
    file = tmp_path / "foto.jpg"
    file.write_bytes(b"jpeg")
    attachment = Attachment(str(file), "foto.jpg", "image/jpeg", 4)
    id = await send(desk, budi, attachments=(attachment,), hold=1.0)
    other = await send(desk, budi, "lain")
    desk.store._clock.offset += timedelta(seconds=2)
    [intent] = await due(desk)
    assert await desk.store.dispatch.begin(intent, calling=False)
    await desk.store.dispatch.progress(intent, 0.5)
    shown = await bubble(desk, id)
    assert (shown.waiting, shown.upload) == ("uploading", 0.5)
    assert await desk.store.outbox.take_back(id) is not None
    assert not await desk.store.dispatch.begin(intent, calling=True)
    [intent] = await due(desk)
    assert await desk.store.dispatch.begin(intent, calling=False)
    await desk.apply(messages=(desk.server.inbound(budi, "lagi"),))
    assert await asking(desk, other) == "customer_wrote"
    assert not await desk.store.dispatch.begin(intent, calling=True)


async def test_a_refused_reply_can_be_taken_back_to_change_it(
    desk: Desk, budi: ConversationId
) -> None:
    id = await send(desk, budi, "terlalu panjang")
    [intent] = await due(desk)
    assert await desk.store.dispatch.begin(intent, calling=True)
    await desk.store.dispatch.refuse(intent, "too_long", "Too long", "Shorten it.")
    assert await desk.store.outbox.take_back(id) == Draft(budi, "terlalu panjang")


async def test_another_try_that_waits_is_taken_back_and_the_failed_message_stays(
    desk: Desk, budi: ConversationId
) -> None:
    failed, again = new_message_id(), new_message_id()
    row = desk.server.outbound(failed, budi, "failed", content="gagal")
    await desk.apply(messages=(row,))
    await desk.store.drafts.save(Draft(budi, "sedang diketik"))
    await desk.store.outbox.retry(RetryMessage(failed, again))
    assert await desk.store.outbox.take_back(again) == Draft(budi, "sedang diketik")
    assert await desk.store.outbox.pending() == 0
    assert await desk.store.messages.get(again) is None
    assert (await bubble(desk, failed)).status is Status.FAILED


async def test_a_template_is_sent_by_its_sid_and_shown_as_the_customer_reads_it(
    desk: Desk, budi: ConversationId
) -> None:
    chosen = TemplateChoice("HX" + "0" * 32, "pengingat", {"1": "Budi"})
    id = await send(desk, budi, "Halo Budi", template=chosen)
    shown = await bubble(desk, id)
    assert (shown.content.kind, shown.content.text) == (Kind.TEMPLATE, "Halo Budi")
    assert shown.content.template_name == "pengingat"
    [intent] = await due(desk)
    assert TemplateChoice(**intent.field("template")) == chosen


async def test_offline_it_says_so_and_on_return_it_goes(desk: Desk, budi: ConversationId) -> None:
    desk.store.set_link(Link.OFFLINE)
    id = await send(desk, budi)
    assert (await bubble(desk, id)).waiting == "offline"
    await desk.store.dispatch.recheck()
    assert (await bubble(desk, id)).waiting == "sending"
    await desk.store.dispatch.park()
    assert (await bubble(desk, id)).waiting == "offline"


async def asking(desk: Desk, id: MessageId) -> str | None:
    await desk.store.dispatch.recheck()
    message = await bubble(desk, id)
    assert message.status is Status.QUEUED
    assert (message.waiting == "asking") == (message.rule is not None)
    return message.rule


async def test_nothing_happened_so_nobody_is_asked(desk: Desk, budi: ConversationId) -> None:
    [seen] = await desk.store.messages.latest(budi)
    id = await send(desk, budi, seen=seen.id)
    assert await asking(desk, id) is None
    [intent] = await due(desk)
    assert intent.target == id


async def test_the_customer_wrote_meanwhile(desk: Desk, budi: ConversationId) -> None:
    [seen] = await desk.store.messages.latest(budi)
    first = await send(desk, budi, "satu", seen=seen.id)
    second = await send(desk, budi, "dua", seen=first)
    await desk.apply(messages=(desk.server.inbound(budi, "sudah beres"),))
    assert await asking(desk, first) == "customer_wrote"
    assert await asking(desk, second) == "customer_wrote"
    assert await due(desk) == []
    row = await desk.store.conversations.get(budi)
    assert row is not None
    assert row.failed_rule == "customer_wrote"
    assert row.failed == "asking"


async def test_a_colleague_answered_meanwhile_also_before_the_agent_by_the_clock(
    desk: Desk, budi: ConversationId
) -> None:
    [seen] = await desk.store.messages.latest(budi)
    first = await send(desk, budi, "satu", seen=seen.id)
    second = await send(desk, budi, "dua", seen=first)
    answer = desk.server.outbound(new_message_id(), budi, "sent", sent_by=OTHER)
    assert answer.timestamp < (await bubble(desk, first)).timestamp
    later = replace(answer, id=new_message_id(), timestamp=answer.timestamp + timedelta(hours=2))
    await desk.apply(messages=(answer, later))
    assert await asking(desk, first) == "colleague_replied"
    assert await asking(desk, second) == "colleague_replied"
    assert await desk.store.asking() == [(budi, first), (budi, second)]
    row = await desk.store.conversations.get(budi)
    assert row is not None
    assert row.failed_rule == "colleague_replied"


async def test_own_replies_and_automatic_ones_are_no_conflict(
    desk: Desk, budi: ConversationId
) -> None:
    [seen] = await desk.store.messages.latest(budi)
    id = await send(desk, budi, seen=seen.id)
    own = desk.server.outbound(new_message_id(), budi, "sent")
    machine = desk.server.outbound(new_message_id(), budi, "sent", sent_by=None, automatic=True)
    await desk.apply(messages=(own, machine))
    assert await asking(desk, id) is None


async def test_what_the_agent_had_seen_is_no_news(desk: Desk, budi: ConversationId) -> None:
    late = desk.server.inbound(budi, "lagi")
    await desk.apply(messages=(late,))
    seen = await send(desk, budi, seen=late.id)
    unsaid = await send(desk, budi)  # without a word about it: what was here counts as seen
    assert await asking(desk, seen) is None
    assert await asking(desk, unsaid) is None


async def test_the_window_closed_meanwhile_but_not_for_a_template_or_an_sms(desk: Desk) -> None:
    desk.server.now = desk.store.server_now() - timedelta(hours=23)
    budi = await desk.customer("Budi", "halo", last_inbound_at=desk.server.now)
    text = await send(desk, budi)
    template = await send(desk, budi, template=TemplateChoice("HX1", "pengingat"))
    sms = InboxRow(desk.server.inbox, "Jakarta", "sms", "+6281")
    desk.store._clock.offset += timedelta(hours=2)
    assert await asking(desk, template) is None
    assert await asking(desk, text) == "window_closed"
    await desk.apply(inboxes=(sms,))
    assert await asking(desk, await send(desk, budi)) is None
    assert timedelta(hours=24) == WINDOW


async def test_the_agent_decides(desk: Desk, budi: ConversationId) -> None:
    [seen] = await desk.store.messages.latest(budi)
    ids = [await send(desk, budi, text, seen=seen.id) for text in ("satu", "dua", "tiga")]
    await desk.apply(messages=(desk.server.inbound(budi, "beres"),))
    await desk.store.dispatch.recheck()
    assert await due(desk) == []
    await desk.store.outbox.release(ids[0])
    assert await desk.store.outbox.take_back(ids[1]) == Draft(budi, "dua")
    await desk.store.outbox.discard(ids[2])
    assert [intent.target for intent in await due(desk)] == [ids[0]]
    assert await asking(desk, ids[0]) is None  # decided, whatever the line does next
    assert await desk.texts(budi) == ["halo", "beres", "satu"]
    row = await desk.store.conversations.get(budi)
    assert row is not None
    assert row.failed_rule is None


async def test_a_reply_on_its_way_is_not_stopped(desk: Desk, budi: ConversationId) -> None:
    id = await send(desk, budi)
    [intent] = await due(desk)
    assert await desk.store.dispatch.begin(intent, calling=True)
    await desk.apply(messages=(desk.server.inbound(budi, "lagi"),))
    assert await asking(desk, id) is None
    # It came back without an answer, and the pull shows that the server does not have it.
    await desk.store.dispatch.postpone(intent, timedelta(0))
    assert await asking(desk, id) == "customer_wrote"
    assert await desk.store.outbox.take_back(id) == Draft(budi, "balas")


async def test_signing_out_lets_go_what_is_held(desk: Desk, budi: ConversationId) -> None:
    id = await send(desk, budi, hold=600.0)
    await desk.store.dispatch.let_go()
    assert [intent.target for intent in await due(desk)] == [id]


async def test_a_draft_keeps_quote_and_note_and_another_machine_brings_them(
    desk: Desk, budi: ConversationId
) -> None:
    [quoted] = await desk.store.messages.latest(budi)
    draft = Draft(budi, "teks", reply_to=quoted.id, note="catatan")
    await desk.store.drafts.save(draft)
    assert await desk.store.drafts.get(budi) == draft
    assert await desk.store.dispatch.lanes() == []  # not before the agent pauses
    desk.store._clock.offset += timedelta(seconds=5)
    [lane] = await desk.store.dispatch.lanes()
    intent = await desk.store.dispatch.next(lane)
    assert intent is not None
    assert intent.draft == draft
    await desk.store.dispatch.confirm(intent, ())
    now = desk.store.server_now()
    other = DraftRow(budi, "lain", now, None, "baru")
    await desk.apply(drafts=(other,))
    assert await desk.store.drafts.get(budi) == Draft(budi, "lain", note="baru")
    await desk.apply(drafts=(replace(other, text="", note=""),))
    assert await desk.store.drafts.get(budi) is None
