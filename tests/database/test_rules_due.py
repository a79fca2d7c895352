"""Due times, the word before a window closes, and snoozed threads that come back by time."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.database.conftest import Desk, Person

HOUR = timedelta(hours=1)


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation of Jakarta; the first answer is due in 15 minutes, the next ones in 60."""
    desk.run(
        "update public.inboxes set first_response_minutes = 15, next_response_minutes = 60"
        " where id = %s",
        desk.jakarta,
    )
    return desk.conversation(desk.jakarta)


def due(desk: Desk, thread: str) -> tuple[int | None, int | None]:
    """Minutes from the waiting to the two due times."""
    row = desk.one("select to_jsonb(c) from public.conversations c where id = %s", thread)

    def minutes(name: str) -> int | None:
        if row[name] is None:
            return None
        waited = datetime.fromisoformat(row[name]) - datetime.fromisoformat(row["waiting_since"])
        return round(waited.total_seconds() / 60)

    return minutes("first_response_due_at"), minutes("next_response_due_at")


def answer(person: Person, thread: str) -> None:
    person.call("send_message", id=str(uuid.uuid4()), conversation_id=thread, content="Baik")


def reopen_by_customer(desk: Desk, thread: str) -> None:
    """As ingest does it, the event first."""
    desk.run(
        "insert into public.events (conversation_id, kind, data)"
        """ values (%s, 'reopened', '{"by": "customer", "was": "resolved"}')""",
        thread,
    )
    desk.run(
        "update public.conversations set status = 'open', waiting_since = clock_timestamp()"
        " where id = %s",
        thread,
    )


def test_the_first_answer_and_the_next_ones_have_their_own_time(
    desk: Desk, agent: Person, thread: str
) -> None:
    assert due(desk, thread) == (None, None)
    desk.inbound(thread)
    assert due(desk, thread) == (15, None)
    desk.inbound(thread, "Halo?")
    assert due(desk, thread) == (15, None)
    answer(agent, thread)
    assert due(desk, thread) == (None, None)
    desk.inbound(thread, "Dan ini?")
    assert due(desk, thread) == (None, 60)
    agent.call("resolve", conversation_id=thread)
    assert due(desk, thread) == (None, None)
    reopen_by_customer(desk, thread)
    assert due(desk, thread) == (15, None)
    answer(agent, thread)
    desk.inbound(thread, "Lagi")
    assert due(desk, thread) == (None, 60)


def test_an_automatic_or_scheduled_message_is_no_answer(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.run(
        "insert into public.auto_replies (inbox_id, kind, body) values (%s, 'greeting', 'Halo')",
        desk.jakarta,
    )
    desk.one("select private.run_rules(%s)", desk.inbound(thread))
    in_an_hour = (datetime.now().astimezone() + HOUR).isoformat()
    agent.call(
        "schedule_message",
        id=str(uuid.uuid4()),
        conversation_id=thread,
        content="Nanti",
        at=in_an_hour,
    )
    assert due(desk, thread) == (15, None)
    desk.run("update public.conversations set waiting_since = null where id = %s", thread)
    desk.inbound(thread)
    assert due(desk, thread) == (15, None)


def test_minutes_are_counted_within_the_hours(desk: Desk, thread: str) -> None:
    desk.run(
        "update public.inboxes set hours = %s where id = %s",
        Jsonb({"zone": "UTC", "week": {"mon": [["08:00", "17:00"]], "tue": [["08:00", "17:00"]]}}),
        desk.jakarta,
    )
    desk.run(
        "update public.conversations set waiting_since = '2026-11-23 16:50Z' where id = %s", thread
    )
    assert due(desk, thread) == (15 * 60 + 15, None)


def test_an_inbox_without_due_times_has_none(desk: Desk) -> None:
    thread = desk.conversation(desk.bandung)
    desk.inbound(thread)
    assert due(desk, thread) == (None, None)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from(["wrote", "answered", "resolved", "reopened"]), max_size=12))
def test_whoever_waits_has_one_due_time_and_nobody_else(
    desk: Desk, agent: Person, thread: str, acts: list[str]
) -> None:
    conversation = desk.conversation(desk.jakarta)
    answered = resolved = False
    for act in acts:
        if act == "wrote":
            if resolved:
                reopen_by_customer(desk, conversation)
                answered = resolved = False
            desk.inbound(conversation)
        elif act == "answered" and not resolved:
            desk.run(
                "update public.conversations set last_inbound_at = now() where id = %s",
                conversation,
            )
            answer(agent, conversation)
            answered = True
        elif act == "resolved":
            agent.call("resolve", conversation_id=conversation)
            resolved = True
        elif act == "reopened":
            agent.call("reopen", conversation_id=conversation)
            resolved = False
        waits = desk.one(
            "select waiting_since is not null from public.conversations where id = %s",
            conversation,
        )
        assert due(desk, conversation) == (
            (None, None) if not waits else (None, 60) if answered else (15, None)
        )


