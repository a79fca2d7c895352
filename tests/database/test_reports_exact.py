"""Reports say what going through every line and every answer one by one says."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.database.conftest import Desk, Person

COUNTS = ("inbound", "outbound", "automatic", "opened", "resolved")
TIMES = ("first_response", "response", "resolution")
KINDS = ("volume", *TIMES, "agents", "inboxes", "days")
HOME = "Atlantic/Azores"  # where clocks are turned back to midnight
ZONES = (HOME, "Asia/Jakarta", "Asia/Kolkata", "America/Havana", "America/New_York", "Asia/Beirut")
# when clocks were turned in one zone or another, and a usual day
NIGHTS = (
    datetime(2025, 10, 26, tzinfo=UTC),
    datetime(2025, 11, 2, 5, tzinfo=UTC),
    datetime(2026, 3, 8, 6, tzinfo=UTC),
    datetime(2026, 3, 29, tzinfo=UTC),
    datetime(2026, 5, 12, 17, tzinfo=UTC),
)

_KEY = {
    "agents": "x.agent_id::text",
    "inboxes": "x.inbox_id::text",
}
_WITHIN = (
    "x.{at} >= private.slot_of(%(since)s) and x.{at} < %(until)s"
    " and (%(inbox)s::uuid is null or x.inbox_id = %(inbox)s::uuid)"
    " and (%(agent)s::uuid is null or x.agent_id = %(agent)s::uuid)"
)


@pytest.fixture
def year(desk: Desk, agent: Person, supervisor: Person) -> tuple[Desk, Person, list[str]]:
    """Thousands of lines and answers around the nights when clocks are turned, some folded."""
    chance = random.Random(7)
    people = [agent.id, supervisor.id, desk.person("Wati").id]
    desk.run("update private.report_zone set zone = %s", HOME)

    def moments(count: int) -> list[datetime]:
        return [
            chance.choice(NIGHTS) + timedelta(minutes=15 * chance.randint(-300, 300))
            for _ in range(count)
        ]

    with desk.admin.cursor() as cursor:
        for _ in range(2):  # folded twice: the second time on top of the first
            with cursor.copy(
                "copy private.report_volume (slot, inbox_id, agent_id, what, n) from stdin"
            ) as copy:
                for at in moments(1_500):
                    what = chance.choice(COUNTS)
                    who = chance.choice(people) if what in ("outbound", "resolved") else None
                    inbox = chance.choice((desk.jakarta, desk.bandung))
                    copy.write_row((at, inbox, who, what, chance.randint(1, 5)))
            desk.run("select private.fold_reports()")
        with cursor.copy(
            "copy private.report_times (at, inbox_id, agent_id, what, seconds) from stdin"
        ) as copy:
            for at in moments(3_000):
                moment = at + timedelta(seconds=chance.choice((0, 1, 450, 899)))
                inbox = chance.choice((desk.jakarta, desk.bandung))
                seconds = round(chance.expovariate(1 / 600), chance.randint(0, 4))
                who = chance.choice((*people, None))
                copy.write_row((moment, inbox, who, chance.choice(TIMES), seconds))
    desk.run(
        "insert into private.report_volume (slot, inbox_id, what, n)"
        " select private.slot_of(%s), %s, 'inbound', 1 from generate_series(1, 3)",
        NIGHTS[0],
        desk.jakarta,
    )
    return desk, supervisor, people


def gone_through(desk: Desk, kind: str, zone: str, **within: Any) -> tuple[Any, dict[str, Any]]:
    """The total, and each line by its key, from nothing but the lines and answers themselves."""
    counts, wanted = kind == "volume" or kind not in TIMES, (kind,) if kind in TIMES else TIMES
    nothing: dict[str, Any] = dict.fromkeys(COUNTS, 0) if counts else {}
    if kind != "volume":
        nothing |= {one: {"n": 0, "average": None, "median": None, "p90": None} for one in wanted}
    rows: dict[str | None, dict[str, Any]] = {"": dict(nothing)}
    day = "(x.{at} at time zone %(zone)s)::date::text"
    for key in (_KEY.get(kind, day), "''"):
        if counts:
            query = (
                f"select {key}, x.what, sum(x.n)::int from private.report_volume x"
                f" where {_WITHIN} group by 1, 2"
            ).format(at="slot")
            for name, what, n in desk.admin.execute(query.encode(), {**within, "zone": zone}):
                rows.setdefault(name, dict(nothing))[what] = n
        if kind != "volume":
            query = (
                f"select {key}, x.what, count(*), round(avg(x.seconds)::numeric, 3),"
                " round(percentile_cont(0.5) within group (order by x.seconds)::numeric, 3),"
                " round(percentile_cont(0.9) within group (order by x.seconds)::numeric, 3)"
                f" from private.report_times x where {_WITHIN} group by 1, 2"
            ).format(at="at")
            for name, what, n, *numbers in desk.admin.execute(
                query.encode(), {**within, "zone": zone}
            ):
                if what in wanted:
                    average, median, p90 = (float(number) for number in numbers)
                    rows.setdefault(name, dict(nothing))[what] = {
                        "n": n,
                        "average": average,
                        "median": median,
                        "p90": p90,
                    }
    total = rows.pop("")
    return total, {name: row for name, row in rows.items() if name is not None}


moments = st.builds(
    lambda night, minutes: night + timedelta(minutes=minutes),
    st.sampled_from(NIGHTS),
    st.integers(-6_000, 6_000) | st.integers(-24, 24).map(lambda quarters: quarters * 15),
)


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_report_says_what_its_lines_say(
    year: tuple[Desk, Person, list[str]], data: st.DataObject
) -> None:
    desk, supervisor, people = year
    kind = data.draw(st.sampled_from(KINDS), label="kind")
    zone = data.draw(st.sampled_from(ZONES), label="zone")
    since, until = sorted(data.draw(st.tuples(moments, moments), label="range"))
    inbox = data.draw(st.sampled_from([None, None, desk.jakarta]), label="inbox")
    agent = data.draw(st.sampled_from([None, None, *people]), label="agent")
    until = max(until, since + timedelta(minutes=1))
    answer = supervisor.call(
        "reports",
        kind=kind,
        **{"from": since.isoformat(), "to": until.isoformat()},
        inbox_id=inbox,
        agent_id=agent,
        time_zone=zone,
    )
    ends = until + (NIGHTS[0] - until) % timedelta(minutes=15)
    total, rows = gone_through(desk, kind, zone, since=since, until=ends, inbox=inbox, agent=agent)
    assert answer["total"] == total
    names = ("day", "agent_id", "inbox_id", "name")
    nothing = {name: value for name, value in total.items() if name in COUNTS}
    got = {}
    for row in answer["rows"]:
        key = row.get("day") or row.get("agent_id") or row["inbox_id"]
        numbers = {name: value for name, value in row.items() if name not in names}
        # days on which nothing was are there, too
        if key in rows or any(
            value if name in nothing else value["n"] for name, value in numbers.items()
        ):
            got[key] = numbers
    assert got == rows
