"""The numbers beside the views: kept, never counted, and always what counting would give."""

from __future__ import annotations

import random
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from console.service.migrate import migrate
from tests.conftest import Database
from tests.database.conftest import Desk, Person, call

LATER = (datetime.now(UTC) + timedelta(days=1)).isoformat()


@pytest.fixture
def vip(desk: Desk) -> str:
    return str(desk.one("insert into public.labels (name) values ('VIP') returning id"))


def counted(desk: Desk, person: Person, inbox: str | None = None, label: str | None = None) -> Any:
    """What counters() must say, counted row by row as this person sees them."""
    with person.session() as connection:
        row = connection.execute(
            "with seen as (select c.*, exists (select from public.conversation_labels l"
            "    where l.conversation_id = c.id and l.label_id = %(label)s) as marked"
            "  from public.conversations c),"
            " within as (select * from seen where (%(inbox)s::uuid is null or inbox_id = %(inbox)s)"
            "   and (%(label)s::uuid is null or marked))"
            " select jsonb_build_object("
            "  'mine', count(*) filter (where status = 'open' and assignee_id = auth.uid()),"
            "  'unassigned', count(*) filter (where status = 'open' and assignee_id is null),"
            "  'all', count(*) filter (where status = 'open'),"
            "  'snoozed', count(*) filter (where status = 'snoozed'),"
            "  'resolved', count(*) filter (where status = 'resolved'),"
            "  'unread', count(*) filter (where status = 'open' and assignee_id = auth.uid() and"
            "    exists (select from public.messages m where m.conversation_id = within.id"
            "      and m.direction = 'inbound' and m.timestamp > coalesce((select read_at"
            "        from public.reads r where r.conversation_id = within.id), '-infinity'))),"
            "  'inboxes', (select coalesce(jsonb_object_agg(i.id, (select count(*) from seen"
            "      where inbox_id = i.id and status = 'open'"
            "        and (%(label)s::uuid is null or marked))), '{}') from public.inboxes i),"
            "  'labels', (select coalesce(jsonb_object_agg(l.id, (select count(*) from seen s"
            "      join public.conversation_labels n on n.conversation_id = s.id"
            "        and n.label_id = l.id where s.status = 'open'"
            "        and (%(inbox)s::uuid is null or inbox_id = %(inbox)s))), '{}')"
            "    from public.labels l)) from within",
            {"inbox": inbox, "label": label},
        ).fetchone()
    assert row is not None
    return row[0]


def agrees(desk: Desk, person: Person, label: str | None = None) -> None:
    for inbox in (None, desk.jakarta):
        for chosen in {None, label}:
            found = person.call("counters", inbox_id=inbox, label_id=chosen)
            assert found == counted(desk, person, inbox, chosen)


