"""Writing first: by template, by text, to a number or a contact; languages, values, refusals."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, Row, at_once, refused

SITI = "whatsapp:+6281234567890"


def new_id() -> str:
    return str(uuid.uuid4())


def sid() -> str:
    return f"HX{uuid.uuid4().hex}"


def template(
    desk: Desk,
    name: str = "pesanan",
    language: str = "id",
    body: str = "Halo {{1}}, pesanan {{2}} siap.",
    status: str = "approved",
) -> str:
    made = sid()
    desk.run(
        "insert into public.templates (content_sid, name, language, body, status)"
        " values (%s, %s, %s, %s, %s)",
        made,
        name,
        language,
        body,
        status,
    )
    return made


def order(**other: Any) -> Row:
    """A template as the desktop names it."""
    return {"name": "pesanan", "variables": {"1": "{{contact.name}}", "2": "A-17"}, **other}


@pytest.fixture
def pesanan(desk: Desk) -> str:
    return template(desk)


@pytest.fixture
def sms(desk: Desk, agent: Person) -> str:
    """An SMS inbox of the agent's."""
    inbox = desk.inbox("SMS", "+628110000009", "sms")
    desk.join(agent.id, inbox)
    return inbox


def start(desk: Desk, **other: Any) -> Row:
    return {
        "id": new_id(),
        "inbox_id": desk.jakarta,
        "address": "+62 812-3456-7890",
        "name": "Siti",
        "template": order(),
        **other,
    }


def rows(desk: Desk, table: str) -> int:
    return int(desk.one(f"select count(*) from public.{table}"))


# Who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_a_template_to_a_new_number_begins_a_conversation(
    desk: Desk, pesanan: str, role: str
) -> None:
    person = desk.person("Ayu", role, *([desk.jakarta] if role == "agent" else []))
    wanted = start(desk)
    answer = person.call("start_conversation", **wanted)
    (message,), (thread,), (contact,), (event,) = (
        answer[kind] for kind in ("messages", "conversations", "contacts", "events")
    )
    assert message["id"] == wanted["id"]
    assert (message["status"], message["to_number"]) == ("queued", SITI)
    assert message["content"] == "Halo Siti, pesanan A-17 siap."
    assert message["metadata"]["template"] == {
        "content_sid": pesanan,
        "name": "pesanan",
        "language": "id",
        "variables": {"1": "Siti", "2": "A-17"},
    }
    assert (thread["inbox_id"], thread["assignee_id"]) == (desk.jakarta, person.id)
    assert (contact["name"], contact["phone"]) == ("Siti", "+6281234567890")
    assert [row["address"] for row in contact["addresses"]] == [SITI]
    assert (event["kind"], event["actor_id"], event["data"]) == (
        "started",
        person.id,
        {"template": "pesanan"},
    )
    assert desk.one("select lock from jobs.procrastinate_jobs") == f"conversation:{thread['id']}"


@pytest.mark.parametrize("who", ["of another inbox", "of no inbox", "inactive"])
def test_others_begin_nothing(
    desk: Desk, agent: Person, outsider: Person, pesanan: str, who: str
) -> None:
    person = {"of no inbox": outsider, "inactive": agent}.get(who) or desk.person(
        "Wati", "agent", desk.bandung
    )
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    assert refused(lambda: person.call("start_conversation", **start(desk))) == "not_found"
    asked = {"inbox_id": desk.jakarta, "template": order()}
    assert refused(lambda: person.call("preview_template", **asked)) == "not_found"
    assert [rows(desk, name) for name in ("contacts", "conversations", "messages")] == [0, 0, 0]


def test_a_contact_of_another_inbox_is_not_there(desk: Desk, agent: Person, pesanan: str) -> None:
    thread = desk.conversation(desk.bandung, "Siti", SITI)
    theirs = desk.one("select contact_id from public.conversations where id = %s", thread)
    wanted = start(desk, address=None, contact_id=theirs)
    assert refused(lambda: agent.call("start_conversation", **wanted)) == "not_found"
    asked = {"inbox_id": desk.jakarta, "template": order(), "contact_id": theirs}
    assert refused(lambda: agent.call("preview_template", **asked)) == "not_found"


