"""Twilio's own list against ours: every hole is filled, once, in its place, provably."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from console.local.samples import sample
from console.local.twilio.inbound import File
from console.service import history, sweep
from console.service.config import Config
from console.service.database import Database, webhook_pool
from console.service.history import Page
from console.service.metrics import Metrics
from console.service.sweep import Sweep
from console.service.twilio import UnknownOutcomeError
from console.service.webhook import application
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio
from tests.service.requests import CUSTOMER, INBOX, SMS_CUSTOMER, SMS_INBOX, whatsapp
from tests.service.sweeping import Past, complete_to, config_for, past, proved_until, sweeping
from tests.service.working import worker
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("warnings_expected")

HOUR, MINUTE, SECOND = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
THREAD = 'select * from public.messages order by "timestamp"'


@pytest.fixture
async def twilios_past() -> AsyncIterator[Past]:
    async with past() as remembered:
        yield remembered


@pytest.fixture
def config(database: Clone, twilios_past: Past) -> Config:
    return config_for(database.dsn, twilios_past)


@pytest.fixture
async def sweeper(config: Config) -> AsyncIterator[Sweep]:
    async with sweeping(config) as running:
        yield running


@pytest.fixture(autouse=True)
def our_inbox(rows: Rows, an_inbox: Callable[[str], Any]) -> Any:
    """An inbox that was complete four hours ago."""
    proved_until(rows, 4 * HOUR)
    return an_inbox(INBOX)


def contents(rows: Rows) -> list[str]:
    return [row["content"] for row in rows.all(THREAD)]


async def test_an_outage_of_hours_is_filled_in_the_order_of_writing(
    twilios_past: Past, sweeper: Sweep, rows: Rows
) -> None:
    other = "whatsapp:+6281200000009"
    first = twilios_past.wrote("first", 3 * HOUR)
    twilios_past.wrote("somebody else", 2 * HOUR, sender=other)
    for number in range(3):  # in one second: the list has no finer time
        twilios_past.wrote(str(number), HOUR)
    twilios_past.wrote("last", MINUTE)
    done = await sweeper.run()
    assert done is not None
    assert done.filled == 6
    told = rows.all(THREAD.replace("order", "where from_number = %s order"), CUSTOMER)
    assert [row["content"] for row in told] == ["first", "0", "1", "2", "last"]
    written = datetime.fromtimestamp(int(first.created), UTC)
    assert told[0]["timestamp"] == written
    assert told[0]["metadata"]["swept"]["sent_at"] == written.isoformat()
    raw = rows.one("select * from private.webhook_requests where message_id = %s", told[0]["id"])
    assert raw["path"] == "/sweep"
    assert json.loads(bytes(raw["body"]))["sid"] == first.sid
    thread = rows.one(
        "select * from public.conversations where id = %s", told[0]["conversation_id"]
    )
    assert thread["last_inbound_at"] == told[-1]["timestamp"]  # the window is the customer's
    assert thread["waiting_since"] == written
    assert thread["status"] == "open"
    assert datetime.now(UTC) - complete_to(rows) < 10 * SECOND


async def test_what_is_here_stays_as_it_is(
    twilios_past: Past, sweeper: Sweep, rows: Rows, twilio: Twilio
) -> None:
    known = twilios_past.wrote("known", HOUR)
    await twilio.delivers(twilios_past.webhook(known))
    before = rows.one(THREAD)
    done = await sweeper.run()
    assert done is not None
    assert (done.listed, done.filled) == (1, 0)
    assert rows.one(THREAD) == before
    proved_until(rows, 4 * HOUR)
    again = await sweeper.run()
    assert again is not None
    assert again.filled == 0


async def test_a_webhook_that_turns_up_later_adds_what_the_list_did_not_know(
    twilios_past: Past, sweeper: Sweep, rows: Rows, twilio: Twilio
) -> None:
    message = twilios_past.wrote("", HOUR)
    await sweeper.run()
    poor = rows.one(THREAD)
    assert poor["metadata"]["kind"] == "unsupported"
    assert rows.value("select name from public.contacts") is None
    request = twilios_past.webhook(message) | {
        "MessageType": "location",
        "Latitude": "-6.2",
        "Longitude": "106.8",
    }
    await twilio.delivers(request)
    rich = rows.one(THREAD)
    assert rich["metadata"]["kind"] == "location"
    assert rich["metadata"]["raw"] == request
    assert rich["metadata"]["swept"]["sent_at"] == poor["metadata"]["swept"]["sent_at"]
    assert (rich["id"], rich["timestamp"]) == (poor["id"], poor["timestamp"])
    assert rows.value("select name from public.contacts") == "Siti Rahma"
    assert len(rows.all("select from private.webhook_requests")) == 2


async def test_a_hole_in_a_thread_that_went_on_is_filled_at_its_end(
    twilios_past: Past, sweeper: Sweep, rows: Rows, twilio: Twilio
) -> None:
    await twilio.delivers(whatsapp(Body="answered already"))
    newer = rows.one(THREAD)
    rows.do("update public.conversations set status = 'resolved', waiting_since = null")
    missed = twilios_past.wrote("missed", 2 * HOUR)
    await sweeper.run()
    assert contents(rows) == ["answered already", "missed"]
    late = rows.all(THREAD)[1]
    assert late["timestamp"] - newer["timestamp"] == timedelta(microseconds=1)
    thread = rows.one("select * from public.conversations")
    assert thread["status"] == "open"
    assert thread["last_inbound_at"] == newer["timestamp"]
    assert thread["waiting_since"] == datetime.fromtimestamp(int(missed.created), UTC)


async def test_files_come_with_the_message(
    config: Config, twilios_past: Past, sweeper: Sweep, rows: Rows
) -> None:
    photo = sample("paket.jpg")
    file = File("image/jpeg", photo.content)
    twilios_past.wrote("", HOUR, files=(file, file))
    await sweeper.run()
    message = rows.one(THREAD)
    assert (message["message_type"], message["metadata"]["kind"]) == ("image", "image")
    assert [item["content_type"] for item in message["media"]] == ["image/jpeg"] * 2
    assert rows.value("select task_name from jobs.procrastinate_jobs") == "copy_media"
    for item in message["media"]:
        assert item["url"].startswith(f"{config.twilio_api_url}/2010-04-01/")
        assert not item["url"].endswith(".json")


async def test_a_number_that_is_not_ours_is_left_alone_until_it_is(
    twilios_past: Past, sweeper: Sweep, rows: Rows, an_inbox: Callable[[str], Any]
) -> None:
    twilios_past.wrote("early", 3 * HOUR, sender=SMS_CUSTOMER, to=SMS_INBOX)
    twilios_past.wrote("later", HOUR, sender=SMS_CUSTOMER, to=SMS_INBOX)
    await sweeper.run()
    assert contents(rows) == []
    elsewhere = rows.one("select * from private.sweep_elsewhere")
    assert elsewhere["address"] == SMS_INBOX
    an_inbox(SMS_INBOX)
    done = await sweeper.run()
    assert done is not None
    assert contents(rows) == ["early", "later"]
    assert rows.all("select from private.sweep_elsewhere") == []


async def test_an_opt_out_that_nobody_took_counts(
    twilios_past: Past, sweeper: Sweep, rows: Rows, an_inbox: Callable[[str], Any]
) -> None:
    an_inbox(SMS_INBOX)
    stop = twilios_past.wrote("Stop ", HOUR, sender=SMS_CUSTOMER, to=SMS_INBOX)
    await sweeper.run()
    opted_out = rows.value("select opted_out_at from public.contact_addresses")
    assert opted_out == datetime.fromtimestamp(int(stop.created), UTC)


async def test_a_crowded_window_is_read_in_smaller_ones(
    twilios_past: Past, sweeper: Sweep, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweep, "MOST", 6)
    monkeypatch.setattr(history.page, "__kwdefaults__", {"size": 3})
    proved_until(rows, 2 * MINUTE)
    monkeypatch.setattr(sweep, "OVERLAP", SECOND)
    for number in range(10):
        twilios_past.wrote(str(number), MINUTE - number * SECOND)
    for number in range(10, 18):  # more in one second than there may be in a window
        twilios_past.wrote(str(number), MINUTE / 2)
    done = await sweeper.run()
    assert done is not None
    assert done.filled == 18
    assert contents(rows) == [str(number) for number in range(18)]


async def test_an_interrupted_sweep_goes_on_where_it_was_and_says_why(
    twilios_past: Past,
    sweeper: Sweep,
    rows: Rows,
    monkeypatch: pytest.MonkeyPatch,
    database: Clone,
) -> None:
    for hours in (3, 2, 1):
        twilios_past.wrote(f"{hours} hours ago", hours * HOUR)
    monkeypatch.setattr(sweep, "TRIES", 1)
    asked: list[datetime] = []
    real = history.page

    async def breaks_off(
        twilio: Any, since: datetime, until: datetime, place: str | None = None
    ) -> Page:
        asked.append(since)
        if len(asked) == 3:
            raise UnknownOutcomeError("HTTP 502", 502)
        return await real(twilio, since, until, place)

    monkeypatch.setattr(history, "page", breaks_off)
    await sweeper.run()
    assert len(asked) == 3
    assert contents(rows) == ["3 hours ago"]
    reached = complete_to(rows)
    assert HOUR < datetime.now(UTC) - reached < 3 * HOUR
    health = rows.value("select private.sweep_health()")
    assert "502" in health["why"]
    assert health["failing_since"]
    await sweeper.run()
    assert asked[3] == reached - sweep.OVERLAP
    assert contents(rows) == ["3 hours ago", "2 hours ago", "1 hours ago"]
    health = rows.value("select private.sweep_health()")
    assert (health["why"], health["failing_since"]) == (None, None)
    assert health["filled"] == {"inbound": 3, "outbound": 0}


async def test_of_several_workers_one_sweeps_and_a_dead_one_holds_nobody_up(
    twilios_past: Past, config: Config, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    twilios_past.wrote("once", HOUR)
    async with sweeping(config) as one, sweeping(config) as other:
        begun, go_on = asyncio.Event(), asyncio.Event()
        real = history.page

        async def halting(*arguments: Any) -> Page:
            begun.set()
            await go_on.wait()
            return await real(*arguments)

        monkeypatch.setattr(history, "page", halting)
        sweeps = asyncio.create_task(one.run())
        await begun.wait()
        assert await other.run() is None
        # It holds still for so long that it is taken for dead, and wakes again.
        rows.do("update private.sweep_state set held_until = now() - interval '1 second'")
        monkeypatch.setattr(history, "page", real)
        done = await other.run()
        assert done is not None
        assert done.filled == 1
        reached = complete_to(rows)
        go_on.set()
        paused = await sweeps
        assert paused is not None
        assert paused.complete_to is None
        assert complete_to(rows) == reached
    assert contents(rows) == ["once"]


async def test_people_read_how_far_it_is_proved_about_their_own_inboxes_only(
    twilios_past: Past, sweeper: Sweep, rows: Rows, database: Clone, our_inbox: Any
) -> None:
    twilios_past.wrote("missed", HOUR)
    twilios_past.wrote("elsewhere", HOUR, sender=SMS_CUSTOMER, to=SMS_INBOX)
    await sweeper.run()
    people = {}
    for role, name in (("agent", "member"), ("agent", "outsider"), ("admin", "admin")):
        people[name] = rows.value(
            "insert into public.profiles (id, role) values (gen_random_uuid(), %s) returning id",
            role,
        )
    rows.do("insert into public.inbox_members values (%s, %s)", our_inbox, people["member"])
    other = rows.value(
        "insert into public.inboxes (name, channel) values ('x', 'sms') returning id"
    )
    rows.do("insert into public.inbox_members values (%s, %s)", other, people["outsider"])

    def asks(name: str) -> Any:
        with database.acting_as(people[name]) as connection:
            row = connection.execute("select public.completeness()").fetchone()
            assert row is not None
            return row[0]

    proof = asks("member")
    assert datetime.fromisoformat(proof["complete_to"]) == complete_to(rows)
    assert (proof["filled"], len(proof["fills"])) == (1, 1)
    assert proof["fills"][0]["message_id"] == str(rows.one(THREAD)["id"])
    assert "elsewhere" not in proof
    assert (asks("outsider")["filled"], asks("outsider")["fills"]) == (0, [])
    assert [one["address"] for one in asks("admin")["elsewhere"]] == [SMS_INBOX]


async def test_operators_see_how_far_it_is_proved(
    twilios_past: Past, sweeper: Sweep, rows: Rows, database: Clone
) -> None:
    twilios_past.wrote("missed", HOUR)
    await sweeper.run()
    metrics = Metrics()
    config = config_for(database.dsn, twilios_past, METRICS_TOKEN="metrics")
    async with webhook_pool(config) as pool:
        transport = httpx.ASGITransport(application(config, Database(pool), metrics))
        async with httpx.AsyncClient(transport=transport, base_url="http://internal") as client:
            page = await client.get("/metrics", headers={"authorization": "Bearer metrics"})
    numbers = dict(line.rsplit(" ", 1) for line in page.text.splitlines() if line[0] != "#")
    reached = float(numbers["balas_sweep_complete_to_timestamp_seconds"])
    assert reached == complete_to(rows).timestamp()
    assert 'balas_sweep_filled{direction="inbound"} 1.0' in page.text
    assert "balas_sweep_failing_seconds 0.0" in page.text


async def test_a_worker_sweeps_by_itself(database: Clone, twilios_past: Past, rows: Rows) -> None:
    twilios_past.wrote("missed", HOUR)
    async with worker(config_for(database.dsn, twilios_past, BALAS_SWEEP_SECONDS="1")):
        await eventually(lambda: contents(rows) == ["missed"])
        await eventually(lambda: datetime.now(UTC) - complete_to(rows) < 10 * SECOND)
        twilios_past.wrote("missed again", 2 * SECOND)
        await eventually(lambda: contents(rows) == ["missed", "missed again"])
