"""The service as it is deployed: `balas serve` between a project and Twilio, all as processes."""

from __future__ import annotations

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
import pytest
from psycopg.types.json import Jsonb

from console.local.cluster import free_port
from console.local.gateway.config import GatewayConfig, ProjectKeys
from console.local.leash import Leash
from console.local.postgres import Postgres
from console.local.samples import sample
from tests.conftest import Database as Clone
from tests.conftest import create_database, drop_database
from tests.local.conftest import ROLES, start_gateway
from tests.service.conftest import Rows
from tests.service.requests import ACCOUNT, CUSTOMER, INBOX, TOKEN
from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]


class Deployment:
    """Everything that a business runs, and a customer's phone."""

    def __init__(
        self, rows: Rows, project: GatewayConfig, service_url: str, twilio: dict[str, Any]
    ) -> None:
        self.rows = rows
        self.project = project
        self.service_url = service_url
        self.twilio = twilio
        self.customer = httpx.Client(base_url=twilio["api_url"], timeout=30, trust_env=False)

    def writes(self, **what: Any) -> None:
        answer = self.customer.post("/sim/inbound", json={"from": CUSTOMER, **what})
        assert answer.status_code == 200, answer.text

    def asks(self, book: str) -> Any:
        answer = self.customer.get(f"/sim/{book}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def storage(self, method: str, path: str, **more: Any) -> httpx.Response:
        key = self.project.keys.secret_key
        headers = {"apikey": key, "authorization": f"Bearer {key}", **more.pop("headers", {})}
        url = f"{self.project.url}/storage/v1/{path}"
        return httpx.request(method, url, headers=headers, **more)

    def replies(self, text: str, media: list[dict[str, Any]] | None = None) -> str:
        message = str(uuid.uuid4())
        thread = self.rows.value("select id from public.conversations")
        self.rows.do(
            """
            insert into public.messages (id, conversation_id, direction, content, media,
                                         "timestamp", status, from_number, to_number)
            values (%s, %s, 'outbound', %s, %s, clock_timestamp(), 'queued', %s, %s)
            """,
            message, thread, text, Jsonb(media or []), INBOX, CUSTOMER,
        )  # fmt: skip
        self.rows.do(
            "select private.enqueue('send_message', %s, %s, queue => 'send')",
            Jsonb({"message_id": message}),
            f"conversation:{thread}",
        )
        return message

    def status(self, message: str) -> Any:
        return self.rows.value("select status from public.messages where id = %s", message)


def _start(command: list[str], leash: Leash, **more: Any) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, text=True, **more)
    leash.hold(process.pid)
    return process


def _end(process: subprocess.Popen[str], leash: Leash) -> int:
    process.send_signal(signal.SIGTERM)
    status = process.wait(45)
    leash.release(process.pid)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()
    return status


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("deployment")


@pytest.fixture(scope="module")
def clone(postgres_server: Postgres, migrated_template: Clone) -> Iterator[Clone]:
    name = f"deployment_{uuid.uuid4().hex[:12]}"
    made = create_database(postgres_server, name, migrated_template.name)
    yield made
    drop_database(made)


@pytest.fixture(scope="module")
def project(clone: Clone, place: Path, leash: Leash) -> Iterator[GatewayConfig]:
    config = GatewayConfig(
        keys=ProjectKeys.generate(),
        database={role: clone.dsn_of(role) for role in ROLES},
        files=place / "files",
        port=free_port(),
    )
    process = start_gateway(config, place / "gateway.json", leash)
    yield config
    process.terminate()
    process.wait(15)
    leash.release(process.pid)


@pytest.fixture
def deployment(running: Deployment) -> Deployment:
    """The one that runs, without the customer of the test before."""
    running.rows.do("delete from public.conversations")
    running.rows.do("delete from public.contacts")
    return running


