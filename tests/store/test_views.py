"""Every view of the inbox list in every order: what it holds, and the numbers above it."""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from console.domain.conversation import (
    Channel,
    ConversationRow,
    ConversationStatus,
    Filter,
    Sort,
    View,
)
from console.domain.feed import ContactRow, ConversationFacts, InboxRow, MessageFacts, Record
from console.domain.ids import ConversationId, InboxId, LabelId, ProfileId
from console.domain.intents import Assign, MarkRead, Reopen, Resolve, SetLabel, Snooze
from console.domain.window import window_of
from console.store.conversations import _stretches, walk_sql
from console.store.database import Reading
from console.store.dispatch import Intent
from tests.store.conftest import ME, Desk, new_id, open_desk

OTHER = ProfileId("00000000-0000-4000-8000-000000000002")
SMS = InboxId("00000000-0000-4000-8000-0000000000ff")


def label(name: str, id: str | None = None) -> Record:
    id = id or new_id()
    return Record("labels", id, None, {"id": id, "name": name, "color": "blue"})


def labelled(conversation_id: str, label_id: str) -> Record:
    return Record(
        "conversation_labels",
        f"{conversation_id}:{label_id}",
        ConversationId(conversation_id),
        {"conversation_id": conversation_id, "label_id": label_id},
    )


def belongs(row: ConversationRow, view: View) -> bool:
    """What a view holds, said plainly."""
    if view.inbox_id is not None and row.inbox_id != view.inbox_id:
        return False
    if view.label_id is not None and view.label_id not in {label.id for label in row.labels}:
        return False
    match view.filter:
        case Filter.SNOOZED:
            return row.status is ConversationStatus.SNOOZED
        case Filter.RESOLVED:
            return row.status is ConversationStatus.RESOLVED
        case Filter.MINE:
            return row.status is ConversationStatus.OPEN and row.assignee_id == ME
        case Filter.UNASSIGNED:
            return row.status is ConversationStatus.OPEN and row.assignee_id is None
    return row.status is ConversationStatus.OPEN


def rank(row: ConversationRow, sort: Sort, now: datetime) -> tuple[float, ...]:
    """What an order means, said plainly."""
    newest = -row.last_message_at.timestamp() if row.last_message_at else 0.0
    if sort is Sort.NEWEST:
        return (newest,)
    if sort is Sort.WAITING:
        waits = row.waiting_since
        return (0, waits.timestamp()) if waits else (1, newest)
    left = window_of(row.channel, row.last_inbound_at, now).left
    if row.last_inbound_at is None or left is None:
        return (2, newest)
    return (0, left.total_seconds()) if left else (1, -row.last_inbound_at.timestamp())


async def walked(desk: Desk, view: View, limit: int = 3, search: str = "") -> list[ConversationRow]:
    """Every row of a view, page by page."""
    rows: list[ConversationRow] = []
    after = None
    while page := await desk.store.conversations.page(
        view, search=search, after=after, limit=limit
    ):
        rows += page
        after = page[-1]
    return rows


@pytest.mark.parametrize("sort", list(Sort))
async def test_no_order_of_any_view_sorts_or_scans(desk: Desk, sort: Sort) -> None:
    await desk.customer("Budi", "halo", waiting_since=desk.server.now)
    [row] = await desk.store.conversations.page(View(Filter.ALL))

    def plans(reading: Reading) -> list[str]:
        now = desk.server.now
        stretches = [
            *_stretches(reading, sort, None, now),
            *_stretches(reading, sort, row, now),
            *_stretches(reading, sort, row, now + timedelta(days=9)),
        ]
        return [
            f"{step[3]}"
            for stretch in stretches
            for step in reading.all(
                f"explain query plan {walk_sql(stretch)}", 1, 0, stretch.key, stretch.row, 100
            )
        ]

    found = await desk.store._database.read(plans)
    assert found
    assert not [step for step in found if "TEMP B-TREE" in step or step.startswith("SCAN")]
    assert any("(scope=? AND sort=? AND (key,row)" in step for step in found)


async def test_a_row_has_its_labels_by_name_its_inbox_and_its_moment_to_come_back(
    desk: Desk,
) -> None:
    later = desk.server.now + timedelta(hours=3)
    budi = await desk.customer(
        "Budi", "halo", status="snoozed", snoozed_until=later, priority="high"
    )
    urgent, billing = label("Urgent"), label("billing")
    await desk.apply(
        records=(urgent, billing, labelled(budi, urgent.id), labelled(budi, billing.id))
    )
    [row] = await desk.store.conversations.page(View(Filter.SNOOZED))
    assert [label.name for label in row.labels] == ["billing", "Urgent"]
    assert (row.inbox_name, row.priority, row.snoozed_until) == ("Jakarta", "high", later)
    await desk.apply(records=(label("Penting", urgent.id),))
    assert desk.heard[-1].team
    [row] = await desk.store.conversations.page(View(Filter.SNOOZED), search="penting")
    assert [label.name for label in row.labels] == ["billing", "Penting"]
    assert await desk.store.conversations.page(View(Filter.ALL), search="urgent") == []


