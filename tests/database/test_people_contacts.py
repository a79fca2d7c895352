"""Contacts: who may change them, what is refused, who hears of it; blocking."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused

SITI = "whatsapp:+6281234567890"
SECOND = "+6285550000001"


@pytest.fixture
def thread(desk: Desk) -> str:
    """An open conversation with Siti in Jakarta."""
    return desk.conversation(desk.jakarta, "Siti", SITI)


@pytest.fixture
def siti(desk: Desk, thread: str) -> str:
    """Siti's contact."""
    return str(desk.one("select contact_id from public.conversations where id = %s", thread))


def contact(desk: Desk, ident: str) -> dict[str, Any]:
    row: dict[str, Any] = desk.one("select to_jsonb(c) from public.contacts c where id = %s", ident)
    return row


def addresses(desk: Desk, ident: str) -> set[str]:
    return {
        row[0]
        for row in desk.admin.execute(
            "select address from public.contact_addresses where contact_id = %s", [ident]
        )
    }


def told(desk: Desk) -> list[str]:
    return [
        row[0] for row in desk.admin.execute("select kind from public.events order by created_at")
    ]


def acts(ident: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        ("edit_contact", {"contact_id": ident, "changes": {"name": "Siti Aminah"}}),
        ("set_blocked", {"contact_id": ident, "blocked": True}),
    ]


# Who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_whoever_sees_a_contact_may_change_it(desk: Desk, siti: str, role: str) -> None:
    person = desk.person("Ayu", role, *([desk.jakarta] if role == "agent" else []))
    for function, arguments in acts(siti):
        answer = person.call(function, **arguments)
        assert [row["id"] for row in answer["contacts"]] == [siti]
        assert [row["actor_id"] for row in answer["events"]] == [person.id]
        assert person.call(function, **arguments)["events"] == []
    assert told(desk) == ["contact_edited", "blocked"]


@pytest.mark.parametrize("who", ["of another inbox", "of no inbox", "inactive"])
def test_for_everybody_else_it_is_not_there(
    desk: Desk, agent: Person, outsider: Person, siti: str, who: str
) -> None:
    person = {"of no inbox": outsider, "inactive": agent}.get(who) or desk.person(
        "Wati", "agent", desk.bandung
    )
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    before = contact(desk, siti)
    for function, arguments in acts(siti):
        assert refused(lambda f=function, a=arguments: person.call(f, **a)) == "not_found"  # type: ignore[misc]
    assert contact(desk, siti) == before
    assert told(desk) == []


def test_a_contact_without_a_conversation_is_the_supervisors(
    desk: Desk, agent: Person, supervisor: Person
) -> None:
    imported = desk.contact("Tono", SITI)
    changes = {"contact_id": imported, "changes": {"name": "Tono S."}}
    assert refused(lambda: agent.call("edit_contact", **changes)) == "not_found"
    assert supervisor.call("edit_contact", **changes)["contacts"][0]["name"] == "Tono S."


def test_the_publishable_key_alone_may_not_even_ask(desk: Desk) -> None:
    with desk.database.acting_as(None, role="anon") as connection:
        for call in ("edit_contact(null, null)", "set_blocked(null, null)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select public.{call}".encode())


# Editing ------------------------------------------------------------------------------------------


def test_what_is_named_changes_and_nothing_else(desk: Desk, agent: Person, siti: str) -> None:
    def edit(**changes: Any) -> None:
        agent.call("edit_contact", contact_id=siti, changes=changes)

    edit(name="  Siti\n Aminah ", phone="+62 812 3456 7890", locale="id", notes=" Langganan. ")
    edit(attributes={"kota": "Bogor", "pesanan": 17})
    edit(attributes={"kota": None, "vip": True}, phone=None)
    row = contact(desk, siti)
    assert (row["name"], row["phone"], row["locale"], row["notes"], row["attributes"]) == (
        "Siti Aminah",
        None,
        "id",
        "Langganan.",
        {"pesanan": 17, "vip": True},
    )
    events = [
        row[0] for row in desk.admin.execute("select data from public.events order by created_at")
    ]
    assert events == [
        {
            "fields": ["name", "phone", "locale", "notes"],
            "name": "Siti Aminah",
            "from_name": "Siti",
        },
        {"fields": ["attributes"]},
        {"fields": ["phone", "attributes"]},
    ]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": "x" * 201}, "bad_name"),
        ({"phone": "0812"}, "bad_address"),
        ({"phone": "whatsapp:+62812'"}, "bad_address"),
        ({"locale": "Bahasa Indonesia"}, "bad_locale"),
        ({"notes": "x" * 10001}, "too_long"),
        ({"attributes": "x"}, "bad_request"),
        ({"attributes": {"": 1}}, "bad_attribute"),
        ({"attributes": {"a": [1]}}, "bad_attribute"),
        ({"attributes": {"a": "x" * 1001}}, "bad_attribute"),
        ({"attributes": {str(n): n for n in range(51)}}, "bad_attribute"),
        ({"add_addresses": "x"}, "bad_address"),
        ({"add_addresses": [{"channel": "fax", "address": SECOND}]}, "bad_address"),
        ({"add_addresses": [{"channel": "sms", "address": "0812"}]}, "bad_address"),
        ({"add_addresses": [{"channel": "whatsapp", "address": "+628110000001"}]}, "bad_address"),
        ({"add_addresses": ["x"]}, "bad_address"),
        ({"role": "admin"}, "bad_request"),
        ({"merged_into": str(uuid.uuid4())}, "bad_request"),
        ([], "bad_request"),
        (None, "bad_request"),
    ],
)
def test_what_makes_no_contact_is_refused(
    desk: Desk, agent: Person, siti: str, changes: Any, code: str
) -> None:
    before = contact(desk, siti)
    assert refused(lambda: agent.call("edit_contact", contact_id=siti, changes=changes)) == code
    assert contact(desk, siti) == before
    assert told(desk) == []


