"""Canaries through the whole product: what is secret or personal stays where it belongs.

It belongs in the database, in Storage, at Twilio and in the files of keys that only their owner can
read. It does not belong in logs, job arguments, reports of crashes, temporary files, the spool's
plain bytes or the list of processes.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from console.local.stack import Stack
from console.local.twilio.faults import FAULT_NUMBERS
from tests.waiting import wait_until

NAME, TEXT, FILE, TYPED = "kenarinama", "kenariteks", "kenariberkas", "kenariketikan"
DIGITS = "6281299900418"
REFUSED = FAULT_NUMBERS["invalid"].lstrip("+")
PERSONAL = (NAME, TEXT, FILE, TYPED, DIGITS, REFUSED)
# Where these lie by design: the database's own files, Storage's objects, the stand-in for Twilio.
HOMES = {"cluster", "files", "twilio"}
KEYS = {"stack.json", "passwords.json"}


class Life:
    """A running stack, and a day of bad luck in it."""

    def __init__(self, stack: Stack, temporary: Path) -> None:
        self.stack = stack
        self.temporary = temporary
        self.facts = stack.facts()
        self.tokens: list[str] = []
        self.jobs: list[bytes] = []  # as they were seen under way; done ones are deleted

    def sim(self, path: str, **fields: Any) -> Any:
        answer = httpx.post(f"{self.facts['twilio_api_url']}/sim/{path}", json=fields, timeout=30)
        return answer.json()

    def sign_in(self, who: str) -> str:
        answer = httpx.post(
            f"{self.facts['supabase_url']}/auth/v1/token?grant_type=password",
            headers={"apikey": self.facts["publishable_key"]},
            json={"email": self.facts[f"{who}_email"], "password": self.facts[f"{who}_password"]},
            timeout=30,
        ).json()
        self.tokens += [answer["access_token"], answer["refresh_token"]]
        return str(answer["access_token"])

    def call(self, token: str, function: str, **arguments: Any) -> httpx.Response:
        return httpx.post(
            f"{self.facts['supabase_url']}/rest/v1/rpc/{function}",
            headers={
                "apikey": self.facts["publishable_key"],
                "authorization": f"Bearer {token}",
            },
            json=arguments,
            timeout=30,
        )

    def secrets(self) -> dict[str, str]:
        """Every secret there is, by a name."""
        project = self.stack.project
        return {
            "twilio token": project.twilio_auth_token,
            "secret key": project.keys.secret_key,
            "service role": project.keys.service_role_key,
            "jwt secret": project.keys.jwt_secret,
            "metrics token": project.metrics_token,
            "database password": self.facts["db_url"].split(":")[2].partition("@")[0],
            **{f"password {who}": word for who, word in project.passwords.items()},
            **{f"token {number}": token for number, token in enumerate(self.tokens)},
        }

    def found_in(self, data: bytes) -> list[str]:
        """Which canaries are in these bytes."""
        canaries = {word: word for word in PERSONAL} | self.secrets()
        return [name for name, word in canaries.items() if word.encode() in data]


@pytest.fixture(scope="module")
def life(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    folder = tmp_path_factory.mktemp("leaks")
    temporary = folder / "temporary"
    temporary.mkdir(mode=0o777)
    temporary.chmod(0o1777)  # the database server is another user where root runs this
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(temporary))
        patch.setenv("LOG_LEVEL", "DEBUG")
        with Stack(folder / "data", durable=False, speed=20) as stack:
            made = Life(stack, temporary)
            _bad_day(made)
            yield made


def _bad_day(life: Life) -> None:
    """Everything passes through everything, and much of it fails."""
    stack, sim = life.stack, life.sim
    about = {"from": f"whatsapp:+{DIGITS}", "name": NAME}
    sim("inbound", **about, body=f"Halo {TEXT}")
    letter = {"text": f"isi {FILE}", "content_type": "text/plain", "name": f"{FILE}.txt"}
    sim("inbound", **about, body="", media=[letter])
    sim("inbound", **{"from": f"whatsapp:+{REFUSED}", "name": NAME, "body": TEXT})
    with psycopg.connect(life.facts["db_url"], autocommit=True) as database:

        def one(query: str, *values: object) -> Any:
            row = database.execute(query.encode(), values).fetchone()
            return row[0] if row else None

        wait_until(lambda: one("select count(*) from public.conversations") == 2)
        threads = [str(r[0]) for r in database.execute("select id from public.conversations")]
        agent = life.sign_in("agent")
        sent = [str(uuid.uuid4()) for _ in threads]
        for thread, message in zip(threads, sent, strict=True):
            call = {"id": message, "conversation_id": thread, "content": TYPED, "media": []}
            assert life.call(agent, "send_message", **call).status_code == 200
            life.call(agent, "save_draft", conversation_id=thread, body=TYPED, attachments=[])

        def all_settled() -> bool:
            rows = database.execute("select to_jsonb(t) from jobs.procrastinate_jobs t")
            life.jobs += [json.dumps(row[0]).encode() for row in rows]
            query = (
                # The customer reads after a moment, which may be over before the other one fails.
                "select count(*) from public.messages"
                " where status in ('delivered', 'read', 'failed') and id::text = any(%s)"
            )
            return bool(one(query, sent) == len(sent))

        wait_until(all_settled, within=30)
        # What the database quotes when it refuses.
        life.call(agent, "messages_before", conversation_id=f"{TEXT} {DIGITS}", before=TYPED)
        life.call(agent, "search_messages", query=f"{NAME} {DIGITS}")
        life.call(f"{agent}x", "my_profile")
        headers = {"apikey": life.facts["publishable_key"]}
        for path, body in (
            ("/auth/v1/token?grant_type=password", {"email": f"{NAME}@x.id", "password": TYPED}),
            ("/auth/v1/recover", {"email": f"{NAME}@x.id"}),
        ):
            httpx.post(f"{life.facts['supabase_url']}{path}", headers=headers, json=body)
        # Unsigned, and signed by nobody.
        for signature in ({}, {"x-twilio-signature": TYPED}):
            form = {"From": f"whatsapp:+{DIGITS}", "Body": TEXT, "ProfileName": NAME}
            httpx.post(life.facts["webhook_url"], data=form, headers=signature)
        httpx.get(f"{life.facts['webhook_url']}?Body={TEXT}&From={DIGITS}")
    # The database dies; what a customer writes goes to the spool and comes out of it again.
    os.kill(stack.pids["postgres"], signal.SIGKILL)
    sim("inbound", **about, body=f"Saat mati {TEXT}")
    os.kill(stack.pids["worker"], signal.SIGKILL)

    def all_there() -> bool:
        with (
            contextlib.suppress(psycopg.OperationalError),
            psycopg.connect(life.facts["db_url"]) as database,
        ):
            row = database.execute("select count(*) from public.messages").fetchone()
            return row == (len(threads) + 4,)
        return False

    wait_until(all_there, within=60)


def test_files_hold_none_of_it_but_those_it_belongs_in(life: Life) -> None:
    found, read = [], []
    for top in (life.stack.folder, life.temporary):
        for path in top.rglob("*"):
            parts = path.relative_to(top).parts
            if HOMES.intersection(parts) or not path.is_file():
                continue
            read.append(path.name)
            # The stand-in for Twilio tells its own made-up numbers when it starts.
            lines = [
                line for line in path.read_bytes().splitlines() if b"fault_numbers" not in line
            ]
            leaked = life.found_in(b"\n".join([path.name.encode(), *lines]))
            keeps_keys = path.name in KEYS or path.name.startswith("gateway")
            if keeps_keys and path.stat().st_mode & 0o077 == 0:
                leaked = [name for name in leaked if name in PERSONAL]
            if leaked:
                found.append((str(path.relative_to(top)), leaked))
    assert found == []
    assert {"webhook.log", "worker.log", "gateway.log", "postgres.log"} <= set(read)


def test_the_list_of_processes_shows_none_of_it(life: Life) -> None:
    lines = _command_lines(list(life.stack.pids.values()))
    assert len(lines) >= len(life.stack.pids)
    assert [line for line in lines if life.found_in(line)] == []


def _command_lines(pids: list[int]) -> list[bytes]:
    """Of these processes and all below them."""
    table = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid=,args="], capture_output=True, check=True
    ).stdout.splitlines()
    rows = [line.split(None, 2) for line in table]
    wanted, lines = set(pids), []
    for pid, parent, *words in rows:  # parents come before their children
        if int(pid) in wanted or int(parent) in wanted:
            wanted.add(int(pid))
            lines.append(words[0] if words else b"")
    return lines


def test_jobs_carry_ids_alone(life: Life) -> None:
    with psycopg.connect(life.facts["db_url"]) as database:
        rows = [
            row[0]
            for table in ("jobs", "events", "periodic_defers")
            for row in database.execute(
                f"select to_jsonb(t) from jobs.procrastinate_{table} t"
            ).fetchall()
        ]
    jobs = [*life.jobs, *(json.dumps(row).encode() for row in rows)]
    assert any(b'"message_id"' in job for job in jobs)
    assert [job for job in jobs if life.found_in(job)] == []


def test_health_and_metrics_tell_numbers_alone(life: Life) -> None:
    base = life.facts["webhook_url"].removesuffix("/webhook")
    bearer = {"authorization": f"Bearer {life.stack.project.metrics_token}"}
    for path in ("/health/live", "/health/ready", "/metrics"):
        answer = httpx.get(f"{base}{path}", headers=bearer)
        assert answer.status_code in (200, 503), path
        assert life.found_in(answer.content) == [], path


@pytest.mark.parametrize(
    "failure",
    [
        f"raise ValueError('{TEXT} +{DIGITS}')",
        f"{{}}['{NAME}']",
        f"int('{TYPED}')",
        f"import json; json.loads('{TEXT}')",
        f"import psycopg; psycopg.connect('postgresql://a:{TYPED}@127.0.0.1:1/x')",
        f"raise RuntimeError('token={TYPED}')",
    ],
)
def test_a_crash_is_reported_by_kind_and_place_alone(failure: str) -> None:
    program = f"from console import logs\nlogs.configure('test')\n{failure}"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 1
    assert "uncaught error" in ran.stderr
    assert not [word for word in PERSONAL if word in ran.stderr]