@pytest.fixture(scope="module")
def running(
    clone: Clone, project: GatewayConfig, leash: Leash, place: Path
) -> Iterator[Deployment]:
    """One for all tests: its processes take longer to begin than a test does."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    simulator = _start(
        [
            *("console.local.twilio", "--account-sid", ACCOUNT, "--auth-token", TOKEN),
            *("--whatsapp", INBOX, "--webhook-url", f"{url}/webhook"),
            *("--status-base", f"{url}/status", "--speed", "20"),
        ],
        leash,
        stdout=subprocess.PIPE,
    )
    assert simulator.stdout is not None
    twilio = json.loads(simulator.stdout.readline())
    log = place / "service.log"
    environment = os.environ | {
        "SUPABASE_URL": project.url,
        "SUPABASE_SECRET_KEY": project.keys.secret_key,
        "SUPABASE_DB_URL": clone.dsn,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": twilio["api_url"],
        "TWILIO_CONTENT_URL": twilio["api_url"],
        "TWILIO_MESSAGING_URL": twilio["api_url"],
        "TWILIO_MEDIA_HOSTS": "127.0.0.1,localhost",
        "PUBLIC_URL": url,
        "PORT": str(port),
    }
    with log.open("w") as stderr:
        service = _start(["console", "serve"], leash, env=environment, stderr=stderr)

    def ready() -> bool:
        assert service.poll() is None, log.read_text()
        try:
            return httpx.get(f"{url}/health/ready").status_code == 200
        except httpx.TransportError:
            return False

    wait_until(ready, within=30)
    with clone.connect() as connection:
        deployment = Deployment(Rows(connection), project, url, twilio)
        yield deployment
        deployment.customer.close()
    assert _end(service, leash) == 0
    _end(simulator, leash)
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert {line["process"] for line in lines} == {"webhook", "worker"}
    assert not [line for line in lines if line["level"] in ("error", "critical")]
    for personal in ("6281234567890", "Halo", TOKEN, project.keys.secret_key):
        assert personal not in log.read_text()


def test_a_customer_writes_and_reads_the_answer(deployment: Deployment) -> None:
    deployment.writes(body="Halo, kapan dikirim?")
    rows = deployment.rows
    wait_until(lambda: rows.all("select from public.messages"))
    assert rows.value("select content from public.messages") == "Halo, kapan dikirim?"
    reply = deployment.replies("Hari ini.")
    wait_until(lambda: deployment.status(reply) in ("delivered", "read"))
    deployment.customer.post("/sim/read", json={"address": CUSTOMER})
    wait_until(lambda: deployment.status(reply) == "read")
    attempt = rows.one("select * from public.delivery_attempts")
    assert attempt["outcome"] == "accepted"


def test_an_image_comes_in_and_a_document_goes_out_byte_for_byte(deployment: Deployment) -> None:
    photo, invoice = sample("paket.jpg"), sample("faktur.pdf")
    deployment.writes(media=[{"sample": "paket.jpg"}])
    rows = deployment.rows
    stored = "select media -> 0 from public.messages where media #>> '{0,state}' = 'stored'"
    wait_until(lambda: rows.all(stored))
    element = rows.value(stored)
    copy = deployment.storage("GET", f"object/media/{element['path']}")
    assert copy.content == photo.content
    assert copy.headers["content-type"] == "image/jpeg"

    thread = rows.value("select id from public.conversations")
    path = f"{thread}/{uuid.uuid4()}/0/faktur.pdf"
    upload = deployment.storage(
        "POST",
        f"object/attachments/{path}",
        content=invoice.content,
        headers={"content-type": "application/pdf"},
    )
    assert upload.status_code == 200, upload.text
    file = {
        "bucket": "attachments",
        "path": path,
        "name": "Faktur 0231.pdf",
        "content_type": "application/pdf",
        "state": "stored",
    }
    reply = deployment.replies("", [file])
    wait_until(lambda: deployment.status(reply) in ("delivered", "read"))
    sid = rows.value("select message_sid from public.messages where id = %s", reply)
    (taken,) = [one for one in deployment.asks("messages")["messages"] if one["sid"] == sid]
    (file_there,) = taken["media"]
    assert file_there["name"] == "Faktur 0231.pdf"
    assert deployment.customer.get(f"/sim/media/{file_there['sid']}").content == invoice.content
    assert deployment.asks("leaks")["count"] == 0


@pytest.mark.parametrize(
    "fault", ["reset_half_way", "truncated_json", "html_201", "server_error_502"]
)
def test_a_broken_answer_of_twilio_settles_without_a_second_create(
    deployment: Deployment, fault: str
) -> None:
    before = deployment.asks("creates")["count"]
    deployment.writes(body="Halo?")
    wait_until(lambda: deployment.rows.all("select from public.messages"))
    answer = deployment.customer.post(
        "/sim/faults", json={"number": CUSTOMER, "fault": fault, "times": 1}
    )
    assert answer.status_code == 200, answer.text
    reply = deployment.replies("Sebentar ya.")
    wait_until(lambda: deployment.status(reply) in ("delivered", "read"))
    assert deployment.asks("creates")["count"] == before + 1
