"""When Twilio refuses the account: nothing fails, all waits, and sending begins again by itself."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from console import cli
from console.domain.errors import ExpectedError
from console.domain.twilio_codes import CODES, Action
from console.service import sending
from console.service.config import Config
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, config_of
from tests.service.requests import ACCOUNT, CUSTOMER
from tests.service.stand_in import Answer, StandIn, refusal, running
from tests.service.working import Desk, worker
from tests.waiting import eventually

OTHER = "whatsapp:+6281111111111"
REFUSED = refusal(401, 20003, "Authenticate")


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


def state(rows: Rows) -> str:
    return str(rows.value("select state from public.service_state where part = 'sending'"))


def let_time_pass(rows: Rows) -> None:
    """The next look at the account is due."""
    rows.do("update public.service_state set next_try_at = now() where state = 'stopped'")


def suspended() -> Answer:
    return Answer(200, json.dumps({"sid": ACCOUNT, "status": "suspended"}).encode())


def test_the_database_stops_for_the_codes_of_the_table(rows: Rows) -> None:
    stopping = {code for code, words in CODES.items() if words.action is Action.QUEUE_STOPS}
    assert stopping == {20003, 30002, 63051}
    for code in CODES:
        assert rows.value("select private.stops_sending(%s::int)", code) is (code in stopping)


@pytest.mark.usefixtures("warnings_expected")
async def test_a_refused_key_stops_every_conversation_and_loses_none(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    other = desk.conversation_with(OTHER)
    stand_in.script.append(REFUSED)
    first, second = desk.reply("satu"), desk.reply("dua")
    async with worker(config):
        await eventually(lambda: state(rows) == "stopped")
        third = desk.reply("tiga", conversation=other, to=OTHER)
        await eventually(lambda: rows.all("select from jobs.procrastinate_jobs") == [])
        assert [desk.status(message) for message in (first, second, third)] == ["queued"] * 3
        assert len(stand_in.creates) == 1
        (attempt,) = desk.attempts(first)
        assert (attempt["outcome"], attempt["error_code"]) == ("retry", 20003)
        stopped = rows.one("select * from public.service_state")
        assert stopped["error_code"] == 20003
        assert "key was refused" in stopped["error_text"]
        assert stopped["next_try_at"] > stopped["since"]

        let_time_pass(rows)
        await eventually(lambda: desk.status(third) == "accepted")
        await eventually(lambda: desk.status(second) == "accepted")
    assert state(rows) == "running"
    assert rows.one("select * from public.service_state")["error_code"] is None
    assert [create.form["Body"] for create in stand_in.creates].count("satu") == 2
    assert len(stand_in.creates) == 4
    assert stand_in.account_requests == 1


@pytest.mark.usefixtures("warnings_expected")
async def test_while_the_account_is_suspended_only_harmless_questions_are_asked_ever_more_rarely(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    reply = desk.reply()
    rows.do("select private.stop_sending(20003, 'refused')")
    stand_in.account = REFUSED
    async with worker(config):
        # a worker that starts looks at once: it may have a new key
        await eventually(lambda: rows.value("select failures from private.sending_trial") == 1)
        stand_in.account = suspended()
        let_time_pass(rows)
        await eventually(lambda: rows.value("select failures from private.sending_trial") == 2)
        assert stand_in.account_requests == 2
        stopped = rows.one("select *, next_try_at - now() as pause from public.service_state")
        assert (stopped["state"], stopped["error_code"]) == ("stopped", 30002)
        assert 30 < stopped["pause"].total_seconds() <= 40
        assert stand_in.creates == []
        stand_in.account = None
        let_time_pass(rows)
        await eventually(lambda: desk.status(reply) == "accepted")


@pytest.mark.usefixtures("warnings_expected")
async def test_one_message_goes_first_and_if_it_is_refused_too_all_others_stay(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    other = desk.conversation_with(OTHER)
    first = desk.reply("satu")
    second = desk.reply("dua", conversation=other, to=OTHER)
    rows.do("select private.stop_sending(20003, 'refused')")
    stand_in.script.append(REFUSED)
    async with worker(config):
        await eventually(lambda: len(stand_in.creates) == 1 and state(rows) == "stopped")
        assert {desk.status(first), desk.status(second)} == {"queued"}
        assert rows.value("select failures from private.sending_trial") == 1
        let_time_pass(rows)
        await eventually(lambda: desk.status(first) == desk.status(second) == "accepted")
    assert rows.value("select failures from private.sending_trial") == 0
    assert len(stand_in.creates) == 3


async def test_a_locked_sender_reported_later_stops_sending_until_one_message_has_left(
    config: Config, stand_in: StandIn, desk: Desk, rows: Rows
) -> None:
    reply = desk.reply("satu")
    async with worker(config):
        await eventually(lambda: desk.status(reply) == "accepted")
        report = {"sid": stand_in.made[0]["sid"], "status": "failed", "error_code": 63051}
        rows.value("select private.apply_status(%s)", json.dumps(report | {"error_text": "locked"}))
        assert state(rows) == "stopped"
        other = desk.conversation_with(OTHER)
        second = desk.reply("dua")
        third = desk.reply("tiga", conversation=other, to=OTHER)
        let_time_pass(rows)
        both = second, third
        await eventually(lambda: {desk.status(one) for one in both} == {"accepted", "queued"})
        # taken is no proof here: only one that leaves is
        assert state(rows) == "trying"
        trial = {"sid": stand_in.made[0]["sid"], "status": "sent"}
        rows.value("select private.apply_status(%s)", json.dumps(trial))
        await eventually(lambda: {desk.status(one) for one in both} <= {"accepted", "sent"})
    assert state(rows) == "running"
    assert len(stand_in.creates) == 3


async def test_the_command_shows_and_resumes(
    config: Config,
    desk: Desk,
    rows: Rows,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert desk.reply(to=CUSTOMER)
    assert sending.show(config) == 0
    assert "running" in capsys.readouterr().out
    with pytest.raises(ExpectedError):
        sending.resume(config)
    rows.do("select private.stop_sending(63051, %s)", CODES[63051].english)
    assert sending.show(config) == 0
    shown = capsys.readouterr().out
    assert "stopped" in shown
    assert CODES[63051].english in shown
    assert "1 queued" in shown
    monkeypatch.setenv("SUPABASE_DB_URL", config.database_url)
    assert cli.main(["queue", "resume"]) == 0
    assert state(rows) == "trying"
    assert cli.main(["queue", "resume"]) == 1
    assert "not stopped" in capsys.readouterr().err