async def test_windows_that_closed_come_after_the_open_ones_the_latest_first(desk: Desk) -> None:
    now = desk.store.server_now()
    hours = {"baru": 1, "segera": 23, "kemarin": 25, "lama": 80}
    for name, ago in hours.items():
        await desk.customer(name, last_inbound_at=now - timedelta(hours=ago))
    await desk.customer("belum pernah")
    rows = await walked(desk, View(Filter.ALL, sort=Sort.WINDOW), limit=2)
    assert [row.name for row in rows] == ["segera", "baru", "kemarin", "lama", "belum pernah"]
    view = View(Filter.ALL, sort=Sort.WINDOW)
    for start in range(5):
        part = await desk.store.conversations.part(view, start, 2)
        assert (part.start, part.total) == (min(start, 3), 5)
        assert part.rows == rows[part.start : part.start + 2]


async def test_numbers_of_one_inbox_and_one_label(desk: Desk) -> None:
    budi = await desk.customer("Budi", "halo", assignee_id=ME)
    await desk.customer("Dewi", "halo")
    mark = label("Retur")
    await desk.apply(records=(mark, labelled(budi, mark.id)))
    narrowed = await desk.store.conversations.counters(desk.server.inbox, LabelId(mark.id))
    assert (narrowed.mine, narrowed.unassigned, narrowed.all) == (1, 0, 1)
    whole = await desk.store.conversations.counters()
    assert whole.inboxes == {desk.server.inbox: 2}
    assert whole.labels == {mark.id: 1}


