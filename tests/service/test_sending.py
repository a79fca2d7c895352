"""Sending: one call for each message, in order, and never a second one that could double it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from console.service.config import Config
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.requests import ACCOUNT, CUSTOMER, INBOX, PUBLIC_URL, TOKEN
from tests.service.stand_in import Answer, StandIn, refusal, running
from tests.service.working import Desk, variables, worker
from tests.waiting import eventually


@pytest.fixture
async def stand_in() -> AsyncIterator[StandIn]:
    async with running() as server:
        yield server


@pytest.fixture
def config(database: Clone, stand_in: StandIn) -> Config:
    return config_of(database.dsn, TWILIO_API_URL=stand_in.url, SUPABASE_URL=stand_in.url)


@pytest.fixture
def desk(rows: Rows) -> Desk:
    return Desk(rows)


async def test_a_reply_is_one_create_with_the_right_fields(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    reply = desk.reply("Sudah dikirim 📦")
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
        (attempt,) = desk.attempts(reply)
        workers = desk.rows.all("select id::text from jobs.procrastinate_workers")
        assert [row["id"] for row in workers] == [attempt["worker"]]
    (create,) = stand_in.creates
    assert create.form == {
        "To": CUSTOMER,
        "From": INBOX,
        "Body": "Sudah dikirim 📦",
        "StatusCallback": f"{PUBLIC_URL}/status?attempt={attempt['id']}"
        "#rc=5&rp=all&ct=2000&rt=4000&e=singapore,ashburn",
    }
    assert create.login == f"{ACCOUNT}:{TOKEN}"
    message = desk.message(reply)
    assert message["message_sid"] == stand_in.made[0]["sid"] == attempt["sid"]
    assert message["attempt_id"] == attempt["id"]
    assert (attempt["outcome"], attempt["http_status"]) == ("accepted", 201)


async def test_an_api_key_logs_in_where_there_is_one(
    database: Clone, stand_in: StandIn, desk: Desk
) -> None:
    config = config_of(
        database.dsn,
        TWILIO_API_URL=stand_in.url,
        TWILIO_API_KEY="SK1",
        TWILIO_API_SECRET="secret",
    )
    reply = desk.reply()
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
    assert stand_in.creates[0].login == "SK1:secret"


async def test_a_file_is_sent_by_a_signed_url_that_names_it(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    path = f"{desk.conversation}/1/0/faktur.pdf"
    stand_in.objects[f"attachments/{path}"] = ("application/pdf", b"%PDF-1.7")
    file = {"bucket": "attachments", "path": path, "name": "Faktur März.pdf", "state": "stored"}
    reply = desk.reply("", media=[file])
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
    form = stand_in.creates[0].form
    assert form["MediaUrl"] == (
        f"{stand_in.url}/storage/v1/object/sign/attachments/{path}?token=t"
        "&download=Faktur%20M%C3%A4rz.pdf"
    )
    assert "Body" not in form
    (signing,) = stand_in.storage_requests
    assert signing.headers["authorization"] == "Bearer sb_secret_test"
    assert int(json.loads(signing.body)["expiresIn"]) > 4 * 3600


async def test_a_template_goes_by_its_sid_and_values(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    template = {"content_sid": "HX" + "a" * 32, "variables": {"1": "Siti"}, "name": "kabar"}
    reply = desk.reply("Halo Siti", metadata={"kind": "template", "template": template})
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
    form = stand_in.creates[0].form
    assert form["ContentSid"] == template["content_sid"]
    assert variables(form["ContentVariables"]) == {"1": "Siti"}
    assert "Body" not in form


async def test_an_inbox_with_a_messaging_service_sends_through_it(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    rows.do("update public.inboxes set messaging_service_sid = 'MG1'")
    reply = desk.reply()
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
    form = stand_in.creates[0].form
    assert form["MessagingServiceSid"] == "MG1"
    assert "From" not in form


async def test_replies_of_a_conversation_leave_in_order_whatever_the_jobs_do(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    other = desk.conversation_with("whatsapp:+6281111111111")
    for number in range(10):
        desk.reply(f"a{number}")
        desk.reply(f"b{number}", conversation=other, to="whatsapp:+6281111111111")
    rows.do("delete from jobs.procrastinate_jobs where id %% 3 = 0")
    async with worker(config), worker(config):
        await eventually(lambda: len(stand_in.creates) == 20)
        await eventually(
            lambda: (
                rows.value("select count(*) from public.messages where status = 'accepted'") == 20
            )
        )
    bodies = [create.form["Body"] for create in stand_in.creates]
    assert [body for body in bodies if body[0] == "a"] == [f"a{n}" for n in range(10)]
    assert [body for body in bodies if body[0] == "b"] == [f"b{n}" for n in range(10)]


async def test_429_is_waited_out_and_the_order_kept(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    too_fast = refusal(429, 20429, "Too Many Requests")
    stand_in.script.extend([too_fast, refusal(429, 20429, "Too Many", **{"retry-after": "0"})])
    first, second = desk.reply("satu"), desk.reply("dua")
    async with worker(config):
        await eventually(lambda: desk.status(second) == "accepted")
    assert [create.form["Body"] for create in stand_in.creates] == ["satu", "satu", "satu", "dua"]
    outcomes = [attempt["outcome"] for attempt in desk.attempts(first)]
    assert outcomes == ["retry", "retry", "accepted"]
    assert desk.attempts(first)[0]["error_code"] == 20429
    assert desk.message(first)["error_code"] is None
    callbacks = {create.form["StatusCallback"] for create in stand_in.creates}
    assert len(callbacks) == 4


async def test_a_refused_connection_is_tried_again_until_twilio_is_back(
    database: Clone, desk: Desk
) -> None:
    async with running() as gone:
        port = gone.port
    config = config_of(database.dsn, TWILIO_API_URL=f"http://127.0.0.1:{port}")
    reply = desk.reply()
    back = StandIn(port)
    async with worker(config):
        await eventually(lambda: len(desk.attempts(reply)) >= 2)
        server = await asyncio.start_server(back.serve, "127.0.0.1", port)
        await eventually(lambda: desk.status(reply) == "accepted")
        server.close()
    assert len(back.creates) == 1
    assert {attempt["outcome"] for attempt in desk.attempts(reply)} == {"retry", "accepted"}


@pytest.mark.parametrize(
    "answer",
    [
        Answer(500, b"oops"),
        Answer(502, b"<html>"),
        Answer(503, b""),
        Answer(201, b"<html>made</html>"),
        Answer(201, b'{"status": "queued"}'),
        Answer(201, b'{"sid": "SM00000000000000000000000000000000", "sta', cut=40),
        Answer(201, b"[]"),
        Answer(201, b"", cut=0, headers={"content-length": "10"}),
        Answer(302, b"", headers={"location": "https://example.com"}),
    ],
    ids=lambda answer: f"{answer.status}-{answer.body[:12].decode()}",
)
async def test_an_unclear_answer_never_leads_to_a_second_create(
    config: Config, stand_in: StandIn, desk: Desk, answer: Answer
) -> None:
    carried_out = Answer(answer.status, answer.body, answer.headers, answer.cut, carried_out=True)
    stand_in.script.append(carried_out if answer.status != 302 else answer)
    reply, after = desk.reply("satu"), desk.reply("dua")
    async with worker(config):
        await eventually(lambda: desk.status(after) == "accepted")
        if answer.status == 302:
            assert desk.status(reply) == "failed"
        else:
            await eventually(lambda: desk.status(reply) == "accepted")
    assert [create.form["Body"] for create in stand_in.creates] == ["satu", "dua"]
    if answer.status != 302:
        assert desk.message(reply)["message_sid"] == stand_in.made[-1]["sid"]
        assert desk.attempts(reply)[0]["outcome"] == "settled"


async def test_what_twilio_does_not_list_stays_for_the_agent_to_decide(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    stand_in.script.append(Answer(500))
    stand_in.makes({"To": CUSTOMER, "From": INBOX, "Body": "another text"})
    reply = desk.reply()
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "uncertain")
        await eventually(lambda: rows.all("select from jobs.procrastinate_jobs where attempts > 0"))
        rows.do(
            "update public.delivery_attempts set started_at = started_at - interval '11 minutes'"
        )
        rows.do("update jobs.procrastinate_jobs set scheduled_at = now()")
        await eventually(lambda: rows.all("select from jobs.procrastinate_jobs") == [])
    assert desk.status(reply) == "uncertain"
    assert desk.attempts(reply)[0]["outcome"] == "uncertain"
    assert len(stand_in.creates) == 1


async def test_two_equal_uncertain_texts_find_a_sid_each(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    stand_in.script.extend([Answer(500, carried_out=True), Answer(500, carried_out=True)])
    first, second = desk.reply("Ya"), desk.reply("Ya")
    async with worker(config):
        await eventually(lambda: desk.status(first) == desk.status(second) == "accepted")
    sids = {desk.message(first)["message_sid"], desk.message(second)["message_sid"]}
    assert sids == {message["sid"] for message in stand_in.made}


async def test_a_refusal_fails_with_plain_words_and_the_next_reply_goes_on(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    stand_in.script.append(refusal(400, 21211, "The 'To' number is not a valid phone number."))
    reply, after = desk.reply("satu"), desk.reply("dua")
    async with worker(config):
        await eventually(lambda: desk.status(after) == "accepted")
    message = desk.message(reply)
    assert (message["status"], message["error_code"]) == ("failed", 21211)
    assert message["error_text"] == "This number is not valid."
    (attempt,) = desk.attempts(reply)
    assert (attempt["outcome"], attempt["http_status"]) == ("refused", 400)
    assert attempt["words"] == "The 'To' number is not a valid phone number."


async def test_a_file_that_is_gone_fails_without_a_call(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    reply = desk.reply("", media=[{"bucket": "attachments", "path": "x/y/0/a.pdf", "name": "a"}])
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "failed")
    assert stand_in.creates == []
    assert "no longer in storage" in desk.message(reply)["error_text"]


async def test_a_queued_row_without_a_job_is_found_by_the_sweep(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    reply = desk.reply(kick=False)
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted", within=20)
    assert len(stand_in.creates) == 1


@pytest.mark.usefixtures("warnings_expected")
async def test_what_a_dead_worker_was_sending_becomes_uncertain_and_is_looked_up(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    reply, after = desk.reply("satu"), desk.reply("dua")
    rows.do(
        "insert into jobs.procrastinate_workers (last_heartbeat) values (now() - interval '1h')"
    )
    dead = rows.value("select id from jobs.procrastinate_workers")
    rows.value("select private.claim_message(%s, %s, gen_random_uuid())", reply, str(dead))
    rows.do(
        "update jobs.procrastinate_jobs set status = 'doing', worker_id = %s"
        " where args ->> 'message_id' = %s",
        dead,
        reply,
    )
    rows.do(
        "update public.delivery_attempts set started_at = now() - interval '30 seconds',"
        " called_at = now() - interval '30 seconds'"
    )
    stand_in.makes({"To": CUSTOMER, "From": INBOX, "Body": "satu"})
    async with worker(config):
        await eventually(lambda: desk.status(after) == "accepted", within=20)
        await eventually(lambda: desk.status(reply) == "accepted")
    assert [create.form["Body"] for create in stand_in.creates] == ["dua"]


async def test_stopping_lets_a_call_that_has_begun_end(
    config: Config, stand_in: StandIn, desk: Desk
) -> None:
    reply = desk.reply()
    async with worker(config) as working:
        await eventually(lambda: stand_in.creates)
        working.stop()
    assert desk.status(reply) == "accepted"
