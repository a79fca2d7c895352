"""Retention: how long each kind is kept, who says so, and what goes with what is deleted."""

from __future__ import annotations

import json
import threading
import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, refused

KEPT = {"messages": None, "media": None, "requests": 90, "audit": None}


@pytest.fixture
def admin(desk: Desk) -> Person:
    return desk.person("Bayu", "admin")


@pytest.fixture
def thread(desk: Desk) -> str:
    return desk.conversation(desk.jakarta)


def retain(desk: Desk, kind: str, most: int = 500) -> int:
    return int(desk.one("select private.retain(%s, %s)", kind, most))


def old_file(desk: Desk, thread: str, path: str | None = None, *, days: int = 40) -> str:
    """An inbound message with a stored file; its id."""
    message = desk.inbound(thread, "", at=f"now() - interval '{days} days'")
    file = {
        "bucket": "media",
        "path": path or f"{thread}/{message}/0/a.jpg",
        "url": "https://api.twilio.com/x",
        "content_type": "image/jpeg",
        "state": "stored",
        "error": None,
    }
    desk.run("update public.messages set media = %s where id = %s", json.dumps([file]), message)
    return message


def test_only_administrators_say_how_long(
    desk: Desk, admin: Person, agent: Person, outsider: Person, supervisor: Person
) -> None:
    assert admin.call("retention") == KEPT
    for person in (agent, outsider, supervisor):
        for function in ("retention", "save_retention"):
            assert refused(lambda p=person, f=function: p.call(f)) == "not_allowed"  # type: ignore[misc]
    wanted = {"messages": 365, "media": 30, "requests": 7, "audit": None}
    assert admin.call("save_retention", **wanted) == wanted
    assert admin.call("retention") == wanted


@pytest.mark.parametrize(
    "wanted",
    [{"messages": 29}, {"media": 0}, {"requests": -1}, {"audit": 179}, {"messages": 36501}],
)
def test_what_would_leave_no_time_is_refused(admin: Person, wanted: dict[str, int]) -> None:
    assert refused(lambda: admin.call("save_retention", **wanted)) == "bad_days"
    assert admin.call("retention") == KEPT


def test_where_nothing_is_set_only_raw_requests_go(desk: Desk, thread: str) -> None:
    desk.inbound(thread, "lama", at="now() - interval '4 years'")
    desk.run(
        "insert into private.webhook_requests (path, body, received_at) values"
        " ('/webhook', 'lama', now() - interval '91 days'),"
        " ('/webhook', 'baru', now() - interval '89 days')"
    )
    assert [retain(desk, kind) for kind in ("messages", "media", "requests", "audit")] == [
        0,
        0,
        1,
        0,
    ]
    assert desk.one("select convert_from(body, 'UTF8') from private.webhook_requests") == "baru"


def test_old_messages_go_with_their_notes_and_events_and_desktops_hear_of_it(
    desk: Desk, thread: str, admin: Person, agent: Person
) -> None:
    admin.call("save_retention", messages=30)
    old = desk.inbound(thread, "lama", at="now() - interval '31 days'")
    new = desk.inbound(thread, "baru", at="now() - interval '29 days'")
    for table, column in (("notes", "body"), ("events", "kind")):
        desk.run(
            f"insert into public.{table} (conversation_id, {column}, created_at) values"
            " (%s, 'lama', now() - interval '31 days'), (%s, 'baru', now())",
            thread,
            thread,
        )
    desk.run("insert into public.delivery_attempts (message_id) values (%s)", old)
    agent.pull()
    assert retain(desk, "messages") == 3
    assert retain(desk, "messages") == 0
    assert desk.one("select array_agg(id::text) from public.messages") == [new]
    assert desk.one("select array_agg(body) from public.notes") == ["baru"]
    assert desk.one("select array_agg(kind) from public.events") == ["baru"]
    assert agent.pull()["deleted"]["messages"] == [old]
    assert desk.one("select count(*) from public.contacts") == 1


def test_what_is_on_its_way_is_not_deleted(desk: Desk, thread: str, admin: Person) -> None:
    admin.call("save_retention", messages=30)
    for status in ("scheduled", "queued", "sending", "uncertain", "sent"):
        desk.run(
            "insert into public.messages (conversation_id, direction, content, timestamp, status)"
            " values (%s, 'outbound', %s, now() - interval '40 days', %s)",
            thread,
            status,
            status,
        )
    assert retain(desk, "messages") == 1
    assert desk.one("select count(*) from public.messages where status = 'sent'") == 0


