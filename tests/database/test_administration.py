"""People, members and inboxes as administrators change them, and the one list of it all."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused


@pytest.fixture
def admin(desk: Desk) -> Person:
    return desk.person("Bayu", "admin")


def acts(desk: Desk, person: Person) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("save_profile", {"profile_id": person.id, "changes": {"capacity": 3}}),
        (
            "set_member",
            {"inbox_id": desk.bandung, "profile_id": person.id, "present": True},
        ),
        ("save_inbox", {"inbox_id": desk.bandung, "changes": {"name": "Bandung Kota"}}),
    ]


def test_only_administrators_change_people_and_inboxes(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person, admin: Person
) -> None:
    retired = desk.person("Joko", "admin")
    desk.run("update public.profiles set active = false where id = %s", retired.id)
    stranger = Person(desk, str(uuid.uuid4()))
    for person in (agent, outsider, supervisor, retired, stranger):
        for function, arguments in acts(desk, agent):
            assert refused(lambda p=person, f=function, a=arguments: p.call(f, **a)) == (  # type: ignore[misc]
                "not_allowed"
            )
        if person is not supervisor:
            assert refused(lambda p=person: p.call("administration")) == "not_allowed"  # type: ignore[misc]
    with desk.database.acting_as(None, role="anon") as connection:
        for call in (
            "save_profile(gen_random_uuid(), '{}')",
            "set_member(gen_random_uuid(), gen_random_uuid(), true)",
            "save_inbox(gen_random_uuid(), '{}')",
            "administration()",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select public.{call}".encode())
    before = desk.one("select max(id) from public.audit_log")
    for function, arguments in acts(desk, agent):
        first = admin.call(function, **arguments)
        assert admin.call(function, **arguments) == first
    said = desk.admin.execute(
        "select action, actor_id::text from public.audit_log where id > %s order by id", [before]
    ).fetchall()
    assert said == [
        ("profile_saved", admin.id),
        ("inbox_members_added", admin.id),
        ("inbox_saved", admin.id),
    ]


def test_a_person_is_changed_and_everybody_hears_of_it(
    desk: Desk, agent: Person, supervisor: Person, admin: Person
) -> None:
    supervisor.pull()
    before = desk.one("select coalesce(max(id), 0) from public.audit_log")
    agent.call("set_available", available=True)
    changes = {"display_name": "  Dewi S. ", "role": "supervisor", "locale": "en", "capacity": 0}
    (saved,) = admin.call("save_profile", profile_id=agent.id, changes=changes)["profiles"]
    wanted = changes | {"display_name": "Dewi S.", "active": True, "available": True}
    assert {key: saved[key] for key in wanted} == wanted
    heard = supervisor.pull()["profiles"]
    assert {row["role"] for row in heard if row["id"] == agent.id} == {"supervisor"}
    admin.call("save_profile", profile_id=agent.id, changes={"active": False})
    row = desk.admin.execute(
        "select active, available, absent_since is not null from public.profiles where id = %s",
        [agent.id],
    ).fetchone()
    assert row == (False, False, True), "who works here no longer is not there either"
    assert refused(lambda: agent.call("set_available", available=True)) == "not_allowed"
    said = desk.admin.execute(
        "select action, data from public.audit_log where id > %s order by id", [before]
    ).fetchall()
    assert said == [
        ("profiles_changed", {"before": {"role": "agent"}, "after": {"role": "supervisor"}}),
        ("profile_saved", {"display_name": "  Dewi S. ", "locale": "en", "capacity": 0}),
        ("profiles_changed", {"before": {"active": True}, "after": {"active": False}}),
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"display_name": " "}, "bad_name"),
        ({"display_name": None}, "bad_name"),
        ({"display_name": {"a": 1}}, "bad_name"),
        ({"display_name": "x" * 101}, "bad_name"),
        ({"role": "owner"}, "bad_request"),
        ({"role": None}, "bad_request"),
        ({"active": None}, "bad_request"),
        ({"active": "perhaps"}, "bad_request"),
        ({"locale": "'; drop"}, "bad_request"),
        ({"capacity": -1}, "bad_request"),
        ({"capacity": "many"}, "bad_request"),
        ({"id": str(uuid.uuid4())}, "bad_request"),
        ({"available": True}, "bad_request"),
        ([], "bad_request"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(
    desk: Desk, agent: Person, admin: Person, changes: Any, code: str
) -> None:
    call = {"profile_id": agent.id, "changes": changes}
    assert refused(lambda: admin.call("save_profile", **call)) == code
    call["profile_id"], call["changes"] = str(uuid.uuid4()), {}
    assert refused(lambda: admin.call("save_profile", **call)) == "not_found"


@pytest.mark.parametrize("changes", [{"role": "supervisor"}, {"active": False}])
def test_the_last_administrator_stays_one(
    desk: Desk, admin: Person, changes: dict[str, Any]
) -> None:
    second = desk.person("Joko", "admin")
    admin.call("save_profile", profile_id=second.id, changes={"active": False})
    call = {"profile_id": admin.id, "changes": changes}
    assert refused(lambda: admin.call("save_profile", **call)) == "last_admin"
    admin.call("save_profile", profile_id=admin.id, changes={"display_name": "Bayu W."})
    admin.call("save_profile", profile_id=second.id, changes={"active": True})
    admin.call("save_profile", **call)
    assert refused(lambda: admin.call("retention")) == "not_allowed"


def test_of_administrators_who_remove_each_other_at_once_one_stays(desk: Desk) -> None:
    people = [desk.person(name, "admin") for name in ("Bayu", "Joko", "Wulan")]
    answers = at_once(
        [
            (
                person,
                "save_profile",
                {"profile_id": people[place - 1].id, "changes": {"role": "agent"}},
            )
            for place, person in enumerate(people)
        ]
    )
    left = desk.one("select count(*) from public.profiles where role = 'admin' and active")
    assert left >= 1
    done = [answer for answer in answers if isinstance(answer, dict)]
    assert len(done) == len(people) - left
    assert {answer for answer in answers if answer not in done} == {"not_allowed"}


def test_joining_and_leaving_an_inbox_reaches_the_persons_desktop(
    desk: Desk, outsider: Person, admin: Person
) -> None:
    thread = desk.conversation(desk.jakarta)
    desk.inbound(thread)
    outsider.pull()
    member = {"inbox_id": desk.jakarta, "profile_id": outsider.id}
    assert admin.call("set_member", **member, present=True) == {"inbox_members": [member]}
    page = outsider.pull()
    assert [row["id"] for row in page["conversations"]] == [thread]
    gone = admin.call("set_member", **member, present=False)
    assert gone == {"deleted": {"inbox_members": [f"{desk.jakarta}:{outsider.id}"]}}
    assert admin.call("set_member", **member, present=False) == gone
    assert outsider.pull()["forget"] == [desk.jakarta]
    said = desk.admin.execute(
        "select action from public.audit_log where actor_id is not null order by id"
    ).fetchall()
    assert said == [("inbox_members_added",), ("inbox_members_removed",)]


def test_members_are_refused_where_there_is_nothing_to_join(
    desk: Desk, agent: Person, admin: Person
) -> None:
    member = {"inbox_id": desk.bandung, "profile_id": agent.id, "present": True}
    for changes, code in (
        ({"inbox_id": str(uuid.uuid4())}, "not_found"),
        ({"inbox_id": str(desk.one("select private.hidden_inbox()"))}, "not_found"),
        ({"profile_id": str(uuid.uuid4())}, "not_found"),
        ({"present": None}, "bad_request"),
    ):
        call = member | changes
        assert refused(lambda c=call: admin.call("set_member", **c)) == code  # type: ignore[misc]


def test_an_inbox_that_the_service_found_gets_its_name(
    desk: Desk, agent: Person, admin: Person
) -> None:
    desk.run("update public.inboxes set flagged = true where id = %s", desk.jakarta)
    agent.pull()
    changes = {"name": " Pusat ", "flagged": False, "messaging_service_sid": "MG" + "0" * 32}
    (saved,) = admin.call("save_inbox", inbox_id=desk.jakarta, changes=changes)["inboxes"]
    assert (saved["name"], saved["flagged"]) == ("Pusat", False)
    assert saved["messaging_service_sid"] == "MG" + "0" * 32
    assert [row["name"] for row in agent.pull()["inboxes"]] == ["Pusat"]
    saved = admin.call("save_inbox", inbox_id=desk.jakarta, changes={"messaging_service_sid": ""})
    assert saved["inboxes"][0]["messaging_service_sid"] is None
    for bad, code in (
        ({"name": ""}, "bad_name"),
        ({"name": None}, "bad_name"),
        ({"address": "whatsapp:+1"}, "bad_request"),
        ({"hidden": True}, "bad_request"),
        ({"flagged": None}, "bad_request"),
        ({"messages_per_second": 0}, "bad_request"),
        ({"messages_per_second": "x"}, "bad_request"),
        ({"messaging_service_sid": "MG1"}, "bad_request"),
    ):
        call = {"inbox_id": desk.jakarta, "changes": bad}
        assert refused(lambda c=call: admin.call("save_inbox", **c)) == code  # type: ignore[misc]
    hidden = str(desk.one("select private.hidden_inbox()"))
    for inbox in (hidden, str(uuid.uuid4())):
        call = {"inbox_id": inbox, "changes": {"name": "x"}}
        assert refused(lambda c=call: admin.call("save_inbox", **c)) == "not_found"  # type: ignore[misc]


def test_the_list_of_it_all_is_for_supervisors_and_administrators(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person, admin: Person
) -> None:
    desk.one("select private.hidden_inbox()")
    thread = desk.conversation(desk.jakarta)
    agent.call("assign", conversation_id=thread, assignee_id=agent.id)
    supervisor.call(
        "save_auto_reply",
        id=str(uuid.uuid4()),
        inbox_id=desk.jakarta,
        kind="greeting",
        body="Halo",
    )
    supervisor.call("set_inbox_rules", inbox_id=desk.jakarta, rules={"first_response_minutes": 5})
    found = supervisor.call("administration")
    assert found["role"] == "supervisor"
    assert [row["name"] for row in found["inboxes"]] == ["Bandung", "Jakarta"]
    assert found["inboxes"][1]["first_response_minutes"] == 5
    assert found["inbox_members"] == [{"inbox_id": desk.jakarta, "profile_id": agent.id}]
    assert {row["id"]: row["open"] for row in found["profiles"]} == {
        agent.id: 1,
        outsider.id: 0,
        supervisor.id: 0,
        admin.id: 0,
    }
    assert set(found["profiles"][0]) == {
        "id", "display_name", "role", "active", "available", "absent_since", "capacity", "locale",
        "open",
    }  # fmt: skip
    assert [row["kind"] for row in found["auto_replies"]] == ["greeting"]
    assert found["retention"] is None
    mine = admin.call("administration")
    assert mine["retention"] == admin.call("retention")
    assert mine["role"] == "admin"