def test_colleagues_see_it_and_others_do_not(desk: Desk, agent: Person, pesanan: str) -> None:
    colleague, elsewhere = (
        desk.person("Budi", "agent", desk.jakarta),
        desk.person("Wati", "agent", desk.bandung),
    )
    for person in (colleague, elsewhere):
        person.pull()
    answer = agent.call("start_conversation", **start(desk))
    page = colleague.pull()
    for kind in ("messages", "contacts", "events"):
        assert page[kind] == answer[kind], kind
    assert [row["id"] for row in page["conversations"]] == [answer["conversations"][0]["id"]]
    assert elsewhere.pull()["conversations"] == []


# Once ---------------------------------------------------------------------------------------------


def test_repeating_it_sends_nothing_again(desk: Desk, agent: Person, pesanan: str) -> None:
    wanted = start(desk)
    first = agent.call("start_conversation", **wanted)
    again = agent.call("start_conversation", **wanted)
    for kind in ("messages", "conversations", "contacts"):
        assert again[kind] == first[kind]
    assert rows(desk, "messages") == 1
    assert rows(desk, "events") == 1


def test_an_id_of_another_message_is_refused(
    desk: Desk, agent: Person, supervisor: Person, pesanan: str
) -> None:
    wanted = start(desk)
    agent.call("start_conversation", **wanted)
    assert refused(lambda: supervisor.call("start_conversation", **wanted)) == "not_allowed"
    theirs = desk.inbound(desk.conversation(desk.jakarta))
    assert (
        refused(lambda: agent.call("start_conversation", **start(desk, id=theirs))) == "not_allowed"
    )


def test_the_same_at_the_same_moment_is_one(desk: Desk, agent: Person, pesanan: str) -> None:
    wanted = start(desk)
    answers = at_once([(agent, "start_conversation", wanted)] * 5)
    assert {answer["messages"][0]["id"] for answer in answers} == {wanted["id"]}
    assert [rows(desk, name) for name in ("contacts", "conversations", "messages")] == [1, 1, 1]


def test_two_agents_who_write_to_one_number_at_once_share_the_thread(
    desk: Desk, agent: Person, supervisor: Person, pesanan: str
) -> None:
    people = [agent, supervisor, agent, supervisor]
    answers = at_once([(person, "start_conversation", start(desk)) for person in people])
    assert len({answer["conversations"][0]["id"] for answer in answers}) == 1
    assert [rows(desk, name) for name in ("contacts", "conversations", "messages")] == [1, 1, 4]
    times = [answer["messages"][0]["timestamp"] for answer in answers]
    assert len(set(times)) == 4


# To whom ------------------------------------------------------------------------------------------


def test_a_thread_that_is_there_goes_on_and_is_open_again(
    desk: Desk, agent: Person, pesanan: str
) -> None:
    thread = desk.conversation(desk.jakarta, "Siti", SITI)
    agent.call("resolve", conversation_id=thread)
    answer = agent.call("start_conversation", **start(desk, name="Lain"))
    (row,) = answer["conversations"]
    assert (row["id"], row["status"], row["assignee_id"]) == (thread, "open", None)
    assert [event["kind"] for event in answer["events"]] == ["reopened"]
    assert answer["contacts"][0]["name"] == "Siti"


def test_a_contact_is_written_to_at_the_number_of_another_channel(
    desk: Desk, agent: Person, sms: str
) -> None:
    thread = desk.conversation(desk.jakarta, "Siti", SITI)
    contact = desk.one("select contact_id::text from public.conversations where id = %s", thread)
    answer = agent.call(
        "start_conversation", id=new_id(), inbox_id=sms, contact_id=contact, content="Halo Bu"
    )
    assert answer["messages"][0]["to_number"] == "+6281234567890"
    assert answer["conversations"][0]["contact_id"] == contact
    assert {row["address"] for row in answer["contacts"][0]["addresses"]} == {
        SITI,
        "+6281234567890",
    }


