"""The stack of the demo: one line of JSON, parts that come back, data that stays, no orphans."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import json
import os
import signal
import stat
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from console.local.leash import Leash
from console.local.scenario import Scenario
from console.local.stack import Stack
from tests.waiting import eventually, wait_until

KEYS = {
    *("supabase_url", "publishable_key", "secret_key", "db_url", "webhook_url", "status_url"),
    *("health_url", "twilio_account_sid", "twilio_auth_token", "twilio_api_url", "phone_url"),
    *("inbox_address", "sms_inbox_address", "agent_email", "agent_password", "outsider_email"),
    *("outsider_password", "supervisor_email", "supervisor_password", "admin_email"),
    *("admin_password", "pids", "fault_numbers"),
}
PARTS = {"postgres", "gateway", "webhook", "worker", "twilio"}


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    """Everything running, in a temporary folder."""
    with Stack(durable=False) as running:
        yield running


def write(facts: dict[str, Any], text: str) -> httpx.Response:
    """A customer's message, signed as Twilio signs it."""
    fields = {
        "MessageSid": f"SM{uuid.uuid4().hex}",
        "AccountSid": facts["twilio_account_sid"],
        "From": "whatsapp:+6281234567890",
        "To": facts["inbox_address"],
        "Body": text,
        "NumMedia": "0",
    }
    signed = facts["webhook_url"] + "".join(key + fields[key] for key in sorted(fields))
    digest = hmac.new(facts["twilio_auth_token"].encode(), signed.encode(), hashlib.sha1).digest()
    headers = {"x-twilio-signature": base64.b64encode(digest).decode()}
    return httpx.post(facts["webhook_url"], data=fields, headers=headers, timeout=15)


def stored(facts: dict[str, Any], text: str) -> bool:
    with psycopg.connect(facts["db_url"]) as connection:
        row = connection.execute(
            "select count(*) from public.messages where content = %s", [text]
        ).fetchone()
    return row == (1,)


def session(facts: dict[str, Any], who: str) -> dict[str, Any]:
    answer = httpx.post(
        f"{facts['supabase_url']}/auth/v1/token?grant_type=password",
        headers={"apikey": facts["publishable_key"]},
        json={"email": facts[f"{who}_email"], "password": facts[f"{who}_password"]},
    )
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def ready(facts: dict[str, Any]) -> bool:
    try:
        return httpx.get(facts["health_url"]).status_code == 200
    except httpx.TransportError:
        return False


def at_work(facts: dict[str, Any]) -> bool:
    """The worker hears of jobs, and the simulator answers."""
    try:
        with psycopg.connect(facts["db_url"]) as connection:
            row = connection.execute(
                "select exists (select from pg_stat_activity"
                " where application_name like 'balas worker%' and query like 'LISTEN%')"
            ).fetchone()
        return row == (True,) and httpx.get(f"{facts['twilio_api_url']}/sim/state").is_success
    except (psycopg.OperationalError, httpx.TransportError):
        return False


def test_the_facts_have_every_promised_name(stack: Stack) -> None:
    facts = stack.facts()
    assert set(facts) >= KEYS
    assert set(facts["pids"]) == PARTS
    assert all(alive(pid) for pid in facts["pids"].values())
    assert facts["db_url"].startswith("postgresql://postgres:")
    assert "\n" not in json.dumps(facts)


@pytest.mark.parametrize("who", ["agent", "outsider", "supervisor", "admin"])
def test_everybody_can_sign_in_and_sees_what_their_role_may(stack: Stack, who: str) -> None:
    facts = stack.facts()
    token = session(facts, who)["access_token"]
    headers = {"apikey": facts["publishable_key"], "authorization": f"Bearer {token}"}
    answer = httpx.get(f"{facts['supabase_url']}/rest/v1/inboxes?select=address", headers=headers)
    seen = {row["address"] for row in answer.json()}
    both = {facts["inbox_address"], facts["sms_inbox_address"]}
    assert seen == (set() if who == "outsider" else both)


def test_a_signed_message_is_stored_and_an_unsigned_one_is_not(stack: Stack) -> None:
    facts = stack.facts()
    assert write(facts, "halo").status_code == 200
    assert stored(facts, "halo")
    forged = facts | {"twilio_auth_token": "0" * 32}
    assert write(forged, "palsu").status_code == 403
    assert not stored(facts, "palsu")


