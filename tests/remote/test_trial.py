"""The test of a project's address and key: each way to be wrong has its own words."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable

import pytest

from console.domain.errors import BalasError
from console.remote import connect
from tests.remote.project import Project


async def title(url: str, key: str = "sb_publishable_x") -> str:
    """What the test says is wrong; empty when nothing is."""
    line = await connect(url, key)
    try:
        await line.check()
    except BalasError as error:
        return error.title if error.fix else "no fix"
    finally:
        await line.close()
    return ""


@pytest.fixture
async def server() -> AsyncIterator[Callable[..., str]]:
    """Stands where a project should and gives one answer to everything."""
    said = {"auth": "", "rest": ""}

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        writer.write(said["rest" if b"/rest/v1/" in asked else "auth"].encode())
        await writer.drain()
        writer.close()

    made = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = made.sockets[0].getsockname()[1]

    def saying(
        status: str,
        *,
        kind: str = "application/json",
        body: str = "{}",
        more: str = "",
        database: str = "401 Unauthorized",
    ) -> str:
        for part, line in (("auth", status), ("rest", database)):
            said[part] = (
                f"HTTP/1.1 {line}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                f"{more}Connection: close\r\n\r\n{body}"
            )
        return f"http://127.0.0.1:{port}"

    yield saying
    made.close()
    await made.wait_closed()


async def test_a_project_with_balas_in_it_passes(project: Project) -> None:
    assert await title(project.url, project.key) == ""


async def test_a_wrong_key_is_told_from_a_secret_one(project: Project) -> None:
    assert await title(project.url, "sb_publishable_x") == "The project does not know this key"
    secret = project.gateway.config.keys.secret_key
    assert await title(project.url, secret) == "This is the secret key"
    middle = base64.urlsafe_b64encode(json.dumps({"role": "service_role"}).encode()).decode()
    assert await title(project.url, f"a.{middle.rstrip('=')}.c") == "This is the secret key"


@pytest.mark.parametrize(
    ("status", "kind", "body", "more", "said"),
    [
        ("302 Found", "text/html", "", "Location: http://portal.example/\r\n", "Something else"),
        ("200 OK", "text/html", "<h1>Welcome</h1>", "", "Something else"),
        ("404 Not Found", "text/html", "?", "", "There is no Supabase project"),
        ("200 OK", "application/json", '{"name": "Other"}', "", "There is no Supabase project"),
        ("540 Paused", "application/json", "{}", "", "The project is paused"),
        ("503 Service Unavailable", "application/json", "{}", "", "The project has trouble"),
        (
            "200 OK",
            "application/json",
            '{"name": "GoTrue"}',
            "Date: Mon, 01 Jan 2001 00:00:00 GMT\r\n",
            "This computer's clock is wrong",
        ),
    ],
)
async def test_what_else_may_answer_is_named(
    server: Callable[..., str], status: str, kind: str, body: str, more: str, said: str
) -> None:
    assert (await title(server(status, kind=kind, body=body, more=more))).startswith(said)


async def test_a_project_without_balas_says_who_can_change_that(
    server: Callable[..., str],
) -> None:
    """Auth answers, the database does not know our functions."""
    url = server("200 OK", body='{"name": "GoTrue"}', database="404 Not Found")
    assert await title(url) == "Balas is not set up in this project yet"


async def test_nobody_there_is_not_a_wrong_name() -> None:
    assert await title("http://127.0.0.1:9") == "The project cannot be reached"
    assert await title("https://balas-has-no-such-host.invalid") == "There is no such address"