def test_a_contact_of_two_numbers_is_written_to_at_the_one_named(
    desk: Desk, agent: Person, pesanan: str
) -> None:
    thread = desk.conversation(desk.jakarta, "Siti", SITI)
    desk.inbound(thread)
    contact = desk.one("select contact_id::text from public.conversations where id = %s", thread)
    second = "whatsapp:+6285550000001"
    wanted = start(desk, address=second, contact_id=contact)
    assert agent.call("start_conversation", **wanted)["messages"][0]["to_number"] == second
    wanted = start(desk, address=second, template=None, content="Halo")
    assert refused(lambda: agent.call("start_conversation", **wanted)) == "window_closed"
    wanted = start(desk, template=None, content="Halo")
    assert agent.call("start_conversation", **wanted)["messages"][0]["to_number"] == SITI


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+62 (812) 3456.7890", SITI),
        ("0062812-3456-7890", SITI),
        ("whatsapp:+6281234567890", SITI),
        ("whatsapp:ID.4566546130240823", "whatsapp:ID.4566546130240823"),
        ("ID.4566546130240823", "whatsapp:ID.4566546130240823"),
        ("0812 3456 7890", None),
        ("+0812345678", None),
        ("+62", None),
        ("+6281234567890123", None),
        ("Siti", None),
        ("", None),
        ("whatsapp:+62812';--", None),
        ("+628110000001", None),
    ],
)
def test_an_address_is_what_can_be_written_to(
    desk: Desk, agent: Person, pesanan: str, typed: str, stored: str | None
) -> None:
    wanted = start(desk, address=typed)
    if stored is None:
        assert refused(lambda: agent.call("start_conversation", **wanted)) == "bad_address"
        assert rows(desk, "contacts") == 0
    else:
        assert agent.call("start_conversation", **wanted)["messages"][0]["to_number"] == stored


def test_nobody_is_written_to_who_must_not_be(desk: Desk, agent: Person, pesanan: str) -> None:
    assert refused(lambda: agent.call("start_conversation", **start(desk, address=None))) == (
        "bad_address"
    )
    thread = desk.conversation(desk.jakarta, "Siti", SITI)
    contact = desk.one("select contact_id::text from public.conversations where id = %s", thread)
    desk.run("update public.contact_addresses set opted_out_at = now()")
    assert refused(lambda: agent.call("start_conversation", **start(desk))) == "opted_out"
    desk.run("update public.contact_addresses set opted_out_at = null")
    desk.run("update public.contacts set blocked = true")
    assert refused(lambda: agent.call("start_conversation", **start(desk))) == "blocked"
    desk.run("update public.contacts set blocked = false")
    desk.contact("Lain", "whatsapp:+6285550000001")
    wanted = start(desk, contact_id=contact, address="+6285550000001")
    assert refused(lambda: agent.call("start_conversation", **wanted)) == "taken"


def test_whatsapp_begins_with_a_template_and_sms_with_a_text(
    desk: Desk, agent: Person, sms: str
) -> None:
    text: Row = {"template": None, "content": "Halo"}
    assert (
        refused(lambda: agent.call("start_conversation", **start(desk, **text))) == "window_closed"
    )
    answer = agent.call("start_conversation", **start(desk, inbox_id=sms, **text))
    assert (answer["messages"][0]["to_number"], answer["messages"][0]["content"]) == (
        "+6281234567890",
        "Halo",
    )
    nothing = start(desk, inbox_id=sms, template=None, content=" ")
    assert refused(lambda: agent.call("start_conversation", **nothing)) == "empty_message"


