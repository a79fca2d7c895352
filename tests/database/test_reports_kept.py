"""The numbers of reports are kept in step: folded, by whole days, and while many write at once."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import psycopg
import pytest

from tests.database.conftest import Desk, Person
from tests.database.test_reports import at, counted, reply, total


@pytest.fixture
def thread(desk: Desk) -> str:
    """A conversation in Jakarta, within the window."""
    made = desk.conversation(desk.jakarta, "Siti")
    desk.run("update public.conversations set last_inbound_at = now() where id = %s", made)
    return made


def test_lines_fold_when_their_quarter_is_over_and_say_the_same(
    desk: Desk, supervisor: Person, thread: str
) -> None:
    span = {"from": "2026-02-28", "to": "2026-03-02"}
    for _ in range(5):
        desk.inbound(thread, at=at("2026-03-01 10:00+00"))
    desk.inbound(thread)
    before = total(supervisor, "days", **span), counted(desk)
    desk.run("select private.fold_reports()")
    assert (
        desk.one(
            "select count(*) from private.report_volume where what = 'inbound'"
            " and slot < now() - interval '1 day'"
        )
        == 1
    )
    assert (total(supervisor, "days", **span), counted(desk)) == before
    desk.inbound(thread, at=at("2026-03-01 10:00+00"))  # found late by the sweep
    desk.run("select private.fold_reports()")
    assert total(supervisor, "days", **span)["inbound"] == 6


@pytest.mark.parametrize("zone", ["Asia/Jakarta", "Asia/Kolkata", "America/New_York"])
def test_whole_days_that_are_kept_say_the_same_as_their_quarters(
    desk: Desk, agent: Person, supervisor: Person, thread: str, zone: str
) -> None:
    for hour in range(0, 200, 5):
        desk.inbound(thread, at=at("2026-03-05 00:10+00") + f" + interval '{hour} hours'")
    reply(agent, thread)
    spans = [
        {"from": "2026-03-06 03:07+00", "to": "2026-03-11 21:40+00", "time_zone": zone},
        {"from": "2026-03-06 00:00+07", "to": "2026-03-09 00:00+07", "time_zone": zone},
        {"from": "2026-03-06 01:00+00", "to": "2026-03-06 02:00+00", "time_zone": zone},
    ]

    def said() -> list[Any]:
        return [
            supervisor.call("reports", kind=kind, **span)
            for span in spans
            for kind in ("days", "inboxes", "agents")
        ]

    loose = said()
    desk.run("select private.fold_reports()")
    assert desk.one("select count(*) from private.report_volume where not folded") > 0
    assert said() == loose
    desk.run("select private.recount_report_days('America/New_York')")
    assert said() == loose
    for hour in (1, 50):  # found late
        desk.inbound(thread, at=at("2026-03-06 00:10+00") + f" + interval '{hour} hours'")
    late = said()
    assert late[0]["total"]["inbound"] == loose[0]["total"]["inbound"] + 1
    desk.run("select private.fold_reports()")
    assert said() == late


def test_lines_fold_by_themselves(desk: Desk, thread: str) -> None:
    desk.run(
        "do $$ begin for n in 1 .. 1500 loop insert into public.messages"
        " (conversation_id, direction, timestamp) select id, 'inbound', '2026-03-01'"
        " from public.conversations; end loop; end $$"
    )
    assert desk.one("select count(*) from private.report_volume") < 1100
    assert counted(desk)["inbound"] == 1500


def test_numbers_hold_while_many_write_and_fold_at_once(desk: Desk, supervisor: Person) -> None:
    threads = [desk.conversation(desk.jakarta, str(n)) for n in range(4)]
    people = [desk.person(f"P{n}", "agent", desk.jakarta) for n in range(3)]
    desk.run("update public.conversations set last_inbound_at = now()")
    problems: list[str] = []

    def work(person: Person) -> None:
        try:
            with person.session() as connection:
                for number in range(20):
                    thread = threads[number % 4]
                    for statement in (
                        f"select public.send_message('{uuid.uuid4()}', '{thread}', 'ya')",
                        f"select public.resolve('{thread}')",
                        f"select public.reopen('{thread}')",
                    ):
                        connection.execute(statement.encode())
        except psycopg.Error as error:
            problems.append(str(error))

    def take_in() -> None:
        with desk.database.connect() as connection:
            for number in range(60):
                desk.inbound(threads[number % 4], connection=connection)
                if number % 5 == 0:
                    connection.execute("select private.fold_reports()")

    workers = [threading.Thread(target=work, args=[person]) for person in people]
    workers.append(threading.Thread(target=take_in))
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert problems == []
    numbers = total(supervisor)
    assert (numbers["inbound"], numbers["outbound"]) == (60, 60)
    ends = desk.one("select count(*) from public.events where kind = 'resolved'")
    starts = desk.one("select count(*) from public.events where kind = 'reopened'")
    assert (numbers["resolved"], numbers["opened"]) == (ends, starts + len(threads))
    assert numbers["resolution"]["n"] == ends
    assert numbers["first_response"]["n"] <= numbers["response"]["n"] <= 60


def test_counting_anew_finds_the_same(desk: Desk, agent: Person, thread: str) -> None:
    desk.inbound(thread)
    reply(agent, thread)
    before = counted(desk)
    desk.run("select private.recount_reports()")
    assert counted(desk) == before