def test_numbers_are_added_and_removed(desk: Desk, agent: Person, siti: str) -> None:
    sms = {"channel": "sms", "address": "+62 855 5000 0001"}
    for _ in range(2):
        answer = agent.call("edit_contact", contact_id=siti, changes={"add_addresses": [sms]})
        assert {row["address"] for row in answer["contacts"][0]["addresses"]} == {SITI, SECOND}
    taken = {"channel": "whatsapp", "address": "+6285550000009"}
    desk.contact("Tono", "whatsapp:+6285550000009")
    changes = {"contact_id": siti, "changes": {"add_addresses": [taken]}}
    assert refused(lambda: agent.call("edit_contact", **changes)) == "taken"
    agent.call("edit_contact", contact_id=siti, changes={"remove_addresses": [sms, taken]})
    assert addresses(desk, siti) == {SITI}
    assert told(desk) == ["contact_edited"] * 2


def test_a_number_that_opted_out_stays(desk: Desk, agent: Person, siti: str) -> None:
    desk.run("update public.contact_addresses set opted_out_at = now()")
    gone = {"remove_addresses": [{"channel": "whatsapp", "address": SITI}]}
    assert refused(lambda: agent.call("edit_contact", contact_id=siti, changes=gone)) == "opted_out"
    assert addresses(desk, siti) == {SITI}


def test_one_number_added_to_two_contacts_at_once_is_one_contacts(
    desk: Desk, agent: Person
) -> None:
    people = []
    for n in range(4):
        thread = desk.conversation(desk.jakarta, str(n))
        people.append(
            desk.one("select contact_id::text from public.conversations where id = %s", thread)
        )
    new = {"add_addresses": [{"channel": "sms", "address": SECOND}]}
    answers = at_once(
        [(agent, "edit_contact", {"contact_id": one, "changes": new}) for one in people]
    )
    assert sorted(answer if isinstance(answer, str) else "" for answer in answers) == [
        "",
        "taken",
        "taken",
        "taken",
    ]


def test_different_fields_changed_at_once_are_all_kept(
    desk: Desk, agent: Person, supervisor: Person, siti: str
) -> None:
    changes: list[dict[str, Any]] = [
        {"name": "Siti Aminah"},
        {"locale": "en"},
        {"attributes": {"a": 1}},
        {"attributes": {"b": 2}},
        {"notes": "Langganan"},
    ]
    at_once(
        [
            ((agent, supervisor)[n % 2], "edit_contact", {"contact_id": siti, "changes": change})
            for n, change in enumerate(changes)
        ]
    )
    row = contact(desk, siti)
    assert (row["name"], row["locale"], row["notes"]) == ("Siti Aminah", "en", "Langganan")
    assert row["attributes"] == {"a": 1, "b": 2}
    assert len(told(desk)) == 5


def test_colleagues_hear_of_it_and_others_do_not(desk: Desk, agent: Person, siti: str) -> None:
    colleague, elsewhere = (
        desk.person("Budi", "agent", desk.jakarta),
        desk.person("Wati", "agent", desk.bandung),
    )
    for person in (colleague, elsewhere):
        person.pull()
    answer = agent.call("edit_contact", contact_id=siti, changes={"name": "Siti Aminah"})
    page = colleague.pull()
    assert page["contacts"] == answer["contacts"]
    assert page["events"] == answer["events"]
    assert elsewhere.pull()["contacts"] == []


def test_an_old_thread_is_not_taken_up_again_by_a_name(
    desk: Desk, agent: Person, siti: str, thread: str
) -> None:
    desk.run("update public.conversations set status = 'resolved', created_at = '2020-01-01'")
    answer = agent.call("edit_contact", contact_id=siti, changes={"name": "Siti Aminah"})
    assert answer["contacts"][0]["name"] == "Siti Aminah"
    assert told(desk) == []


# Blocking -----------------------------------------------------------------------------------------


def test_to_a_blocked_contact_nothing_is_sent(
    desk: Desk, agent: Person, siti: str, thread: str
) -> None:
    desk.inbound(thread)
    send: dict[str, Any] = {"conversation_id": thread, "content": "Halo"}
    agent.call("set_blocked", contact_id=siti, blocked=True)
    code = refused(lambda: agent.call("send_message", id=str(uuid.uuid4()), **send))
    assert code == "blocked"
    agent.call("set_blocked", contact_id=siti, blocked=False)
    assert agent.call("send_message", id=str(uuid.uuid4()), **send)["messages"]
    assert told(desk) == ["blocked", "unblocked"]
    noted = desk.admin.execute(
        "select actor_id::text, action from public.audit_log where actor_id is not null order by id"
    )
    assert noted.fetchall() == [(agent.id, "contact_blocked"), (agent.id, "contact_unblocked")]
    assert refused(lambda: agent.call("set_blocked", contact_id=siti, blocked=None)) == (
        "bad_request"
    )


def test_a_contact_blocked_by_three_at_once_is_blocked_once(
    desk: Desk, agent: Person, siti: str
) -> None:
    at_once([(agent, "set_blocked", {"contact_id": siti, "blocked": True})] * 3)
    assert contact(desk, siti)["blocked"] is True
    assert told(desk) == ["blocked"]
