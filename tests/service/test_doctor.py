"""The doctor on a whole running product: well at first, then with one thing wrong after another."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from console.local.stack import Stack
from console.service.config import Config, Needs, load
from console.service.doctor import account, project, queue, senders
from console.service.doctor.examination import Report, examine
from console.service.doctor.finding import Finding, State
from console.service.urls import inbound_url
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
LASTING = Path("/var/tmp")  # noqa: S108  a fresh folder of our own in it
SENDER, NUMBER = "whatsapp:+622150001000", "+622150002000"


class House:
    """The product, and hands to spoil it with. What was spoilt is put right after each test."""

    def __init__(self, stack: Stack, spool: Path) -> None:
        self.stack = stack
        self.environment = stack.environment | {"BALAS_SPOOL_DIR": str(spool)}
        self.config: Config = load(self.environment, Needs.WORKER)
        self.sim = httpx.Client(base_url=stack.project.url("twilio"), timeout=30, trust_env=False)
        self.before = self.console()

    def console(self) -> dict[str, Any]:
        """What stands in Twilio's console."""
        return dict(self.sim.get("/sim/state").json()["senders"])

    def at_twilio(self, **resources: Mapping[str, Any]) -> None:
        answer = self.sim.post("/sim/senders", json=resources)
        assert answer.status_code == 200, answer.text

    def connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.stack.postgres.dsn(), autocommit=True)

    @contextmanager
    def with_rows(self, *statements: str) -> Iterator[psycopg.Connection[Any]]:
        """A connection on which these have run; nothing of it stays."""
        with self.connect() as connection:
            connection.execute("begin")
            for statement in statements:
                connection.execute(statement.encode())
            yield connection
            connection.execute("rollback")

    def senders(self, *wanted: str) -> list[Finding]:
        with self.connect() as connection:
            return senders.look(self.config, connection, wanted)


@pytest.fixture(scope="module")
def running() -> Iterator[House]:
    # The tests' own folders may lie in memory; there the doctor would rightly find no spool.
    with (
        Stack(speed=20, durable=False) as stack,
        tempfile.TemporaryDirectory(dir=LASTING if LASTING.is_dir() else None) as spool,
    ):
        house = House(stack, Path(spool))
        yield house
        house.sim.close()


@pytest.fixture
def house(running: House) -> Iterator[House]:
    yield running
    running.at_twilio(**running.before)
    running.sim.post("/sim/settings", json={"clock_offset": 0})
    with running.connect() as connection:
        connection.execute(
            "delete from public.inboxes where address is distinct from %s"
            " and address is distinct from %s",
            [SENDER, NUMBER],
        )
        connection.execute("update public.inboxes set flagged = false")


def wrong(findings: list[Finding], about: str) -> Finding:
    """The one finding that is wrong about something; its fix is there."""
    found = [one for one in findings if one.state is State.WRONG and about in one.what]
    assert len(found) == 1, [f"{one.state} {one.what}: {one.words}" for one in findings]
    assert found[0].fix
    return found[0]


def notes(findings: list[Finding], about: str) -> list[Finding]:
    return [one for one in findings if one.state is State.NOTE and about in one.what]


def doctor(house: House, *options: str, **variables: str) -> subprocess.CompletedProcess[str]:
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SUPABASE_", "TWILIO_", "BALAS_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "console", "doctor", *options],
        cwd=ROOT, env=inherited | house.environment | variables, capture_output=True, text=True,
        timeout=120, check=False,
    )  # fmt: skip


def test_when_all_is_well_it_says_so_and_ends_with_0(house: House) -> None:
    with house.connect() as connection:
        completeness = "select private.sweep_health() is not null"
        wait_until(lambda: connection.execute(completeness.encode()).fetchone() == (True,))
    answer = doctor(house)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.endswith("All is well.\n")
    themes = [line for line in answer.stdout.splitlines() if line and not line.startswith(" ")]
    assert themes[:-1] == [
        *("settings", "database", "access", "doorbell", "work"),
        *("project", "twilio", "senders", "spool", "public address"),
    ]
    for name in ("SUPABASE_SECRET_KEY", "TWILIO_AUTH_TOKEN", "METRICS_TOKEN", "SUPABASE_DB_URL"):
        assert house.environment[name] not in answer.stdout


def test_what_is_wrong_is_named_with_its_fix_also_for_programs(house: House) -> None:
    house.at_twilio(webhook={"callback_url": "https://old.example.com/hook"})
    answer = doctor(house, "--json", TWILIO_API_KEY="SK1", TWILIO_API_SECRET="no")
    assert answer.returncode == 1
    report = json.loads(answer.stdout)
    assert (report["well"], report["repaired"]) == (False, [])
    bad = {one["what"]: one for one in report["findings"] if one["state"] == "wrong"}
    assert set(bad) == {"API key", SENDER}
    assert all(one["fix"] for one in bad.values())
    assert (bad[SENDER]["fixable"], bad["API key"]["fixable"]) == (True, False)