async def test_the_story_has_an_automatic_reply_routing_a_template_and_a_closing_window(
    stack: Stack,
) -> None:
    facts = stack.facts()
    await eventually(lambda: at_work(facts))
    # Not faster: a colleague would answer before the automatic reply, which is then none.
    scenario = Scenario(facts["twilio_api_url"], db_url=facts["db_url"], speed=10)
    playing = asyncio.create_task(scenario.run())
    await asyncio.wait_for(scenario.told.wait(), 60)
    with psycopg.connect(facts["db_url"], autocommit=True) as connection:

        def seen() -> bool:
            connection.execute("select private.remind_windows()")  # as the worker, but now
            row = connection.execute(
                "select exists (select from public.messages where automatic),"
                " exists (select from public.messages where metadata ? 'template'),"
                " exists (select from public.events e"
                "          where e.kind = 'assigned' and e.data ->> 'by' = 'routing'),"
                " exists (select from public.events e where e.kind = 'window_closing')"
            ).fetchone()
            return row == (True,) * 4

        await eventually(seen, within=30)
    playing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await playing


@pytest.mark.parametrize("part", sorted(PARTS))
def test_a_killed_part_comes_back_on_its_port(stack: Stack, part: str) -> None:
    facts = stack.facts()
    before = facts["pids"][part]
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: stack.pids[part] not in {before, 0}, within=10)
    wait_until(lambda: ready(facts), within=10)
    noted = stack.folder / "pids.json"
    wait_until(lambda: json.loads(noted.read_text()) == stack.pids)
    text = f"setelah {part}"
    wait_until(lambda: write(facts, text).status_code == 200, within=10)
    wait_until(lambda: bool(_gateway_answers(facts)), within=10)
    wait_until(lambda: at_work(facts), within=10)


def test_keys_and_passwords_are_for_the_owner_only(stack: Stack) -> None:
    assert stat.S_IMODE(stack.folder.stat().st_mode) == 0o700
    for name in ("stack.json", "gateway.json", "postgres/passwords.json"):
        assert stat.S_IMODE((stack.folder / name).stat().st_mode) == 0o600


def test_the_logs_know_no_customer_and_no_key(stack: Stack) -> None:
    facts = stack.facts()
    write(facts, "rahasia dapur")
    logs = "".join(log.read_text() for log in (stack.folder / "logs").glob("*.log"))
    logs += (stack.folder / "postgres" / "postgres.log").read_text()
    for secret in ("81234567890", "rahasia dapur", facts["secret_key"], facts["agent_email"]):
        assert secret not in logs


# As a command -------------------------------------------------------------------------------------

Start = Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]


@contextmanager
def demo(*options: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """`balas demo --headless` up and running, and its line of JSON."""
    leash = Leash()
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "demo", "--headless", "--no-story", *options],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
        text=True,
    )
    leash.hold(process.pid)
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        leash.close()
        process.wait()
        process.stdout.close()


def test_the_data_of_a_folder_is_there_the_next_time(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with demo("--data", str(folder)) as (process, first):
        assert write(first, "ingat saya").status_code == 200
        token = session(first, "agent")["refresh_token"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
        assert not any(alive(pid) for pid in first["pids"].values())
    with demo("--data", str(folder)) as (_, second):
        same = KEYS - {"pids"}
        assert {key: second[key] for key in same} == {key: first[key] for key in same}
        assert stored(second, "ingat saya")
        answer = httpx.post(
            f"{second['supabase_url']}/auth/v1/token?grant_type=refresh_token",
            headers={"apikey": second["publishable_key"]},
            json={"refresh_token": token},
        )
        assert answer.status_code == 200


def test_nothing_is_left_of_a_killed_demo() -> None:
    with demo() as (process, facts):
        assert Path(facts["data"]).exists()
        process.kill()
        wait_until(lambda: not any(alive(pid) for pid in facts["pids"].values()), within=20)
        wait_until(lambda: not Path(facts["data"]).exists(), within=20)


def test_an_interrupt_while_it_starts_leaves_nothing(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "console", "demo", "--headless", "--data", str(tmp_path / "d")],
        cwd=Path(__file__).resolve().parents[2],
        stdout=subprocess.PIPE,
    )
    pids = tmp_path / "d" / "pids.json"
    wait_until(pids.exists)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (0, b"")
    assert not any(alive(pid) for pid in json.loads(pids.read_text()).values())


def _gateway_answers(facts: dict[str, Any]) -> bool:
    try:
        return httpx.get(f"{facts['supabase_url']}/local/health").status_code == 200
    except httpx.TransportError:
        return False
