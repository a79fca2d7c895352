"""What the worker does by itself: statuses that never came, templates, ended snoozes."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from console.service import polls, templates
from console.service.config import Config
from console.service.database import Database, webhook_pool
from console.service.twilio import Twilio
from tests.conftest import Database as Clone
from tests.local.twilio_world import ACCOUNT, TOKEN, WHATSAPP, World, simulated_world
from tests.service.conftest import Rows, config_of
from tests.service.requests import CUSTOMER
from tests.service.working import Desk, worker
from tests.waiting import eventually

APPROVED = "HX0000000000000000000000000000a001"
PENDING = "HX0000000000000000000000000000a003"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A simulator whose callbacks reach somebody else."""
    with simulated_world() as made:
        yield made


@pytest.fixture
def config(database: Clone, world: World) -> Config:
    return config_of(
        database.dsn,
        TWILIO_ACCOUNT_SID=ACCOUNT,
        TWILIO_AUTH_TOKEN=TOKEN,
        TWILIO_API_URL=world.api_url,
        TWILIO_CONTENT_URL=world.api_url,
        PUBLIC_URL=world.receiver.url,
    )


@pytest.fixture
async def service(config: Config) -> AsyncIterator[tuple[Database, Twilio]]:
    """The connections of a worker."""
    pool = webhook_pool(config)
    await pool.open()
    twilio = Twilio(config)
    yield Database(pool), twilio
    await twilio.close()
    await pool.close()


@pytest.fixture
def desk(rows: Rows, world: World) -> Desk:
    """An inbox at the simulator's sender, and a customer who wrote just now."""
    made = Desk(rows)
    rows.do("update public.inboxes set address = %s", WHATSAPP)
    world.post("/sim/inbound", **{"from": CUSTOMER, "body": "Halo", "deliver": False})
    return made


def agent_of(rows: Rows, inbox: Any) -> str:
    agent = str(uuid.uuid4())
    rows.do("insert into public.profiles (id, display_name) values (%s, 'Dewi')", agent)
    rows.do("insert into public.inbox_members (inbox_id, profile_id) values (%s, %s)", inbox, agent)
    return agent


def let_time_pass(rows: Rows, time: str) -> None:
    """Every message and every question is so much older."""
    rows.do("update public.delivery_attempts set started_at = started_at - %s::interval", time)
    rows.do('update public.messages set "timestamp" = "timestamp" - %s::interval', time)
    rows.do("update private.status_polls set not_before = not_before - %s::interval", time)


async def test_a_message_whose_callbacks_were_lost_is_asked_for_after_ten_minutes(
    config: Config, service: tuple[Database, Twilio], desk: Desk, rows: Rows, world: World
) -> None:
    reply = desk.reply()
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
    sid = desk.message(reply)["message_sid"]
    await eventually(lambda: world.status_of(sid)[0] == "read")
    assert await polls.ask(*service) == 0
    assert desk.status(reply) == "accepted"
    let_time_pass(rows, "10 minutes")
    assert await polls.ask(*service) == 1
    assert desk.status(reply) == "read"
    let_time_pass(rows, "1 day")
    assert await polls.ask(*service) == 0


async def test_one_that_stays_undelivered_is_asked_for_three_times_in_all(
    config: Config, service: tuple[Database, Twilio], desk: Desk, rows: Rows, world: World
) -> None:
    world.post("/sim/faults", number=CUSTOMER, fault="blocked", times=1)
    reply = desk.reply()
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
    sid = desk.message(reply)["message_sid"]
    await eventually(lambda: world.status_of(sid)[0] == "sent")
    asked = 0
    for time in ("10 minutes", "10 minutes", "40 minutes", "2 hours", "22 hours", "1 day"):
        let_time_pass(rows, time)
        asked += await polls.ask(*service)
    assert asked == 3
    assert desk.status(reply) == "sent"


async def test_a_question_that_twilio_does_not_answer_is_asked_again(
    config: Config, service: tuple[Database, Twilio], desk: Desk, rows: Rows, world: World
) -> None:
    reply = desk.reply()
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
    let_time_pass(rows, "10 minutes")
    away = Twilio(config_of(config.database_url, TWILIO_ACCOUNT_SID=ACCOUNT))
    assert await polls.ask(service[0], away) == 0
    await away.close()
    assert await polls.ask(*service) == 0  # not at once
    let_time_pass(rows, "6 minutes")
    assert await polls.ask(*service) == 1


