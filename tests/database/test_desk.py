"""What agents do: sending, retrying, settling, reading and drafting, with every refusal."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.database.conftest import Desk, Person, call


def new_id() -> str:
    return str(uuid.uuid4())


def refusal(error: pytest.ExceptionInfo[psycopg.Error]) -> str | None:
    """The short code of a refusal; PostgREST shows it as `message`."""
    assert error.value.sqlstate == "P0001"
    assert error.value.diag.message_detail
    return error.value.diag.message_primary


@pytest.fixture
def thread(desk: Desk) -> str:
    """An open WhatsApp conversation in Jakarta whose customer wrote just now."""
    conversation = desk.conversation(desk.jakarta, "Siti", "whatsapp:+6281234567890")
    desk.inbound(conversation, "Halo, barangnya sudah dikirim?")
    return conversation


def file(
    conversation: str, name: str = "nota.pdf", kind: str = "application/pdf"
) -> dict[str, Any]:
    return {
        "path": f"{conversation}/{new_id()}/0/{name}",
        "content_type": kind,
        "name": name,
        "size": 1200,
    }


def jobs(desk: Desk) -> list[tuple[Any, ...]]:
    return desk.admin.execute(
        "select task_name, queue_name, lock, args ->> 'message_id' from jobs.procrastinate_jobs"
        " order by id"
    ).fetchall()


def test_a_reply_is_queued_with_its_numbers_and_a_job(
    desk: Desk, agent: Person, thread: str
) -> None:
    ident = new_id()
    sent = agent.call("send_message", id=ident, conversation_id=thread, content="Sudah, Bu.")
    (row,) = sent["messages"]
    assert row["id"] == ident
    assert row["status"] == "queued"
    assert row["sent_by"] == agent.id
    assert (row["from_number"], row["to_number"]) == (
        "whatsapp:+628110000001",
        "whatsapp:+6281234567890",
    )
    assert row["metadata"] == {"kind": "text"}
    assert jobs(desk) == [("send_message", "send", f"conversation:{thread}", ident)]
    waiting, last = desk.admin.execute(
        "select waiting_since, last_message_at = (select timestamp from public.messages"
        " where id = %s) from public.conversations where id = %s",
        [ident, thread],
    ).fetchone() or (0, 0)
    assert waiting is None
    assert last is True


def test_the_same_id_twice_is_one_message(desk: Desk, agent: Person, thread: str) -> None:
    ident = new_id()
    first = agent.call("send_message", id=ident, conversation_id=thread, content="Halo")
    again = agent.call("send_message", id=ident, conversation_id=thread, content="Halo")
    assert first == again
    assert len(jobs(desk)) == 1


def test_the_same_id_at_the_same_moment_is_one_message(
    desk: Desk, agent: Person, thread: str
) -> None:
    ident = new_id()
    answers: list[Any] = []
    start = threading.Barrier(6)

    def send() -> None:
        with agent.session() as connection:
            start.wait()
            answers.append(
                call(connection, "send_message", id=ident, conversation_id=thread, content="Halo")
            )

    threads = [threading.Thread(target=send) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(answers) == 6
    assert all(answer == answers[0] for answer in answers)
    assert len(jobs(desk)) == 1


def test_an_id_of_another_conversation_is_refused(desk: Desk, agent: Person, thread: str) -> None:
    other = desk.conversation(desk.jakarta)
    theirs = desk.inbound(other)
    with pytest.raises(psycopg.Error) as error:
        agent.call("send_message", id=theirs, conversation_id=thread, content="Halo")
    assert refusal(error) == "not_allowed"


def test_times_grow_strictly_within_a_conversation(desk: Desk, agent: Person, thread: str) -> None:
    desk.inbound(thread, "from a clock ahead of ours", at="now() + interval '1 hour'")
    agent.call("send_message", id=new_id(), conversation_id=thread, content="one")
    agent.call("send_message", id=new_id(), conversation_id=thread, content="two")
    page = agent.call("messages_before", conversation_id=thread, before="infinity")
    assert [row["content"] for row in page["messages"]][:2] == ["two", "one"]
    times = [row["timestamp"] for row in page["messages"]]
    assert len(set(times)) == len(times)


def test_several_files_on_whatsapp_are_several_rows_in_order(
    desk: Desk, agent: Person, thread: str
) -> None:
    ident = new_id()
    files = [
        file(thread, "a.jpg", "image/jpeg"),
        file(thread, "b.mp4", "video/mp4"),
        file(thread, "c.pdf"),
    ]
    arguments: dict[str, Any] = {
        "id": ident,
        "conversation_id": thread,
        "content": "Ini fotonya",
        "media": files,
    }
    sent = agent.call("send_message", **arguments)
    rows = sent["messages"]
    assert [row["id"] for row in rows] == [
        ident,
        str(uuid.uuid5(uuid.UUID(ident), "1")),
        str(uuid.uuid5(uuid.UUID(ident), "2")),
    ]
    assert [row["content"] for row in rows] == ["Ini fotonya", "", ""]
    assert [row["message_type"] for row in rows] == ["image", "video", "document"]
    assert [row["media"][0]["name"] for row in rows] == ["a.jpg", "b.mp4", "c.pdf"]
    assert all(row["media"][0]["bucket"] == "attachments" for row in rows)
    assert all(row["media"][0]["state"] == "stored" for row in rows)
    assert [row[3] for row in jobs(desk)] == [row["id"] for row in rows]
    assert agent.call("send_message", **arguments) == sent
    assert len(jobs(desk)) == 3


def test_of_several_files_the_first_alone_quotes(desk: Desk, agent: Person, thread: str) -> None:
    asked = desk.inbound(thread, "Boleh lihat barangnya?")
    sent = agent.call(
        "send_message",
        id=new_id(),
        conversation_id=thread,
        content="Ini fotonya",
        media=[file(thread, f"{name}.jpg", "image/jpeg") for name in "abc"],
        reply_to=asked,
    )
    assert [row["reply_to"] for row in sent["messages"]] == [asked, None, None]


def test_files_on_sms_are_one_row_and_at_most_ten(desk: Desk, agent: Person) -> None:
    inbox = desk.inbox("SMS", "+628110000009", "sms")
    desk.join(agent.id, inbox)
    thread = desk.conversation(inbox, "Tono", "+6281299999999")
    files = [file(thread, f"{n}.jpg", "image/jpeg") for n in range(11)]
    sent = agent.call(
        "send_message", id=new_id(), conversation_id=thread, content="", media=files[:10]
    )
    assert len(sent["messages"]) == 1
    assert len(sent["messages"][0]["media"]) == 10
    with pytest.raises(psycopg.Error) as error:
        agent.call("send_message", id=new_id(), conversation_id=thread, media=files)
    assert refusal(error) == "too_many_files"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"content": ""}, "empty_message"),
        ({"content": " \n\t"}, "empty_message"),
        ({"content": None}, "empty_message"),
        ({"content": "x" * 1601}, "too_long"),
        ({"media": {"path": "x"}}, "bad_media"),
        ({"media": [1]}, "bad_media"),
        ({"media": [{"path": "{thread}/a/0/f", "content_type": ""}]}, "bad_media"),
        ({"media": [{"path": "other/a/0/f", "content_type": "image/png"}]}, "bad_media"),
        ({"media": [{"path": "{thread}/../x/f", "content_type": "image/png"}]}, "bad_media"),
        ({"template": {"name": "no sid"}}, "bad_template"),
        ({"content": "Halo", "reply_to": str(uuid.uuid4())}, "not_found"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words(
    desk: Desk, agent: Person, thread: str, arguments: dict[str, Any], code: str
) -> None:
    media = arguments.get("media")
    if isinstance(media, list) and isinstance(media[0], dict):
        media[0]["path"] = media[0]["path"].replace("{thread}", thread)
    with pytest.raises(psycopg.Error) as error:
        agent.call("send_message", id=new_id(), conversation_id=thread, **arguments)
    assert refusal(error) == code
    assert jobs(desk) == []


def test_sixteen_hundred_characters_are_not_too_many(agent: Person, thread: str) -> None:
    agent.call("send_message", id=new_id(), conversation_id=thread, content="😀" * 1600)


def test_free_text_waits_for_the_customer_when_the_window_is_closed(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.run(
        "update public.conversations set last_inbound_at = now() - interval '24 hours' where id=%s",
        thread,
    )
    with pytest.raises(psycopg.Error) as error:
        agent.call("send_message", id=new_id(), conversation_id=thread, content="Halo")
    assert refusal(error) == "window_closed"
    template = {"content_sid": "HX" + "a" * 32, "name": "follow_up", "variables": {"1": "Siti"}}
    sent = agent.call(
        "send_message",
        id=new_id(),
        conversation_id=thread,
        content="Halo Siti",
        template=template,
    )
    assert sent["messages"][0]["metadata"]["template"] == template
    desk.run(
        "update public.conversations set last_inbound_at = now() - interval '23:59' where id = %s",
        thread,
    )
    agent.call("send_message", id=new_id(), conversation_id=thread, content="Halo")


def test_a_window_that_never_opened_is_closed(desk: Desk, agent: Person) -> None:
    thread = desk.conversation(desk.jakarta)
    with pytest.raises(psycopg.Error) as error:
        agent.call("send_message", id=new_id(), conversation_id=thread, content="Halo")
    assert refusal(error) == "window_closed"


def test_sms_knows_no_window(desk: Desk, agent: Person) -> None:
    inbox = desk.inbox("SMS", "+628110000009", "sms")
    desk.join(agent.id, inbox)
    thread = desk.conversation(inbox, "Tono", "+6281299999999")
    agent.call("send_message", id=new_id(), conversation_id=thread, content="Halo")


def test_who_opted_out_or_is_blocked_is_not_written_to(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.run("update public.contact_addresses set opted_out_at = now()")
    with pytest.raises(psycopg.Error) as error:
        agent.call("send_message", id=new_id(), conversation_id=thread, content="Halo")
    assert refusal(error) == "opted_out"
    desk.run("update public.contacts set blocked = true")
    with pytest.raises(psycopg.Error) as error:
        agent.call("send_message", id=new_id(), conversation_id=thread, content="Halo")
    assert refusal(error) == "blocked"


def test_an_answer_goes_to_where_the_customer_last_wrote_from(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.run(
        "insert into public.contact_addresses (contact_id, address, channel) select contact_id,"
        " 'whatsapp:ID.4566546130240823', 'whatsapp' from public.conversations where id = %s",
        thread,
    )
    sent = agent.call("send_message", id=new_id(), conversation_id=thread, content="Halo")
    assert sent["messages"][0]["to_number"] == "whatsapp:+6281234567890"


def test_a_conversation_of_another_inbox_is_not_found(
    desk: Desk, agent: Person, outsider: Person, thread: str
) -> None:
    message = desk.one("select id from public.messages limit 1")
    calls: list[tuple[str, dict[str, Any]]] = [
        ("send_message", {"id": new_id(), "conversation_id": thread, "content": "Halo"}),
        ("mark_read", {"conversation_id": thread, "message_id": message}),
        ("save_draft", {"conversation_id": thread, "body": "Halo"}),
        ("retry_message", {"id": message, "new_id": new_id()}),
        ("settle_message", {"id": message, "outcome": "sent"}),
    ]
    for function, arguments in calls:
        with pytest.raises(psycopg.Error) as error:
            outsider.call(function, **arguments)
        assert refusal(error) == "not_found"
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    with pytest.raises(psycopg.Error) as error:
        agent.call("send_message", id=new_id(), conversation_id=thread, content="Halo")
    assert refusal(error) == "not_found"


def test_a_failed_message_is_tried_again_as_a_new_linked_one(
    desk: Desk, agent: Person, thread: str
) -> None:
    old, new = new_id(), new_id()
    agent.call("send_message", id=old, conversation_id=thread, content="Nota", media=[file(thread)])
    with pytest.raises(psycopg.Error) as error:
        agent.call("retry_message", id=old, new_id=new)
    assert refusal(error) == "not_failed"
    desk.run("update public.messages set status='failed', error_code = 30003 where id = %s", old)
    (row,) = agent.call("retry_message", id=old, new_id=new)["messages"]
    assert row["id"] == new
    assert row["status"] == "queued"
    assert row["metadata"]["retry_of"] == old
    assert row["error_code"] is None
    assert row["media"][0]["name"] == "nota.pdf"
    assert agent.call("retry_message", id=old, new_id=new)["messages"] == [row]
    assert len(jobs(desk)) == 2
    with pytest.raises(psycopg.Error) as error:
        agent.call("retry_message", id=old, new_id=new_id())
    assert refusal(error) == "already_retried"


def test_an_uncertain_message_is_settled_by_the_agent(
    desk: Desk, agent: Person, thread: str
) -> None:
    ident = new_id()
    for outcome in ("sent", "failed"):
        ident = new_id()
        agent.call("send_message", id=ident, conversation_id=thread, content="Halo")
        with pytest.raises(psycopg.Error) as error:
            agent.call("settle_message", id=ident, outcome=outcome)
        assert refusal(error) == "not_uncertain"
        desk.run("update public.messages set status = 'uncertain' where id = %s", ident)
        desk.run(
            "insert into public.delivery_attempts (message_id, outcome) values (%s, 'uncertain')",
            ident,
        )
        for _ in range(2):
            (row,) = agent.call("settle_message", id=ident, outcome=outcome)["messages"]
            assert row["status"] == outcome
        assert desk.one(
            "select outcome from public.delivery_attempts where message_id=%s", ident
        ) == ("settled")
    with pytest.raises(psycopg.Error) as error:
        agent.call("settle_message", id=ident, outcome="perhaps")
    assert refusal(error) == "bad_outcome"


def test_the_read_mark_never_moves_backwards(desk: Desk, agent: Person, thread: str) -> None:
    first = desk.inbound(thread, "one")
    second = desk.inbound(thread, "two")
    agent.call("mark_read", conversation_id=thread, message_id=second)
    mark = agent.call("mark_read", conversation_id=thread, message_id=first)
    assert mark["message_id"] == second


def test_my_profile_is_mine(agent: Person) -> None:
    assert agent.call("my_profile")["id"] == agent.id


def test_one_thread_for_a_customer_however_many_ask_at_once(desk: Desk) -> None:
    contact = desk.contact("Siti", "whatsapp:+6281234567890")
    found: list[Any] = []
    start = threading.Barrier(6)

    def ask() -> None:
        with desk.database.connect() as connection:
            start.wait()
            row = connection.execute(
                "select private.conversation_for(%s, %s)", [desk.jakarta, contact]
            ).fetchone()
            assert row is not None
            found.append(row[0])

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 6
    assert len(set(found)) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    namespace=st.uuids(),
    name=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=200),
)
def test_uuid5_is_pythons(desk: Desk, namespace: uuid.UUID, name: str) -> None:
    assert desk.one("select private.uuid5(%s, %s)", namespace, name) == uuid.uuid5(namespace, name)