def test_an_old_file_goes_and_its_message_says_so(
    desk: Desk, thread: str, admin: Person, agent: Person
) -> None:
    admin.call("save_retention", media=30)
    old, new = old_file(desk, thread), old_file(desk, thread, days=20)
    agent.pull()
    assert retain(desk, "media") == 1
    assert retain(desk, "media") == 0
    assert desk.one("select private.files_due()") == {"media": [f"{thread}/{old}/0/a.jpg"]}
    (row,) = agent.pull()["messages"]
    assert row["id"] == old
    (file,) = row["media"]
    assert (file["state"], file["error"], file["path"], file["url"]) == (
        "failed",
        "expired",
        None,
        None,
    )
    assert refused(lambda: agent.call("retry_media", message_id=old)) == "not_failed"
    assert desk.one("select media #>> '{0,state}' from public.messages where id = %s", new) == (
        "stored"
    )
    desk.run("select private.files_gone('media', array[%s])", f"{thread}/{old}/0/a.jpg")
    assert desk.one("select private.files_due()") == {}


def test_a_file_that_a_younger_message_shows_as_well_stays(
    desk: Desk, thread: str, admin: Person
) -> None:
    admin.call("save_retention", messages=30)
    old = old_file(desk, thread)
    young = old_file(desk, thread, f"{thread}/{old}/0/a.jpg", days=1)
    assert retain(desk, "messages") == 1
    assert desk.one("select private.files_due()") == {}
    desk.run("update public.messages set timestamp = now() - interval '50 days'")
    assert retain(desk, "messages") == 1
    assert desk.one("select private.files_due()") == {"media": [f"{thread}/{old}/0/a.jpg"]}
    assert young


def test_a_path_outside_the_conversation_is_never_deleted(
    desk: Desk, thread: str, admin: Person
) -> None:
    admin.call("save_retention", messages=30)
    old_file(desk, thread, f"{uuid.uuid4()}/x/0/a.jpg")
    old_file(desk, thread, "canned/x/0/a.jpg")
    assert retain(desk, "messages") == 2
    assert desk.one("select private.files_due()") == {}


def test_the_audit_log_is_shortened_by_retention_alone(desk: Desk, admin: Person) -> None:
    admin.call("save_retention", audit=180)
    desk.run(
        "insert into public.audit_log (action, at) values ('old', now() - interval '181 days'),"
        " ('new', now())"
    )
    with pytest.raises(psycopg.Error, match="append_only"):
        desk.run("delete from public.audit_log")
    assert retain(desk, "audit") == 1
    with pytest.raises(psycopg.Error, match="append_only"):
        desk.run("delete from public.audit_log")
    assert desk.one("select count(*) from public.audit_log where action = 'old'") == 0
    with pytest.raises(psycopg.Error, match="append_only"):
        desk.run("truncate public.audit_log")


def test_two_workers_at_once_delete_everything_once(desk: Desk, thread: str, admin: Person) -> None:
    admin.call("save_retention", messages=30)
    desk.run(
        "insert into public.messages (conversation_id, direction, timestamp)"
        " select %s, 'inbound', now() - interval '40 days' + n * interval '1 ms'"
        " from generate_series(1, 300) n",
        thread,
    )
    counts: list[int] = []

    def work() -> None:
        with desk.database.connect() as line:
            while n := line.execute("select private.retain('messages', 20)").fetchone():
                if not n[0]:
                    return
                counts.append(n[0])

    threads = [threading.Thread(target=work) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert desk.one("select count(*) from public.messages") == 0
    assert desk.one("select count(*) from private.changes where op = 'delete'") == 300


def test_the_sweep_does_not_bring_back_what_is_past_its_time(
    desk: Desk, thread: str, admin: Person
) -> None:
    def wanted(at: str) -> Any:
        listed = {"sid": "SM1", "inbound": True, "from": "whatsapp:+6281", "channel": "whatsapp",
                  "to": "whatsapp:+628110000001", "at": at}  # fmt: skip
        return desk.one("select private.sweep_compare(%s)", json.dumps([listed]))

    day = desk.one("select (now() - interval '40 days')::text")
    assert wanted(day) == ["SM1"]
    admin.call("save_retention", messages=30)
    assert wanted(day) == []
    assert wanted(desk.one("select now()::text")) == ["SM1"]


def test_a_late_upload_into_an_erased_folder_is_found(
    desk: Desk, thread: str, supervisor: Person
) -> None:
    contact = desk.one("select contact_id from public.conversations where id = %s", thread)
    ident = str(uuid.uuid4())
    supervisor.call("erase_contact", id=ident, contact_id=str(contact))
    desk.run("select private.erase_rows(%s)", ident)
    path = f"{thread}/{uuid.uuid4()}/0/late.jpg"
    desk.run("insert into storage.objects (bucket_id, name) values ('attachments', %s)", path)
    assert desk.one("select private.files_due()") == {"attachments": [path]}
