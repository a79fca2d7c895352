"""The outbound side of Twilio's list: lost statuses, other senders, sends of unknown fate."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest

from console.service.sweep import Sweep
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio
from tests.service.requests import CUSTOMER, INBOX, new_sid, whatsapp
from tests.service.sweeping import Past, config_for, past, proved_until, sweeping

pytestmark = pytest.mark.usefixtures("warnings_expected")

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
THREAD = 'select * from public.messages order by "timestamp"'


@pytest.fixture
async def twilios_past() -> AsyncIterator[Past]:
    async with past() as remembered:
        yield remembered


@pytest.fixture
async def sweeper(database: Clone, twilios_past: Past) -> AsyncIterator[Sweep]:
    async with sweeping(config_for(database.dsn, twilios_past)) as running:
        yield running


@pytest.fixture(autouse=True)
def our_inbox(rows: Rows, an_inbox: Callable[[str], Any]) -> Any:
    """An inbox that was complete four hours ago."""
    proved_until(rows, 4 * HOUR)
    return an_inbox(INBOX)


def contents(rows: Rows) -> list[str]:
    return [row["content"] for row in rows.all(THREAD)]


async def test_what_others_sent_from_our_number_stands_in_the_thread(
    twilios_past: Past, sweeper: Sweep, rows: Rows, twilio: Twilio, our_inbox: Any
) -> None:
    await twilio.delivers(whatsapp(Body="hello"))
    waiting = rows.value("select waiting_since from public.conversations")
    stranger = "whatsapp:+6281200000077"
    one = twilios_past.sent("Your code is 1234", HOUR, to=stranger, status="read")
    twilios_past.sent("From the console", 2 * HOUR)
    twilios_past.sent("not our number", HOUR, sender="+14155550199", to="+628123")
    done = await sweeper.run()
    assert done is not None
    assert done.outside == 2
    assert contents(rows) == ["Your code is 1234", "hello", "From the console"]
    code = rows.one("select * from public.messages where message_sid = %s", one.sid)
    assert (code["direction"], code["status"], code["sent_by"]) == ("outbound", "read", None)
    assert code["metadata"]["outside"] is True
    assert (code["from_number"], code["to_number"]) == (INBOX, stranger)
    made = rows.one("select * from public.conversations where id = %s", code["conversation_id"])
    assert (made["status"], made["inbox_id"], made["waiting_since"]) == (
        "resolved",
        our_inbox,
        None,
    )
    thread = rows.one("select * from public.conversations where id <> %s", made["id"])
    assert (thread["status"], thread["waiting_since"]) == ("open", waiting)


def _reply(rows: Rows, *, ago: timedelta, sid: str | None, outcome: str, status: str) -> Any:
    """A send of ours, so long ago."""
    rows.do(
        "insert into public.contacts (name) select 'Siti' where not exists"
        " (select from public.contacts)"
    )
    rows.do(
        "insert into public.conversations (inbox_id, contact_id)"
        " select i.id, c.id from public.inboxes i, public.contacts c on conflict do nothing"
    )
    message = rows.value(
        'insert into public.messages (conversation_id, direction, content, "timestamp", status,'
        " message_sid, from_number, to_number)"
        " select id, 'outbound', 'On its way', now() - %s::interval, %s, %s, %s, %s"
        " from public.conversations returning id",
        ago, status, sid, INBOX, CUSTOMER,
    )  # fmt: skip
    rows.do(
        "with attempt as (insert into public.delivery_attempts (message_id, started_at, outcome)"
        " values (%s, now() - %s::interval, %s) returning id)"
        " update public.messages set attempt_id = (select id from attempt) where id = %s",
        message, ago, outcome, message,
    )  # fmt: skip
    return message


async def test_a_status_that_never_came_is_read_from_the_list(
    twilios_past: Past, sweeper: Sweep, rows: Rows
) -> None:
    sid = twilios_past.sent("On its way", HOUR, status="undelivered", error_code=63016).sid
    _reply(rows, ago=HOUR, sid=sid, outcome="accepted", status="sent")
    await sweeper.run()
    message = rows.one(THREAD)
    assert (message["status"], message["error_code"]) == ("undelivered", 63016)
    assert message["error_text"]


async def test_our_own_send_of_unknown_fate_never_becomes_a_second_row(
    twilios_past: Past, sweeper: Sweep, rows: Rows
) -> None:
    sid = twilios_past.sent("On its way", 2 * MINUTE).sid
    message = _reply(rows, ago=2 * MINUTE, sid=None, outcome="uncertain", status="uncertain")
    await sweeper.run()
    assert rows.one(THREAD)["message_sid"] is None
    assert rows.value("select sid from private.sweep_unsure") == sid
    # Nobody has found out in time: then the list says it.
    rows.do("update public.delivery_attempts set started_at = now() - interval '12 minutes'")
    rows.do(
        "update private.sweep_unsure set listed = listed || jsonb_build_object("
        " 'at', now() - interval '12 minutes')"
    )
    proved_until(rows, MINUTE)
    await sweeper.run()
    settled = rows.one(THREAD)
    assert (settled["id"], settled["message_sid"]) == (message, sid)
    assert settled["status"] == "delivered"
    assert rows.all("select from private.sweep_unsure") == []


async def test_another_text_at_the_same_time_waits_until_ours_has_its_own(
    twilios_past: Past, sweeper: Sweep, rows: Rows
) -> None:
    twilios_past.sent("Something else", 2 * MINUTE)
    _reply(rows, ago=2 * MINUTE, sid=None, outcome="uncertain", status="uncertain")
    await sweeper.run()
    assert contents(rows) == ["On its way"]
    rows.do("update public.messages set message_sid = %s", new_sid())
    proved_until(rows, MINUTE)
    await sweeper.run()
    assert sorted(contents(rows)) == ["On its way", "Something else"]
