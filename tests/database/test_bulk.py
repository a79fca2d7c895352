"""The same act on many conversations at once: each as its own rights say, a result for each."""

from __future__ import annotations

import itertools
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.database.conftest import Desk, Person, at_once, refused

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
ROLES = ("agent", "supervisor", "admin")


@pytest.fixture
def threads(desk: Desk) -> list[str]:
    """Three open conversations in Jakarta."""
    return [desk.conversation(desk.jakarta, name) for name in ("Siti", "Ani", "Rudi")]


@pytest.fixture
def theirs(desk: Desk) -> str:
    """A conversation in Bandung."""
    return desk.conversation(desk.bandung, "Ira")


@pytest.fixture
def vip(supervisor: Person) -> str:
    """A label of the team."""
    label = str(uuid.uuid4())
    supervisor.call("save_label", id=label, name="VIP", color="violet")
    return label


def change(person: Person, ids: list[str], act: str, **arguments: object) -> Any:
    with person.session() as connection:
        row = connection.execute(
            "select public.change_conversations(%s::uuid[], %s, %s)",
            [ids, act, Jsonb(arguments)],
        ).fetchone()
    assert row is not None
    return row[0]


def codes(answer: dict[str, Any]) -> list[str | None]:
    return [one.get("code") for one in answer["results"]]


def states(desk: Desk, column: str = "status") -> list[object]:
    return [
        row[0]
        for row in desk.admin.execute(
            f"select {column} from public.conversations order by created_at, id".encode()
        )
    ]


@pytest.mark.parametrize("role", ROLES)
def test_each_act_is_done_to_all_that_are_named(
    desk: Desk, threads: list[str], vip: str, role: str
) -> None:
    person = desk.person("Ayu", role, *([desk.jakarta] if role == "agent" else []))
    desk.inbound(threads[0])
    acts: list[tuple[str, dict[str, object], str]] = [
        ("assign", {"assignee_id": person.id}, "assigned"),
        ("unassign", {}, "unassigned"),
        ("snooze", {"until": TOMORROW}, "snoozed"),
        ("resolve", {}, "resolved"),
        ("reopen", {}, "reopened"),
        ("priority", {"priority": "urgent"}, "priority_changed"),
        ("label", {"label_id": vip}, "labelled"),
        ("label", {"label_id": vip, "present": False}, "unlabelled"),
    ]
    answer: dict[str, Any] = {}
    for act, arguments, kind in acts:
        for turn in range(2):
            answer = change(person, threads, act, **arguments)
            assert answer["results"] == [{"id": one, "done": True} for one in threads]
            assert {one["id"] for one in answer["conversations"]} == set(threads)
            # the repeat finds everything as asked
            assert [one["kind"] for one in answer["events"]] == ([kind] * 3 if turn == 0 else [])
    assert answer["deleted"] == {"conversation_labels": [f"{one}:{vip}" for one in sorted(threads)]}
    answer = change(person, threads, "mark_read")
    assert [one["conversation_id"] for one in answer["reads"]] == [threads[0]]
    assert codes(answer) == [None] * 3


def test_the_refusal_of_one_holds_up_none_of_the_others(
    desk: Desk, agent: Person, threads: list[str], theirs: str
) -> None:
    nobody = str(uuid.uuid4())
    answer = change(agent, [threads[0], theirs, nobody, threads[1], threads[0]], "resolve")
    assert [one["id"] for one in answer["results"]] == [threads[0], theirs, nobody, threads[1]]
    assert codes(answer) == [None, "not_found", "not_found", None]
    assert answer["results"][1]["detail"]
    assert answer["results"][1]["hint"]
    assert len(answer["conversations"]) == 2
    assert states(desk) == ["resolved", "resolved", "open", "open"]


def test_a_reason_that_holds_for_all_is_said_of_each(
    desk: Desk, agent: Person, threads: list[str]
) -> None:
    elsewhere = desk.person("Wati", "agent", desk.bandung)
    assert codes(change(agent, threads, "assign", assignee_id=elsewhere.id)) == ["cannot_see"] * 3
    assert codes(change(agent, threads, "snooze", until="2001-01-01")) == ["bad_time"] * 3
    assert codes(change(agent, threads, "label", label_id=str(uuid.uuid4()))) == ["not_found"] * 3
    assert codes(change(agent, threads, "priority", priority="now")) == ["bad_priority"] * 3
    assert states(desk) == ["open"] * 3