def test_fix_puts_twilio_and_the_bucket_right_and_looks_again(house: House) -> None:
    house.at_twilio(
        webhook={"callback_url": "https://old.example.com/hook", "status_callback_url": ""},
        number={"sms_url": f"{house.config.public_url}/webhook", "sms_method": "POST"},
    )
    with house.connect() as connection:
        connection.execute("update storage.buckets set public = true where id = 'media'")
    seen = examine(house.environment)
    assert "bucket media" in {one.what for one in seen.findings if one.state is State.WRONG}
    assert house.console()["webhook"]["callback_url"] == "https://old.example.com/hook"
    report: Report = examine(house.environment, fix=True)
    assert report.well, [one for one in report.findings if one.state is State.WRONG]
    assert len(report.repaired) >= 3
    ours = inbound_url(house.config.public_url)
    assert "#rc=5&rp=all&ct=2000&rt=4000" in ours
    now = house.console()
    assert now["webhook"]["callback_url"] == now["number"]["sms_url"] == ours
    assert now["webhook"]["status_callback_url"].startswith(f"{house.config.public_url}/status#")
    assert now["sender"] == house.before["sender"]
    # And a message now comes all the way.
    answer = house.sim.post("/sim/inbound", json={"from": "whatsapp:+628123000009", "body": "Halo"})
    assert answer.json()["answer"] == 200


def test_a_database_that_is_away_hides_nothing_else(house: House) -> None:
    answer = examine(house.environment | {"SUPABASE_DB_URL": "postgresql://p:x@127.0.0.1:1/p"})
    connection = wrong(answer.findings, "connection")
    assert "does not answer" in connection.words
    assert {"twilio", "senders", "project", "public address"} <= {
        one.theme for one in answer.findings
    }


@pytest.mark.parametrize(
    ("spoilt", "about", "words"),
    [
        ({"webhook": {"callback_url": ""}}, SENDER, "go nowhere"),
        ({"webhook": {"callback_method": "GET"}}, SENDER, "by GET"),
        ({"number": {"sms_application_sid": "AP1"}}, NUMBER, "TwiML app"),
        ({"number": {"sms_url": "https://elsewhere.example/"}}, NUMBER, "elsewhere.example"),
        ({"sender": {"status": "OFFLINE", "offline_reasons": [{"message": "Banned"}]}}, SENDER,
         "Banned"),
        ({"sender": {"listed": False}}, SENDER, "no such sender"),
    ],
)  # fmt: skip
def test_a_sender_that_does_not_reach_us_is_found(
    house: House, spoilt: dict[str, Any], about: str, words: str
) -> None:
    house.at_twilio(**spoilt)
    assert words in wrong(house.senders(), about).words


def test_tries_that_are_too_few_are_found_and_a_choice_of_edges_is_left_alone(house: House) -> None:
    ours = f"{house.config.public_url}/webhook"
    house.at_twilio(webhook={"callback_url": f"{ours}#rc=2"})
    assert "once more at most" in wrong(house.senders(), SENDER).words
    chosen = f"{ours}#rc=5&rp=all&ct=2000&rt=4000&e=frankfurt"
    house.at_twilio(webhook={"callback_url": chosen})
    assert not [one for one in house.senders() if one.state is State.WRONG]


def test_a_messaging_service_that_swallows_messages_is_found_and_put_right(house: House) -> None:
    house.at_twilio(
        service={"use_inbound_webhook_on_number": False, "inbound_request_url": ""},
        webhook={"callback_url": "https://ignored.example/"},
    )
    found = [one for one in house.senders() if one.state is State.WRONG]
    assert {one.what.partition(",")[0] for one in found} == {SENDER, NUMBER}
    assert all("Messaging Service" in one.what and "nowhere" in one.words for one in found)
    assert found[0].repair is not None
    found[0].repair()
    assert house.console()["service"]["inbound_request_url"] == inbound_url(house.config.public_url)
    assert not [one for one in house.senders() if one.state is State.WRONG]


def test_a_sender_of_somebody_elses_is_left_alone_until_it_is_named(house: House) -> None:
    elsewhere = {"callback_url": "https://sales.example/hook"}
    house.at_twilio(webhook=elsewhere)
    with house.connect() as connection:
        connection.execute("update public.inboxes set address = null where address = %s", [SENDER])
    try:
        (note, *_) = notes(house.senders(), SENDER)
        assert note.repair is None
        assert "https://sales.example/hook" in note.words
        assert f"--sender {SENDER}" in note.fix
        taken = wrong(house.senders(SENDER), SENDER)
        assert taken.repair is not None
        taken.repair()
        assert house.console()["webhook"]["callback_url"] == inbound_url(house.config.public_url)
    finally:
        with house.connect() as connection:
            connection.execute(
                "update public.inboxes set address = %s where channel = 'whatsapp'", [SENDER]
            )