def test_an_answer_and_a_question_at_the_same_time_leave_a_due_time_that_fits(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.inbound(thread)
    start = threading.Barrier(8)

    def question() -> None:
        with desk.database.connect() as connection:
            start.wait()
            connection.execute(
                "update public.conversations set waiting_since ="
                " coalesce(waiting_since, clock_timestamp()) where id = %s",
                [thread],
            )

    def reply() -> None:
        start.wait()
        answer(agent, thread)

    acts = [threading.Thread(target=one) for one in (question, reply) * 4]
    for one in acts:
        one.start()
    for one in acts:
        one.join()
    waits = desk.one("select waiting_since from public.conversations where id = %s", thread)
    assert due(desk, thread) == ((None, 60) if waits else (None, None))


# The window --------------------------------------------------------------------------------------


def closing(desk: Desk, thread: str, in_minutes: int) -> None:
    """The customer's window closes in so many minutes."""
    desk.run(
        "update public.conversations set last_inbound_at ="
        " now() - interval '24 hours' + %s * interval '1 minute' where id = %s",
        in_minutes,
        thread,
    )


def reminders(desk: Desk) -> int:
    return int(desk.one("select count(*) from public.events where kind = 'window_closing'"))


def test_the_team_is_told_once_before_a_window_closes(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.inbound(thread)
    closing(desk, thread, 121)
    assert desk.one("select private.remind_windows()") == 0
    closing(desk, thread, 119)
    agent.pull()
    assert desk.one("select private.remind_windows()") == 1
    (event,) = agent.pull()["events"]
    assert (event["kind"], event["actor_id"]) == ("window_closing", None)
    left = datetime.fromisoformat(event["data"]["closes_at"]) - datetime.fromisoformat(
        event["created_at"]
    )
    assert timedelta(minutes=118) < left < timedelta(minutes=120)
    closing(desk, thread, 60)
    assert desk.one("select private.remind_windows()") == 0


def test_the_next_window_has_its_own_reminder(desk: Desk, thread: str) -> None:
    desk.inbound(thread)
    closing(desk, thread, 60)
    assert desk.one("select private.remind_windows()") == 1
    desk.run("update public.events set created_at = created_at - interval '1 day'")
    assert desk.one("select private.remind_windows()") == 1


@pytest.mark.parametrize("why", ["answered", "resolved", "closed", "switched off", "sms"])
def test_nobody_is_reminded_where_there_is_nothing_to_do(
    desk: Desk, agent: Person, thread: str, why: str
) -> None:
    desk.inbound(thread)
    closing(desk, thread, -1 if why == "closed" else 60)
    if why == "answered":
        answer(agent, thread)
    elif why == "resolved":
        agent.call("resolve", conversation_id=thread)
    elif why == "switched off":
        desk.run("update public.inboxes set reminder_minutes = null")
    elif why == "sms":
        desk.run("update public.inboxes set channel = 'sms'")
    assert desk.one("select private.remind_windows()") == 0


def test_workers_at_the_same_time_remind_once(desk: Desk, thread: str) -> None:
    for one in [thread] + [desk.conversation(desk.jakarta) for _ in range(9)]:
        desk.inbound(one)
        closing(desk, one, 60)
    start = threading.Barrier(6)

    def remind() -> None:
        with desk.database.connect() as connection:
            start.wait()
            connection.execute("select private.remind_windows()")

    workers = [threading.Thread(target=remind) for _ in range(6)]
    for one_worker in workers:
        one_worker.start()
    for one_worker in workers:
        one_worker.join()
    assert reminders(desk) == 10


def test_a_snooze_that_ends_by_time_brings_its_waiting_customer_to_the_queue(
    desk: Desk, agent: Person, thread: str
) -> None:
    desk.inbound(thread)
    desk.run("update public.inboxes set routing = true where id = %s", desk.jakarta)
    desk.run("update public.profiles set available = true where id = %s", agent.id)
    until = (datetime.now().astimezone() + HOUR).isoformat()
    agent.call("snooze", conversation_id=thread, until=until)
    assert desk.one("select private.route_waiting()") == 0
    desk.run("update public.conversations set snoozed_until = now() where id = %s", thread)
    assert desk.one("select private.wake_snoozed()") == 1
    assert desk.one("select private.route_waiting()") == 1
    row: dict[str, Any] = desk.one(
        "select to_jsonb(c) from public.conversations c where id = %s", thread
    )
    assert (row["status"], row["assignee_id"]) == ("open", agent.id)
    assert due(desk, thread) == (15, None)


def test_the_windows_are_found_by_their_index(desk: Desk) -> None:
    desk.run("set enable_seqscan = off")
    (plan,) = desk.one(
        "explain (format json) select c.id from public.conversations c"
        " where c.inbox_id = gen_random_uuid() and c.waiting_since is not null"
        " and c.last_inbound_at between now() - interval '24 hours' and now() - interval '22 hours'"
    )
    assert "conversations_window" in str(plan)
