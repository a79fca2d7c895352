"""Erasing a contact: who may, what goes with it, what waits, what never comes back."""

from __future__ import annotations

import json
import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused

ADDRESS = "whatsapp:+6281299900417"


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation in Jakarta with two messages."""
    conversation = desk.conversation(desk.jakarta, "Siti", ADDRESS)
    desk.inbound(conversation, "Halo")
    desk.inbound(conversation, "Ada orang?")
    return conversation


@pytest.fixture
def siti(desk: Desk, thread: str) -> str:
    """Her id as a contact."""
    return str(desk.one("select contact_id from public.conversations where id = %s", thread))


def ask(person: Person, contact: str, ident: str | None = None) -> Any:
    answer = person.call("erase_contact", id=ident or str(uuid.uuid4()), contact_id=contact)
    (receipt,) = answer["erasures"]
    return receipt


def rows(desk: Desk, erasure: str) -> Any:
    return desk.one("select private.erase_rows(%s)", erasure)


def finish(desk: Desk, erasure: str) -> Any:
    """As if the worker had done everything outside."""
    desk.run("delete from private.erasure_parts where erasure_id = %s", erasure)
    return desk.one("select private.erasure_finish(%s)", erasure)


def reply(desk: Desk, thread: str, status: str, **columns: object) -> str:
    names = "".join(f", {name}" for name in columns)
    return str(
        desk.one(
            "insert into public.messages (conversation_id, direction, content, timestamp, status,"
            f" to_number{names}) values (%s, 'outbound', 'x', clock_timestamp(), %s, %s"
            f"{', %s' * len(columns)}) returning id",
            thread,
            status,
            ADDRESS,
            *columns.values(),
        )
    )


# Who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_supervisors_and_administrators_may_erase(desk: Desk, siti: str, role: str) -> None:
    person = desk.person("Ratna", role)
    receipt = ask(person, siti)
    assert (receipt["state"], receipt["requested_by"]) == ("waiting", person.id)


def test_nobody_else_may_erase_or_read_receipts(
    desk: Desk, siti: str, agent: Person, outsider: Person, supervisor: Person
) -> None:
    for person in (agent, outsider):
        assert refused(lambda person=person: ask(person, siti)) == "not_allowed"  # type: ignore[misc]
    ask(supervisor, siti)
    for person, seen in ((agent, 0), (outsider, 0), (supervisor, 1)):
        with person.session() as connection:
            found = connection.execute("select from public.erasures").fetchall()
            assert len(found) == seen
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("delete from public.erasures")
    desk.run("update public.profiles set active = false where id = %s", supervisor.id)
    assert refused(lambda: ask(supervisor, siti)) == "not_allowed"


def test_what_cannot_be_erased_is_refused(desk: Desk, siti: str, supervisor: Person) -> None:
    assert refused(lambda: ask(supervisor, str(uuid.uuid4()))) == "not_found"
    receipt = ask(supervisor, siti)
    other = desk.contact("Wati")
    assert refused(lambda: ask(supervisor, other, receipt["id"])) == "not_allowed"
    assert refused(
        lambda: supervisor.call("erase_contact", id=None, contact_id=siti)
    ) == "bad_id"  # fmt: skip


# Asking -------------------------------------------------------------------------------------------


def test_from_the_moment_of_asking_nothing_more_is_sent(
    desk: Desk, thread: str, siti: str, agent: Person, supervisor: Person
) -> None:
    waiting = reply(desk, thread, "queued"), reply(desk, thread, "scheduled")
    ask(supervisor, siti)
    for message in waiting:
        assert desk.one("select status from public.messages where id = %s", message) == "canceled"
    assert refused(
        lambda: agent.call(
            "send_message", id=str(uuid.uuid4()), conversation_id=thread, content="Halo"
        )
    ) == "blocked"  # fmt: skip


def test_asking_again_answers_with_the_receipt_and_makes_one_job(
    desk: Desk, siti: str, supervisor: Person
) -> None:
    first = ask(supervisor, siti)
    assert ask(supervisor, siti, first["id"]) == first
    assert ask(supervisor, siti)["id"] == first["id"], "somebody was first"
    rows(desk, first["id"])
    finish(desk, first["id"])
    assert ask(supervisor, siti)["state"] == "done", "also when the contact is gone"
    jobs = "select count(*) from jobs.procrastinate_jobs where task_name = 'erase_contact'"
    assert desk.one(jobs) == 1
    actions = (
        "select array_agg(action order by id) from public.audit_log where actor_id is not null"
    )
    assert desk.one(actions) == ["contact_erasure_requested", "contact_erased"]


def test_two_supervisors_at_once_make_one_erasure(
    desk: Desk, siti: str, supervisor: Person
) -> None:
    second = desk.person("Bayu", "admin")
    for _ in range(5):
        contact = str(
            desk.one(
                "select contact_id from public.conversations where id = %s",
                desk.conversation(desk.jakarta),
            )
        )
        answers = at_once(
            [
                (person, "erase_contact", {"id": str(uuid.uuid4()), "contact_id": contact})
                for person in (supervisor, second, supervisor, second)
            ]
        )
        assert len({answer["erasures"][0]["id"] for answer in answers}) == 1
    assert desk.one("select count(*) from public.erasures") == 5


def test_a_lost_job_is_given_again(desk: Desk, siti: str, supervisor: Person) -> None:
    ask(supervisor, siti)
    assert desk.one("select private.kick_erasures()") == 0
    desk.run("delete from jobs.procrastinate_jobs")
    assert desk.one("select private.kick_erasures()") == 1
    assert desk.one("select private.kick_erasures()") == 0


# The rows -----------------------------------------------------------------------------------------


def test_a_reply_under_way_is_waited_for(
    desk: Desk, thread: str, siti: str, supervisor: Person
) -> None:
    erasure = ask(supervisor, siti)["id"]
    message = reply(desk, thread, "sending")
    assert rows(desk, erasure) == {"wait": 2}
    attempt = desk.one(
        "insert into public.delivery_attempts (message_id, outcome) values (%s, 'uncertain')"
        " returning id",
        message,
    )
    desk.run("update public.messages set status = 'uncertain' where id = %s", message)
    assert rows(desk, erasure) == {"wait": 15}
    desk.run(
        "update public.delivery_attempts set outcome = 'settled', sid = 'SMsettled' where id = %s",
        attempt,
    )
    desk.run(
        "update public.messages set status = 'sent', message_sid = 'SMsettled' where id = %s",
        message,
    )
    assert "until" in rows(desk, erasure)
    assert desk.one("select count(*) from private.erased_sids where sid = 'SMsettled'") == 1


def test_the_rows_go_once_and_others_stay(
    desk: Desk, thread: str, siti: str, supervisor: Person, agent: Person
) -> None:
    other = desk.conversation(desk.jakarta, "Wati")
    desk.inbound(other, "Saya lain")
    agent.pull()
    erasure = ask(supervisor, siti)["id"]
    first = rows(desk, erasure)
    assert rows(desk, erasure) == first, "safe to repeat"
    assert desk.one("select counts from public.erasures")["messages"] == 2
    assert desk.one("select array_agg(name) from public.contacts") == ["Wati"]
    assert desk.one("select count(*) from public.messages") == 1
    page = agent.pull()
    assert page["deleted"]["conversations"] == [thread]
    assert page["deleted"]["contacts"] == [siti]
    assert rows(desk, str(uuid.uuid4())) is None
    counted = desk.one(
        "select sum(n) from private.tallies where label_id is null and status = 'open'"
    )
    assert counted == 1


def test_messages_to_an_inbox_of_ours_are_not_taken_for_the_persons(
    desk: Desk, supervisor: Person
) -> None:
    # somebody at the Bandung number wrote to Jakarta: Bandung's address is a customer's now
    own = desk.conversation(desk.jakarta, "Bandung", "whatsapp:+628110000002")
    desk.inbound(own, "Tes")
    stranger = desk.conversation(desk.bandung, "Wati")
    message = desk.inbound(stranger, "Untuk Bandung")
    desk.run(
        "update public.messages set to_number = 'whatsapp:+628110000002' where id = %s", message
    )
    contact = desk.one("select contact_id from public.conversations where id = %s", own)
    rows(desk, ask(supervisor, str(contact))["id"])
    assert desk.one("select array_agg(id::text) from public.messages") == [message]


def test_an_erased_message_does_not_come_back_and_a_new_one_does(
    desk: Desk, siti: str, thread: str, supervisor: Person
) -> None:
    sid = desk.one("select message_sid from public.messages limit 1")
    rows(desk, ask(supervisor, siti)["id"])

    def arrives(sid: str, together: bool) -> Any:
        request = {
            "sid": sid, "from": ADDRESS, "to": "whatsapp:+628110000001", "channel": "whatsapp",
            "addresses": [ADDRESS], "phone": "+6281299900417", "profile_name": "Siti",
            "message_type": "text", "content": "Halo", "media": [], "metadata": {"kind": "text"},
        }  # fmt: skip
        if together:
            batch: list[Any] = [
                request | {"body": sid, "headers": {}, "flagged": None, "path": "/webhook"}
            ]
            return desk.one("select private.ingest_together(%s)", json.dumps(batch))[0]
        return desk.one(
            "select private.ingest(%s, %s)", json.dumps(request), sid.encode()
        )  # fmt: skip

    for together in (False, True):
        assert arrives(sid, together) == {"duplicate": True}
        for table in ("contacts", "contact_addresses", "conversations", "messages"):
            assert desk.one(f"select count(*) from public.{table}") == 0, table
        assert desk.one("select count(*) from private.webhook_requests") == 0
    assert "message_id" in arrives("SMnew", False)
    assert arrives(sid, True) == {"duplicate": True}, "also to one who is here again"
    assert "message_id" in arrives("SMnewer", True)
    assert desk.one("select count(*) from public.messages") == 2


def test_what_comes_while_the_rows_go_is_stored_anew(
    desk: Desk, siti: str, thread: str, supervisor: Person
) -> None:
    erasure = ask(supervisor, siti)["id"]
    with desk.database.connect(autocommit=False) as writer:
        writer.execute(
            "select pg_advisory_xact_lock(hashtextextended('balas:address:' || %s, 0))", [ADDRESS]
        )
        with desk.database.connect() as eraser:
            eraser.execute("set lock_timeout = '200ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                eraser.execute("select private.erase_rows(%s)", [erasure])
        desk.inbound(thread, "Satu lagi", connection=writer)
        writer.commit()
    assert "until" in rows(desk, erasure)
    assert desk.one("select counts from public.erasures")["messages"] == 3


# The end ------------------------------------------------------------------------------------------


def test_what_twilio_refuses_for_a_week_is_named_and_tried_anew_when_asked(
    desk: Desk, siti: str, thread: str, supervisor: Person
) -> None:
    erasure = ask(supervisor, siti)["id"]
    rows(desk, erasure)
    sid = desk.one("select max(name) from private.erasure_parts where kind = 'sid'")
    desk.run("delete from private.erasure_parts where name <> %s", sid)
    for _ in range(2):
        desk.run("select private.erasure_failed(%s, 'sid', %s, 'Twilio refused.')", erasure, sid)
    assert desk.one("select private.erasure_finish(%s)", erasure) > 5
    assert desk.one("select private.erasure_due(%s, 'sid')", erasure) == []
    desk.run("update public.erasures set rows_at = now() - interval '8 days'")
    assert desk.one("select private.erasure_finish(%s)", erasure) is None
    receipt = ask(supervisor, siti, erasure)
    assert receipt["state"] == "erasing", "asked for once more"
    assert desk.one("select private.erasure_due(%s, 'sid')", erasure) == [sid]
    desk.run("select private.erasure_failed(%s, 'sid', %s, 'Twilio refused.')", erasure, sid)
    assert desk.one("select private.erasure_finish(%s)", erasure) is None
    state, left, why = desk.admin.execute(
        "select state, left_over, trouble from public.erasures"
    ).fetchall()[0]
    assert (state, left, why) == ("incomplete", [sid], "Twilio refused.")


def test_only_messages_of_our_inboxes_are_emptied_at_twilio(
    desk: Desk, siti: str, supervisor: Person
) -> None:
    erasure = ask(supervisor, siti)["id"]
    rows(desk, erasure)
    listed = [
        {"sid": "SMours", "ours": "whatsapp:+628110000001", "channel": "whatsapp"},
        {"sid": "SMtheirs", "ours": "whatsapp:+622199999999", "channel": "whatsapp"},
    ]
    count = "select private.erasure_listed(%s, %s)"
    assert desk.one(count, erasure, json.dumps(listed)) == 1
    assert desk.one(count, erasure, json.dumps(listed)) == 0
    due = desk.one("select private.erasure_due(%s, 'sid')", erasure)
    assert "SMours" in due
    assert "SMtheirs" not in due


def test_the_audit_log_keeps_that_and_loses_what(desk: Desk, siti: str, supervisor: Person) -> None:
    desk.run(
        "insert into public.audit_log (action, subject_type, subject_id, data)"
        " values ('contact_changed', 'contacts', %s, '{\"name\": \"Siti\"}'),"
        " ('exported', 'inboxes', 'x', '{\"to\": [\"+6281299900417\"]}'),"
        " ('other', 'inboxes', 'x', '{\"name\": \"Jakarta\"}')",
        siti,
    )
    rows(desk, ask(supervisor, siti)["id"])
    kept = dict(desk.admin.execute("select action, data from public.audit_log").fetchall())
    assert kept["contact_changed"] == kept["exported"] == {"erased": True}
    assert kept["other"] == {"name": "Jakarta"}
    with pytest.raises(psycopg.Error, match="append_only"):
        desk.run("delete from public.audit_log")


def test_a_desktop_that_was_away_for_months_forgets_as_well(
    desk: Desk, thread: str, siti: str, supervisor: Person, agent: Person
) -> None:
    other = desk.conversation(desk.jakarta, "Wati")
    agent.pull()
    rows(desk, ask(supervisor, siti)["id"])
    desk.run("select private.prune_changes('0 seconds')")
    page = agent.pull()
    assert page["deleted"]["conversations"] == [thread]
    assert page["deleted"]["contacts"] == [siti]
    assert [row["id"] for row in page["conversations"]] == [other]
    assert agent.pull()["deleted"] == {}


def test_receipts_are_read_page_by_page_by_those_who_may(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person
) -> None:
    asked = [ask(supervisor, desk.contact(f"Siti {n}"))["id"] for n in range(5)]
    page = supervisor.call("receipts", page_size=2)
    seen = page["erasures"]
    assert seen[0]["requested_by_name"] == "Ratna"
    while page["more"]:
        page = supervisor.call("receipts", before=seen[-1]["id"], page_size=2)
        seen += page["erasures"]
    assert [row["id"] for row in seen] == asked[::-1]
    assert not any("Siti" in str(row) for row in seen)
    assert refused(lambda: supervisor.call("receipts", before=str(uuid.uuid4()))) == "bad_cursor"
    desk.run("update public.profiles set active = false where id = %s", supervisor.id)
    for person in (agent, outsider, supervisor, Person(desk, str(uuid.uuid4()))):
        assert refused(lambda p=person: p.call("receipts")) == "not_allowed"  # type: ignore[misc]
