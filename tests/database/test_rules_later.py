"""Send later: who may, what is refused, changing, taking back, and what happens when it is due."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused
from tests.database.test_desk import file


def later(**ago: float) -> str:
    return (datetime.now(UTC) + timedelta(**ago)).isoformat()


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation in Jakarta whose customer wrote just now and waits."""
    conversation = desk.conversation(desk.jakarta, "Siti", "whatsapp:+6281234567890")
    desk.inbound(conversation)
    return conversation


def schedule(person: Person, thread: str, **arguments: Any) -> list[dict[str, Any]]:
    asked = {"id": str(uuid.uuid4()), "content": "Selamat pagi", "at": later(hours=2)} | arguments
    made: list[dict[str, Any]] = person.call("schedule_message", conversation_id=thread, **asked)[
        "messages"
    ]
    return made


def due(desk: Desk) -> int:
    """Everything scheduled is due, and the round comes by."""
    desk.run("update public.messages set scheduled_at = now() where status = 'scheduled'")
    return int(desk.one("select private.release_scheduled()"))


def row(desk: Desk, ident: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.one(
        "select to_jsonb(m) from public.messages m where id = %s", ident
    )
    return found


def jobs(desk: Desk) -> list[str]:
    return [
        job
        for (job,) in desk.admin.execute(
            "select args ->> 'message_id' from jobs.procrastinate_jobs order by id"
        ).fetchall()
    ]


def waits(desk: Desk, thread: str) -> bool:
    return bool(
        desk.one("select waiting_since is not null from public.conversations where id = %s", thread)
    )


def test_a_scheduled_message_is_seen_by_all_and_does_nothing_yet(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    supervisor.pull()
    (made,) = schedule(agent, thread)
    assert (made["status"], made["sent_by"]) == ("scheduled", agent.id)
    (seen,) = supervisor.pull()["messages"]
    assert seen["scheduled_at"] == made["scheduled_at"]
    assert jobs(desk) == []
    assert waits(desk, thread)
    assert desk.one("select private.release_scheduled()") == 0


def test_what_is_written_meanwhile_stands_after_it_and_it_leaves_at_the_end(
    desk: Desk, agent: Person, thread: str
) -> None:
    (made,) = schedule(agent, thread)
    between = desk.inbound(thread, "Masih di sana?")
    assert row(desk, between)["timestamp"] > made["timestamp"]
    assert due(desk) == 1
    sent = row(desk, made["id"])
    assert (sent["status"], sent["to_number"]) == ("queued", "whatsapp:+6281234567890")
    assert sent["timestamp"] > row(desk, between)["timestamp"]
    assert jobs(desk) == [made["id"]]
    assert not waits(desk, thread)
    last = desk.one("select to_jsonb(c) from public.conversations c where id = %s", thread)
    assert last["last_message_at"] == sent["timestamp"]
    assert due(desk) == 0


def test_repeating_is_harmless_also_when_it_has_left(
    desk: Desk, agent: Person, thread: str
) -> None:
    ident = str(uuid.uuid4())
    schedule(agent, thread, id=ident)
    schedule(agent, thread, id=ident, at=later(hours=-1))
    due(desk)
    (again,) = schedule(agent, thread, id=ident)
    assert again["status"] == "queued"
    assert jobs(desk) == [ident]


def test_files_leave_together_in_their_order(desk: Desk, agent: Person, thread: str) -> None:
    ident = str(uuid.uuid4())
    schedule(agent, thread, id=ident, media=[file(thread, f"{n}.pdf") for n in range(3)])
    assert desk.one("select count(*) from public.messages where status = 'scheduled'") == 3
    moved = agent.call("reschedule_message", id=ident, at=later(hours=3), content="Ini berkasnya")
    assert {m["scheduled_at"] for m in moved["messages"]} == {moved["messages"][0]["scheduled_at"]}
    assert [m["content"] for m in moved["messages"]] == ["Ini berkasnya", "", ""]
    assert due(desk) == 3
    order = desk.admin.execute(
        "select id::text from public.messages where status = 'queued' order by timestamp"
    ).fetchall()
    assert [name for (name,) in order] == jobs(desk)
    assert jobs(desk)[0] == ident


def test_the_text_and_the_time_can_be_changed_by_whoever_sees_it(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    (made,) = schedule(agent, thread)
    at = later(hours=5)
    (changed,) = supervisor.call("reschedule_message", id=made["id"], at=at)["messages"]
    assert datetime.fromisoformat(changed["scheduled_at"]) == datetime.fromisoformat(at)
    assert changed["content"] == "Selamat pagi"
    (changed,) = supervisor.call("reschedule_message", id=made["id"], content="Pagi!")["messages"]
    assert (changed["content"], changed["sent_by"]) == ("Pagi!", agent.id)
    assert datetime.fromisoformat(changed["scheduled_at"]) == datetime.fromisoformat(at)


def test_what_was_taken_back_never_leaves(desk: Desk, agent: Person, thread: str) -> None:
    (made,) = schedule(agent, thread)
    for _ in range(2):
        (gone,) = agent.call("cancel_scheduled", id=made["id"])["messages"]
        assert gone["status"] == "canceled"
    assert due(desk) == 0
    assert jobs(desk) == []
    assert refused(lambda: agent.call("reschedule_message", id=made["id"])) == "not_scheduled"


def test_what_has_left_cannot_be_changed(desk: Desk, agent: Person, thread: str) -> None:
    (made,) = schedule(agent, thread)
    due(desk)
    for function in ("reschedule_message", "cancel_scheduled"):
        assert refused(lambda f=function: agent.call(f, id=made["id"])) == "not_scheduled"  # type: ignore[misc]
    sent = str(uuid.uuid4())
    agent.call("send_message", id=sent, conversation_id=thread, content="Ya")
    assert refused(lambda: agent.call("cancel_scheduled", id=sent)) == "not_scheduled"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"at": None}, "bad_time"),
        ({"at": later(minutes=-1)}, "bad_time"),
        ({"at": later(days=367)}, "bad_time"),
        ({"at": later(hours=25)}, "window_closed"),
        ({"content": " "}, "empty_message"),
        ({"content": "x" * 1601}, "too_long"),
    ],
)
def test_what_cannot_be_scheduled_is_refused(
    desk: Desk, agent: Person, thread: str, arguments: dict[str, Any], code: str
) -> None:
    assert refused(lambda: schedule(agent, thread, **arguments)) == code
    (made,) = schedule(agent, thread)
    if arguments.get("at", "") is not None:
        assert refused(lambda: agent.call("reschedule_message", id=made["id"], **arguments)) == code
    # A refusal leaves nothing behind: the next one is sent at once.
    agent.call("send_message", id=str(uuid.uuid4()), conversation_id=thread, content="Ya")
    assert len(jobs(desk)) == 1