def test_inboxes_that_twilio_does_not_know_or_nobody_set_up_are_named(house: House) -> None:
    with house.connect() as connection:
        connection.execute(
            "insert into public.inboxes (name, channel, address, flagged, messaging_service_sid)"
            " values ('Baru', 'sms', '+629999999999', true, null),"
            "        ('Layanan', 'sms', null, false, 'MG1')"
        )
    findings = house.senders()
    assert "Twilio knows no such" in wrong(findings, "+629999999999").words
    assert "set flagged = false" in wrong(findings, "inbox Baru").fix
    assert "MG1" in wrong(findings, "Layanan").words


def test_of_the_sandbox_it_prints_the_step_that_no_api_offers(house: House) -> None:
    house.at_twilio(sender={"listed": False})
    with house.connect() as connection:
        connection.execute(
            "insert into public.inboxes (name, channel, address)"
            " values ('Coba', 'whatsapp', %s)", [senders.SANDBOX],
        )  # fmt: skip
    (note,) = notes(house.senders(), senders.SANDBOX)
    assert inbound_url(house.config.public_url) in note.fix
    assert "Sandbox settings" in note.fix


def test_keys_that_are_refused_are_told_apart(house: House) -> None:
    token = replace(house.config, twilio_auth_token="0" * 32)
    assert "20003" in wrong(account.look(token), "auth token").words
    key = replace(house.config, twilio_api_key="SK1", twilio_api_secret="x")
    assert "SK1" in wrong(account.look(key), "API key").words
    secret = replace(house.config, secret_key="sb_secret_wrong")
    assert "refused" in wrong(project.look(secret), "secret key").words
    away = replace(house.config, twilio_api_url="http://127.0.0.1:1")
    assert "does not answer" in wrong(account.look(away), "Twilio").words
    away = replace(house.config, supabase_url="http://127.0.0.1:1")
    assert "does not answer" in wrong(project.look(away), "project").words


def test_a_suspended_account_and_a_wrong_clock_are_found(house: House) -> None:
    house.at_twilio(account={"status": "suspended"})
    assert "suspended" in wrong(account.look(house.config), "account").words
    house.sim.post("/sim/settings", json={"clock_offset": 90})
    skew = wrong(account.look(house.config), "clock")
    assert "behind Twilio's" in skew.words
    assert any(f"{seconds} s" in skew.words for seconds in (88, 89, 90, 91, 92))


@pytest.mark.parametrize(
    ("statement", "about", "words"),
    [
        ("update jobs.procrastinate_workers set last_heartbeat = now() - interval '1 hour'",
         "workers", "none is running"),
        ("select private.enqueue('copy_media', queue => 'media',"
         " scheduled_at => now() - interval '10 minutes')", "queue", "10 min"),
        ("update public.service_state set state = 'stopped', error_code = 20003,"
         " error_text = 'Our key was refused.', since = now() - interval '3 hours'",
         "sending", "3 h ago: Our key was refused. (20003)"),
        ("update private.sweep_state set complete_to = now() - interval '5 hours',"
         " failing_since = now() - interval '4 hours', why = 'HTTP 500'",
         "completeness", "4 h ago it gets no further: HTTP 500"),
    ],
)  # fmt: skip
def test_work_that_does_not_move_is_found(
    house: House, statement: str, about: str, words: str
) -> None:
    with house.with_rows(statement) as connection:
        assert words in wrong(queue.look(connection), about).words


def uncertain_since(minutes: int) -> str:
    """A statement that makes a message of unknown fate."""
    return f"""
        with c as (insert into public.contacts (name) values ('x') returning id),
        t as (insert into public.conversations (inbox_id, contact_id)
              select i.id, c.id from public.inboxes i, c where i.address = '{SENDER}' returning id)
        insert into public.messages (conversation_id, direction, "timestamp", status, updated_at)
        select t.id, 'outbound', now(), 'uncertain', now() - interval '{minutes} minutes' from t
    """


def test_messages_of_unknown_fate_are_counted_and_old_ones_are_wrong(house: House) -> None:
    # A trigger of the table keeps updated_at; what is old here was so before.
    still = "alter table public.messages disable trigger user"
    with house.with_rows(still, uncertain_since(1)) as connection:
        (note,) = notes(queue.look(connection), "uncertain")
        assert "of 1," in note.words
    with house.with_rows(still, uncertain_since(1), uncertain_since(60)) as connection:
        assert "of 2," in wrong(queue.look(connection), "uncertain").words
