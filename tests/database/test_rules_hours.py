"""Business hours under hypothesis: whatever the week, the zone and the moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from tests.database.conftest import Desk

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
clock = st.builds(
    "{:02}:{:02}".format, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])
) | st.just("24:00")
spans = st.lists(
    st.tuples(clock.filter(lambda at: at != "24:00"), clock).map(list), min_size=0, max_size=3
)
weeks = st.dictionaries(st.sampled_from(DAYS), spans, max_size=7)
holidays = st.lists(
    st.dates(date(2026, 3, 20), date(2026, 4, 10)).map(date.isoformat), max_size=3, unique=True
)
START = datetime(2026, 3, 20, tzinfo=UTC)
moments = st.integers(0, 21 * 86400).map(lambda seconds: START + timedelta(seconds=seconds))
# Three that change their clocks in this time or never; one that is not a whole hour off.
zones = st.sampled_from(["Asia/Jakarta", "Europe/Berlin", "America/New_York", "Asia/Kathmandu"])
ours = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def hours(zone: str, week: dict[str, Any], closed: list[str]) -> dict[str, Any]:
    return {"zone": zone, "week": week, "holidays": closed}


def ask(desk: Desk, function: str, form: dict[str, Any], *values: object) -> Any:
    marks = ", ".join(["%s"] * len(values))
    return desk.one(f"select private.{function}(%s, {marks})", Jsonb(form), *values)


def is_open_by_hand(form: dict[str, Any], at: datetime) -> bool:
    """For zones whose clocks never change."""
    local = at.astimezone(ZoneInfo(form["zone"])).replace(tzinfo=None)
    for day in (local.date(), local.date() - timedelta(days=1)):
        if day.isoformat() in form["holidays"]:
            continue
        midnight = datetime.combine(day, time())
        for begins, ends in form["week"].get(DAYS[day.weekday()], ()):
            first, last = (
                midnight + timedelta(hours=int(at[:2]), minutes=int(at[3:]))
                for at in (begins, ends)
            )
            if last <= first:
                last += timedelta(days=1)
            if first <= local < last:
                return True
    return False


@ours
@given(st.sampled_from(["Asia/Jakarta", "Asia/Kathmandu"]), weeks, holidays, moments)
def test_an_inbox_is_open_when_its_week_says_so(
    desk: Desk, zone: str, week: dict[str, Any], closed: list[str], at: datetime
) -> None:
    form = hours(zone, week, closed)
    assert ask(desk, "is_open", form, at) is is_open_by_hand(form, at)


@ours
@given(zones, weeks, holidays, moments, st.integers(0, 999))
def test_between_the_last_closing_and_the_next_opening_it_is_closed(
    desk: Desk, zone: str, week: dict[str, Any], closed: list[str], at: datetime, part: int
) -> None:
    form = hours(zone, week, closed)
    if ask(desk, "is_open", form, at):
        return
    since, opens = ask(desk, "closed_since", form, at), ask(desk, "opens_at", form, at)
    if opens is not None:
        assert opens > at
        assert ask(desk, "is_open", form, opens)
        assert not ask(desk, "is_open", form, at + (opens - at) * part // 1000)
    if since is not None:
        assert since <= at
        assert not ask(desk, "is_open", form, since)
        assert ask(desk, "is_open", form, since - timedelta(microseconds=1))
        assert not ask(desk, "is_open", form, since + (at - since) * part // 1000)


@ours
@given(zones, weeks, moments, st.integers(1, 80), st.integers(1, 80))
def test_open_minutes_add_up(
    desk: Desk, zone: str, week: dict[str, Any], at: datetime, some: int, more: int
) -> None:
    form = hours(zone, week, [])
    if ask(desk, "opens_at", form, at) is None:
        assert ask(desk, "open_minutes_after", form, at, some) == at + timedelta(minutes=some)
        return
    first = ask(desk, "open_minutes_after", form, at, some)
    assert first >= at + timedelta(minutes=some)
    assert ask(desk, "is_open", form, first - timedelta(microseconds=1))
    assert ask(desk, "open_minutes_after", form, first, more) == ask(
        desk, "open_minutes_after", form, at, some + more
    )
