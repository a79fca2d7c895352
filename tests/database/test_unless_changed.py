"""Two people change the same thing: the second one is told and sees what is there, once."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.database.conftest import Desk, Person, at_once, refused

GREETING = {"kind": "greeting", "body": "Halo", "keyword": None, "enabled": True}
HOURS = {"zone": "Asia/Jakarta", "week": {"mon": [["08:00", "17:00"]]}, "holidays": []}


@pytest.fixture
def admin(desk: Desk) -> Person:
    return desk.person("Bayu", "admin")


def made(desk: Desk, admin: Person) -> dict[str, tuple[dict[str, Any], dict[str, Any], str]]:
    """Of each act: its arguments, what its form saw before, and the answer's rows."""
    contact = desk.one(
        "select contact_id from public.conversations where id = %s", desk.conversation(desk.jakarta)
    )
    ids = {name: str(uuid.uuid4()) for name in ("canned", "label", "auto")}
    admin.call("save_canned_reply", id=ids["canned"], shortcut="halo", body="Halo")
    admin.call("save_label", id=ids["label"], name="VIP", color="red")
    admin.call("save_auto_reply", id=ids["auto"], inbox_id=desk.jakarta, **GREETING)
    inbox, canned = {"inbox_id": desk.jakarta}, {"shortcut": "halo", "attachments": []}
    return {
        "edit_contact": (
            {"contact_id": str(contact), "changes": {"notes": "Baru", "attributes": {"Kota": "X"}}},
            {"notes": "", "attributes": {"Kota": None}},
            "contacts",
        ),
        "save_canned_reply": (
            {"id": ids["canned"], **canned, "body": "Halo kak"},
            {**canned, "body": "Halo"},
            "canned_replies",
        ),
        "save_label": (
            {"id": ids["label"], "name": "Utama", "color": "red"},
            {"name": "VIP", "color": "red"},
            "labels",
        ),
        "save_auto_reply": (
            {"id": ids["auto"], **inbox, **GREETING, "body": "Hai"},
            {**inbox, **GREETING},
            "auto_replies",
        ),
        "save_inbox": (
            {**inbox, "changes": {"name": "Pusat"}},
            {"name": "Jakarta"},
            "inboxes",
        ),
        "set_inbox_rules": (
            {**inbox, "rules": {"hours": HOURS, "routing": True}},
            {"hours": None, "routing": False},
            "inboxes",
        ),
        "save_profile": (
            {"profile_id": admin.id, "changes": {"display_name": "Bayu W."}},
            {"display_name": "Bayu"},
            "profiles",
        ),
        "save_retention": (
            {"messages": 400, "media": None, "requests": 90, "audit": None},
            {"messages": None, "media": None, "requests": 90, "audit": None},
            "",
        ),
    }


def test_what_is_as_it_was_seen_is_changed_and_a_repeat_is_no_conflict(
    desk: Desk, admin: Person
) -> None:
    for act, (arguments, seen, rows) in made(desk, admin).items():
        for _ in range(2):
            answer = admin.call("save_unless_changed", act=act, arguments=arguments, seen=seen)
            assert "conflict" not in answer, act
            assert not rows or len(answer[rows]) == 1, act


def test_what_somebody_changed_meanwhile_is_left_and_shown(desk: Desk, admin: Person) -> None:
    for act, (arguments, seen, rows) in made(desk, admin).items():
        field = next(name for name in seen if name not in ("attributes", "inbox_id", "kind"))
        field = "body" if "body" in seen else field
        other = {**seen, field: 30 if act == "save_retention" else "Lain dari yang lain"}
        if act == "set_inbox_rules":
            other = {**seen, "routing": True}
            arguments = {**arguments, "rules": {"routing": None}}
            field = "routing"
        answer = admin.call("save_unless_changed", act=act, arguments=arguments, seen=other)
        assert answer["conflict"] == [field], act
        stands = answer[rows][0] if rows else answer
        assert (stands[field] or "") == (seen[field] or ""), act  # nothing was done


def test_two_at_once_end_with_one_written_and_one_told(
    desk: Desk, agent: Person, supervisor: Person, admin: Person
) -> None:
    arguments, _, _ = made(desk, admin)["edit_contact"]
    calls = [
        (
            who,
            "save_unless_changed",
            {
                "act": "edit_contact",
                "arguments": {**arguments, "changes": {"name": f"Siti {place}"}},
                "seen": {"name": "Siti"},
            },
        )
        for place, who in enumerate((agent, supervisor, admin))
    ]
    answers = at_once(calls)
    told = [answer for answer in answers if answer.get("conflict") == ["name"]]
    assert len(told) == 2
    names = {answer["contacts"][0]["name"] for answer in answers}
    assert len(names) == 1  # all see what the first one wrote
    assert names < {"Siti 0", "Siti 1", "Siti 2"}


def test_what_was_taken_away_meanwhile_is_not_made_again(desk: Desk, admin: Person) -> None:
    for act, gone in (
        ("save_canned_reply", "delete_canned_reply"),
        ("save_label", "delete_label"),
        ("save_auto_reply", "delete_auto_reply"),
    ):
        arguments, seen, _ = made(desk, admin)[act]
        admin.call(gone, id=arguments["id"])
        answer = admin.call("save_unless_changed", act=act, arguments=arguments, seen=seen)
        assert answer == {"conflict": []}
        for name in ("canned_replies", "labels", "auto_replies"):
            desk.run(f"delete from public.{name}")


def test_rights_and_limits_are_those_of_the_act(
    desk: Desk, agent: Person, outsider: Person, admin: Person
) -> None:
    for act, (arguments, seen, _) in made(desk, admin).items():
        who, code = (outsider, "not_found") if act == "edit_contact" else (agent, "not_allowed")
        call = {"act": act, "arguments": arguments, "seen": seen}
        assert refused(lambda w=who, c=call: w.call("save_unless_changed", **c)) == code  # type: ignore[misc]
    for call in (
        {"act": "resolve", "arguments": {}, "seen": {}},
        {"act": "save_label", "arguments": [], "seen": {}},
        {
            "act": "edit_contact",
            "arguments": {"contact_id": admin.id, "changes": {"add_addresses": []}},
            "seen": {},
        },
    ):
        assert refused(lambda c=call: admin.call("save_unless_changed", **c)) == "bad_request"  # type: ignore[misc]
