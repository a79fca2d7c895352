"""Lost bells, ended sessions, sleeping laptops, failing servers: the desk gets over all of them."""

from __future__ import annotations

import asyncio
import time

import psycopg
import pytest

from console.domain.changes import Link
from console.domain.delivery import Status
from console.domain.ids import ConversationId, MessageId, new_message_id
from console.domain.intents import Attachment, Draft, RetryMessage
from console.sync import nudge
from tests.remote.project import Project
from tests.sync.conftest import Desktop
from tests.waiting import eventually


async def test_dropped_repeated_and_reordered_bells_leave_nothing_out_and_nothing_twice(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.misbehave(drop=0.1, repeat=0.1, reorder=0.1, seed=17)
    texts = [f"pesan {number}" for number in range(60)]
    for text in texts:
        project.desk.inbound(budi, text)
        await asyncio.sleep(0)
    project.misbehave(drop=0.0, repeat=0.0, reorder=0.0)
    project.desk.inbound(budi, "terakhir")

    async def all_there() -> bool:
        shown = [
            m.content.text for m in await desktop.store.messages.latest(ConversationId(budi), 100)
        ]
        return shown[1:] == [*texts, "terakhir"]

    await eventually(all_there, within=5.0)


async def test_a_session_that_is_ended_elsewhere_signs_the_desk_out_and_keeps_the_work(
    offline_desktop: Desktop, project: Project, budi: str
) -> None:
    project.misbehave(token_lifetime=62)  # to be renewed two seconds from now
    await offline_desktop.remote.auth.token(stale=await offline_desktop.remote.auth.token())
    offline_desktop.start()
    await offline_desktop.online()
    project.misbehave(status=503, paths=["/rest/v1/rpc/send_message"])
    await offline_desktop.send(budi, "belum terkirim")
    with psycopg.connect(project.desk.database.admin_dsn, autocommit=True) as admin:
        admin.execute("delete from auth.refresh_tokens")
        admin.execute("delete from auth.sessions")
    await eventually(lambda: offline_desktop.store.link is Link.SIGNED_OUT, within=30.0)
    assert offline_desktop.running is not None
    await asyncio.wait_for(offline_desktop.running, 10)
    assert await offline_desktop.store.outbox.pending() == 1


async def test_a_token_renewed_under_way_is_noticed_by_nobody(
    offline_desktop: Desktop, project: Project, budi: str
) -> None:
    project.misbehave(token_lifetime=63)  # renewed three seconds from now
    await offline_desktop.remote.auth.token(stale=await offline_desktop.remote.auth.token())
    project.misbehave(token_lifetime=0)
    offline_desktop.start()
    await offline_desktop.online()
    first = await offline_desktop.remote.auth.token()

    async def renewed() -> bool:
        return await offline_desktop.remote.auth.token() != first

    await eventually(renewed)
    project.desk.inbound(budi, "masih hidup")

    async def seen() -> bool:
        return (await offline_desktop.thread(budi))[-1].content.text == "masih hidup"

    await eventually(seen, within=5.0)
    assert offline_desktop.store.link is Link.ONLINE


async def test_waking_from_sleep_pulls_and_builds_the_line_anew(
    offline_desktop: Desktop, project: Project, budi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nudge, "_TICK", 0.2)
    offline_desktop.start()
    await offline_desktop.online()
    project.misbehave(drop=1.0)
    project.desk.inbound(budi, "waktu tidur")
    awake = time.time
    monkeypatch.setattr(time, "time", lambda: awake() + 7200)

    async def seen() -> bool:
        return (await offline_desktop.thread(budi))[-1].content.text == "waktu tidur"

    await eventually(seen, within=5.0)
    project.misbehave(drop=0.0)
    await offline_desktop.online()
    project.desk.inbound(budi, "sudah bangun")

    async def live_again() -> bool:
        return (await offline_desktop.thread(budi))[-1].content.text == "sudah bangun"

    await eventually(live_again, within=10.0)


async def test_a_failing_server_holds_up_only_what_it_fails(
    desktop: Desktop, project: Project, budi: str
) -> None:
    other = project.desk.conversation(project.desk.jakarta, "Dewi")
    project.desk.inbound(other, "halo")

    async def both() -> bool:
        return len(await desktop.rows()) == 2

    await eventually(both)
    project.misbehave(status=503, paths=["/storage/v1/object/attachments"])
    file = project.folder / "nota.pdf"
    file.write_bytes(b"%PDF" + bytes(1000))
    stuck = await desktop.send(budi, "", Attachment(str(file), "nota.pdf", "application/pdf", 1004))
    behind = await desktop.send(budi, "sesudah nota")
    free = await desktop.send(other, "tidak menunggu")

    async def one_left() -> bool:
        message = await desktop.store.messages.get(MessageId(free))
        return message is not None and not message.local

    await eventually(one_left)
    # The order within a conversation is kept: what follows waits.
    for id in (stuck, behind):
        message = await desktop.store.messages.get(MessageId(id))
        assert message is not None
        assert message.local
    project.misbehave(status=0, paths=[])

    async def nothing_waits() -> bool:
        return await desktop.store.outbox.pending() == 0

    await eventually(nothing_waits, within=30.0)
    sent = project.rows(
        "select id::text from messages where direction = 'outbound' and conversation_id = %s"
        " order by timestamp",
        budi,
    )
    assert [row[0] for row in sent] == [stuck, behind]


async def test_a_failed_message_is_tried_again_as_a_new_linked_one(
    desktop: Desktop, project: Project, budi: str
) -> None:
    id = await desktop.send(budi, "gagal dulu")

    async def status(of: str) -> Status | None:
        message = await desktop.store.messages.get(MessageId(of))
        return message.status if message and not message.local else None

    async def queued() -> bool:
        return await status(id) is Status.QUEUED

    await eventually(queued)
    project.desk.run(
        "update messages set status = 'failed', error_code = 63016, error_text = 'Ditolak'"
        " where id = %s",
        id,
    )
    project.ring_due_bells()

    async def failed() -> bool:
        project.ring_due_bells()
        return await status(id) is Status.FAILED

    await eventually(failed)
    new_id = new_message_id()
    await desktop.store.outbox.retry(RetryMessage(MessageId(id), new_id))
    shown = await desktop.thread(budi)
    assert [m.content.text for m in shown[1:]] == ["gagal dulu", "gagal dulu"]

    async def again() -> bool:
        return await status(new_id) is Status.QUEUED

    await eventually(again)
    assert project.rows("select metadata ->> 'retry_of' from messages where id = %s", new_id) == [
        (id,)
    ]


async def test_send_and_sign_out_waits_for_the_replies_and_counts_what_could_not_leave(
    desktop: Desktop, project: Project, budi: str
) -> None:
    await desktop.send(budi, "satu")
    await desktop.send(budi, "dua")
    assert await desktop.engine.send_all(15.0) == 0
    project.unplug()
    await desktop.send(budi, "tiga")
    assert await desktop.engine.send_all(0.5) == 1
    await desktop.store.outbox.discard_all()
    assert await desktop.store.outbox.pending() == 0
    assert [m.content.text for m in await desktop.thread(budi)][1:] == ["satu", "dua"]


async def test_a_draft_reaches_the_server_and_goes_with_the_reply(
    desktop: Desktop, project: Project, budi: str
) -> None:
    await desktop.store.drafts.save(Draft(ConversationId(budi), "sedang ditulis"))
    drafts = "select body from drafts where conversation_id = %s"
    await eventually(lambda: project.rows(drafts, budi) == [("sedang ditulis",)])
    await desktop.send(budi, "sedang ditulis")
    await eventually(lambda: project.rows(drafts, budi) == [])


async def test_a_file_that_the_window_wants_comes_and_a_missing_one_is_said(
    desktop: Desktop, project: Project, budi: str
) -> None:
    place = f"{budi}/m/0/foto.jpg"
    project.gateway.ask(
        "POST",
        f"/storage/v1/object/media/{place}",
        headers={**project.gateway.headers(), "content-type": "image/jpeg"},
        content=b"jpeg" * 1000,
    ).raise_for_status()
    desktop.store.media.want("media", place)
    await eventually(lambda: any(place in changes.media for changes in desktop.heard))
    assert await desktop.store.media.read("media", place) == b"jpeg" * 1000
    gone = f"{budi}/m/0/hilang.jpg"
    desktop.store.media.want("media", gone)
    await eventually(lambda: any(gone in changes.media for changes in desktop.heard))
    assert await desktop.store.media.read("media", gone) is None
    assert await desktop.store.media.problem("media", gone)