# In which words -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "contact", "inbox", "there", "chosen"),
    [
        (None, "en", "id", ["en", "id"], "en"),
        (None, "pt_BR", None, ["en", "pt", "pt_PT"], "pt"),
        (None, "pt-BR", None, ["en", "pt_PT", "pt_BR"], "pt_BR"),
        (None, "pt-BR", None, ["en", "pt_PT"], "pt_PT"),
        (None, "ja", "id", ["en", "id"], "id"),
        (None, None, "ID", ["en", "id"], "id"),
        ("en", "id", "id", ["en", "id"], "en"),
        ("fr", "ja", "ko", ["ms", "en"], "en"),
    ],
)
def test_the_language_falls_back_from_the_contact_to_the_inbox_to_any(
    desk: Desk,
    agent: Person,
    asked: str | None,
    contact: str | None,
    inbox: str | None,
    there: list[str],
    chosen: str,
) -> None:
    for language in there:
        template(desk, language=language)
    template(desk, language=contact or "id", status="rejected")
    desk.conversation(desk.jakarta, "Siti", SITI)
    desk.run("update public.contacts set locale = %s", contact)
    desk.run("update public.inboxes set locale = %s", inbox)
    words = order() if asked is None else order(language=asked)
    answer = agent.call("start_conversation", **start(desk, template=words))
    assert answer["messages"][0]["metadata"]["template"]["language"] == chosen


def test_a_template_that_is_named_by_its_sid_is_that_one(desk: Desk, agent: Person) -> None:
    template(desk, language="id")
    english = template(desk, language="en", body="Hello {{1}}, {{2}}")
    wanted = start(desk, template=order(content_sid=english))
    (message,) = agent.call("start_conversation", **wanted)["messages"]
    assert message["content"] == "Hello Siti, A-17"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({"name": "pesanan", "variables": {"1": "Siti"}}, "bad_template"),
        ({"name": "pesanan", "variables": {"1": "{{contact.order}}", "2": "x"}}, "bad_template"),
        ({"name": "pesanan", "variables": "x"}, "bad_template"),
        ({"name": "tidak ada"}, "bad_template"),
        ({"name": "menunggu"}, "template_not_approved"),
        ({}, "bad_template"),
        ([], "bad_template"),
        ({"content_sid": "HX1'; drop table"}, "bad_template"),
    ],
)
def test_a_template_that_cannot_be_sent_leaves_nothing_behind(
    desk: Desk, agent: Person, pesanan: str, words: Any, code: str
) -> None:
    template(desk, "menunggu", status="pending")
    assert refused(lambda: agent.call("start_conversation", **start(desk, template=words))) == code
    assert [rows(desk, name) for name in ("contacts", "conversations", "messages")] == [0, 0, 0]


def test_values_are_filled_from_contact_inbox_and_agent_once(desk: Desk, agent: Person) -> None:
    template(
        desk,
        body="{{name}} / {{inbox_name}} / {{agent_name}} / {{1}} / {{2}}",
    )
    desk.conversation(desk.jakarta, "{{inbox.name}}\n \t Siti", SITI)
    desk.run("""update public.contacts set attributes = '{"order": 17, "kota": "Bogor"}'""")
    words = order(variables={"1": "No. {{contact.order}} ({{ contact.kota }})", "2": "{{x"})
    asked = {"inbox_id": desk.jakarta, "template": words}
    contact = desk.one("select id::text from public.contacts")
    seen = agent.call("preview_template", **asked, contact_id=contact)
    text = "{{inbox.name}} Siti / Jakarta / Dewi / No. 17 (Bogor) / {{x"
    assert (seen["text"], seen["missing"]) == (text, [])
    answer = agent.call("start_conversation", **start(desk, template=words))
    assert answer["messages"][0]["content"] == text
    assert answer["messages"][0]["metadata"]["template"]["variables"] == seen["variables"]


def test_a_preview_names_what_is_missing(desk: Desk, agent: Person, pesanan: str) -> None:
    seen = agent.call("preview_template", inbox_id=desk.jakarta, template=order())
    assert (seen["content_sid"], seen["text"], seen["missing"]) == (pesanan, None, ["1"])
    assert rows(desk, "messages") == 0


def test_the_publishable_key_alone_may_not_even_ask(desk: Desk) -> None:
    with desk.database.acting_as(None, role="anon") as connection:
        for call in ("start_conversation(null, null)", "preview_template(null, null)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select public.{call}".encode())
