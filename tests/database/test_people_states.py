"""Priority, giving back, being there: who may, what is refused, who hears of it."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused


@pytest.fixture
def thread(desk: Desk) -> str:
    """An open conversation in Jakarta."""
    return desk.conversation(desk.jakarta, "Siti")


def told(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    return desk.admin.execute("select kind, data from public.events order by created_at").fetchall()


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_whoever_sees_a_conversation_says_how_urgent_it_is(
    desk: Desk, thread: str, role: str
) -> None:
    person = desk.person("Ayu", role, *([desk.jakarta] if role == "agent" else []))
    for priority in ("urgent", "low", None):
        for again in (False, True):
            answer = person.call("set_priority", conversation_id=thread, priority=priority)
            assert answer["conversations"][0]["priority"] == priority
            assert len(answer["events"]) == (0 if again else 1)
    assert told(desk) == [
        ("priority_changed", {"priority": "urgent"}),
        ("priority_changed", {"priority": "low", "was": "urgent"}),
        ("priority_changed", {"was": "low"}),
    ]


def test_there_are_four_priorities(agent: Person, thread: str) -> None:
    for priority in ("", "URGENT", "critical"):
        code = refused(
            lambda p=priority: agent.call("set_priority", conversation_id=thread, priority=p)  # type: ignore[misc]
        )
        assert code == "bad_priority"


def test_a_conversation_is_given_back_to_the_queue(desk: Desk, agent: Person, thread: str) -> None:
    agent.call("assign", conversation_id=thread, assignee_id=agent.id)
    for many in (1, 0):
        answer = agent.call("unassign", conversation_id=thread)
        assert answer["conversations"][0]["assignee_id"] is None
        assert [row["kind"] for row in answer["events"]] == ["unassigned"] * many


@pytest.mark.parametrize("who", ["of another inbox", "of no inbox", "inactive"])
def test_for_everybody_else_it_is_not_there(
    desk: Desk, agent: Person, outsider: Person, thread: str, who: str
) -> None:
    person = {"of no inbox": outsider, "inactive": agent}.get(who) or desk.person(
        "Wati", "agent", desk.bandung
    )
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    for function, arguments in (("set_priority", {"priority": "low"}), ("unassign", {})):
        code = refused(
            lambda f=function, a=arguments: person.call(f, conversation_id=thread, **a)  # type: ignore[misc]
        )
        assert code == "not_found"
    assert told(desk) == []


def test_four_priorities_at_once_end_with_the_last_one(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    wanted = ["low", "normal", "high", "urgent"]
    at_once(
        [
            (
                (agent, supervisor)[n % 2],
                "set_priority",
                {"conversation_id": thread, "priority": priority},
            )
            for n, priority in enumerate(wanted)
        ]
    )
    events = [data for _, data in told(desk)]
    assert len(events) == 4
    assert events[0].get("was") is None
    assert [data["was"] for data in events[1:]] == [data["priority"] for data in events[:-1]]
    last = desk.one("select priority from public.conversations where id = %s", thread)
    assert last == events[-1]["priority"]


def test_people_say_of_themselves_whether_they_are_there(
    desk: Desk, agent: Person, outsider: Person
) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta)
    colleague.pull()
    for available in (True, True, False):
        (row,) = agent.call("set_available", available=available)["profiles"]
        assert (row["id"], row["available"]) == (agent.id, available)
    assert [row["id"] for row in colleague.pull()["profiles"]] == [agent.id]
    assert refused(lambda: agent.call("set_available", available=None)) == "bad_request"
    assert refused(lambda: outsider.call("set_available", available=True)) == "not_allowed"
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    assert refused(lambda: agent.call("set_available", available=True)) == "not_allowed"


def test_only_supervisors_say_it_of_others(desk: Desk, agent: Person, supervisor: Person) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta)
    wanted = {"available": True, "profile_id": agent.id}
    assert refused(lambda: colleague.call("set_available", **wanted)) == "not_allowed"
    for _ in range(2):
        assert supervisor.call("set_available", **wanted)["profiles"][0]["available"] is True
    noted = desk.admin.execute(
        "select action, actor_id::text, subject_id from public.audit_log where actor_id is not null"
    )
    assert noted.fetchall() == [("availability_changed", supervisor.id, agent.id)]
    unknown = {"available": True, "profile_id": str(uuid.uuid4())}
    assert refused(lambda: supervisor.call("set_available", **unknown)) == "not_found"
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    assert refused(lambda: supervisor.call("set_available", **wanted)) == "not_found"


def test_the_publishable_key_alone_may_not_even_ask(desk: Desk) -> None:
    with desk.database.acting_as(None, role="anon") as connection:
        for call in ("set_priority(null, null)", "unassign(null)", "set_available(true)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select public.{call}".encode())
