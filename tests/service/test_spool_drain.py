"""The database away, silent, or refusing: every answered request is stored once, in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from console.service import drain, webhook
from tests.conftest import Database as Clone
from tests.service.conftest import Rows
from tests.service.requests import CUSTOMER, INBOX, new_sid, whatsapp
from tests.service.spooling import Line, Service, State, line_to, service
from tests.waiting import eventually

pytestmark = pytest.mark.usefixtures("warnings_expected")

BODIES = 'select content from public.messages order by "timestamp"'


@pytest.fixture
async def line(database: Clone) -> AsyncIterator[Line]:
    async with line_to(database.dsn) as line:
        yield line


@pytest.fixture
async def spooling(line: Line, tmp_path: Path) -> AsyncIterator[Service]:
    async with service(line.dsn, tmp_path / "spool") as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A webhook that gives the database less time, so that a test with an outage is short."""
    monkeypatch.setattr(webhook, "COMMIT_SECONDS", 0.4)


def contents(rows: Rows) -> list[str]:
    return [row["content"] for row in rows.all(BODIES)]


async def test_a_database_that_says_nothing_costs_two_seconds_and_no_message(
    spooling: Service, line: Line, rows: Rows
) -> None:
    await spooling.twilio.delivers(whatsapp(Body="before"))
    line.turn(State.SILENT)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await spooling.twilio.delivers(whatsapp(Body="first"))
    await spooling.twilio.delivers(whatsapp(Body="second"))
    assert loop.time() - begun < 10  # Twilio gives up after 15
    assert spooling.spool.depth().waiting == 2
    ready = await spooling.twilio.client.get("/health/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "spooling")
    assert ready.json()["spool"]["waiting"] == 2
    line.turn(State.OPEN)
    await eventually(lambda: contents(rows) == ["before", "first", "second"])
    await eventually(lambda: not spooling.spool.behind)
    ready = await spooling.twilio.client.get("/health/ready")
    assert (ready.json()["status"], ready.json()["spool"]["waiting"]) == ("ready", 0)


async def test_a_lost_answer_of_the_commit_does_not_make_a_second_message(
    spooling: Service, line: Line, rows: Rows
) -> None:
    await spooling.twilio.delivers(whatsapp(Body="before"))
    # The first one opens the connection; on a busy machine it may go by way of the spool.
    await eventually(lambda: contents(rows) == ["before"] and not spooling.spool.behind)
    line.turn(State.DEAF)
    await spooling.twilio.delivers(whatsapp(Body="once"))
    assert line.swallowed > 0
    assert contents(rows) == ["before", "once"]  # stored, though we were not told
    assert spooling.spool.behind
    line.turn(State.OPEN)
    await eventually(lambda: not spooling.spool.behind)
    assert contents(rows) == ["before", "once"]
    assert len(rows.all("select from private.webhook_requests")) == 2


@pytest.mark.usefixtures("impatient")
async def test_an_outage_keeps_everybodys_order_and_later_messages_wait_their_turn(
    spooling: Service, line: Line, rows: Rows
) -> None:
    people = [f"whatsapp:+62812000000{number}" for number in range(5)]
    line.turn(State.CUT)
    for number in range(6):
        await asyncio.gather(
            *(spooling.twilio.delivers(whatsapp(From=who, Body=str(number))) for who in people)
        )
    line.turn(State.OPEN)
    for number in range(6, 12):
        await asyncio.gather(
            *(spooling.twilio.delivers(whatsapp(From=who, Body=str(number))) for who in people)
        )
    await eventually(lambda: len(contents(rows)) == 60)
    for who in people:
        told = rows.all(
            'select content from public.messages where from_number = %s order by "timestamp"', who
        )
        assert [row["content"] for row in told] == [str(number) for number in range(12)]
    await eventually(lambda: not spooling.spool.behind)
    page = spooling.metrics.page(None, spooling.spool.depth()).decode()
    assert "balas_spool_waiting 0.0" in page
    assert 'balas_drained_total{result="stored"}' in page


@pytest.mark.usefixtures("impatient")
async def test_a_spooled_message_stands_where_it_was_written(
    spooling: Service, line: Line, rows: Rows
) -> None:
    line.turn(State.CUT)
    await spooling.twilio.delivers(whatsapp(Body="late"))
    (file,) = spooling.spool.folder.waiting()
    back = rows.value("select clock_timestamp()")
    line.turn(State.OPEN)
    await eventually(lambda: contents(rows) == ["late"])
    message = rows.one("select * from public.messages")
    assert message["timestamp"].timestamp() < file.written < back.timestamp()
    thread = rows.one("select * from public.conversations")
    moments = {thread["last_message_at"], thread["last_inbound_at"], thread["waiting_since"]}
    assert moments == {message["timestamp"]}
    kept = rows.one("select received_at from private.webhook_requests")
    assert kept["received_at"] == message["timestamp"]


@pytest.mark.usefixtures("impatient")
async def test_statuses_and_unreadable_requests_are_spooled_as_well(
    spooling: Service, line: Line, rows: Rows
) -> None:
    line.turn(State.CUT)
    report = {"MessageSid": new_sid(), "MessageStatus": "delivered", "To": CUSTOMER, "From": INBOX}
    assert (await spooling.twilio.post("/status?attempt=1", report)).status_code == 200
    assert (await spooling.twilio.post("/webhook", b"\xff\x00")).status_code == 200
    line.turn(State.OPEN)
    await eventually(lambda: rows.all("select from private.webhook_requests"))
    kept = rows.one("select * from private.webhook_requests")
    assert bytes(kept["body"]) == b"\xff\x00"
    assert "no_message" in kept["flagged"]
    await eventually(lambda: rows.all("select from private.early_statuses"))
    assert rows.value("select sid from private.early_statuses") == report["MessageSid"]


@pytest.mark.usefixtures("impatient")
async def test_only_when_the_spool_is_full_too_is_a_request_refused(
    line: Line, rows: Rows, tmp_path: Path
) -> None:
    async with service(line.dsn, tmp_path / "spool", BALAS_SPOOL_MB="1") as spooling:
        line.turn(State.CUT)
        big = whatsapp(Body="x" * 500_000)
        assert (await spooling.twilio.post("/webhook", big)).status_code == 200
        other = whatsapp(From="whatsapp:+628999", Body="y" * 500_000)
        refused = await spooling.twilio.post("/webhook", other)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
        line.turn(State.OPEN)
        # Full, but the database is there: taken, though out of its turn.
        await eventually(lambda: _is_taken(spooling, other))
        await eventually(lambda: len(contents(rows)) == 2)


async def _is_taken(spooling: Service, request: dict[str, str]) -> bool:
    return (await spooling.twilio.post("/webhook", request)).status_code == 200


@pytest.mark.usefixtures("impatient")
async def test_two_processes_on_one_folder_store_everything_once(
    line: Line, rows: Rows, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        both = [
            await stack.enter_async_context(service(line.dsn, tmp_path / "spool")) for _ in range(2)
        ]
        line.turn(State.CUT)
        requests = [whatsapp(Body=str(number)) for number in range(20)]
        for number, request in enumerate(requests):
            await both[number % 2].twilio.delivers(request)
        line.turn(State.OPEN)
        await eventually(lambda: not any(one.spool.behind for one in both))
    assert contents(rows) == [str(number) for number in range(20)]


@pytest.mark.usefixtures("impatient")
async def test_a_message_does_not_overtake_one_in_the_spool_of_another_process(
    line: Line, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "WAITING_SECONDS", 0.8)
    monkeypatch.setattr(drain, "QUIET_SECONDS", 60)
    async with AsyncExitStack() as stack:
        both = [
            await stack.enter_async_context(service(line.dsn, tmp_path / "spool")) for _ in range(2)
        ]
        line.turn(State.CUT)
        await both[0].twilio.delivers(whatsapp(Body="first"))
        line.turn(State.OPEN)
        await both[1].twilio.delivers(whatsapp(Body="second"))
        await eventually(lambda: contents(rows) == ["first", "second"])


@pytest.mark.usefixtures("impatient")
async def test_while_another_process_drains_it_is_known_whether_waiting_pays(
    spooling: Service, line: Line, rows: Rows
) -> None:
    line.turn(State.CUT)
    with spooling.spool.folder.sole() as ours:
        assert ours
        await spooling.twilio.delivers(whatsapp(Body="one"))
        assert not spooling.spool.flowing
        line.turn(State.OPEN)
        await eventually(lambda: spooling.spool.flowing)
        line.turn(State.CUT)
        await eventually(lambda: not spooling.spool.flowing)
    line.turn(State.OPEN)
    await eventually(lambda: contents(rows) == ["one"])


@pytest.mark.usefixtures("impatient")
async def test_what_a_dead_process_left_is_stored_by_the_next(
    line: Line, rows: Rows, tmp_path: Path
) -> None:
    line.turn(State.CUT)
    async with service(line.dsn, tmp_path / "spool") as first:
        await first.twilio.delivers(whatsapp(Body="left behind"))
    line.turn(State.OPEN)
    async with service(line.dsn, tmp_path / "spool"):
        await eventually(lambda: contents(rows) == ["left behind"])


@pytest.mark.usefixtures("impatient")
async def test_a_damaged_file_is_set_aside_and_the_others_go_on(
    spooling: Service, line: Line, rows: Rows
) -> None:
    line.turn(State.CUT)
    for body in ("one", "two", "three"):
        await spooling.twilio.delivers(whatsapp(Body=body))
    folder = spooling.spool.folder
    second = folder.path / folder.waiting()[1].name
    second.write_bytes(second.read_bytes()[:-5])
    line.turn(State.OPEN)
    await eventually(lambda: contents(rows) == ["one", "three"])
    await eventually(lambda: not spooling.spool.behind)
    assert (folder.path / "aside" / second.name).exists()
    assert spooling.spool.depth().set_aside == 1


@pytest.mark.usefixtures("impatient")
async def test_what_the_database_refuses_waits_without_holding_up_the_others(
    spooling: Service, line: Line, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain, "AGAIN_SECONDS", 0.1)
    rows.do(
        """
        create function public.refuses() returns trigger language plpgsql as $$
        begin
          if new.content = 'poison' then raise exception 'no'; end if;
          return new;
        end $$;
        create trigger refuses before insert on public.messages
          for each row execute function public.refuses();
        """
    )
    line.turn(State.CUT)
    for body in ("one", "poison", "three"):
        await spooling.twilio.delivers(whatsapp(Body=body))
    line.turn(State.OPEN)
    await eventually(lambda: contents(rows) == ["one", "three"])
    await eventually(lambda: spooling.spool.depth().stuck == 1)
    assert not spooling.spool.behind
    await spooling.twilio.delivers(whatsapp(Body="four"))
    assert contents(rows) == ["one", "three", "four"]
    rows.do("drop trigger refuses on public.messages")
    spooling.spool._arrived.set()
    await eventually(lambda: "poison" in contents(rows))
    await eventually(lambda: spooling.spool.depth().waiting == 0)


@pytest.mark.usefixtures("impatient")
async def test_a_late_stop_does_not_undo_a_newer_start(
    spooling: Service, line: Line, rows: Rows
) -> None:
    stop = {"From": "+6281", "To": "+1415", "Body": "STOP", "OptOutType": "STOP"}
    line.turn(State.CUT)
    await spooling.twilio.delivers(_sms(**stop))
    line.turn(State.OPEN)
    await eventually(lambda: not spooling.spool.behind)
    start: dict[str, Any] = {**stop, "Body": "START", "OptOutType": "START"}
    await spooling.twilio.delivers(_sms(**start))
    assert rows.value("select opted_out_at from public.contact_addresses") is None
    late = datetime.fromisoformat("2026-01-01T00:00:00+00:00")
    rows.do(
        "select private.ingest(jsonb_build_object('sid', 'SM1', 'from', '+6281', 'to', '+1415',"
        " 'channel', 'sms', 'addresses', '[\"+6281\"]'::jsonb, 'media', '[]'::jsonb,"
        " 'metadata', '{}'::jsonb, 'message_type', 'text', 'content', 'STOP', 'opt_out', 'STOP'),"
        " 'x', '{}', null, '/webhook', %s)",
        late,
    )
    assert rows.value("select opted_out_at from public.contact_addresses") is None


def _sms(**changes: str) -> dict[str, str]:
    return {"MessageSid": new_sid(), "NumMedia": "0", **changes}
