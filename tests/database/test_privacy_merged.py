"""Erasing somebody who was merged with another: who goes along, and who is not named any more."""

from __future__ import annotations

import uuid

import psycopg

from tests.database.canary import columns_with
from tests.database.conftest import Desk, Person, refused
from tests.database.test_privacy_erasure import ADDRESS, ask, rows

CANARY = "kenari7f3a9q"


def _found(desk: Desk) -> list[str]:
    with psycopg.connect(desk.database.admin_dsn, autocommit=True) as connection:
        return columns_with(connection, CANARY)


def _merged(desk: Desk, supervisor: Person) -> tuple[str, str, str]:
    """Two contacts made one: who stays, who went, the merge."""
    stays = desk.conversation(desk.jakarta, f"{CANARY} A", ADDRESS)
    goes = desk.conversation(desk.jakarta, f"{CANARY} B", "whatsapp:+6281299900418")
    for thread in (stays, goes):
        desk.inbound(thread, CANARY)
    people = [
        str(desk.one("select contact_id from public.conversations where id = %s", thread))
        for thread in (stays, goes)
    ]
    merge = str(uuid.uuid4())
    supervisor.call("merge_contacts", id=merge, into_id=people[0], from_id=people[1])
    return people[0], people[1], merge


def test_who_was_merged_into_somebody_goes_with_them(
    desk: Desk, supervisor: Person, agent: Person
) -> None:
    stays, goes, _ = _merged(desk, supervisor)
    assert refused(lambda: ask(supervisor, goes)) == "merged"
    desk.run("update public.conversations set assignee_id = %s", agent.id)
    agent.call("handover", id=str(uuid.uuid4()), assignee_id=None, summary=f"Ini {CANARY}")
    assert len(_found(desk)) > 3
    erasure = ask(supervisor, stays)["id"]
    assert "until" in rows(desk, erasure)
    assert _found(desk) == []
    counts = desk.one("select counts from public.erasures")
    assert (counts["addresses"], counts["messages"]) == (2, 2)
    assert desk.one("select count(*) from public.contacts") == 0


def test_who_was_merged_by_mistake_is_not_named_by_the_other_any_more(
    desk: Desk, supervisor: Person
) -> None:
    stays, goes, merge = _merged(desk, supervisor)
    supervisor.call("undo_merge", id=merge)
    desk.run("update public.contacts set name = 'Wati' where id = %s", stays)
    desk.run("update public.messages m set content = 'lain' from public.conversations c"
             " where c.id = m.conversation_id and c.contact_id = %s", stays)  # fmt: skip
    rows(desk, ask(supervisor, goes)["id"])
    assert desk.one("select array_agg(name) from public.contacts") == ["Wati"]
    events = desk.one(
        "select jsonb_agg(data) from public.events e join public.conversations c"
        " on c.id = e.conversation_id where c.contact_id = %s and e.data ? 'merge_id'",
        stays,
    )
    assert events
    assert not any("from_name" in data for data in events)
