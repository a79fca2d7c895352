"""What agents do with conversations, from the typed call through the gateway to the next pull."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from console.domain.conversation import Label
from console.domain.desk import CannedFile, CannedReply
from console.domain.errors import RefusedError
from console.domain.feed import Page, Record
from console.domain.ids import (
    CannedReplyId,
    ConversationId,
    InboxId,
    LabelId,
    MessageId,
    NoteId,
    ProfileId,
)
from console.domain.intents import TemplateChoice
from console.remote import connect
from console.remote.client import Remote
from tests.remote.project import Agent, Project

TEMPLATE = "HX" + "a" * 32


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def thread(project: Project) -> ConversationId:
    """A conversation in Jakarta whose customer wrote."""
    conversation = project.desk.conversation(project.desk.jakarta, "Siti")
    project.desk.inbound(conversation)
    return ConversationId(conversation)


@pytest.fixture
async def supervisor(project: Project) -> AsyncIterator[Remote]:
    """A second client, with a supervisor signed in."""
    ratna = project.agent("ratna", role="supervisor")
    remote = await connect(project.url, project.key)
    await remote.auth.sign_in(ratna.email, ratna.password)
    yield remote
    await remote.close()


async def pull(remote: Remote) -> Page:
    """A first pull in one page."""
    page, _ = await remote.calls.pull_changes("", 500)
    assert page.unreadable == 0
    return page


def of_kind(page: Page, kind: str) -> list[Record]:
    return [record for record in page.records if record.kind == kind]


async def test_what_is_done_to_a_conversation_is_answered_and_pulled(
    signed_in: Remote, sari: Agent, thread: ConversationId
) -> None:
    calls = signed_in.calls
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    for change, status, kind in (
        (calls.assign(thread, ProfileId(sari.id)), "open", "assigned"),
        (calls.snooze(thread, until), "snoozed", "snoozed"),
        (calls.resolve(thread), "resolved", "resolved"),
        (calls.reopen(thread), "open", "reopened"),
        (calls.assign(thread, None), "open", "unassigned"),
    ):
        answer = await change
        (row,) = answer.conversations
        (event,) = answer.records
        assert (row.id, row.status) == (thread, status)
        assert (event.kind, event.conversation_id) == ("events", thread)
        assert event.data["kind"] == kind
        assert row.snoozed_until == (until if status == "snoozed" else None)
        page = await pull(signed_in)
        assert page.conversations == answer.conversations
        assert event in page.records
    again = await calls.assign(thread, None)
    assert again.records == ()


async def test_a_label_is_put_on_and_off(
    signed_in: Remote, supervisor: Remote, thread: ConversationId
) -> None:
    label = Label(LabelId(new_id()), "VIP", "violet")
    saved = await supervisor.calls.save_label(label)
    assert [(one.kind, one.id) for one in saved.records] == [("labels", label.id)]
    mark = f"{thread}:{label.id}"
    put_on = await signed_in.calls.set_label(thread, label.id, True)
    assert {(one.kind, one.id) for one in put_on.records} >= {("conversation_labels", mark)}
    page = await pull(signed_in)
    assert [one.data["name"] for one in of_kind(page, "labels")] == ["VIP"]
    assert [one.id for one in of_kind(page, "conversation_labels")] == [mark]
    taken_off = await signed_in.calls.set_label(thread, label.id, False)
    assert taken_off.deleted == {"conversation_labels": (mark,)}
    gone = await supervisor.calls.delete_label(label.id)
    assert gone.deleted == {"labels": (label.id,)}


async def test_a_note_mentions_those_who_can_see_it(
    signed_in: Remote, project: Project, thread: ConversationId
) -> None:
    budi = project.agent("budi", project.desk.jakarta)
    luar = project.agent("luar")
    note = NoteId(new_id())
    mentions = [ProfileId(budi.id), ProfileId(luar.id)]
    answer = await signed_in.calls.add_note(note, thread, "@Budi tolong cek 🙏", mentions)
    assert answer.dropped == (luar.id,)
    (record,) = answer.records
    assert (record.kind, record.id) == ("notes", note)
    assert record.data["mentions"] == [budi.id]
    assert of_kind(await pull(signed_in), "notes") == [record]
    older = await signed_in.calls.messages_before(thread, datetime.now(UTC), 60)
    assert older.records == (record,)


async def test_unread_again_and_back(
    signed_in: Remote, project: Project, thread: ConversationId
) -> None:
    assert await signed_in.calls.mark_unread(thread) is None
    message = MessageId(project.desk.inbound(thread, "Kak?"))
    await signed_in.calls.mark_read(thread, message)
    before = (await pull(signed_in)).reads[0]
    mark = await signed_in.calls.mark_unread(thread)
    assert mark is not None
    assert mark.read_at < before.read_at
    assert (await pull(signed_in)).reads == (mark,)


async def test_canned_replies_travel_with_their_files(
    signed_in: Remote, supervisor: Remote
) -> None:
    ident = CannedReplyId(new_id())
    place = f"canned/{ident}/0/harga.pdf"
    file = CannedFile(place, "harga.pdf", "application/pdf", 4)
    reply = CannedReply(ident, "harga", "Halo {{name}}, ini daftar harganya.", (file,))
    with pytest.raises(RefusedError, match="Only supervisors") as caught:
        await signed_in.calls.save_canned_reply(reply)
    assert caught.value.code == "not_allowed"
    await supervisor.calls.save_canned_reply(reply)
    (record,) = of_kind(await pull(signed_in), "canned_replies")
    assert record.data["shortcut"] == "harga"
    assert record.data["attachments"] == [
        {"path": place, "name": "harga.pdf", "content_type": "application/pdf", "size": 4}
    ]
    gone = await supervisor.calls.delete_canned_reply(ident)
    assert gone.deleted == {"canned_replies": (ident,)}


async def test_a_template_is_chosen_and_sent_with_its_values(
    signed_in: Remote, project: Project, thread: ConversationId
) -> None:
    project.desk.run(
        "insert into public.templates (content_sid, name, language, body, status)"
        " values (%s, 'tindak_lanjut', 'id', 'Halo {{1}}, pesanan {{2}} dikirim.', 'approved')",
        TEMPLATE,
    )
    project.desk.run("update public.conversations set last_inbound_at = now() - interval '2 days'")
    (record,) = of_kind(await pull(signed_in), "templates")
    assert (record.data["content_sid"], record.data["status"]) == (TEMPLATE, "approved")
    choice = TemplateChoice(TEMPLATE, "tindak_lanjut", {"1": "Siti", "2": "#7"})
    first = MessageId(new_id())
    (sent,) = await signed_in.calls.send_message(first, thread, "", (), None, choice)
    assert sent.content == "Halo Siti, pesanan #7 dikirim."
    assert sent.metadata["template"]["variables"] == {"1": "Siti", "2": "#7"}


async def test_a_draft_comes_back_with_quote_and_note(
    signed_in: Remote, project: Project, thread: ConversationId
) -> None:
    quoted = MessageId(project.desk.inbound(thread, "Yang ini"))
    await signed_in.calls.save_draft(thread, "Baik", (), quoted, "tanya gudang")
    (draft,) = (await pull(signed_in)).drafts
    assert (draft.text, draft.reply_to, draft.note) == ("Baik", quoted, "tanya gudang")


async def test_the_numbers_come_per_filter_inbox_and_label(
    signed_in: Remote, supervisor: Remote, sari: Agent, project: Project, thread: ConversationId
) -> None:
    label = Label(LabelId(new_id()), "VIP")
    await supervisor.calls.save_label(label)
    other = ConversationId(project.desk.conversation(project.desk.jakarta, "Ani"))
    await signed_in.calls.assign(thread, ProfileId(sari.id))
    await signed_in.calls.set_label(thread, label.id, True)
    await signed_in.calls.resolve(other)
    jakarta = InboxId(project.desk.jakarta)
    counters = await signed_in.calls.counters(jakarta, label.id)
    assert (counters.mine, counters.all, counters.unread, counters.resolved) == (1, 1, 1, 0)
    counters = await signed_in.calls.counters()
    assert (counters.all, counters.resolved, counters.unassigned) == (1, 1, 0)
    assert counters.inboxes == {jakarta: 1}
    assert counters.labels == {label.id: 1}


async def test_refusals_come_in_plain_words(
    signed_in: Remote, project: Project, thread: ConversationId
) -> None:
    wati = project.agent("wati", project.desk.bandung)
    with pytest.raises(RefusedError, match="Wati cannot see this inbox") as caught:
        await signed_in.calls.assign(thread, ProfileId(wati.id))
    assert caught.value.code == "cannot_see"
    assert caught.value.fix
    with pytest.raises(RefusedError, match="passed already") as caught:
        await signed_in.calls.snooze(thread, datetime.now(UTC) - timedelta(minutes=1))
    assert caught.value.code == "bad_time"
    theirs = ConversationId(project.desk.conversation(project.desk.bandung))
    for act in (
        signed_in.calls.resolve(theirs),
        signed_in.calls.reopen(theirs),
        signed_in.calls.mark_unread(theirs),
        signed_in.calls.add_note(NoteId(new_id()), theirs, "x"),
        signed_in.calls.set_label(thread, LabelId(new_id()), True),
    ):
        with pytest.raises(RefusedError) as caught:
            await act
        assert caught.value.code == "not_found"
