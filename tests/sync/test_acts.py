"""What agents do to conversations reaches the server, and the other desktops."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from console.domain.content import Kind
from console.domain.conversation import ConversationStatus, Filter, View
from console.domain.ids import ConversationId, LabelId, NoteId, ProfileId, new_message_id
from console.domain.intents import (
    AddNote,
    Assign,
    Attachment,
    Draft,
    MarkRead,
    Resolve,
    SetLabel,
    Snooze,
    Take,
)
from tests.remote.project import Agent, Project
from tests.sync.conftest import Desktop, desktop_of
from tests.waiting import eventually


async def settled(desktop: Desktop) -> None:
    """Wait until nothing is left to call."""

    async def nothing_waits() -> bool:
        return not await desktop.store.dispatch.lanes()

    await eventually(nothing_waits)


async def test_each_act_changes_the_server_and_is_told_in_the_thread(
    desktop: Desktop, project: Project, sari: Agent, budi: str
) -> None:
    id = ConversationId(budi)
    label = LabelId(new_message_id())
    project.desk.run("insert into labels (id, name, color) values (%s, 'Retur', 'red')", label)

    async def label_known() -> bool:
        project.ring_due_bells()
        return bool(await desktop.store.desk.labels())

    await eventually(label_known)
    outbox = desktop.store.outbox
    until = desktop.store.server_now().replace(microsecond=0) + timedelta(hours=2)
    await outbox.assign(Assign(id, ProfileId(sari.id)))
    await outbox.label(SetLabel(id, label, True))
    await outbox.note(AddNote(NoteId(new_message_id()), id, "VIP", (ProfileId(sari.id),)))
    await outbox.snooze(Snooze(id, until))
    await settled(desktop)
    assert project.rows("select assignee_id::text, status, snoozed_until from conversations") == [
        (sari.id, "snoozed", until)
    ]
    assert project.rows("select label_id::text from conversation_labels") == [(label,)]
    assert project.rows("select body, author_id::text, mentions::text[] from notes") == [
        ("VIP", sari.id, [sari.id])
    ]

    async def told() -> bool:
        kinds = [m.content.event.kind for m in await desktop.thread(budi) if m.content.event]
        return sorted(kinds) == ["assigned", "labelled", "snoozed"]

    await eventually(told)
    [shown] = [m for m in await desktop.thread(budi) if m.content.kind is Kind.NOTE]
    assert (shown.content.text, shown.sender_name, shown.local) == ("VIP", "Sari", False)
    view = View(Filter.SNOOZED, label_id=label)

    async def is_listed() -> bool:  # what is told in the thread may come a pull before the rest
        return bool(await desktop.store.conversations.page(view))

    await eventually(is_listed)
    [row] = await desktop.store.conversations.page(view)
    assert (row.status, row.snoozed_until) == (ConversationStatus.SNOOZED, until)


async def test_what_the_server_refuses_is_undone_and_told(
    desktop: Desktop, project: Project, budi: str
) -> None:
    outsider = project.agent("orang", project.desk.bandung)
    await desktop.store.outbox.assign(Assign(ConversationId(budi), ProfileId(outsider.id)))

    def told() -> list[str]:
        return [refusal.code for changes in desktop.heard for refusal in changes.refusals]

    await eventually(lambda: told() == ["cannot_see"])
    row = await desktop.store.conversations.get(ConversationId(budi))
    assert row is not None
    assert row.assignee_id is None


async def test_what_is_done_offline_shows_at_once_and_is_done_on_return(
    desktop: Desktop, project: Project, budi: str
) -> None:
    project.unplug()
    await desktop.store.outbox.resolve(Resolve(ConversationId(budi)))
    assert [row.id for row in await desktop.store.conversations.page(View(Filter.RESOLVED))] == [
        budi
    ]
    project.plug_in()

    async def done() -> bool:
        return project.rows("select status from conversations") == [("resolved",)]

    await eventually(done, within=40.0)


async def test_what_a_colleague_took_while_the_line_was_down_stays_theirs_and_that_is_told(
    desktop: Desktop, project: Project, sari: Agent, budi: str
) -> None:
    raka, thread = project.agent("raka", project.desk.jakarta), ConversationId(budi)

    async def is_known() -> bool:
        project.ring_due_bells()
        return "Raka" in [person.name for person in await desktop.store.desk.people()]

    await eventually(is_known)
    project.unplug()
    await desktop.store.outbox.take(Take(thread, ProfileId(sari.id), None))
    [mine] = await desktop.store.conversations.page(View(Filter.MINE))
    assert mine.id == budi
    project.desk.run("update conversations set assignee_id = %s", raka.id)
    project.plug_in()

    def told() -> list[tuple[str, str]]:
        return [(each.code, each.text) for heard in desktop.heard for each in heard.refusals]

    await eventually(lambda: told() == [("taken", "Raka")], within=40.0)

    async def whose() -> str | None:
        found = await desktop.store.conversations.get(thread)
        return None if found is None else found.assignee_id

    assert await whose() == raka.id
    await desktop.store.outbox.assign(Assign(thread, ProfileId(sari.id)))  # all the same

    async def is_mine() -> bool:
        at_server = project.rows("select assignee_id::text from conversations")
        return at_server == [(sari.id,)] and await whose() == sari.id

    await eventually(is_mine)


async def test_marking_unread_here_is_unread_on_the_other_machine(
    desktop: Desktop, project: Project, sari: Agent, budi: str, tmp_path: Path
) -> None:
    [message] = await desktop.thread(budi)
    async with desktop_of(project, sari, tmp_path / "laptop") as laptop:
        laptop.start()
        await laptop.online()

        async def unread_there(count: int) -> bool:
            project.ring_due_bells()
            rows = await laptop.rows()
            return bool(rows) and rows[0].unread == count

        await desktop.store.outbox.mark_read(MarkRead(ConversationId(budi), message.id))
        await eventually(lambda: unread_there(0), within=5.0)
        await desktop.store.outbox.mark_unread(ConversationId(budi))
        assert (await desktop.rows())[0].unread == 1
        await eventually(lambda: unread_there(1), within=5.0)


async def test_a_draft_comes_back_whole_into_a_rebuilt_cache(
    desktop: Desktop, project: Project, sari: Agent, budi: str, tmp_path: Path
) -> None:
    [message] = await desktop.thread(budi)
    pasted = Attachment("", "tempel.png", "image/png", 0, caption="Resi")
    kept = await desktop.store.drafts.take(pasted, b"gambar")
    draft = Draft(ConversationId(budi), "hampir", (kept,), message.id, "tanya gudang")
    await desktop.store.drafts.save(draft)
    await eventually(lambda: bool(project.rows("select 1 from drafts")), within=10.0)
    async with desktop_of(project, sari, tmp_path / "new") as fresh:
        fresh.start()
        await fresh.online()

        async def there() -> bool:
            found = await fresh.store.drafts.get(ConversationId(budi))
            # Its bytes stayed where they were; the name, the size and the caption did not.
            return found == replace(draft, attachments=(replace(kept, kept=None),))

        await eventually(there)
