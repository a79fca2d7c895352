"""Assigning, snoozing, resolving, reopening: who may, what is refused, what everybody hears."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused

NOW = datetime.now(UTC)
TOMORROW = (NOW + timedelta(days=1)).isoformat()


@pytest.fixture
def thread(desk: Desk) -> str:
    """An open conversation in Jakarta whose customer waits."""
    conversation = desk.conversation(desk.jakarta, "Siti")
    desk.inbound(conversation, "Halo?")
    return conversation


@pytest.fixture
def colleague(desk: Desk) -> Person:
    """A second agent of Jakarta."""
    return desk.person("Budi", "agent", desk.jakarta)


@pytest.fixture
def elsewhere(desk: Desk) -> Person:
    """An agent of Bandung."""
    return desk.person("Wati", "agent", desk.bandung)


def row(desk: Desk, thread: str) -> dict[str, Any]:
    found: dict[str, Any] = desk.one(
        "select to_jsonb(c) from public.conversations c where id = %s", thread
    )
    return found


def events(desk: Desk, thread: str) -> list[tuple[str, str | None, dict[str, Any]]]:
    return [
        (kind, actor, data)
        for kind, actor, data in desk.admin.execute(
            "select kind, actor_id::text, data from public.events where conversation_id = %s"
            " order by created_at",
            [thread],
        )
    ]


def acts(thread: str, person: Person) -> list[tuple[str, dict[str, Any]]]:
    """Everything one can do with the state of a conversation."""
    return [
        ("assign", {"conversation_id": thread, "assignee_id": person.id}),
        ("snooze", {"conversation_id": thread, "until": TOMORROW}),
        ("resolve", {"conversation_id": thread}),
        ("reopen", {"conversation_id": thread}),
    ]


# Who may ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["agent", "supervisor", "admin"])
def test_whoever_sees_a_conversation_may_change_it(desk: Desk, thread: str, role: str) -> None:
    person = desk.person("Ayu", role, *([desk.jakarta] if role == "agent" else []))
    for function, arguments in acts(thread, person):
        answer = person.call(function, **arguments)
        assert [found["id"] for found in answer["conversations"]] == [thread]
        assert len(answer["events"]) == 1
    assert [kind for kind, _, _ in events(desk, thread)] == [
        "assigned",
        "snoozed",
        "resolved",
        "reopened",
    ]
    assert {actor for _, actor, _ in events(desk, thread)} == {person.id}


@pytest.mark.parametrize("who", ["of another inbox", "of no inbox", "removed", "inactive"])
def test_for_everybody_else_it_is_not_there(
    desk: Desk, agent: Person, elsewhere: Person, outsider: Person, thread: str, who: str
) -> None:
    person = {"of another inbox": elsewhere, "of no inbox": outsider}.get(who, agent)
    if who == "removed":
        desk.leave(agent.id, desk.jakarta)
    if who == "inactive":
        desk.run("update public.profiles set active = false where id = %s", agent.id)
    before = row(desk, thread)
    for function, arguments in acts(thread, person):
        assert refused(lambda f=function, a=arguments: person.call(f, **a)) == "not_found"  # type: ignore[misc]
    assert row(desk, thread) == before
    assert events(desk, thread) == []


def test_an_inactive_supervisor_changes_nothing(
    desk: Desk, supervisor: Person, thread: str
) -> None:
    desk.run("update public.profiles set active = false where id = %s", supervisor.id)
    for function, arguments in acts(thread, supervisor):
        assert refused(lambda f=function, a=arguments: supervisor.call(f, **a)) == "not_found"  # type: ignore[misc]


def test_the_publishable_key_alone_may_not_even_ask(desk: Desk, agent: Person, thread: str) -> None:
    with desk.database.acting_as(None, role="anon") as connection:
        for function, arguments in acts(thread, agent):
            values = ", ".join(f"{name} => '{value}'" for name, value in arguments.items())
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select public.{function}({values})".encode())


# Assigning ----------------------------------------------------------------------------------------


def test_an_assignment_tells_from_whom_to_whom(
    desk: Desk, agent: Person, colleague: Person, thread: str
) -> None:
    agent.call("assign", conversation_id=thread, assignee_id=agent.id)
    answer = agent.call("assign", conversation_id=thread, assignee_id=colleague.id)
    assert answer["conversations"][0]["assignee_id"] == colleague.id
    assert answer["events"][0]["data"] == {
        "assignee_id": colleague.id,
        "assignee_name": "Budi",
        "from_id": agent.id,
        "from_name": "Dewi",
    }
    answer = agent.call("assign", conversation_id=thread, assignee_id=None)
    assert answer["conversations"][0]["assignee_id"] is None
    assert answer["events"][0]["kind"] == "unassigned"
    assert answer["events"][0]["data"] == {"from_id": colleague.id, "from_name": "Budi"}


@pytest.mark.parametrize("who", ["of another inbox", "inactive", "unknown"])
def test_nobody_is_given_what_they_cannot_see(
    desk: Desk, agent: Person, colleague: Person, elsewhere: Person, thread: str, who: str
) -> None:
    assignee = {"of another inbox": elsewhere.id, "unknown": thread}.get(who, colleague.id)
    desk.run("update public.profiles set active = false where id = %s", colleague.id)
    assert (
        refused(lambda: agent.call("assign", conversation_id=thread, assignee_id=assignee))
        == "cannot_see"
    )
    with pytest.raises(psycopg.Error) as error:
        agent.call("assign", conversation_id=thread, assignee_id=elsewhere.id)
    assert error.value.diag.message_detail == "Wati cannot see this inbox."
    assert row(desk, thread)["assignee_id"] is None


def test_a_supervisor_is_in_no_inbox_and_can_be_given_any(
    agent: Person, supervisor: Person, thread: str
) -> None:
    answer = agent.call("assign", conversation_id=thread, assignee_id=supervisor.id)
    assert answer["conversations"][0]["assignee_id"] == supervisor.id


def test_two_who_take_a_conversation_at_once_leave_one_owner_and_a_true_story(
    desk: Desk, agent: Person, colleague: Person, thread: str
) -> None:
    for _ in range(5):
        agent.call("assign", conversation_id=thread, assignee_id=None)
        desk.run("delete from public.events")
        at_once(
            [
                (one, "assign", {"conversation_id": thread, "assignee_id": one.id})
                for one in (agent, colleague)
            ]
        )
        first, second = (data for _, _, data in events(desk, thread))
        assert "from_id" not in first
        assert second["from_id"] == first["assignee_id"]
        assert row(desk, thread)["assignee_id"] == second["assignee_id"]


def test_what_a_colleague_has_taken_meanwhile_is_theirs_until_it_is_asked_for_by_name(
    desk: Desk, agent: Person, colleague: Person, supervisor: Person, thread: str
) -> None:
    owner, other = agent, colleague
    for _ in range(5):
        agent.call("assign", conversation_id=thread, assignee_id=None)
        desk.run("delete from public.events")
        at_once([(one, "take", {"conversation_id": thread}) for one in (agent, colleague)])
        ((_, first, _),) = events(desk, thread)
        owner, other = (agent, colleague) if first == agent.id else (colleague, agent)
        for one, conflict in ((owner, None), (other, ["assignee_id"])):  # also when repeated
            answer = one.call("take", conversation_id=thread)
            assert answer["conversations"][0]["assignee_id"] == owner.id
            assert answer.get("conflict") == conflict
    assert len(events(desk, thread)) == 1
    supervisor.call("assign", conversation_id=thread, assignee_id=supervisor.id)
    assert other.call("take", conversation_id=thread, seen=owner.id)["conflict"]
    answer = other.call("take", conversation_id=thread, seen=supervisor.id)
    assert answer["conversations"][0]["assignee_id"] == other.id
    assert answer["events"][0]["data"]["from_id"] == supervisor.id


# Away and back ------------------------------------------------------------------------------------


def test_a_snoozed_conversation_still_knows_who_waits(
    desk: Desk, agent: Person, thread: str
) -> None:
    waiting = row(desk, thread)["waiting_since"]
    assert waiting
    found = agent.call("snooze", conversation_id=thread, until=TOMORROW)["conversations"][0]
    assert found["status"] == "snoozed"
    assert datetime.fromisoformat(found["snoozed_until"]) == datetime.fromisoformat(TOMORROW)
    assert found["waiting_since"] == waiting


@pytest.mark.parametrize(
    "until",
    [None, "-infinity", "infinity", "2001-01-01", (NOW + timedelta(days=370)).isoformat()],
    ids=["none", "ever", "never", "past", "too far"],  # the same in every process of a run
)
def test_a_snooze_ends_in_the_future_and_within_a_year(
    desk: Desk, agent: Person, thread: str, until: str | None
) -> None:
    assert refused(lambda: agent.call("snooze", conversation_id=thread, until=until)) == "bad_time"
    assert row(desk, thread)["status"] == "open"


def test_a_snooze_runs_out(desk: Desk, agent: Person, colleague: Person, thread: str) -> None:
    later = desk.conversation(desk.jakarta, "Ani")
    for one in (thread, later):
        agent.call("snooze", conversation_id=one, until=TOMORROW)
    assert desk.one("select private.wake_snoozed()") == 0
    colleague.pull()
    past = "update public.conversations set snoozed_until = now() - interval '1 s' where id = %s"
    desk.run(past, thread)
    assert desk.one("select private.wake_snoozed()") == 1
    assert desk.one("select private.wake_snoozed()") == 0
    assert row(desk, thread)["status"] == "open"
    assert row(desk, thread)["snoozed_until"] is None
    assert row(desk, later)["status"] == "snoozed"
    assert events(desk, thread)[-1] == ("reopened", None, {"by": "time", "was": "snoozed"})
    page = colleague.pull()
    assert [one["id"] for one in page["conversations"]] == [thread]
    assert [one["kind"] for one in page["events"]] == ["reopened"]


def test_the_repeat_of_a_snooze_that_has_begun_is_no_refusal(
    desk: Desk, agent: Person, thread: str
) -> None:
    soon = NOW + timedelta(seconds=-1)
    desk.run(
        "update public.conversations set status = 'snoozed', snoozed_until = %s where id = %s",
        soon,
        thread,
    )
    answer = agent.call("snooze", conversation_id=thread, until=soon.isoformat())
    assert answer["conversations"][0]["status"] == "snoozed"
    assert answer["events"] == []


def test_resolving_ends_snooze_and_waiting(desk: Desk, agent: Person, thread: str) -> None:
    agent.call("snooze", conversation_id=thread, until=TOMORROW)
    found = agent.call("resolve", conversation_id=thread)["conversations"][0]
    assert (found["status"], found["snoozed_until"], found["waiting_since"]) == (
        "resolved",
        None,
        None,
    )
    found = agent.call("reopen", conversation_id=thread)["conversations"][0]
    assert found["status"] == "open"
    assert events(desk, thread)[-1][2] == {"by": "agent", "was": "resolved"}


@pytest.mark.parametrize("state", ["snoozed", "resolved"])
def test_a_customer_who_writes_opens_the_conversation_again(
    desk: Desk, agent: Person, state: str
) -> None:
    def request(sid: str) -> str:
        return (
            f'{{"sid": "{sid}", "from": "whatsapp:+6281234567890", "to": "whatsapp:+628110000001",'
            '"addresses": ["whatsapp:+6281234567890"], "channel": "whatsapp", "content": "Halo",'
            '"message_type": "text", "media": [], "metadata": {"kind": "text"}}'
        )

    taken = desk.one("select private.ingest(%s, 'one')", request("SMone"))
    thread = taken["conversation_id"]
    if state == "snoozed":
        agent.call("snooze", conversation_id=thread, until=TOMORROW)
    else:
        agent.call("resolve", conversation_id=thread)
    desk.one("select private.ingest(%s, 'two')", request("SMtwo"))
    found = row(desk, thread)
    assert (found["status"], found["snoozed_until"]) == ("open", None)
    assert found["waiting_since"]
    assert events(desk, thread)[-1] == ("reopened", None, {"by": "customer", "was": state})


# Repeats, and what the others hear ----------------------------------------------------------------


@pytest.mark.parametrize("place", range(4))
def test_the_same_again_changes_nothing(desk: Desk, agent: Person, thread: str, place: int) -> None:
    function, arguments = acts(thread, agent)[place]
    if function == "reopen":
        agent.call("resolve", conversation_id=thread)
    first = agent.call(function, **arguments)
    told = events(desk, thread)
    changes = desk.one("select count(*) from private.changes")
    again = agent.call(function, **arguments)
    assert again == {**first, "events": []}
    assert events(desk, thread) == told
    assert desk.one("select count(*) from private.changes") == changes


@pytest.mark.parametrize("place", range(4))
def test_the_same_by_two_at_once_is_done_once(
    desk: Desk, agent: Person, colleague: Person, thread: str, place: int
) -> None:
    function, arguments = acts(thread, agent)[place]
    if function == "reopen":
        agent.call("resolve", conversation_id=thread)
        desk.run("delete from public.events")
    answers = at_once([(one, function, arguments) for one in (agent, colleague, agent)])
    assert sum(len(answer["events"]) for answer in answers) == 1
    assert len(events(desk, thread)) == 1


def test_each_change_reaches_the_others_and_rings(
    desk: Desk, agent: Person, colleague: Person, elsewhere: Person, thread: str
) -> None:
    colleague.pull()
    elsewhere.pull()
    for function, arguments in acts(thread, agent):
        with psycopg.connect(desk.database.admin_dsn, autocommit=True) as admin:
            admin.execute("truncate realtime.messages")
            answer = agent.call(function, **arguments)
            bells = admin.execute("select topic, payload - 'id' from realtime.messages").fetchall()
        assert bells == [(f"inbox:{desk.jakarta}", {"conversations": [thread], "messages": []})], (
            function
        )
        page = colleague.pull()
        assert page["conversations"] == answer["conversations"]
        assert page["events"] == answer["events"]
        assert elsewhere.pull()["conversations"] == []


def test_a_resolved_conversation_stays_with_its_readers(
    desk: Desk, agent: Person, colleague: Person, thread: str
) -> None:
    colleague.pull()
    agent.call("resolve", conversation_id=thread)
    page = colleague.pull()
    assert [one["status"] for one in page["conversations"]] == ["resolved"]
    assert page["deleted"] == {}


def test_a_first_pull_brings_what_is_snoozed_and_what_was_resolved_lately(
    desk: Desk, agent: Person, colleague: Person
) -> None:
    threads = {name: desk.conversation(desk.jakarta, name) for name in "ABCD"}
    for name, days in (("A", 90), ("B", 29), ("C", 31)):
        desk.inbound(threads[name], at=f"now() - interval '{days} days'")
    agent.call("snooze", conversation_id=threads["A"], until=TOMORROW)
    agent.call("resolve", conversation_id=threads["B"])
    agent.call("resolve", conversation_id=threads["C"])
    page = colleague.pull()
    assert {one["id"] for one in page["conversations"]} == {threads[name] for name in "ABD"}
    assert len(page["messages"]) == 2


@pytest.mark.parametrize("act", ["reopen", "add_note"])
def test_a_thread_taken_up_again_after_months_comes_with_its_past(
    desk: Desk, agent: Person, colleague: Person, thread: str, act: str
) -> None:
    desk.run("delete from public.messages")
    desk.run("update public.conversations set last_message_at = null")
    old = [desk.inbound(thread, f"{n}", at=f"now() - interval '{60 - n} days'") for n in range(3)]
    agent.call("resolve", conversation_id=thread)
    assert colleague.pull()["messages"] == []
    more = {"id": thread, "body": "Lihat ini"} if act == "add_note" else {}
    agent.call(act, conversation_id=thread, **more)
    page = colleague.pull()
    assert {one["id"] for one in page["messages"]} == set(old)
    assert [one["id"] for one in page["conversations"]] == [thread]
