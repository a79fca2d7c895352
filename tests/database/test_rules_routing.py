"""Routing: whose turn it is, who has room, the queue, and what is taken back from the absent."""

from __future__ import annotations

import threading
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person


@pytest.fixture
def routed(desk: Desk) -> Desk:
    """Jakarta with routing."""
    desk.run("update public.inboxes set routing = true where id = %s", desk.jakarta)
    return desk


def member(desk: Desk, name: str, *, capacity: int = 30, available: bool = True) -> Person:
    person = desk.person(name, "agent", desk.jakarta)
    desk.run(
        "update public.profiles set available = %s, capacity = %s where id = %s",
        available,
        capacity,
        person.id,
    )
    return person


def waiting(desk: Desk, inbox: str | None = None) -> str:
    """A conversation of a customer who waits."""
    thread = desk.conversation(inbox or desk.jakarta)
    desk.inbound(thread)
    return thread


def assignee(desk: Desk, thread: str) -> str | None:
    found = desk.one("select assignee_id from public.conversations where id = %s", thread)
    return str(found) if found else None


def run(desk: Desk, thread: str) -> str | None:
    """The job of the customer's last message; who has the conversation then."""
    desk.one(
        "select private.run_rules((select id from public.messages where conversation_id = %s"
        " and direction = 'inbound' order by timestamp desc limit 1))",
        thread,
    )
    return assignee(desk, thread)


def away(desk: Desk, person: Person, minutes: int) -> None:
    desk.run("update public.profiles set available = false where id = %s", person.id)
    desk.run(
        "update public.profiles set absent_since = absent_since - %s * interval '1 minute'"
        " where id = %s",
        minutes,
        person.id,
    )


def events(desk: Desk, thread: str) -> list[tuple[str, Any]]:
    return desk.admin.execute(
        "select kind, data ->> 'by' from public.events where conversation_id = %s"
        " order by created_at",
        [thread],
    ).fetchall()


def test_everybody_has_their_turn(routed: Desk) -> None:
    team = {member(routed, name).id for name in ("Ani", "Budi", "Citra")}
    given = [run(routed, waiting(routed)) for _ in range(9)]
    for turn in (given[:3], given[3:6], given[6:]):
        assert set(turn) == team
    assert given[:3] == given[3:6] == given[6:]


def test_an_assignment_by_routing_is_told(routed: Desk, supervisor: Person) -> None:
    person = member(routed, "Ani")
    thread = waiting(routed)
    supervisor.pull()
    run(routed, thread)
    page = supervisor.pull()
    (event,) = page["events"]
    assert (event["kind"], event["actor_id"]) == ("assigned", None)
    assert event["data"] == {
        "by": "routing",
        "assignee_id": person.id,
        "assignee_name": "Ani",
    }
    assert page["conversations"][0]["assignee_id"] == person.id


@pytest.mark.parametrize("why", ["away", "inactive", "elsewhere", "full", "a supervisor"])
def test_nobody_gets_what_they_cannot_take(routed: Desk, why: str) -> None:
    if why == "a supervisor":
        person = routed.person("Ratna", "supervisor")
        routed.run("update public.profiles set available = true where id = %s", person.id)
    else:
        person = member(routed, "Ani", capacity=0 if why == "full" else 30)
    change = {
        "away": "update public.profiles set available = false where id = %s",
        "inactive": "update public.profiles set active = false where id = %s",
        "elsewhere": "delete from public.inbox_members where profile_id = %s",
    }.get(why)
    if change:
        routed.run(change, person.id)
    thread = waiting(routed)
    assert run(routed, thread) is None
    assert routed.one("select private.route_waiting()") == 0
    assert events(routed, thread) == []


def test_an_inbox_without_routing_gives_nothing_to_anybody(desk: Desk) -> None:
    member(desk, "Ani")
    thread = waiting(desk)
    assert run(desk, thread) is None
    assert desk.one("select private.route_waiting()") == 0


def test_who_is_answered_or_put_away_is_not_routed(routed: Desk, supervisor: Person) -> None:
    member(routed, "Ani")
    answered, resolved = waiting(routed), waiting(routed)
    routed.run("update public.conversations set waiting_since = null where id = %s", answered)
    supervisor.call("resolve", conversation_id=resolved)
    assert routed.one("select private.route_waiting()") == 0


