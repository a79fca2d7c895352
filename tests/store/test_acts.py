"""What agents do to conversations shows at once, and is undone and told where it is refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from console.domain.changes import Refusal
from console.domain.conversation import ConversationRow, ConversationStatus, Counters, Filter, View
from console.domain.errors import RefusedError
from console.domain.feed import Changed, ConversationFacts, ReadRow, Record
from console.domain.ids import ConversationId, LabelId
from console.domain.intents import Assign, MarkRead, Reopen, Resolve, SetLabel, SetPriority, Snooze
from console.store.dispatch import Intent
from tests.store.conftest import ME, Desk, new_id
from tests.store.test_views import OTHER, label


async def shown(desk: Desk, filter: Filter) -> list[str]:
    return [row.name for row in await desk.store.conversations.page(View(filter))]


async def row_of(desk: Desk, id: ConversationId) -> ConversationRow:
    row = await desk.store.conversations.get(id)
    assert row is not None
    return row


async def due(desk: Desk) -> list[Intent]:
    """What is to be called for, first things first."""
    found = []
    for lane in await desk.store.dispatch.lanes():
        intent = await desk.store.dispatch.next(lane)
        assert intent is not None
        found.append(intent)
    return found


@pytest.fixture
async def budi(desk: Desk) -> ConversationId:
    """Budi wrote two messages; nobody has taken the conversation."""
    return await desk.customer("Budi", "halo", "ada?", waiting_since=desk.server.now)


async def test_assigning_moves_the_row_and_the_numbers_at_once(
    desk: Desk, budi: ConversationId
) -> None:
    await desk.store.outbox.assign(Assign(budi, ME))
    assert desk.heard[-1].conversations == {budi}
    assert desk.heard[-1].outbox
    assert (await shown(desk, Filter.MINE), await shown(desk, Filter.UNASSIGNED)) == (["Budi"], [])
    assert (await row_of(desk, budi)).assignee_name == "Sari"
    assert await desk.store.conversations.counters() == Counters(
        1, 0, 1, 1, inboxes={desk.server.inbox: 1}
    )


async def test_snoozing_resolving_and_reopening_move_the_row(
    desk: Desk, budi: ConversationId
) -> None:
    until = desk.store.server_now() + timedelta(hours=2)
    await desk.store.outbox.snooze(Snooze(budi, until))
    assert (await row_of(desk, budi)).snoozed_until == until
    assert (await shown(desk, Filter.SNOOZED), await shown(desk, Filter.ALL)) == (["Budi"], [])
    await desk.store.outbox.resolve(Resolve(budi))
    row = await row_of(desk, budi)
    assert (row.status, row.snoozed_until, row.waiting_since) == (
        ConversationStatus.RESOLVED,
        None,
        None,
    )
    await desk.store.outbox.reopen(Reopen(budi))
    assert await shown(desk, Filter.ALL) == ["Budi"]
    # The last wish is the only one that leaves.
    [intent] = await due(desk)
    assert (intent.kind, intent.field("status")) == ("status", "open")


async def test_labels_go_on_and_off_each_for_itself(desk: Desk, budi: ConversationId) -> None:
    one, two = label("Satu"), label("Dua")
    await desk.apply(records=(one, two))
    await desk.store.outbox.label(SetLabel(budi, LabelId(one.id), True))
    await desk.store.outbox.label(SetLabel(budi, LabelId(two.id), True))
    await desk.store.outbox.label(SetLabel(budi, LabelId(one.id), False))
    assert [label.name for label in (await row_of(desk, budi)).labels] == ["Dua"]
    counters = await desk.store.conversations.counters()
    assert counters.labels == {two.id: 1}
    [first] = await due(desk)
    await desk.store.dispatch.confirm(first, ())
    [second] = await due(desk)
    await desk.store.dispatch.confirm(second, ())
    assert {first.field("label_id"), second.field("label_id")} == {one.id, two.id}
    assert await due(desk) == []
    assert [label.name for label in (await row_of(desk, budi)).labels] == ["Dua"]


async def test_a_priority_shows_at_once_stays_when_confirmed_and_goes_when_refused(
    desk: Desk, budi: ConversationId
) -> None:
    await desk.store.outbox.prioritise(SetPriority(budi, "high"))
    await desk.store.outbox.prioritise(SetPriority(budi, "urgent"))
    row = await row_of(desk, budi)
    assert (row.priority, row.labels) == ("urgent", ())
    [intent] = await due(desk)
    assert intent.field("priority") == "urgent"
    await desk.store.dispatch.confirm(intent, ())
    assert (await row_of(desk, budi)).priority == "urgent"
    await desk.store.outbox.prioritise(SetPriority(budi, "low"))
    [intent] = await due(desk)
    await desk.store.dispatch.refuse(intent, "not_found", "No", "It is gone.")
    assert (await row_of(desk, budi)).priority == "urgent"


async def test_a_refusal_is_undone_and_told(desk: Desk, budi: ConversationId) -> None:
    await desk.store.outbox.assign(Assign(budi, OTHER))
    [intent] = await due(desk)
    await desk.store.dispatch.refuse(intent, "cannot_see", "No", "Raka cannot see this inbox.")
    assert desk.heard[-1].refusals == (
        Refusal(budi, "assign", "cannot_see", "No", "Raka cannot see this inbox."),
    )
    assert (await row_of(desk, budi)).assignee_id is None
    assert await shown(desk, Filter.UNASSIGNED) == ["Budi"]
    assert await due(desk) == []


async def test_what_was_wished_meanwhile_outlives_the_answer_to_the_older_wish(
    desk: Desk, budi: ConversationId
) -> None:
    await desk.store.outbox.assign(Assign(budi, ME))
    [older] = await due(desk)
    await desk.store.outbox.assign(Assign(budi, OTHER))
    await desk.store.dispatch.refuse(older, "not_allowed", "No", "No")
    assert (await row_of(desk, budi)).assignee_id == OTHER
    await desk.store.dispatch.confirm(older, ())
    assert (await row_of(desk, budi)).assignee_id == OTHER
    [newer] = await due(desk)
    assert newer.payload == OTHER


async def test_confirmed_it_stays_before_the_feed_says_so_with_what_the_server_answered(
    desk: Desk,
) -> None:
    contact, facts = desk.server.customer("Budi")
    await desk.apply(contacts=(contact,), conversations=(facts,))
    await desk.store.outbox.resolve(Resolve(facts.id))
    [intent] = await due(desk)
    answer = replace(facts, status="resolved", assignee_id=ME)
    desk.heard.clear()
    await desk.store.dispatch.confirm(intent, (), Changed((answer,)))
    row = await row_of(desk, facts.id)
    assert (row.status, row.assignee_id) == (ConversationStatus.RESOLVED, ME)
    # Not for a moment back among the open ones.
    assert await shown(desk, Filter.RESOLVED) == ["Budi"]


async def test_a_page_from_the_server_does_not_undo_what_is_on_its_way(desk: Desk) -> None:
    contact, facts = desk.server.customer("Budi")
    await desk.apply(contacts=(contact,), conversations=(facts,))
    await desk.store.outbox.resolve(Resolve(facts.id))
    again: ConversationFacts = replace(facts, assignee_id=OTHER)
    await desk.apply(conversations=(again,))
    row = await row_of(desk, facts.id)
    assert (row.status, row.assignee_id) == (ConversationStatus.RESOLVED, OTHER)


async def test_marking_unread_shows_one_message_and_opening_takes_it_back(
    desk: Desk, budi: ConversationId
) -> None:
    *_, last = await desk.store.messages.latest(budi)
    await desk.store.outbox.mark_read(MarkRead(budi, last.id))
    assert (await row_of(desk, budi)).unread == 0
    await desk.store.outbox.mark_unread(budi)
    assert (await row_of(desk, budi)).unread == 1
    [intent] = await due(desk)
    assert intent.read_up_to is None
    await desk.store.dispatch.confirm(intent, ())
    assert (await row_of(desk, budi)).unread == 1
    await desk.store.outbox.mark_read(MarkRead(budi, last.id))
    assert (await row_of(desk, budi)).unread == 0
    await desk.store.outbox.mark_unread(budi)
    await desk.store.outbox.mark_unread(budi)
    assert (await row_of(desk, budi)).unread == 1


async def test_a_page_made_before_the_mark_was_taken_does_not_unread_it(
    desk: Desk, budi: ConversationId
) -> None:
    first, last = await desk.store.messages.latest(budi)
    await desk.store.outbox.mark_read(MarkRead(budi, last.id))
    [intent] = await due(desk)
    await desk.store.dispatch.confirm(intent, ())
    old = ReadRow(budi, first.timestamp, first.id)
    await desk.apply(reads=(old,), server_time=desk.store.server_now() - timedelta(seconds=1))
    assert (await row_of(desk, budi)).unread == 0
    await desk.apply(reads=(old,), server_time=desk.store.server_now() + timedelta(seconds=30))
    assert (await row_of(desk, budi)).unread == 1


async def test_nothing_is_done_to_a_conversation_that_is_gone(desk: Desk) -> None:
    with pytest.raises(RefusedError):
        await desk.store.outbox.resolve(Resolve(ConversationId(new_id())))


async def test_the_desk_knows_its_labels_people_inboxes_replies_and_templates(desk: Desk) -> None:
    reply = {
        "id": new_id(),
        "shortcut": "ongkir",
        "body": "Ongkir {{kota}}",
        "attachments": [{"path": "canned/a", "name": "a.pdf", "content_type": "x/y", "size": 7}],
    }
    template = {
        "id": new_id(),
        "content_sid": "HX1",
        "name": "pengingat",
        "language": "id",
        "body": "Halo {{1}}",
        "variables": {"1": "Budi"},
        "status": "approved",
        "types": {"twilio/quick-reply": {"actions": [{"title": "Ya"}, {"id": "x"}, 7]}, "x": 3},
    }
    await desk.apply(
        records=(
            label("Retur"),
            label("grosir"),
            Record("canned_replies", str(reply["id"]), None, reply),
            Record("templates", str(template["id"]), None, template),
        )
    )
    assert desk.heard[-1].team
    lists = desk.store.desk
    assert [found.name for found in await lists.labels()] == ["grosir", "Retur"]
    assert [found.name for found in await lists.people()] == ["Sari"]
    assert [found.name for found in await lists.inboxes()] == ["Jakarta"]
    [canned] = await lists.canned()
    assert (canned.shortcut, canned.files[0].name, canned.files[0].size) == ("ongkir", "a.pdf", 7)
    [known] = await lists.templates()
    assert (known.is_approved, known.variables) == (True, {"1": "Budi"})
    assert known.buttons == ("Ya",)
