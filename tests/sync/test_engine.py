"""A desktop's store and the server come to agree, whatever happens to the line."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from console.domain.changes import Link
from console.domain.delivery import Direction, Status
from console.domain.ids import ConversationId, MessageId, new_message_id
from console.domain.intents import Attachment, Draft, MarkRead, RetryMessage
from console.sync import pull
from tests.remote.project import Agent, Project
from tests.sync.conftest import Desktop, desktop_of
from tests.waiting import eventually


async def test_the_first_pull_brings_the_conversation_and_rings_nobody(
    desktop: Desktop, budi: str
) -> None:
    [row] = await desktop.rows()
    assert row.id == budi
    assert row.name == "Budi"
    assert row.unread == 1
    [message] = await desktop.thread(budi)
    assert message.content.text == "Halo, pesanan saya?"
    assert desktop.store.me is not None
    assert desktop.store.me.name == "Sari"
    assert not any(changes.arrived for changes in desktop.heard)


async def test_a_new_message_is_seen_within_two_seconds_by_the_doorbell(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.desk.inbound(budi, "Masih di sana?")

    async def seen() -> bool:
        return (await desktop.thread(budi))[-1].content.text == "Masih di sana?"

    await eventually(seen, within=2.0)
    # A reader may see what is committed a moment before the commit is announced.
    await eventually(lambda: any(budi in changes.arrived for changes in desktop.heard))


async def test_a_reply_is_queued_on_the_server_and_no_longer_local(
    desktop: Desktop, project: Project, budi: str
) -> None:
    id = await desktop.send(budi, "Sudah dikirim kemarin.")

    async def confirmed() -> bool:
        message = await desktop.store.messages.get(MessageId(id))
        return message is not None and not message.local

    await eventually(confirmed)
    assert project.rows(
        "select content, status, sent_by::text from messages where id = %s", id
    ) == [("Sudah dikirim kemarin.", "queued", desktop.store.me.id if desktop.store.me else None)]
    assert await desktop.store.outbox.pending() == 0


async def test_a_reply_written_offline_is_sent_once_when_we_return(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.unplug()
    ids = [await desktop.send(budi, f"Balasan {number}") for number in range(3)]
    await eventually(lambda: desktop.store.link is Link.OFFLINE)
    assert [m.status for m in await desktop.thread(budi)][1:] == [Status.QUEUED] * 3
    project.plug_in()

    async def nothing_waits() -> bool:
        return await desktop.store.outbox.pending() == 0

    await eventually(nothing_waits, within=40.0)
    sent = project.rows(
        "select id::text from messages where direction = 'outbound' order by timestamp"
    )
    assert [row[0] for row in sent] == ids
    assert desktop.store.link is Link.ONLINE


async def test_a_call_whose_answer_was_lost_is_repeated_without_a_second_message(
    desktop: Desktop, project: Project, budi: str
) -> None:
    await desktop.stop()
    id = await desktop.send(budi, "Sekali saja")
    await desktop.remote.calls.send_message(
        MessageId(id), ConversationId(budi), "Sekali saja", [], None
    )
    desktop.start()

    async def nothing_waits() -> bool:
        return await desktop.store.outbox.pending() == 0

    await eventually(nothing_waits)
    assert project.rows("select count(*) from messages where direction = 'outbound'") == [(1,)]
    assert len(await desktop.thread(budi)) == 2


async def test_a_refused_reply_shows_its_reason_and_holds_up_nobody(
    desktop: Desktop, project: Project, budi: str
) -> None:
    closed = project.desk.conversation(project.desk.jakarta, "Tua")
    project.desk.inbound(closed, "lama", at="now() - interval '25 hours'")

    async def both() -> bool:
        return len(await desktop.rows()) == 2

    await eventually(both)
    refused = await desktop.send(closed, "Terlambat?")
    sent = await desktop.send(budi, "Tepat waktu")

    async def settled() -> bool:
        one = await desktop.store.messages.get(MessageId(refused))
        other = await desktop.store.messages.get(MessageId(sent))
        return bool(one and one.status is Status.FAILED and other and not other.local)

    await eventually(settled)
    message = await desktop.store.messages.get(MessageId(refused))
    assert message is not None
    assert message.local
    assert message.error_text
    row = await desktop.store.conversations.get(ConversationId(closed))
    assert row is not None
    assert row.failed == message.error_text
    assert row.failed_rule == message.rule == "window_closed"
    # The customer writes again: now the same reply may go.
    project.desk.inbound(closed, "Saya di sini lagi")
    await desktop.store.outbox.retry(RetryMessage(MessageId(refused), new_message_id()))

    async def confirmed() -> bool:
        found = await desktop.store.messages.get(MessageId(refused))
        return found is not None and not found.local

    await eventually(confirmed)


async def test_files_go_up_and_become_one_message_each(
    desktop: Desktop, project: Project, budi: str, tmp_path: Path
) -> None:
    invoice, photo = tmp_path / "Tagihan März.pdf", tmp_path / "foto.jpg"
    invoice.write_bytes(b"%PDF-1.7\n" + bytes(700_000))
    photo.write_bytes(b"\xff\xd8\xff" + bytes(1000))
    id = await desktop.send(
        budi,
        "Ini tagihannya",
        Attachment(str(invoice), invoice.name, "application/pdf", invoice.stat().st_size),
        Attachment(str(photo), photo.name, "image/jpeg", photo.stat().st_size),
    )
    photo.unlink()

    async def nothing_waits() -> bool:
        return await desktop.store.outbox.pending() == 0

    await eventually(nothing_waits)
    bubbles = (await desktop.thread(budi))[1:]
    assert [(b.content.kind.value, b.content.text) for b in bubbles] == [
        ("document", "Ini tagihannya"),
        ("image", ""),
    ]
    assert bubbles[0].id == id
    path = bubbles[0].content.media[0].path
    assert path is not None
    stored = b"".join([piece async for _, piece in _download(desktop, path)])
    assert stored == invoice.read_bytes()
    assert await desktop.store.media.read("attachments", path) == invoice.read_bytes()
    assert project.rows("select count(*) from storage.objects where bucket_id = 'attachments'") == [
        (2,)
    ]


def _download(desktop: Desktop, path: str) -> AsyncIterator[tuple[int, bytes]]:
    return desktop.remote.files.download("attachments", path, 0)


async def test_leaving_an_inbox_makes_this_machine_forget_it(
    desktop: Desktop, project: Project, sari: Agent, budi: str
) -> None:
    await desktop.store.drafts.save(Draft(ConversationId(budi), "hampir selesai"))
    project.desk.leave(sari.id, project.desk.jakarta)

    async def forgotten() -> bool:
        return not await desktop.rows() and not await desktop.thread(budi)

    await eventually(forgotten, within=5.0)
    assert await desktop.store.drafts.get(ConversationId(budi)) is None


async def test_joining_an_inbox_brings_its_history_without_alerts(
    desktop: Desktop, project: Project, sari: Agent
) -> None:
    there = project.desk.conversation(project.desk.bandung, "Dewi")
    project.desk.inbound(there, "dari kemarin", at="now() - interval '20 hours'")
    project.desk.join(sari.id, project.desk.bandung)

    async def there_too() -> bool:
        return {row.name for row in await desktop.rows()} == {"Budi", "Dewi"}

    await eventually(there_too, within=5.0)
    assert not any(there in changes.arrived for changes in desktop.heard)
    project.desk.inbound(there, "sekarang")
    await eventually(lambda: any(there in c.arrived for c in desktop.heard), within=5.0)


async def test_reading_on_one_machine_is_read_on_the_other(
    desktop: Desktop, project: Project, sari: Agent, budi: str, tmp_path: Path
) -> None:
    async with desktop_of(project, sari, tmp_path / "laptop") as laptop:
        laptop.start()
        await laptop.online()
        [message] = await desktop.thread(budi)
        await desktop.store.outbox.mark_read(MarkRead(ConversationId(budi), message.id))
        assert (await desktop.rows())[0].unread == 0

        async def read_there() -> bool:
            project.ring_due_bells()
            return (await laptop.rows())[0].unread == 0

        await eventually(read_there, within=5.0)
        await desktop.store.drafts.save(Draft(ConversationId(budi), "Sebentar ya"))

        async def draft_there() -> bool:
            project.ring_due_bells()
            draft = await laptop.store.drafts.get(ConversationId(budi))
            return draft is not None and draft.text == "Sebentar ya"

        await eventually(draft_there, within=10.0)


async def test_a_dropped_line_heals_and_what_happened_meanwhile_is_there(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.unplug()
    await eventually(lambda: not desktop.remote.doorbell.joined)
    project.desk.inbound(budi, "sementara putus")
    project.plug_in()

    async def seen() -> bool:
        return (await desktop.thread(budi))[-1].content.text == "sementara putus"

    await eventually(seen, within=40.0)
    await desktop.online()
    project.desk.inbound(budi, "sesudahnya")

    async def live_again() -> bool:
        return (await desktop.thread(budi))[-1].content.text == "sesudahnya"

    await eventually(live_again, within=3.0)


async def test_the_way_to_a_message_far_back_is_fetched_page_by_page_for_one_wish(
    desktop: Desktop, project: Project, budi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pull, "FAR_PAGE", 20)
    for hours in range(900, 960):
        project.desk.inbound(budi, f"kuno{hours}", at=f"now() - interval '{hours} hours'")
    await desktop.stop()
    await desktop.store.feed.start_over()
    agent = project.agent("tini", project.desk.jakarta)
    async with desktop_of(project, agent, project.folder) as fresh:
        fresh.start()
        await fresh.online()
        found = await fresh.remote.search.messages("kuno958")
        assert [hit.snippet for hit in found.hits] == ["kuno958"]
        hit = found.hits[0]
        assert hit.name
        await fresh.store.feed.add_unknown(found.conversations, found.contacts)
        assert await fresh.store.conversations.get(hit.conversation_id) is not None

        fresh.store.messages.want_older(hit.conversation_id, hit.timestamp)

        async def is_here() -> bool:
            return await fresh.store.messages.get(hit.message_id) is not None

        await eventually(is_here)
        thread = await fresh.store.messages.latest(hit.conversation_id, 500)
        old = [int(m.content.text[4:]) for m in thread if m.content.text.startswith("kuno")]
        assert old == sorted(old, reverse=True)
        assert set(range(900, 959)) <= set(old)  # without a gap
        assert (await fresh.remote.search.completeness()).failing_since is None


async def test_older_messages_come_when_wanted(
    desktop: Desktop, project: Project, budi: str
) -> None:
    for hours in range(900, 990):
        project.desk.inbound(budi, f"{hours}", at=f"now() - interval '{hours} hours'")
    await desktop.stop()
    await desktop.store.feed.start_over()
    async with desktop_of(
        project, project.agent("tono", project.desk.jakarta), project.folder
    ) as fresh:
        fresh.start()
        await fresh.online()

        async def some() -> bool:
            return bool(await fresh.rows())

        await eventually(some)
        before = len(await fresh.store.messages.latest(ConversationId(budi), 500))
        assert before < 91
        while not await fresh.store.messages.is_complete(ConversationId(budi)):
            count = len(await fresh.store.messages.latest(ConversationId(budi), 500))
            fresh.store.messages.want_older(ConversationId(budi))

            async def more(count: int = count) -> bool:
                return len(
                    await fresh.store.messages.latest(ConversationId(budi), 500)
                ) > count or await fresh.store.messages.is_complete(ConversationId(budi))

            await eventually(more)
        everything = await fresh.store.messages.latest(ConversationId(budi), 500)
        assert len(everything) == 91
        assert everything[0].content.text == "989"
        assert all(message.direction is Direction.INBOUND for message in everything)
