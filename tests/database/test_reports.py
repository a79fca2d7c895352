"""Reports: numbers kept in step with what happens, by day of any time zone, agent and inbox."""

from __future__ import annotations

import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person, refused

KINDS = ("volume", "first_response", "response", "resolution", "agents", "inboxes", "days")
NOTHING = {"inbound": 0, "outbound": 0, "automatic": 0, "opened": 0, "resolved": 0}


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation in Jakarta, within the window."""
    made = desk.conversation(desk.jakarta, "Siti")
    desk.run("update public.conversations set last_inbound_at = now() where id = %s", made)
    return made


def reply(person: Person, thread: str, text: str = "Baik") -> str:
    ident = str(uuid.uuid4())
    person.call("send_message", id=ident, conversation_id=thread, content=text)
    return ident


def wait(desk: Desk, thread: str, text: str = "Halo", *, ago: str = "10 minutes") -> None:
    """The customer writes, so long ago."""
    desk.inbound(thread, text, at=f"now() - interval '{ago}'")


def total(person: Person, kind: str = "days", **more: object) -> dict[str, Any]:
    answer: dict[str, Any] = person.call("reports", kind=kind, **more)["total"]
    return answer


def counted(desk: Desk) -> dict[str, int]:
    rows = desk.admin.execute("select what, sum(n)::int from private.report_volume group by 1")
    return dict(rows.fetchall())


# What is counted ----------------------------------------------------------------------------------


def test_messages_openings_and_ends_are_counted_as_they_happen(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    wait(desk, thread)
    desk.inbound(thread)
    reply(agent, thread)
    agent.call("resolve", conversation_id=thread)
    agent.call("reopen", conversation_id=thread)
    desk.run(
        "insert into public.messages (conversation_id, direction, content, automatic, timestamp)"
        " values (%s, 'outbound', 'Terima kasih', true, now())",
        thread,
    )
    numbers = total(supervisor, "volume")
    assert numbers == {"inbound": 2, "outbound": 1, "automatic": 1, "opened": 2, "resolved": 1}
    row = supervisor.call("reports", kind="agents")["rows"]
    assert [(one["name"], one["outbound"], one["resolved"], one["inbound"]) for one in row] == [
        ("Dewi", 1, 1, 0)
    ]


def test_an_answer_takes_as_long_as_the_customer_waited(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    wait(desk, thread, ago="10 minutes")
    desk.inbound(thread, "Halo?")
    reply(agent, thread)
    reply(agent, thread, "dan ini")  # nobody waits any more
    wait(desk, thread, ago="0 minutes")
    desk.run("update public.conversations set waiting_since = now() - interval '1 minute'")
    reply(agent, thread)
    first, any_one = total(supervisor)["first_response"], total(supervisor)["response"]
    assert (first["n"], any_one["n"]) == (1, 2)
    assert 600 <= first["median"] < 660
    assert 330 <= any_one["median"] < 390
    assert 330 <= any_one["average"] < 390


def test_after_a_conversation_was_resolved_the_next_answer_is_a_first_one(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    for _ in range(2):
        desk.inbound(thread)
        desk.run("update public.conversations set status = 'open' where id = %s", thread)
        reply(agent, thread)
        agent.call("resolve", conversation_id=thread)
    numbers = total(supervisor)
    assert numbers["first_response"]["n"] == numbers["response"]["n"] == 2
    assert numbers["resolution"]["n"] == 2
    assert numbers["resolution"]["p90"] < 60


def test_resolving_without_an_answer_and_automatic_words_answer_nobody(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    wait(desk, thread)
    desk.run(
        "insert into public.messages (conversation_id, direction, content, automatic, timestamp)"
        " values (%s, 'outbound', 'Kami tutup', true, now())",
        thread,
    )
    agent.call("resolve", conversation_id=thread)
    numbers = total(supervisor)
    assert numbers["response"]["n"] == numbers["first_response"]["n"] == 0
    assert numbers["resolution"]["n"] == 1


def test_a_conversation_older_than_the_reports_counts_from_when_it_was_made(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    reply(agent, thread, "lama")
    desk.run("delete from private.report_threads")
    desk.run("update public.conversations set created_at = now() - interval '2 days'")
    desk.inbound(thread)
    reply(agent, thread)
    agent.call("resolve", conversation_id=thread)
    numbers = total(supervisor)
    assert numbers["response"]["n"] == 1
    assert numbers["first_response"]["n"] == 0  # it had been answered before
    assert 172_800 <= numbers["resolution"]["median"] < 172_900


def test_what_is_scheduled_counts_when_it_is_due_and_a_retry_not_again(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    desk.run(
        "insert into public.messages (conversation_id, direction, content, status, sent_by,"
        " timestamp, metadata) values (%s, 'outbound', 'besok', 'scheduled', %s, now(), '{}'),"
        """ (%s, 'outbound', 'lagi', 'queued', %s, now(), '{"retry_of": "x"}')""",
        thread,
        agent.id,
        thread,
        agent.id,
    )
    assert total(supervisor, "volume")["outbound"] == 0
    desk.run("update public.messages set status = 'queued' where status = 'scheduled'")
    desk.run("update public.messages set status = 'sent' where content = 'besok'")
    assert total(supervisor, "volume")["outbound"] == 1


def test_reports_outlive_the_messages(desk: Desk, supervisor: Person, thread: str) -> None:
    desk.inbound(thread)
    desk.run("delete from public.conversations where id = %s", thread)
    assert total(supervisor, "volume")["inbound"] == 1
    assert desk.one("select count(*) from private.report_threads") == 0


# Days, agents, inboxes ----------------------------------------------------------------------------


def at(moment: str) -> str:
    return f"timestamptz '{moment}'"


@pytest.mark.parametrize(
    ("zone", "days"),
    [
        ("Asia/Jakarta", {"2026-03-01": 0, "2026-03-02": 3, "2026-03-03": 1}),
        ("UTC", {"2026-03-01": 2, "2026-03-02": 2}),
        ("Asia/Kolkata", {"2026-03-01": 2, "2026-03-02": 2}),
        ("Asia/Kathmandu", {"2026-03-01": 1, "2026-03-02": 3}),
    ],
)
def test_days_are_those_of_the_time_zone(
    desk: Desk, supervisor: Person, thread: str, zone: str, days: dict[str, int]
) -> None:
    for moment in ("01 17:00", "01 18:20", "02 16:59:59", "02 17:00"):
        desk.inbound(thread, at=at(f"2026-03-{moment}+00"))
    span = {"from": "2026-03-01 16:30+00", "to": "2026-03-02 17:15+00", "time_zone": zone}
    answer = supervisor.call("reports", kind="volume", **span)
    assert {row["day"]: row["inbound"] for row in answer["rows"]} == days
    assert answer["total"]["inbound"] == 4


def test_a_report_takes_whole_quarters_and_nothing_beyond(
    desk: Desk, supervisor: Person, thread: str
) -> None:
    for moment in ("09:59:59", "10:00", "10:29", "10:30"):
        desk.inbound(thread, at=at(f"2026-03-01 {moment}+00"))
    span = {"from": "2026-03-01 10:05+00", "to": "2026-03-01 10:20+00", "time_zone": "UTC"}
    answer = supervisor.call("reports", kind="volume", **span)
    assert answer["total"]["inbound"] == 2
    assert answer["from"].startswith("2026-03-01T10:00")
    assert answer["to"].startswith("2026-03-01T10:30")


def test_each_inbox_and_each_agent_has_a_line_and_the_lines_make_the_total(
    desk: Desk, agent: Person, supervisor: Person, thread: str
) -> None:
    other = desk.person("Wati", "agent", desk.bandung)
    theirs = desk.conversation(desk.bandung, "Ira")
    desk.run("update public.conversations set last_inbound_at = now()")
    for place in (thread, theirs, theirs):
        desk.inbound(place)
    reply(agent, thread)
    reply(other, theirs)
    other.call("resolve", conversation_id=theirs)
    inboxes = supervisor.call("reports", kind="inboxes")
    assert [(row["name"], row["inbound"]) for row in inboxes["rows"]] == [
        ("Bandung", 2),
        ("Jakarta", 1),
    ]
    agents = supervisor.call("reports", kind="agents")
    assert {row["name"]: row["response"]["n"] for row in agents["rows"]} == {"Dewi": 1, "Wati": 1}
    assert agents["total"] == inboxes["total"] == total(supervisor)
    assert inboxes["total"]["inbound"] == 3
    assert total(supervisor, inbox_id=desk.jakarta)["inbound"] == 1
    assert total(supervisor, agent_id=other.id)["resolution"]["n"] == 1
    assert total(supervisor, agent_id=agent.id)["resolution"]["n"] == 0


@pytest.mark.parametrize("kind", KINDS)
def test_of_a_quiet_time_there_are_zeros(supervisor: Person, desk: Desk, kind: str) -> None:
    span = {"from": "2020-01-01+07", "to": "2020-01-04+07"}
    answer = supervisor.call("reports", kind=kind, **span)
    assert answer["kind"] == kind
    if kind in ("agents", "inboxes"):
        assert answer["rows"] == []
    else:
        assert [row["day"] for row in answer["rows"]] == ["2020-01-01", "2020-01-02", "2020-01-03"]
    if kind in ("volume", "days"):
        assert answer["total"].items() >= NOTHING.items()
    if kind == "response":
        assert answer["total"]["response"] == {"n": 0, "average": None, "median": None, "p90": None}


# Who may ask --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_agents_see_their_own_work_and_nobody_elses(
    desk: Desk, agent: Person, supervisor: Person, outsider: Person, thread: str, kind: str
) -> None:
    colleague = desk.person("Budi", "agent", desk.jakarta)
    for person in (agent, colleague):
        desk.inbound(thread)
        reply(person, thread)
    own = agent.call("reports", kind=kind)
    assert own == agent.call("reports", kind=kind, agent_id=agent.id)
    assert own["total"].get("inbound", 0) == 0
    assert own["total"].get("outbound", 1) == 1
    assert own["total"].get("response", {"n": 1})["n"] == 1

    def code(person: Person, **more: object) -> str:
        return refused(lambda: person.call("reports", kind=kind, **more))

    assert code(agent, agent_id=colleague.id) == "not_allowed"
    assert code(agent, inbox_id=desk.bandung) == "not_found"
    assert code(outsider) == "not_allowed"
    admin = desk.person("Admin", "admin")
    assert total(admin, kind) == total(supervisor, kind)
    desk.run("update public.profiles set active = false where id = %s", supervisor.id)
    assert code(supervisor) == "not_allowed"
    with (
        desk.database.acting_as(None, role="anon") as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("select public.reports(%s)", [kind])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"kind": "secrets"}, "bad_request"),
        ({"kind": None}, "bad_request"),
        ({"kind": "days", "time_zone": "Asia/Atlantis"}, "bad_time_zone"),
        ({"kind": "days", "time_zone": "'; select 1"}, "bad_time_zone"),
        ({"kind": "days", "from": "2026-01-02", "to": "2026-01-01"}, "bad_time"),
        ({"kind": "days", "from": "-infinity"}, "bad_time"),
        ({"kind": "days", "from": "2001-01-01", "to": "2026-01-01"}, "bad_time"),
    ],
)
def test_what_cannot_be_reported_is_said(
    supervisor: Person, arguments: dict[str, object], expected: str
) -> None:
    assert refused(lambda: supervisor.call("reports", **arguments)) == expected