def test_the_queue_is_emptied_as_room_comes_the_urgent_and_the_longest_waiting_first(
    routed: Desk,
) -> None:
    threads = [waiting(routed) for _ in range(4)]
    routed.run("update public.conversations set priority = 'urgent' where id = %s", threads[3])
    assert routed.one("select private.route_waiting()") == 0
    person = member(routed, "Ani", capacity=2)
    assert routed.one("select private.route_waiting()") == 2
    assert [assignee(routed, t) for t in threads] == [person.id, None, None, person.id]
    person.call("resolve", conversation_id=threads[0])
    assert routed.one("select private.route_waiting()") == 1
    assert assignee(routed, threads[1]) == person.id
    assert routed.one("select private.route_waiting()") == 0


def test_a_customer_comes_back_to_who_last_answered_them(routed: Desk) -> None:
    ani, budi = member(routed, "Ani"), member(routed, "Budi")
    for person in (ani, budi):
        thread = waiting(routed)
        person.call(
            "send_message",
            id=str(routed.one("select gen_random_uuid()")),
            conversation_id=thread,
            content="Baik",
        )
        routed.inbound(thread, "Satu lagi")
        assert run(routed, thread) == person.id
        assert run(routed, waiting(routed)) is not None  # turns go on meanwhile
    away(routed, ani, 0)
    assert run(routed, waiting(routed)) == budi.id


def test_who_puts_a_customer_back_does_not_get_them_again_at_once(routed: Desk) -> None:
    ani = member(routed, "Ani")
    thread = waiting(routed)
    assert run(routed, thread) == ani.id
    ani.call("assign", conversation_id=thread, assignee_id=None)
    assert routed.one("select private.route_waiting()") == 0
    budi = member(routed, "Budi")
    assert routed.one("select private.route_waiting()") == 1
    assert assignee(routed, thread) == budi.id


def test_what_waits_with_the_absent_is_taken_back_after_a_while(routed: Desk) -> None:
    ani = member(routed, "Ani")
    thread, answered = waiting(routed), waiting(routed)
    for one in (thread, answered):
        assert run(routed, one) == ani.id
    routed.run("update public.conversations set waiting_since = null where id = %s", answered)
    routed.run("update public.events set created_at = created_at - interval '1 hour'")
    away(routed, ani, 9)
    assert routed.one("select private.take_back()") == 0
    away(routed, ani, 2)  # absent since eleven minutes in all
    budi = member(routed, "Budi")
    assert routed.one("select private.take_back()") == 1
    assert assignee(routed, answered) == ani.id
    assert routed.one("select private.route_waiting()") == 1
    assert assignee(routed, thread) == budi.id
    assert events(routed, thread) == [
        ("assigned", "routing"),
        ("unassigned", "absence"),
        ("assigned", "routing"),
    ]


def test_what_is_given_to_the_absent_by_hand_stays_for_the_same_while(
    routed: Desk, supervisor: Person
) -> None:
    ani = member(routed, "Ani")
    away(routed, ani, 60)
    thread = waiting(routed)
    supervisor.call("assign", conversation_id=thread, assignee_id=ani.id)
    assert routed.one("select private.take_back()") == 0
    routed.run("update public.events set created_at = created_at - interval '11 minutes'")
    assert routed.one("select private.take_back()") == 1


@pytest.mark.parametrize("why", ["inactive", "left the inbox"])
def test_it_is_taken_at_once_from_those_who_may_not_see_it(routed: Desk, why: str) -> None:
    ani = member(routed, "Ani")
    thread = waiting(routed)
    run(routed, thread)
    if why == "inactive":
        routed.run("update public.profiles set active = false where id = %s", ani.id)
    else:
        routed.leave(ani.id, routed.jakarta)
    assert routed.one("select private.take_back()") == 1
    assert assignee(routed, thread) is None


def test_who_never_said_that_they_are_there_keeps_what_they_took(routed: Desk) -> None:
    ani = member(routed, "Ani", available=False)
    thread = waiting(routed)
    ani.call("assign", conversation_id=thread, assignee_id=ani.id)
    routed.run("update public.events set created_at = created_at - interval '1 day'")
    assert routed.one("select private.take_back()") == 0