def test_a_template_may_be_scheduled_past_the_window_and_its_text_stays(
    desk: Desk, agent: Person, thread: str
) -> None:
    template = {"content_sid": "HX" + "a" * 32, "variables": {}}
    (made,) = schedule(agent, thread, content=None, template=template, at=later(days=3))
    assert (
        refused(lambda: agent.call("reschedule_message", id=made["id"], content="Lain"))
        == "bad_template"
    )
    desk.run("update public.conversations set last_inbound_at = now() - interval '3 days'")
    assert due(desk) == 1
    assert row(desk, made["id"])["status"] == "queued"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (
            "update public.conversations set last_inbound_at = now() - interval '25 hours'",
            "window_closed",
        ),
        ("update public.contacts set blocked = true", "blocked"),
        ("update public.contact_addresses set opted_out_at = now()", "opted_out"),
    ],
)
def test_whether_we_may_write_is_judged_anew_when_it_is_due(
    desk: Desk, agent: Person, thread: str, change: str, code: str
) -> None:
    (made,) = schedule(agent, thread)
    desk.run(change)
    agent.pull()
    assert due(desk) == 1
    failed = row(desk, made["id"])
    assert failed["status"] == "failed"
    assert failed["error_text"]
    assert jobs(desk) == []
    assert waits(desk, thread) is (code != "blocked"), "who is blocked waits for nothing"
    page = agent.pull()
    (event,) = page["events"]
    assert event["kind"] == "schedule_failed"
    assert event["data"] == {"message_id": made["id"], "why": code}
    assert page["messages"][0]["status"] == "failed"


@pytest.mark.parametrize("who", ["of another inbox", "outsider", "removed"])
def test_for_everybody_else_it_is_not_there(
    desk: Desk, agent: Person, outsider: Person, thread: str, who: str
) -> None:
    (made,) = schedule(agent, thread)
    person = {"outsider": outsider}.get(who, agent)
    if who == "of another inbox":
        person = desk.person("Wati", "agent", desk.bandung)
    if who == "removed":
        desk.leave(agent.id, desk.jakarta)
    assert refused(lambda: schedule(person, thread)) == "not_found"
    for function in ("reschedule_message", "cancel_scheduled"):
        assert refused(lambda f=function: person.call(f, id=made["id"])) == "not_found"  # type: ignore[misc]
        assert (
            refused(lambda f=function: person.call(f, id=str(uuid.uuid4())))  # type: ignore[misc]
            == "not_found"
        )
    with desk.database.acting_as(None, role="anon") as connection:
        for call in (
            f"schedule_message(gen_random_uuid(), '{thread}', 'x')",
            f"reschedule_message('{made['id']}')",
            f"cancel_scheduled('{made['id']}')",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select public.{call}".encode())
    assert row(desk, made["id"])["status"] == "scheduled"


@pytest.mark.parametrize("attempt", range(6))
def test_taking_back_at_the_moment_it_is_due_is_one_or_the_other(
    desk: Desk, agent: Person, thread: str, attempt: int
) -> None:
    (made,) = schedule(agent, thread)
    desk.run("update public.messages set scheduled_at = now() where status = 'scheduled'")
    start = threading.Barrier(3)
    answers: list[str] = []

    def cancel() -> None:
        start.wait()
        try:
            agent.call("cancel_scheduled", id=made["id"])
        except psycopg.Error as error:
            answers.append(str(error.diag.message_primary))
        else:
            answers.append("canceled")

    def release() -> None:
        with desk.database.connect() as connection:
            start.wait()
            connection.execute("select private.release_scheduled()")

    threads = [threading.Thread(target=one) for one in (cancel, release, release)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    desk.one("select private.release_scheduled()")  # the round that was skipped
    status = row(desk, made["id"])["status"]
    assert (answers[0], status) in {("canceled", "canceled"), ("not_scheduled", "queued")}
    assert jobs(desk) == ([made["id"]] if status == "queued" else [])


def test_the_same_call_twice_at_once_makes_one_row(desk: Desk, agent: Person, thread: str) -> None:
    asked = {
        "id": str(uuid.uuid4()),
        "conversation_id": thread,
        "content": "Pagi",
        "at": later(hours=1),
    }
    first, second = at_once([(agent, "schedule_message", asked)] * 2)
    assert first == second
    assert desk.one("select count(*) from public.messages where status = 'scheduled'") == 1