def test_each_role_counts_what_it_sees(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person, vip: str
) -> None:
    admin = desk.person("Bayu", "admin")
    elsewhere = desk.person("Wati", "agent", desk.bandung)
    threads = [desk.conversation(desk.jakarta, str(n)) for n in range(6)]
    other = desk.conversation(desk.bandung, "other")
    for thread in (*threads, other):
        desk.inbound(thread)
    for thread in threads[:3]:
        agent.call("assign", conversation_id=thread, assignee_id=agent.id)
    agent.call("set_label", conversation_id=threads[0], label_id=vip, present=True)
    agent.call("set_label", conversation_id=threads[5], label_id=vip, present=True)
    agent.call("resolve", conversation_id=threads[5])
    message = desk.one("select id from public.messages where conversation_id = %s", threads[1])
    agent.call("mark_read", conversation_id=threads[1], message_id=message)
    assert agent.call("counters") == {
        "mine": 3,
        "unassigned": 2,
        "all": 5,
        "snoozed": 0,
        "resolved": 1,
        "unread": 2,
        "inboxes": {desk.jakarta: 5},
        "labels": {vip: 1},
    }
    assert agent.call("counters", label_id=vip)["resolved"] == 1
    assert supervisor.call("counters")["inboxes"] == {desk.jakarta: 5, desk.bandung: 1}
    for person in (agent, elsewhere, supervisor, admin):
        agrees(desk, person, vip)
    nothing = {
        **dict.fromkeys(("mine", "unassigned", "all", "snoozed", "resolved", "unread"), 0),
        "inboxes": {},
        "labels": {},
    }
    assert outsider.call("counters", label_id=vip) == nothing
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    assert agent.call("counters") == nothing
    with (
        desk.database.acting_as(None, role="anon") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select public.counters()")


def test_the_numbers_hold_while_many_change_everything_at_once(
    desk: Desk, agent: Person, supervisor: Person, vip: str
) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta, desk.bandung)
    threads = [desk.conversation(desk.jakarta, str(n)) for n in range(6)]
    threads += [desk.conversation(desk.bandung, str(n)) for n in range(2)]
    doomed = desk.conversation(desk.jakarta, "doomed")
    supervisor.call("set_label", conversation_id=doomed, label_id=vip, present=True)
    problems: list[str] = []

    def work(person: Person, seed: int) -> None:
        chance = random.Random(seed)
        with person.session() as connection:
            for _ in range(60):
                thread = chance.choice(threads)
                acts: list[tuple[str, dict[str, object]]] = [
                    ("assign", {"assignee_id": chance.choice([None, supervisor.id])}),
                    ("snooze", {"until": LATER}),
                    ("resolve", {}),
                    ("reopen", {}),
                    ("set_label", {"label_id": vip, "present": chance.random() < 0.5}),
                ]
                act, more = chance.choice(acts)
                try:
                    call(connection, act, conversation_id=thread, **more)
                except psycopg.Error as error:
                    if error.diag.message_primary != "not_found":
                        problems.append(str(error))

    def write() -> None:
        """What happens meanwhile: messages that open again, marks that a merge moves, folding."""
        chance = random.Random(9)
        with desk.database.connect() as connection:
            for number in range(60):
                thread = chance.choice(threads)
                # The conversation before its marks, as set_label and merging lock them: a mark put
                # down first would wait for the conversation while set_label waits for the mark.
                with connection.transaction():
                    connection.execute(
                        "update public.conversations set status = 'open' where id = %s", [thread]
                    )
                    connection.execute(
                        "insert into public.conversation_labels values (%s, %s)"
                        " on conflict do nothing",
                        [thread, vip],
                    )
                if number % 10 == 0:
                    connection.execute("select private.fold_tallies()")

    workers = [
        threading.Thread(target=work, args=(person, seed))
        for seed, person in enumerate((colleague, supervisor, supervisor))
    ]
    workers.append(threading.Thread(target=write))
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert problems == []
    desk.run("delete from public.conversations where id = %s", doomed)
    for person in (agent, colleague, supervisor):
        agrees(desk, person, vip)
    desk.run("delete from public.profiles where id = %s", colleague.id)
    lines = desk.one("select count(*) from private.tallies")
    desk.run("select private.fold_tallies()")
    assert desk.one("select count(*) from private.tallies") < lines
    agrees(desk, supervisor, vip)
    supervisor.call("delete_label", id=vip)
    agrees(desk, supervisor)
    desk.run("select private.fold_tallies()")
    folded = sorted(map(str, desk.admin.execute(TALLIES)))
    desk.run("select private.recount_tallies()")
    assert sorted(map(str, desk.admin.execute(TALLIES))) == folded


TALLIES = "select inbox_id, label_id, status, assignee_id, n from private.tallies"


def test_lines_fold_by_themselves(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    desk.run(
        "do $$ begin for n in 1 .. 1100 loop update public.conversations set status ="
        " case mod(n, 2) when 0 then 'open' else 'resolved' end; end loop; end $$"
    )
    assert desk.one("select count(*) from private.tallies") < 1300
    assert agent.call("counters")["all"] == 1
    desk.run("delete from public.conversations where id = %s", thread)
    assert agent.call("counters")["all"] == 0


def test_a_change_that_is_undone_counts_nothing(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    with desk.database.connect(autocommit=False) as connection:
        connection.execute(
            "update public.conversations set status = 'resolved' where id = %s", [thread]
        )
        assert agent.call("counters")["all"] == 1
        connection.rollback()
    assert agent.call("counters")["resolved"] == 0


def test_old_conversations_are_counted_when_they_are_adopted(older_project: Database) -> None:
    ident = uuid.uuid4()
    with older_project.connect() as admin:
        admin.execute("create table public.conversations (id uuid primary key)")
        admin.execute("insert into public.conversations values (%s), (gen_random_uuid())", [ident])
    migrate(older_project.dsn)
    with older_project.connect() as admin:
        row = admin.execute("select sum(n), count(distinct inbox_id) from private.tallies")
        assert row.fetchone() == (2, 1)
        admin.execute("delete from public.conversations where id = %s", [ident])
        assert admin.execute("select sum(n) from private.tallies").fetchone() == (1,)


def test_a_message_that_came_late_counts_as_unread(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    first = desk.inbound(thread, "one")
    agent.call("assign", conversation_id=thread, assignee_id=agent.id)
    agent.call("mark_read", conversation_id=thread, message_id=first)
    assert agent.call("counters")["unread"] == 0
    wrote = desk.one("select last_inbound_at from public.conversations")
    desk.inbound(thread, "found by the sweep")
    desk.run("update public.conversations set last_inbound_at = %s", wrote)
    assert agent.call("counters")["unread"] == 1