class Views(RuleBasedStateMachine):
    """The list against its rows: each view holds what it should, and counts what it holds."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp())
        self.desk: Desk = self.run(open_desk(self.folder / "store.db"))
        self.run(self.desk.apply(inboxes=(InboxRow(SMS, "Bandung", "sms", "+6282"),)))
        self.marks = [label("Satu"), label("Dua")]
        self.run(self.desk.apply(records=tuple(self.marks)))
        self.facts: dict[ConversationId, ConversationFacts] = {}
        self.contacts: dict[ConversationId, ContactRow] = {}

    def run(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    conversations = Bundle("conversations")

    @rule(target=conversations, sms=st.booleans(), age=st.integers(0, 60), written=st.booleans())
    def a_customer_comes(self, sms: bool, age: int, written: bool) -> ConversationId:
        contact, facts = self.desk.server.customer("Budi")
        when = self.desk.store.server_now() - timedelta(hours=age)
        facts = replace(
            facts,
            inbox_id=SMS if sms else facts.inbox_id,
            last_message_at=when,
            last_inbound_at=when if written else None,
            waiting_since=when if written and age % 2 else None,
        )
        messages: tuple[MessageFacts, ...] = ()
        if written:
            messages = (self.desk.server.inbound(facts.id, "halo", timestamp=when),)
        self.run(self.desk.apply(contacts=(contact,), conversations=(facts,), messages=messages))
        self.facts[facts.id] = facts
        return facts.id

    @rule(
        id=conversations,
        status=st.sampled_from(list(ConversationStatus)),
        assignee=st.sampled_from([None, ME, OTHER]),
    )
    def the_server_says(
        self, id: ConversationId, status: ConversationStatus, assignee: ProfileId | None
    ) -> None:
        if id in self.facts:
            self.facts[id] = replace(self.facts[id], status=status.value, assignee_id=assignee)
            self.run(self.desk.apply(conversations=(self.facts[id],)))

    @rule(id=conversations, which=st.integers(0, 1), on=st.booleans())
    def the_server_labels(self, id: ConversationId, which: int, on: bool) -> None:
        mark = self.marks[which].id
        if id not in self.facts:
            return
        if on:
            self.run(self.desk.apply(records=(labelled(id, mark),)))
        else:
            self.run(self.desk.apply(deleted={"conversation_labels": (f"{id}:{mark}",)}))

    @rule(id=conversations, act=st.integers(0, 6), which=st.integers(0, 1))
    def the_agent_does(self, id: ConversationId, act: int, which: int) -> None:
        if id not in self.facts:
            return
        outbox = self.desk.store.outbox
        later = self.desk.store.server_now() + timedelta(hours=1)
        mark = LabelId(self.marks[which].id)
        match act:
            case 0:
                self.run(outbox.assign(Assign(id, (ME, None)[which])))
            case 1:
                self.run(outbox.snooze(Snooze(id, later)))
            case 2:
                self.run(outbox.resolve(Resolve(id)))
            case 3:
                self.run(outbox.reopen(Reopen(id)))
            case 4:
                self.run(outbox.label(SetLabel(id, mark, which == 0)))
            case 5:
                self.run(outbox.mark_unread(id))
            case 6:
                for message in self.run(self.desk.store.messages.latest(id, 1)):
                    self.run(outbox.mark_read(MarkRead(id, message.id)))

    def next_intent(self) -> Intent | None:
        for lane in self.run(self.desk.store.dispatch.lanes()):
            return self.run(self.desk.store.dispatch.next(lane))  # type: ignore[no-any-return]
        return None

    @rule(taken=st.booleans())
    def the_server_answers(self, taken: bool) -> None:
        intent = self.next_intent()
        if intent is None:
            return
        if taken:
            self.run(self.desk.store.dispatch.confirm(intent, ()))
            row = self.run(self.desk.store.conversations.get(intent.conversation_id))
            self.facts[row.id] = replace(
                self.facts[row.id], status=row.status.value, assignee_id=row.assignee_id
            )
        else:
            self.run(self.desk.store.dispatch.refuse(intent, "not_allowed", "No", "Not you"))

    @rule(id=conversations)
    def the_server_deletes(self, id: ConversationId) -> None:
        if self.facts.pop(id, None):
            self.run(self.desk.apply(deleted={"conversations": (id,)}))

    @rule()
    def the_agent_leaves_the_sms_inbox(self) -> None:
        self.run(self.desk.apply(forget=(SMS,)))
        self.facts = {id: facts for id, facts in self.facts.items() if facts.inbox_id != SMS}
        self.run(self.desk.apply(inboxes=(InboxRow(SMS, "Bandung", "sms", "+6282"),)))

    @invariant()
    def each_view_holds_what_it_should_in_its_order(self) -> None:
        rows: list[ConversationRow] = [
            self.run(self.desk.store.conversations.get(id)) for id in self.facts
        ]
        now = self.desk.store.server_now()
        inboxes = (None, self.desk.server.inbox, SMS)
        marks = (None, LabelId(self.marks[0].id))
        for filter, inbox, mark in itertools.product(Filter, inboxes, marks):
            view = View(filter, inbox, mark)
            held = [row for row in rows if belongs(row, view)]
            for sort in Sort:
                shown = self.run(walked(self.desk, replace(view, sort=sort)))
                assert {row.id for row in shown} == {row.id for row in held}
                assert len(shown) == len(held)
                ranks = [rank(row, sort, now)[:1] for row in shown]
                assert ranks == sorted(ranks)
                if sort is not Sort.WINDOW:
                    whole = [rank(row, sort, now) for row in shown]
                    assert whole == sorted(whole)
            counters = self.run(self.desk.store.conversations.counters(inbox, mark))
            assert getattr(counters, filter.value) == len(held)
            if filter is Filter.MINE:
                assert counters.unread == sum(row.unread > 0 for row in held)

    @invariant()
    def nothing_stands_anywhere_that_is_gone(self) -> None:
        count = "select (select count(*) from places where row not in (select row from listing)),"
        count += " (select count(*) from needles where row not in (select row from listing)),"
        count += " (select count(*) from listing)"
        found = self.run(self.desk.store._database.read(lambda reading: reading.one(count)))
        assert found == (0, 0, len(self.facts))

    @invariant()
    def a_search_finds_all(self) -> None:
        found = self.run(walked(self.desk, View(Filter.MINE), limit=4, search="bud"))
        assert {row.id for row in found} == set(self.facts)

    def teardown(self) -> None:
        self.run(self.desk.store.close())
        self.runner.close()
        shutil.rmtree(self.folder)


TestViews = Views.TestCase
TestViews.settings = settings(
    max_examples=12,
    stateful_step_count=20,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)


async def test_an_sms_conversation_has_no_window_to_close(desk: Desk) -> None:
    await desk.apply(inboxes=(InboxRow(SMS, "Bandung", "sms", "+6282"),))
    now = desk.store.server_now()
    await desk.customer("tanpa jendela", last_inbound_at=now, inbox_id=SMS)
    await desk.customer("terbuka", last_inbound_at=now)
    rows = await walked(desk, View(Filter.ALL, sort=Sort.WINDOW))
    assert [(row.name, row.channel) for row in rows] == [
        ("terbuka", Channel.WHATSAPP),
        ("tanpa jendela", Channel.SMS),
    ]


async def test_a_deleted_label_is_on_no_row_and_in_no_view(desk: Desk) -> None:
    budi = await desk.customer("Budi", "halo")
    mark = label("Retur")
    await desk.apply(records=(mark, labelled(budi, mark.id)))
    await desk.apply(deleted={"labels": (mark.id,)})
    [row] = await desk.store.conversations.page(View(Filter.ALL))
    assert row.labels == ()
    assert await desk.store.conversations.page(View(Filter.ALL, label_id=LabelId(mark.id))) == []
    assert (await desk.store.conversations.counters()).labels == {}
    assert await desk.store.conversations.page(View(Filter.ALL), search="retur") == []