async def test_a_key_that_is_refused_for_a_while_costs_no_message(
    config: Config,
    desk: Desk,
    rows: Rows,
    world: World,
    warnings_expected: pytest.LogCaptureFixture,
) -> None:
    world.post("/sim/faults", number=CUSTOMER, fault="auth_refused", times=1)
    reply = desk.reply("Sebentar ya")
    state = "select state from public.service_state"
    async with worker(config):
        await eventually(lambda: rows.value(state) == "stopped")
        assert desk.status(reply) == "queued"
        rows.do("update public.service_state set next_try_at = now()")
        await eventually(lambda: desk.status(reply) == "accepted")
    assert rows.value(state) == "running"
    assert "Twilio refuses the account" in warnings_expected.text
    creates = world.get("/sim/creates", to=CUSTOMER)["creates"]
    answers = [c["status"] for c in creates if c["body"] == "Sebentar ya"]
    assert answers == [401, 201]


async def test_templates_come_with_their_approval_language_and_variables(
    service: tuple[Database, Twilio], rows: Rows, world: World
) -> None:
    rows.do(
        "insert into public.templates (content_sid, name, body) values ('HXgone', 'gone', 'gone')"
    )
    assert await templates.bring_up_to_date(*service)
    found = {row["content_sid"]: row for row in rows.all("select * from public.templates")}
    first = found[APPROVED]
    assert first["name"] == "tindak_lanjut_pesanan"
    assert first["language"] == "id"
    assert first["status"] == "approved"
    assert first["variables"] == {"1": "Siti", "2": "#INV-2231"}
    assert first["body"].startswith("Halo {{1}}, pesanan {{2}}")
    assert found[PENDING]["status"] == "pending"
    rejected = found["HX0000000000000000000000000000a004"]
    assert (rejected["status"], rejected["rejection_reason"]) == ("rejected", "ABUSIVE_CONTENT")
    buttons = found["HX0000000000000000000000000000a005"]["types"]["twilio/quick-reply"]
    assert [action["id"] for action in buttons["actions"]] == ["arrived_yes", "arrived_no"]
    assert "HXgone" not in found
    # not due yet; and where nothing changed, no window hears of it
    assert not await templates.bring_up_to_date(*service)
    seen = rows.value("select max(seq) from private.changes")
    rows.do("update private.rounds set due_at = now()")
    assert await templates.bring_up_to_date(*service)
    assert rows.value("select max(seq) from private.changes") == seen


async def test_a_template_reopens_a_closed_conversation_from_end_to_end(
    config: Config,
    service: tuple[Database, Twilio],
    database: Clone,
    desk: Desk,
    rows: Rows,
    world: World,
) -> None:
    await templates.bring_up_to_date(*service)
    rows.do("update public.conversations set last_inbound_at = now() - interval '25 hours'")
    agent = agent_of(rows, desk.inbox)
    message = str(uuid.uuid4())
    send = "select public.send_message(%s, %s, template => %s)"

    def ask(connection: psycopg.Connection[Any], template: dict[str, Any]) -> Any:
        return connection.execute(send, [message, desk.conversation, Jsonb(template)])

    with database.acting_as(agent) as connection:
        with pytest.raises(psycopg.Error, match="template_not_approved"):
            ask(connection, {"content_sid": PENDING, "variables": {"1": "20%", "2": "Toko"}})
        with pytest.raises(psycopg.Error, match="bad_template"):
            ask(connection, {"content_sid": APPROVED, "variables": {"1": "Siti"}})
        ask(connection, {"content_sid": APPROVED, "variables": {"1": "Siti {{2}}", "2": "#77"}})
    sent = desk.message(message)
    text = "Halo Siti {{2}}, pesanan #77 sudah dikirim. Ada yang bisa kami bantu?"
    assert sent["content"] == text
    assert sent["metadata"]["template"]["name"] == "tindak_lanjut_pesanan"
    world.post("/sim/customers", address=CUSTOMER, last_inbound="2026-01-01T00:00:00+00:00")
    async with worker(config):
        await eventually(lambda: desk.status(message) == "accepted")
    sid = desk.message(message)["message_sid"]
    await eventually(lambda: world.status_of(sid)[0] in ("delivered", "read"))
    (create,) = world.get("/sim/creates", sid=sid)["creates"]
    assert create["form"]["ContentSid"] == [APPROVED]
    assert "Body" not in create["form"]
    assert world.client.messages(sid).fetch().body == text


async def test_the_worker_opens_what_was_put_away_until_now(
    config: Config, rows: Rows, desk: Desk
) -> None:
    rows.do(
        "update public.conversations set status = 'snoozed',"
        " snoozed_until = now() + interval '0.5 seconds'"
    )
    async with worker(config):
        status = "select status from public.conversations"
        await eventually(lambda: rows.value(status) == "open", within=15)
    assert rows.value("select data ->> 'by' from public.events") == "time"
