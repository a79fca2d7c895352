"""The handover of all open conversations at the end of a shift."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, at_once, refused

SUMMARY = "Menunggu kabar dari gudang"


@pytest.fixture
def colleague(desk: Desk) -> Person:
    """A second agent of Jakarta."""
    return desk.person("Budi", "agent", desk.jakarta)


@pytest.fixture
def threads(desk: Desk, agent: Person) -> dict[str, str]:
    """What Dewi has: two open, one put away, one done; and one of somebody else."""
    made = {}
    for name in ("open", "waiting", "snoozed", "resolved", "other"):
        made[name] = desk.conversation(desk.jakarta, name)
        desk.run(
            "update public.conversations set status = %s, assignee_id = %s where id = %s",
            name if name in ("snoozed", "resolved") else "open",
            None if name == "other" else agent.id,
            made[name],
        )
    return made


def new_id() -> str:
    return str(uuid.uuid4())


def owners(desk: Desk, threads: dict[str, str]) -> dict[str, str | None]:
    return {
        name: desk.one("select assignee_id::text from public.conversations where id = %s", thread)
        for name, thread in threads.items()
    }


def test_everything_open_goes_over_with_the_summary_in_each(
    desk: Desk, agent: Person, colleague: Person, threads: dict[str, str]
) -> None:
    given = {threads["open"], threads["waiting"]}
    call: dict[str, Any] = {"id": new_id(), "assignee_id": colleague.id, "summary": SUMMARY}
    colleague.pull()
    answer = agent.call("handover", **call)
    assert (answer["handed_over"], answer["kept"]) == (2, [])
    assert set(answer["conversations"]) == given
    assert owners(desk, threads) == {
        "open": colleague.id,
        "waiting": colleague.id,
        "snoozed": agent.id,
        "resolved": agent.id,
        "other": None,
    }
    page = colleague.pull()
    assert {one["conversation_id"] for one in page["notes"]} == given
    assert {(one["body"], one["author_id"]) for one in page["notes"]} == {(SUMMARY, agent.id)}
    assert {one["kind"] for one in page["events"]} == {"assigned"}
    assert {one["data"]["from_name"] for one in page["events"]} == {"Dewi"}
    assert {one["data"]["assignee_name"] for one in page["events"]} == {"Budi"}
    # the answer was lost: said again, nothing is done again
    assert agent.call("handover", **call) == answer
    assert desk.one("select count(*) from public.notes") == 2
    assert (
        desk.one("select data ->> 'conversations' from public.audit_log where actor_id is not null")
        == "2"
    )


def test_what_is_put_away_goes_along_when_asked_for(
    desk: Desk, agent: Person, colleague: Person, threads: dict[str, str]
) -> None:
    call = {"id": new_id(), "assignee_id": colleague.id, "snoozed": True}
    assert agent.call("handover", **call)["handed_over"] == 3
    assert owners(desk, threads)["snoozed"] == colleague.id
    assert desk.one("select count(*) from public.notes") == 0  # no summary, no note


def test_it_can_go_back_to_the_queue(desk: Desk, agent: Person, threads: dict[str, str]) -> None:
    assert agent.call("handover", id=new_id(), assignee_id=None)["handed_over"] == 2
    assert owners(desk, threads)["open"] is None
    assert desk.one("select count(*) from public.events where kind = 'unassigned'") == 2


def test_what_the_new_one_cannot_see_stays_and_is_named(
    desk: Desk, agent: Person, colleague: Person, threads: dict[str, str]
) -> None:
    desk.join(agent.id, desk.bandung)
    unseen = desk.conversation(desk.bandung, "Ira")
    desk.run("update public.conversations set assignee_id = %s where id = %s", agent.id, unseen)
    answer = agent.call("handover", id=new_id(), assignee_id=colleague.id, summary=SUMMARY)
    assert answer["handed_over"] == 2
    assert answer["kept"] == [
        {"id": unseen, "code": "cannot_see", "detail": "Budi cannot see this inbox."}
    ]
    assert owners(desk, {"unseen": unseen}) == {"unseen": agent.id}


@pytest.mark.parametrize("role", ["supervisor", "admin"])
def test_supervisors_hand_over_for_somebody_who_has_left(
    desk: Desk, agent: Person, colleague: Person, threads: dict[str, str], role: str
) -> None:
    boss = desk.person("Ratna", role)
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    answer = boss.call("handover", id=new_id(), assignee_id=colleague.id, from_id=agent.id)
    assert answer["handed_over"] == 2
    assert owners(desk, threads)["open"] == colleague.id


def test_agents_take_nothing_from_others(
    desk: Desk, agent: Person, colleague: Person, outsider: Person, threads: dict[str, str]
) -> None:
    call = {"id": new_id(), "assignee_id": colleague.id, "from_id": agent.id}
    assert refused(lambda: colleague.call("handover", **call)) == "not_allowed"
    assert refused(lambda: outsider.call("handover", **call)) == "not_allowed"
    assert (
        refused(lambda: outsider.call("handover", id=new_id(), assignee_id=agent.id))
        == "not_allowed"
    )
    desk.run("update public.profiles set active = false where id = %s", agent.id)
    assert (
        refused(lambda: agent.call("handover", id=new_id(), assignee_id=colleague.id))
        == "not_allowed"
    )
    with (
        desk.database.acting_as(None, role="anon") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select public.handover(gen_random_uuid(), null)")
    assert owners(desk, threads)["open"] == agent.id


def test_what_was_theirs_in_an_inbox_they_left_is_not_handed_over_by_them(
    desk: Desk, agent: Person, colleague: Person, threads: dict[str, str]
) -> None:
    desk.leave(agent.id, desk.jakarta)
    desk.join(agent.id, desk.bandung)
    assert (
        agent.call("handover", id=new_id(), assignee_id=None, summary=SUMMARY)["handed_over"] == 0
    )
    assert owners(desk, threads)["open"] == agent.id


def test_refusals_say_what_is_wrong(
    desk: Desk, agent: Person, colleague: Person, threads: dict[str, str]
) -> None:
    def code(**call: object) -> str:
        return refused(lambda: agent.call("handover", **call))

    assert code(id=None, assignee_id=colleague.id) == "bad_id"
    assert code(id=new_id(), assignee_id=agent.id) == "same_person"
    assert code(id=new_id(), assignee_id=new_id()) == "cannot_see"
    assert code(id=new_id(), assignee_id=colleague.id, summary="x" * 10_001) == "too_long"
    ident = new_id()
    colleague.call("handover", id=ident, assignee_id=None)
    assert code(id=ident, assignee_id=colleague.id) == "not_allowed"
    assert owners(desk, threads)["open"] == agent.id


def test_repeats_at_once_and_a_colleague_who_takes_one_leave_one_owner_each(
    desk: Desk, agent: Person, colleague: Person
) -> None:
    third = desk.person("Wati", "agent", desk.jakarta)
    for _ in range(4):
        threads = [desk.conversation(desk.jakarta, str(n)) for n in range(10)]
        desk.run(
            "update public.conversations set assignee_id = %s, status = 'open'"
            " where id = any (%s::uuid[])",
            agent.id,
            threads,
        )
        desk.run("delete from public.events")
        desk.run("delete from public.notes")
        call = {"id": new_id(), "assignee_id": colleague.id, "summary": SUMMARY}
        answers = at_once(
            [
                (agent, "handover", call),
                (agent, "handover", call),
                (third, "assign", {"conversation_id": threads[4], "assignee_id": third.id}),
                (agent, "resolve", {"conversation_id": threads[5]}),
            ]
        )
        assert answers[0] == answers[1]
        assert isinstance(answers[0], dict)
        given = answers[0]["handed_over"]
        assert 8 <= given <= 10
        assert desk.one("select count(*) from public.notes") == given
        taken = desk.one(
            "select assignee_id::text from public.conversations where id = %s", threads[4]
        )
        # whoever came later has it: Wati after the handover, or instead of it
        assert taken == third.id
        assert (
            desk.one(
                "select count(*) from public.conversations where assignee_id = %s"
                " and id = any (%s::uuid[])",
                colleague.id,
                threads,
            )
            >= 8
        )
