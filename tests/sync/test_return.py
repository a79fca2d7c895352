"""What was written without seeing what happened is looked at again before it leaves."""

from __future__ import annotations

import asyncio

import pytest

from console.domain.changes import Link
from console.domain.ids import ConversationId, MessageId, new_message_id
from console.domain.intents import Draft, SendMessage
from console.domain.message import Message
from tests.database.conftest import Person
from tests.remote.project import Project
from tests.sync.conftest import Desktop
from tests.waiting import eventually

BACK = 40.0  # seconds; the line is tried every 15 while it is down


async def bubble(desktop: Desktop, id: str) -> Message:
    message = await desktop.store.messages.get(MessageId(id))
    assert message is not None
    return message


async def write(desktop: Desktop, conversation: str, text: str, hold: float = 0.0) -> str:
    """Write a reply to what the thread shows now."""
    *_, seen = await desktop.thread(conversation)
    id = new_message_id()
    await desktop.store.outbox.send(
        SendMessage(id, ConversationId(conversation), text, seen=seen.id, hold=hold)
    )
    return id


async def cut_off(desktop: Desktop, project: Project) -> None:
    """The line is down, and the desktop knows."""
    project.unplug()
    desktop.engine.ring()
    await eventually(lambda: desktop.store.link is Link.OFFLINE)


async def asked(desktop: Desktop, id: str) -> str | None:
    """Wait for the line, and for the agent to be asked; why."""

    async def asking() -> bool:
        return (await bubble(desktop, id)).waiting == "asking"

    await eventually(asking, within=BACK)
    return (await bubble(desktop, id)).rule


def sent(project: Project) -> list[str]:
    return [
        row[0]
        for row in project.rows(
            "select content from messages where direction = 'outbound' order by timestamp"
        )
    ]


async def test_a_colleague_answered_while_the_line_was_down(
    desktop: Desktop, project: Project, budi: str
) -> None:
    tono = Person(project.desk, project.agent("tono", project.desk.jakarta).id)
    await cut_off(desktop, project)
    ids = [await write(desktop, budi, f"Balasan {number}") for number in range(2)]
    assert {(await bubble(desktop, id)).waiting for id in ids} == {"offline"}
    answer = {"id": new_message_id(), "conversation_id": budi, "content": "Sudah saya jawab"}
    tono.call("send_message", **answer)
    project.plug_in()
    assert [await asked(desktop, id) for id in ids] == ["colleague_replied"] * 2
    assert sent(project) == ["Sudah saya jawab"]
    await desktop.store.outbox.release(MessageId(ids[1]))
    await desktop.store.outbox.discard(MessageId(ids[0]))

    async def nothing_waits() -> bool:
        return await desktop.store.outbox.pending() == 0

    await eventually(nothing_waits)
    assert sent(project) == ["Sudah saya jawab", "Balasan 1"]


async def test_the_customer_wrote_while_the_line_was_down(
    desktop: Desktop, project: Project, budi: str
) -> None:
    await cut_off(desktop, project)
    id = await write(desktop, budi, "Masih dicari, ya?")
    project.desk.inbound(budi, "Tidak usah, sudah ketemu")
    project.plug_in()
    assert await asked(desktop, id) == "customer_wrote"
    assert sent(project) == []
    assert await desktop.store.outbox.take_back(MessageId(id)) == Draft(
        ConversationId(budi), "Masih dicari, ya?"
    )


async def test_the_window_closed_while_the_line_was_down(
    desktop: Desktop, project: Project
) -> None:
    old = project.desk.conversation(project.desk.jakarta, "Tua")
    project.desk.inbound(old, "lama", at="now() - interval '25 hours'")

    async def there() -> bool:
        return bool(await desktop.thread(old))

    await eventually(there)
    await cut_off(desktop, project)
    id = await write(desktop, old, "Terlambat")
    project.plug_in()
    assert await asked(desktop, id) == "window_closed"
    assert sent(project) == []


async def test_what_waited_from_the_last_run_is_looked_at_too(
    desktop: Desktop, project: Project, budi: str
) -> None:
    await desktop.stop()
    id = await write(desktop, budi, "Sebentar")
    project.desk.inbound(budi, "Batal saja")
    desktop.start()
    assert await asked(desktop, id) == "customer_wrote"


async def test_after_a_sleep_nothing_leaves_before_the_next_pull(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.misbehave(drop=1.0)  # what happens now, nobody hears
    id = await write(desktop, budi, "Sebentar", hold=5.0)
    project.desk.inbound(budi, "Batal saja")
    desktop.engine._on_sleep()
    assert desktop.store.link is Link.CONNECTING
    assert await asked(desktop, id) == "customer_wrote"


async def test_a_pull_that_began_before_the_sleep_proves_nothing(
    desktop: Desktop, project: Project, budi: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.misbehave(drop=1.0)
    id = await write(desktop, budi, "Sebentar", hold=5.0)
    pull = desktop.engine._pull
    run, asleep = pull.run, asyncio.Event()

    async def overtaken() -> int:
        changed = await run()
        if not asleep.is_set():
            asleep.set()
            project.desk.inbound(budi, "Batal saja")
            desktop.engine._on_sleep()
        return changed

    monkeypatch.setattr(pull, "run", overtaken)
    desktop.engine.ring()
    await asleep.wait()
    assert await asked(desktop, id) == "customer_wrote"


async def test_online_a_reply_leaves_at_once_whatever_comes_meanwhile(
    desktop: Desktop, project: Project, budi: str
) -> None:
    """What the agent should see before Enter is the composer's to show."""
    [seen] = await desktop.thread(budi)
    project.desk.inbound(budi, "Halo?")

    async def there() -> bool:
        return len(await desktop.thread(budi)) == 2

    await eventually(there)
    id = new_message_id()
    await desktop.store.outbox.send(
        SendMessage(id, ConversationId(budi), "Ya", seen=seen.id, hold=0.2)
    )

    async def confirmed() -> bool:
        return not (await bubble(desktop, id)).local

    await eventually(confirmed, within=3.0)


async def test_a_held_reply_that_was_taken_back_never_reaches_the_server(
    desktop: Desktop, project: Project, budi: str
) -> None:
    held = await write(desktop, budi, "Salah", hold=30.0)
    other = await write(desktop, budi, "Yang lain", hold=0.0)
    assert (await bubble(desktop, held)).waiting == "held"
    draft = await desktop.store.outbox.take_back(MessageId(held))
    assert draft is not None
    assert draft.text == "Salah"

    async def confirmed() -> bool:
        return not (await bubble(desktop, other)).local

    await eventually(confirmed)
    assert sent(project) == ["Yang lain"]
