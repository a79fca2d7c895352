"""Health and metrics: what an operator sees, and what nobody else does."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import psycopg
import pytest

from console.service import webhook
from console.service.database import Database, webhook_pool
from console.service.metrics import Metrics
from console.service.webhook import application
from tests.conftest import Database as Clone
from tests.service.conftest import Rows, Twilio, config_of
from tests.service.requests import PUBLIC_URL, encoded, media, signed, whatsapp


async def test_alive_and_ready_with_the_queue(twilio: Twilio) -> None:
    assert (await twilio.client.get("/health/live")).json() == {"status": "alive"}
    await twilio.delivers(whatsapp(**media("image/png")))
    ready = await twilio.client.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json()["status"] == "ready"
    assert ready.json()["queue"]["waiting"] == 1
    assert 0 <= ready.json()["queue"]["lag_seconds"] < 60


async def test_metrics_need_their_token(twilio: Twilio) -> None:
    await twilio.delivers(whatsapp())
    for header in ({}, {"authorization": "Bearer wrong"}, {"authorization": "metrics"}):
        assert (await twilio.client.get("/metrics", headers=header)).status_code == 401
    page = await twilio.client.get("/metrics", headers={"authorization": "Bearer metrics"})
    assert page.status_code == 200
    assert 'balas_requests_total{endpoint="webhook",result="stored"} 1.0' in page.text
    assert "balas_queue_lag_seconds 0.0" in page.text
    assert "Siti" not in page.text
    assert "62812" not in page.text


async def test_without_a_configured_token_there_are_no_metrics(database: Clone) -> None:
    pool = webhook_pool(config_of(database.dsn))
    app = application(config_of(database.dsn), Database(pool), Metrics())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://internal") as client:
        for header in ({}, {"authorization": "Bearer "}):
            assert (await client.get("/metrics", headers=header)).status_code == 404


@pytest.mark.usefixtures("warnings_expected")
async def test_a_lost_connection_is_replaced_without_an_error(
    twilio: Twilio, database: Clone, rows: Rows
) -> None:
    await twilio.delivers(whatsapp())
    with psycopg.connect(database.admin_dsn, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()"
            " and application_name like 'balas webhook %'"
        )
    await twilio.delivers(whatsapp())
    assert len(rows.all("select from public.messages")) == 2


@pytest.mark.usefixtures("warnings_expected")
async def test_a_database_that_is_away_means_503_and_come_back() -> None:
    config = config_of("postgresql://postgres:x@127.0.0.1:1/postgres")
    pool = webhook_pool(config)
    await pool.open(wait=False)
    transport = httpx.ASGITransport(application(config, Database(pool), Metrics()))
    async with httpx.AsyncClient(transport=transport, base_url="http://internal") as client:
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/health/ready")).status_code == 503
        body = encoded(whatsapp())
        answer = await client.post("/webhook", content=body, headers=signed("/webhook", body))
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    await pool.close()


async def test_a_slow_database_without_a_spool_has_nearly_as_long_as_twilio_waits(
    twilio: Twilio, rows: Rows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "COMMIT_SECONDS", 0.0)  # over at once, as where a commit is slow
    await twilio.delivers(whatsapp())
    assert len(rows.all("select from public.messages")) == 1


def test_it_answers_before_twilio_hangs_up_as_the_readme_has_it_do() -> None:
    readme = Path(__file__).parents[2] / "README.md"
    listens_for = re.search(r"#rc=5&rp=all&ct=\d+&rt=(\d+)", readme.read_text(encoding="utf-8"))
    assert listens_for is not None
    assert int(listens_for[1]) / 1000 > webhook.PATIENCE_SECONDS


async def test_a_path_in_the_public_url_works_passed_on_or_stripped(
    database: Clone, rows: Rows
) -> None:
    base = f"{PUBLIC_URL}/desk/one"
    config = config_of(database.dsn, PUBLIC_URL=f"{base}/")
    async with webhook_pool(config) as pool:
        transport = httpx.ASGITransport(application(config, Database(pool), Metrics()))
        async with httpx.AsyncClient(transport=transport, base_url="http://internal") as client:
            for path in ("/webhook", "/desk/one/webhook"):
                body = encoded(whatsapp())
                headers = signed("/webhook", body, base=base)
                answer = await client.post(path, content=body, headers=headers)
                assert answer.status_code == 200
    assert len(rows.all("select from public.messages")) == 2