def test_who_may_not_see_them_changes_nothing(
    desk: Desk, agent: Person, outsider: Person, supervisor: Person, threads: list[str]
) -> None:
    inactive = desk.person("Joko", "supervisor")
    desk.run("update public.profiles set active = false where id = %s", inactive.id)
    for person in (outsider, inactive):
        for act in ("resolve", "unassign", "mark_read", "reopen"):
            assert codes(change(person, threads, act)) == ["not_found"] * 3
    assert states(desk) == ["open"] * 3
    assert desk.one("select count(*) from public.events") == 0
    with (
        desk.database.acting_as(None, role="anon") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select public.change_conversations('{}', 'resolve')")


@pytest.mark.parametrize(
    ("act", "arguments"),
    [
        ("delete", {}),
        ("assign", {}),
        ("assign", {"assignee_id": "Budi"}),
        ("snooze", {"until": "soon"}),
        ("label", {"label_id": 5}),
        ("label", {"present": "perhaps"}),
    ],
)
def test_what_cannot_be_meant_is_refused_as_a_whole(
    agent: Person, threads: list[str], act: str, arguments: dict[str, object]
) -> None:
    assert refused(lambda: change(agent, threads, act, **arguments)) == "bad_request"


def test_five_hundred_are_the_most_and_none_is_nothing(desk: Desk, agent: Person) -> None:
    many = [str(uuid.uuid4()) for _ in range(501)]
    assert refused(lambda: change(agent, many, "resolve")) == "too_many"
    assert codes(change(agent, many[1:], "resolve")) == ["not_found"] * 500
    assert change(agent, [], "resolve")["results"] == []


def test_many_changes_ring_once_and_reach_the_others(
    desk: Desk, agent: Person, threads: list[str]
) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta)
    colleague.pull()
    with psycopg.connect(desk.database.admin_dsn, autocommit=True) as admin:
        admin.execute("truncate realtime.messages")
        change(agent, threads, "resolve")
        bells = admin.execute("select topic from realtime.messages").fetchall()
    assert bells == [(f"inbox:{desk.jakarta}",)]
    page = colleague.pull()
    assert {one["status"] for one in page["conversations"]} == {"resolved"}
    assert len(page["conversations"]) == len(page["events"]) == 3


def test_bulk_calls_in_all_orders_at_once_end_without_a_circle(
    desk: Desk, agent: Person, supervisor: Person, vip: str
) -> None:
    threads = [desk.conversation(desk.jakarta, str(n)) for n in range(30)]
    colleague = desk.person("Budi", "agent", desk.jakarta)

    def named(act: str, ids: list[str], **arguments: object) -> dict[str, Any]:
        text = "{" + ",".join(ids) + "}"
        return {"conversation_ids": text, "act": act, "arguments": arguments}

    for _ in range(3):
        answers = at_once(
            [
                (agent, "change_conversations", named("resolve", threads)),
                (colleague, "change_conversations", named("reopen", threads[::-1])),
                (supervisor, "change_conversations", named("label", threads, label_id=vip)),
                (
                    supervisor,
                    "change_conversations",
                    named("assign", threads[::-1], assignee_id=agent.id),
                ),
                *((colleague, "resolve", {"conversation_id": one}) for one in threads[:3]),
            ]
        )
        for answer in answers[:4]:
            assert codes(answer) == [None] * 30
    assert states(desk, "assignee_id::text") == [agent.id] * 30
    assert desk.one("select count(*) from public.conversation_labels") == 30
    # each state change told once: opens and closes alternate in every conversation
    for thread in threads:
        kinds = [
            kind
            for (kind,) in desk.admin.execute(
                "select kind from public.events where conversation_id = %s"
                " and kind in ('resolved', 'reopened') order by created_at",
                [thread],
            )
        ]
        assert all(one != other for one, other in itertools.pairwise(kinds)), kinds
