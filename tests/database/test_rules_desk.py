"""Who may set the rules of an inbox, what is refused, and what the audit log says of it."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused

HOURS = {"zone": "Asia/Jakarta", "week": {"mon": [["08:00", "17:00"]]}}


def reply(desk: Desk, **changes: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "inbox_id": desk.jakarta,
        "kind": "greeting",
        "body": "Halo",
    } | changes


def acts(desk: Desk, person: Person) -> list[tuple[str, dict[str, Any]]]:
    made = reply(desk)
    return [
        ("save_auto_reply", made),
        ("set_inbox_rules", {"inbox_id": desk.jakarta, "rules": {"routing": True}}),
        ("set_capacity", {"profile_id": person.id, "capacity": 3}),
        ("delete_auto_reply", {"id": made["id"]}),
    ]


@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_supervisors_and_administrators_set_the_rules_and_the_log_says_so(
    desk: Desk, agent: Person, role: str
) -> None:
    person = desk.person("Ratna", role)
    agent.pull()
    for function, arguments in acts(desk, agent):
        first = person.call(function, **arguments)
        assert person.call(function, **arguments) == first
    page = agent.pull()
    assert page["inboxes"][0]["routing"] is True
    assert {found["capacity"] for found in page["profiles"] if found["id"] == agent.id} == {3}
    said = desk.admin.execute(
        "select action, actor_id::text from public.audit_log where actor_id is not null order by id"
    ).fetchall()
    assert said == [
        ("auto_reply_saved", person.id),
        ("inbox_rules_set", person.id),
        ("capacity_set", person.id),
        ("auto_reply_deleted", person.id),
    ]


@pytest.mark.parametrize("who", ["agent", "outsider", "inactive supervisor"])
def test_nobody_else_does(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person, who: str
) -> None:
    desk.run("update public.profiles set active = false where id = %s", supervisor.id)
    person = {"agent": agent, "outsider": outsider}.get(who, supervisor)
    for function, arguments in acts(desk, agent):
        assert refused(lambda f=function, a=arguments: person.call(f, **a)) == "not_allowed"  # type: ignore[misc]
    assert desk.one("select count(*) from public.auto_replies") == 0
    assert not desk.one("select bool_or(routing) from public.inboxes")


def test_the_publishable_key_alone_may_not_even_ask(desk: Desk) -> None:
    with desk.database.acting_as(None, role="anon") as connection:
        for call in (
            "save_auto_reply(gen_random_uuid(), gen_random_uuid(), 'greeting', 'x')",
            "delete_auto_reply(gen_random_uuid())",
            "set_inbox_rules(gen_random_uuid(), '{}')",
            "set_capacity(gen_random_uuid(), 1)",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select public.{call}".encode())


def test_agents_read_the_automatic_replies_of_their_inboxes(
    desk: Desk, agent: Person, supervisor: Person
) -> None:
    supervisor.call("save_auto_reply", **reply(desk))
    supervisor.call("save_auto_reply", **reply(desk, inbox_id=desk.bandung))
    with agent.session() as connection:
        seen = connection.execute("select inbox_id::text from public.auto_replies").fetchall()
    assert seen == [(desk.jakarta,)]


def test_other_supervisors_desktops_look_again_when_a_rule_or_a_member_changes(
    desk: Desk, agent: Person, supervisor: Person
) -> None:
    other = desk.person("Wulan", "supervisor")
    outside = desk.person("Agus", "agent", desk.bandung)

    def heard(act: str, **arguments: Any) -> list[str]:
        supervisor.call(act, **arguments)
        assert "inboxes" not in outside.pull() or not outside.pages[-1]["inboxes"]
        return [row["id"] for row in other.pull()["inboxes"]]

    other.pull()
    outside.pull()
    made = reply(desk, enabled=False)
    assert heard("save_auto_reply", **made) == [desk.jakarta]
    assert heard("save_auto_reply", **made) == []
    assert heard("save_auto_reply", **made | {"body": "Halo!"}) == [desk.jakarta]
    assert heard("delete_auto_reply", id=made["id"]) == [desk.jakarta]
    desk.leave(agent.id, desk.jakarta)
    assert [row["id"] for row in other.pull()["inboxes"]] == [desk.jakarta]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"id": None}, "bad_id"),
        ({"inbox_id": str(uuid.uuid4())}, "not_found"),
        ({"kind": "poem"}, "bad_request"),
        ({"kind": "keyword"}, "bad_name"),
        ({"kind": "keyword", "keyword": " , !? ,"}, "bad_name"),
        ({"body": " \n"}, "empty_message"),
        ({"body": "x" * 1601}, "too_long"),
    ],
)
def test_an_automatic_reply_that_makes_no_sense_is_refused(
    desk: Desk, supervisor: Person, changes: dict[str, Any], code: str
) -> None:
    assert refused(lambda: supervisor.call("save_auto_reply", **reply(desk, **changes))) == code


def test_what_is_not_named_stays(desk: Desk, supervisor: Person) -> None:
    def put(**rules: Any) -> dict[str, Any]:
        answer = supervisor.call("set_inbox_rules", inbox_id=desk.jakarta, rules=rules)
        found: dict[str, Any] = answer["inboxes"][0]
        return found

    assert put(hours=HOURS, first_response_minutes=15)["hours"] == HOURS
    changed = put(routing=True, reminder_minutes=None)
    assert (changed["hours"], changed["first_response_minutes"]) == (HOURS, 15)
    assert (changed["routing"], changed["reminder_minutes"]) == (True, None)
    assert changed["has_rules"] is True
    assert put(hours=None)["hours"] is None


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"address": "whatsapp:+1"}, "bad_request"),
        ({"has_rules": True}, "bad_request"),
        ({"routing": "perhaps"}, "bad_request"),
        ({"routing": None}, "bad_request"),
        ({"take_back_minutes": -1}, "bad_request"),
        ({"reminder_minutes": 10**12}, "bad_request"),
        ({"hours": {"zone": "Nowhere", "week": {}}}, "bad_hours"),
        ([], "bad_request"),
    ],
)
def test_rules_that_make_no_sense_are_refused(
    desk: Desk, supervisor: Person, rules: Any, code: str
) -> None:
    assert (
        refused(lambda: supervisor.call("set_inbox_rules", inbox_id=desk.jakarta, rules=rules))
        == code
    )


def test_two_supervisors_at_once_keep_what_each_has_changed(desk: Desk, supervisor: Person) -> None:
    other = desk.person("Wati", "admin")
    at_once(
        [
            (who, "set_inbox_rules", {"inbox_id": desk.jakarta, "rules": rules})
            for who, rules in ((supervisor, {"routing": True}), (other, {"take_back_minutes": 3}))
        ]
    )
    assert desk.admin.execute(
        "select routing, take_back_minutes from public.inboxes where id = %s", [desk.jakarta]
    ).fetchone() == (True, 3)