def test_workers_at_the_same_time_give_nobody_more_than_they_have_room_for(routed: Desk) -> None:
    for name in ("Ani", "Budi"):
        member(routed, name, capacity=5)
    threads = [waiting(routed) for _ in range(16)]
    messages = [
        routed.one("select id from public.messages where conversation_id = %s", thread)
        for thread in threads
    ]
    start = threading.Barrier(20)
    failures: list[Exception] = []

    def act(query: str, *values: object) -> None:
        with routed.database.connect() as connection:
            start.wait()
            try:
                connection.execute(query.encode(), values)
            except psycopg.Error as error:
                failures.append(error)

    acts = [
        threading.Thread(target=act, args=("select private.run_rules(%s)", m)) for m in messages
    ]
    acts += [
        threading.Thread(target=act, args=(f"select private.{name}()",))
        for name in ("route_waiting", "take_back", "route_waiting", "take_back")
    ]
    for one in acts:
        one.start()
    for one in acts:
        one.join()
    assert failures == []
    routed.one("select private.route_waiting()")
    given = routed.admin.execute(
        "select assignee_id, count(*) from public.conversations group by 1 order by 2"
    ).fetchall()
    assert [count for _, count in given] == [5, 5, 6]
    assert given[2][0] is None
    told = "select count(*) from public.events where kind = 'assigned'"
    assert routed.one(told) == 10


def test_the_queue_is_read_by_its_index(routed: Desk) -> None:
    routed.run("set enable_seqscan = off")
    (plan,) = routed.one(
        "explain (format json) select c.* from public.conversations c"
        " where c.inbox_id = gen_random_uuid() and c.status = 'open' and c.assignee_id is null"
        " and c.waiting_since is not null order by (case c.priority when 'urgent' then 0"
        " when 'high' then 1 when 'low' then 3 else 2 end), c.waiting_since limit 100"
    )
    assert "conversations_queue" in str(plan)


def test_it_is_taken_back_without_routing_too_unless_the_inbox_says_never(
    desk: Desk, supervisor: Person
) -> None:
    ani, budi = (desk.person(name, "agent", desk.jakarta) for name in ("Ani", "Budi"))
    thread = waiting(desk)
    ani.call("set_available", available=True)
    ani.call("assign", conversation_id=thread, assignee_id=ani.id)
    desk.run("update public.events set created_at = created_at - interval '1 hour'")
    away(desk, ani, 11)
    never = {"inbox_id": desk.jakarta, "rules": {"take_back_minutes": None}}
    supervisor.call("set_inbox_rules", **never)
    assert desk.one("select private.take_back()") == 0
    supervisor.call("set_inbox_rules", inbox_id=desk.jakarta, rules={"take_back_minutes": 10})
    assert desk.one("select private.take_back()") == 1
    assert assignee(desk, thread) is None
    assert events(desk, thread)[-1] == ("unassigned", "absence")
    assert desk.one("select private.route_waiting()") == 0
    budi.call("assign", conversation_id=thread, assignee_id=budi.id)
    desk.leave(budi.id, desk.jakarta)
    assert desk.one("select private.take_back()") == 1


def test_a_worker_that_began_with_an_empty_project_does_not_read_all_of_a_full_one(
    desk: Desk,
) -> None:
    desk.run("vacuum analyze public.events")
    ani = desk.person("Ani", "agent", desk.jakarta)
    thread = waiting(desk)
    ani.call("set_available", available=True)
    ani.call("assign", conversation_id=thread, assignee_id=ani.id)
    away(desk, ani, 11)
    with desk.admin.transaction():
        for _ in range(7):  # from the sixth on with the plan that is kept
            assert desk.one("select private.take_back()") == 0
        desk.run(
            "insert into public.events (conversation_id, kind)"
            " select %s, 'snoozed' from generate_series(1, 3000)",
            desk.conversation(desk.bandung),
        )
        read = "select seq_tup_read from pg_stat_xact_user_tables where relname = 'events'"
        before = desk.one(read)
        assert desk.one("select private.take_back()") == 0
        assert desk.one(read) == before
