"""The audit log: what is written by whoever changes something, and who may read it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest

from tests.database.conftest import Desk, Person, refused


@pytest.fixture
def admin(desk: Desk) -> Person:
    return desk.person("Bayu", "admin")


def entries(desk: Desk, after: int = 0) -> list[tuple[str, str | None, Any]]:
    found = desk.admin.execute(
        "select action, actor_id::text, data from public.audit_log where id > %s order by id",
        [after],
    )
    return [(action, actor, data) for action, actor, data in found]


def last(desk: Desk) -> int:
    return int(desk.one("select coalesce(max(id), 0) from public.audit_log"))


def test_every_administrative_act_is_written_whatever_the_way(desk: Desk, agent: Person) -> None:
    before = last(desk)
    desk.run("update public.profiles set role = 'supervisor' where id = %s", agent.id)
    desk.run("update public.profiles set available = true, locale = 'en' where id = %s", agent.id)
    desk.run("update public.profiles set display_name = 'Dewi A' where id = %s", agent.id)
    desk.leave(agent.id, desk.jakarta)
    desk.join(agent.id, desk.bandung)
    desk.run("update public.inboxes set name = 'Jakarta Pusat' where id = %s", desk.jakarta)
    desk.run(
        "insert into public.auto_replies (inbox_id, kind, body) values (%s, 'greeting', 'Halo')",
        desk.jakarta,
    )
    desk.run("insert into public.settings (key, value) values ('x', '1')")
    desk.run("delete from public.settings")
    desk.person("Agus")
    desk.person("Rina", "supervisor")
    found = entries(desk, before)
    changed = {"before": {"role": "agent"}, "after": {"role": "supervisor"}}
    assert found[0] == ("profiles_changed", None, changed)
    assert [action for action, _, _ in found] == [
        "profiles_changed",
        "inbox_members_removed",
        "inbox_members_added",
        "inboxes_changed",
        "auto_replies_added",
        "settings_added",
        "settings_removed",
        "profiles_added",  # Rina; Agus sees nothing yet
    ]
    assert found[3][2] == {"before": {"name": "Jakarta"}, "after": {"name": "Jakarta Pusat"}}


def test_who_did_it_is_written_when_somebody_was_signed_in(desk: Desk, admin: Person) -> None:
    before = last(desk)
    admin.call("save_retention", media=30)
    ((action, actor, data),) = entries(desk, before)
    assert (action, actor) == ("settings_added", admin.id)
    assert data["after"]["value"]["media"] == 30
    admin.call("save_retention", media=30)
    assert last(desk) == before + 1, "what is as asked already is no act"


def test_what_a_function_of_the_desk_writes_is_written_once(desk: Desk, admin: Person) -> None:
    before = last(desk)
    admin.call("set_inbox_rules", inbox_id=desk.jakarta, rules={"routing": True})
    admin.call("save_auto_reply", id=str(uuid.uuid4()), inbox_id=desk.jakarta, kind="greeting",
               body="Halo")  # fmt: skip
    assert [(action, actor) for action, actor, _ in entries(desk, before)] == [
        ("inbox_rules_set", admin.id),
        ("auto_reply_saved", admin.id),
    ]


def test_columns_of_an_adopted_table_are_not_copied(desk: Desk, agent: Person) -> None:
    desk.run("alter table public.profiles add column secret json")
    before = last(desk)
    desk.run("update public.profiles set secret = '{\"a\": 1}' where id = %s", agent.id)
    assert last(desk) == before
    desk.run("update public.profiles set active = false, secret = '1' where id = %s", agent.id)
    ((_, _, data),) = entries(desk, before)
    assert data == {"before": {"active": True}, "after": {"active": False}}


def test_what_is_rolled_back_is_not_written(desk: Desk) -> None:
    before = last(desk)
    with desk.database.connect(autocommit=False) as connection:
        connection.execute("update public.inboxes set name = 'x'")
        connection.rollback()
    assert last(desk) == before


def test_a_message_that_comes_in_writes_nothing(desk: Desk) -> None:
    thread = desk.conversation(desk.jakarta)
    before = last(desk)
    desk.inbound(thread)
    assert last(desk) == before


def test_administrators_read_it_page_by_page(desk: Desk, admin: Person) -> None:
    for number in range(7):
        desk.run(
            "insert into public.audit_log (actor_id, action, data) values (%s, 'x', %s)",
            admin.id,
            json.dumps({"n": number}),
        )
    page = admin.call("audit", page_size=3)
    assert page["more"]
    assert [entry["data"]["n"] for entry in page["audit"]] == [6, 5, 4]
    assert page["audit"][0]["actor_name"] == "Bayu"
    seen = [entry["id"] for entry in page["audit"]]
    while page["more"]:
        page = admin.call("audit", before=seen[-1], page_size=3)
        seen += [entry["id"] for entry in page["audit"]]
    assert len(seen) == len(set(seen)) == desk.one("select count(*) from public.audit_log")
    assert admin.call("audit", before=0) == {"audit": [], "more": False}


def test_nobody_else_reads_it(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person, admin: Person
) -> None:
    for person in (agent, outsider, supervisor):
        assert refused(lambda p=person: p.call("audit")) == "not_allowed"  # type: ignore[misc]
        with person.session() as connection:
            assert connection.execute("select from public.audit_log").fetchall() == []
    desk.run("update public.profiles set active = false where id = %s", admin.id)
    assert refused(lambda: admin.call("audit")) == "not_allowed"
    stranger = Person(desk, str(uuid.uuid4()))
    assert refused(lambda: stranger.call("audit")) == "not_allowed"


def test_a_page_is_read_by_the_key(desk: Desk) -> None:
    desk.run("insert into public.audit_log (action) select 'x' from generate_series(1, 20000)")
    desk.run("analyze public.audit_log")
    plan = "\n".join(
        row[0]
        for row in desk.admin.execute(
            "explain select * from public.audit_log a where a.id < 15000 order by id desc limit 51"
        )
    )
    assert "Seq Scan" not in plan
