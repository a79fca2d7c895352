"""Delivery callbacks: forward only, in any order, even before we know the message."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from console.domain.delivery import FROM_TWILIO, RANK, Status, advance
from console.service.status import report_of
from tests.conftest import Database
from tests.service.conftest import Rows, Twilio
from tests.service.requests import new_sid, whatsapp


class Reply:
    """An answer of an agent, straight in the table."""

    def __init__(self, rows: Rows, status: str = "queued", sid: str | None = None) -> None:
        self._rows = rows
        self.id = rows.value(
            """
            insert into public.messages (conversation_id, direction, content, "timestamp", status,
                                         message_sid, from_number, to_number)
            select id, 'outbound', 'Sudah dikirim', clock_timestamp(), %s, %s,
                   'whatsapp:+628001234567', 'whatsapp:+6281234567890'
            from public.conversations returning id
            """,
            status,
            sid,
        )

    @property
    def row(self) -> Any:
        return self._rows.one("select * from public.messages where id = %s", self.id)

    def attempt(self) -> str:
        """The worker begins to send it; the attempt id."""
        attempt = str(uuid.uuid4())
        claimed = self._rows.value("select private.claim_message(%s, '1', %s)", self.id, attempt)
        assert claimed["message_id"] == str(self.id)
        return attempt

    def ended(self, attempt: str, **outcome: object) -> None:
        self._rows.do("select private.record_outcome(%s, %s)", attempt, Jsonb(outcome))


@pytest.fixture
async def conversation(twilio: Twilio) -> None:
    await twilio.delivers(whatsapp())


def _callback(sid: str, word: str, **more: str) -> dict[str, str]:
    return {
        "MessageSid": sid,
        "MessageStatus": word,
        "SmsStatus": word,
        "SmsSid": sid,
        "To": "whatsapp:+6281234567890",
        "From": "whatsapp:+628001234567",
        "ApiVersion": "2010-04-01",
        **more,
    }


def test_the_ranks_in_the_database_are_those_of_the_domain(rows: Rows) -> None:
    for status, rank in RANK.items():
        assert rows.value("select private.status_rank(%s)", status.value) == rank
    assert rows.value("select private.status_rank(null)") == -1


@pytest.mark.usefixtures("conversation")
async def test_a_tick_moves_forward_and_never_back(twilio: Twilio, rows: Rows) -> None:
    sid = new_sid()
    reply = Reply(rows, "accepted", sid)
    for word, expected in [
        ("sent", "sent"),
        ("read", "read"),
        ("delivered", "read"),
        ("queued", "read"),
    ]:
        answer = await twilio.post("/status", _callback(sid, word))
        assert answer.status_code == 200
        assert reply.row["status"] == expected


@pytest.mark.usefixtures("conversation")
async def test_a_failure_says_why_and_proof_wins_over_it(twilio: Twilio, rows: Rows) -> None:
    sid = new_sid()
    reply = Reply(rows, "accepted", sid)
    await twilio.post("/status", _callback(sid, "undelivered", ErrorCode="63016"))
    assert reply.row["status"] == "undelivered"
    assert reply.row["error_code"] == 63016
    assert reply.row["error_text"].startswith("More than 24 hours")
    await twilio.post("/status", _callback(sid, "delivered"))
    assert (reply.row["status"], reply.row["error_code"]) == ("delivered", 63016)


@pytest.mark.usefixtures("conversation")
async def test_the_attempt_id_settles_a_send_whose_sid_never_came(
    twilio: Twilio, rows: Rows
) -> None:
    reply = Reply(rows)
    attempt = reply.attempt()
    reply.ended(attempt, outcome="uncertain")
    assert reply.row["status"] == "uncertain"
    sid = new_sid()
    await twilio.post(f"/status?attempt={attempt}", _callback(sid, "sent"))
    assert (reply.row["status"], reply.row["message_sid"]) == ("sent", sid)
    entry = rows.one("select * from public.delivery_attempts")
    assert (entry["outcome"], entry["sid"]) == ("settled", sid)


@pytest.mark.usefixtures("conversation")
async def test_a_callback_before_the_answer_of_the_call_is_not_lost(
    twilio: Twilio, rows: Rows
) -> None:
    reply = Reply(rows)
    attempt = reply.attempt()
    sid = new_sid()
    await twilio.post(f"/status?attempt={attempt}", _callback(sid, "delivered"))
    assert reply.row["status"] == "delivered"
    reply.ended(attempt, outcome="accepted", sid=sid, status="accepted")
    assert (reply.row["status"], reply.row["message_sid"]) == ("delivered", sid)
    assert rows.value("select outcome from public.delivery_attempts") == "accepted"


@pytest.mark.usefixtures("conversation")
async def test_a_callback_without_attempt_waits_for_its_message(twilio: Twilio, rows: Rows) -> None:
    reply = Reply(rows)
    attempt = reply.attempt()
    sid = new_sid()
    await twilio.post("/status", _callback(sid, "read"))
    await twilio.post("/status", _callback(sid, "sent"))
    assert reply.row["status"] == "sending"
    reply.ended(attempt, outcome="accepted", sid=sid, status="accepted")
    assert reply.row["status"] == "read"
    assert rows.all("select from private.early_statuses") == []


@pytest.mark.usefixtures("conversation")
async def test_a_callback_of_somebody_elses_attempt_changes_nothing(
    twilio: Twilio, rows: Rows
) -> None:
    sid = new_sid()
    reply = Reply(rows, "accepted", sid)
    for attempt in ("nonsense", str(uuid.uuid4())):
        answer = await twilio.post(f"/status?attempt={attempt}", _callback(new_sid(), "read"))
        assert answer.status_code == 200
    assert (reply.row["status"], reply.row["message_sid"]) == ("accepted", sid)


async def test_a_status_of_an_inbound_message_changes_nothing(twilio: Twilio, rows: Rows) -> None:
    request = whatsapp()
    await twilio.delivers(request)
    await twilio.post("/status", _callback(request["MessageSid"], "failed", ErrorCode="30008"))
    message = rows.one("select * from public.messages")
    assert (message["status"], message["error_code"]) == ("received", None)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(words=st.lists(st.sampled_from(sorted(FROM_TWILIO)), min_size=1, max_size=8))
def test_any_order_of_callbacks_ends_where_the_domain_says(
    database: Database, words: list[str]
) -> None:
    with database.connect() as connection:
        rows = Rows(connection)
        sid = _a_reply(connection)
        expected = Status.ACCEPTED
        for word in words:
            code = "30003" if word in ("failed", "undelivered") else None
            report = report_of(sid, word, error_code=code)
            assert report is not None
            rows.do("select private.apply_status(%s)", Jsonb(report.as_json()))
            expected = advance(expected, report.status)
        found = rows.one("select * from public.messages where message_sid = %s", sid)
        assert found["status"] == expected.value
        failed = {"failed", "undelivered"} & set(words)
        assert found["error_code"] == (30003 if failed else None)


def test_every_order_of_the_usual_callbacks_ends_the_same(database: Database) -> None:
    with database.connect() as connection:
        rows = Rows(connection)
        for words in itertools.permutations(["queued", "sent", "delivered", "read", "failed"]):
            sid = _a_reply(connection)
            for word in words:
                report = report_of(sid, word)
                assert report is not None
                rows.do("select private.apply_status(%s)", Jsonb(report.as_json()))
            assert rows.value("select status from public.messages where message_sid = %s", sid) == (
                "read"
            )


def _a_reply(connection: psycopg.Connection[Any]) -> str:
    sid = new_sid()
    connection.execute(
        'insert into public.messages (direction, "timestamp", status, message_sid)'
        " values ('outbound', now(), 'accepted', %s)",
        (sid,),
    )
    return sid
