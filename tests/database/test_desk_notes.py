"""Notes with mentions, marks taken back, and drafts that hold more than text."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
def thread(desk: Desk) -> str:
    """An open conversation in Jakarta whose customer wrote."""
    conversation = desk.conversation(desk.jakarta, "Siti")
    desk.inbound(conversation, "Halo?")
    return conversation


def note(thread: str, body: str = "Sudah ditelepon.", *mentions: str) -> dict[str, Any]:
    return {
        "id": new_id(),
        "conversation_id": thread,
        "body": body,
        "mentions": "{" + ",".join(mentions) + "}",
    }


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_whoever_sees_a_conversation_writes_notes_in_it(desk: Desk, thread: str, role: str) -> None:
    person = desk.person("Ayu", role, *([desk.jakarta] if role == "agent" else []))
    written = note(thread, "  Sudah *ditelepon*. \n")
    first = person.call("add_note", **written)
    assert person.call("add_note", **written) == first
    (row,) = first["notes"]
    assert (row["id"], row["author_id"], row["body"]) == (
        written["id"],
        person.id,
        "Sudah *ditelepon*.",
    )
    assert first["dropped"] == []
    assert desk.one("select count(*) from public.notes") == 1
    assert desk.one("select waiting_since is not null from public.conversations") is True


@pytest.mark.parametrize("who", ["of another inbox", "of no inbox", "removed", "inactive"])
def test_others_write_and_read_none(
    desk: Desk, agent: Person, outsider: Person, thread: str, who: str
) -> None:
    agent.call("add_note", **note(thread))
    if who == "removed":
        desk.leave(agent.id, desk.jakarta)
    if who == "inactive":
        desk.run("update public.profiles set active = false where id = %s", agent.id)
    person = {"of no inbox": outsider, "removed": agent, "inactive": agent}.get(who) or desk.person(
        "Wati", "agent", desk.bandung
    )
    assert refused(lambda: person.call("add_note", **note(thread))) == "not_found"
    assert refused(lambda: person.call("mark_unread", conversation_id=thread)) == "not_found"
    with person.session() as connection:
        assert connection.execute("select from public.notes").fetchall() == []
    assert person.pull().get("notes", []) == []


def test_the_publishable_key_alone_may_not_even_ask(desk: Desk, thread: str) -> None:
    with desk.database.acting_as(None, role="anon") as connection:
        for query in ("add_note(null, null, null)", "mark_unread(null)", "counters()"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select public.{query}".encode())


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "empty_message"), (" \n\t ", "empty_message"), ("x" * 10_001, "too_long")],
)
def test_a_note_has_one_to_ten_thousand_characters(
    agent: Person, thread: str, body: str, code: str
) -> None:
    assert refused(lambda: agent.call("add_note", **note(thread, body))) == code
    agent.call("add_note", **note(thread, "😀" * 10_000))


def test_who_cannot_see_the_conversation_is_not_mentioned_and_the_note_stays(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta)
    elsewhere = desk.person("Wati", "agent", desk.bandung)
    gone = desk.person("Joko", "agent", desk.jakarta)
    desk.run("update public.profiles set active = false where id = %s", gone.id)
    stranger = new_id()
    named = (colleague.id, elsewhere.id, supervisor.id, gone.id, colleague.id, stranger)
    answer = agent.call("add_note", **note(thread, "@Budi @Wati tolong", *named))
    assert answer["notes"][0]["mentions"] == [colleague.id, supervisor.id]
    assert answer["dropped"] == [
        {"id": elsewhere.id, "name": "Wati", "reason": "cannot_see"},
        {"id": gone.id, "name": "Joko", "reason": "cannot_see"},
        {"id": stranger, "name": None, "reason": "cannot_see"},
    ]


def test_the_id_of_another_note_is_refused(desk: Desk, agent: Person, thread: str) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta)
    written = note(thread)
    agent.call("add_note", **written)
    assert refused(lambda: colleague.call("add_note", **written)) == "not_allowed"
    elsewhere = {**written, "conversation_id": desk.conversation(desk.jakarta)}
    assert refused(lambda: agent.call("add_note", **elsewhere)) == "not_allowed"


def test_the_same_note_three_times_at_once_is_one(desk: Desk, agent: Person, thread: str) -> None:
    written = note(thread)
    answers = at_once([(agent, "add_note", written)] * 3)
    assert answers[0]["notes"]
    assert all(answer == answers[0] for answer in answers)
    assert desk.one("select count(*) from public.notes") == 1


def test_a_note_reaches_those_who_see_the_conversation_and_rings(
    desk: Desk, agent: Person, thread: str
) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta)
    elsewhere = desk.person("Wati", "agent", desk.bandung)
    for person in (colleague, elsewhere):
        person.pull()
    with psycopg.connect(desk.database.admin_dsn, autocommit=True) as admin:
        admin.execute("truncate realtime.messages")
        answer = agent.call("add_note", **note(thread, "@Budi", colleague.id))
        rung = admin.execute("select topic, payload - 'id' from realtime.messages").fetchall()
    assert rung == [(f"inbox:{desk.jakarta}", {"conversations": [thread], "messages": []})]
    assert colleague.pull()["notes"] == answer["notes"]
    assert elsewhere.pull()["notes"] == []


# Unread again -------------------------------------------------------------------------------------


def unread(desk: Desk, person: Person, thread: str) -> int:
    found: int = desk.one(
        "select count(*) from public.messages m left join public.reads r"
        "   on r.conversation_id = m.conversation_id and r.profile_id = %s"
        " where m.conversation_id = %s and m.direction = 'inbound'"
        "   and m.timestamp > coalesce(r.read_at, '-infinity')",
        person.id,
        thread,
    )
    return found


def test_marking_unread_brings_back_the_customers_last_message(
    desk: Desk, agent: Person, thread: str
) -> None:
    last = desk.inbound(thread, "Kak?")
    agent.call("send_message", id=new_id(), conversation_id=thread, content="Sebentar.")
    newest = agent.call("messages_before", conversation_id=thread, before="infinity")["messages"][0]
    agent.call("mark_read", conversation_id=thread, message_id=newest["id"])
    assert unread(desk, agent, thread) == 0
    agent.pull()
    mark = agent.call("mark_unread", conversation_id=thread)
    assert unread(desk, agent, thread) == 1
    assert agent.pull()["reads"] == [mark]
    assert agent.call("mark_unread", conversation_id=thread) == mark
    assert agent.pull()["reads"] == []
    agent.call("mark_read", conversation_id=thread, message_id=last)
    assert unread(desk, agent, thread) == 0


def test_marking_unread_takes_nothing_as_read(desk: Desk, agent: Person, thread: str) -> None:
    first = desk.one("select id from public.messages")
    desk.inbound(thread, "two")
    desk.inbound(thread, "three")
    assert agent.call("mark_unread", conversation_id=thread) is None
    assert unread(desk, agent, thread) == 3
    mark = agent.call("mark_read", conversation_id=thread, message_id=first)
    assert agent.call("mark_unread", conversation_id=thread) == mark
    assert unread(desk, agent, thread) == 2


def test_unread_is_each_agents_own(desk: Desk, agent: Person, thread: str) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta)
    message = desk.one("select id from public.messages")
    for person in (agent, colleague):
        person.call("mark_read", conversation_id=thread, message_id=message)
    agent.call("mark_unread", conversation_id=thread)
    assert (unread(desk, agent, thread), unread(desk, colleague, thread)) == (1, 0)


# Drafts -------------------------------------------------------------------------------------------


def test_a_draft_keeps_its_quote_and_the_note_beside_it(
    desk: Desk, agent: Person, thread: str
) -> None:
    quoted = str(desk.one("select id from public.messages"))
    agent.pull()
    saved = agent.call(
        "save_draft", conversation_id=thread, body="Baik", reply_to=quoted, note="tanya gudang"
    )
    assert (saved["body"], saved["reply_to"], saved["note"]) == ("Baik", quoted, "tanya gudang")
    assert agent.pull()["drafts"] == [saved]
    saved = agent.call("save_draft", conversation_id=thread, body="", note="tanya gudang")
    assert (saved["body"], saved["reply_to"], saved["note"]) == ("", None, "tanya gudang")
    assert agent.call("save_draft", conversation_id=thread, body="", reply_to=quoted) is None
    assert desk.one("select count(*) from public.drafts") == 0


# History ------------------------------------------------------------------------------------------


def test_older_pages_bring_the_notes_and_events_between_their_messages(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.run("delete from public.messages")
    for one in range(1, 7):
        desk.inbound(thread, f"message {one}", at=f"'2026-01-{one:02} 12:00 UTC'")
    days = ["2025-12-01", *(f"2026-01-{day:02}" for day in range(1, 7))]
    for table, column in (("notes", "body"), ("events", "kind")):
        for number, day in enumerate(days):
            desk.run(
                f"insert into public.{table} (conversation_id, {column}, created_at)"
                " values (%s, %s, %s)",
                thread,
                f"{table} {number}",
                f"{day} 18:00 UTC",
            )
    other = desk.conversation(desk.jakarta, "Ani")
    desk.run("insert into public.notes (conversation_id, body) values (%s, 'elsewhere')", other)
    before = "infinity"
    found: list[list[int]] = []
    while True:
        page = agent.call("messages_before", conversation_id=thread, before=before, page_size=2)
        found.append([len(page[table]) for table in ("messages", "notes", "events")])
        if not page["more"]:
            break
        before = page["messages"][-1]["timestamp"]
    assert found == [[2, 2, 2], [2, 2, 2], [2, 3, 3]]
    assert page["notes"][-1]["body"] == "notes 0"


def test_a_thread_of_notes_alone_has_them_on_its_only_page(desk: Desk, agent: Person) -> None:
    silent = desk.conversation(desk.jakarta, "Ani")
    agent.call("add_note", **note(silent))
    page = agent.call("messages_before", conversation_id=silent, before="infinity")
    assert (len(page["notes"]), page["messages"], page["more"]) == (1, [], False)
