"""A Supabase project's gateway on the database of one test."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import httpx
import uvicorn

from console.local.cluster import free_port
from console.local.gateway.app import build
from console.local.gateway.config import GatewayConfig, ProjectKeys
from tests.conftest import Database as Clone
from tests.local.conftest import ROLES
from tests.waiting import wait_until


@contextmanager
def gateway(database: Clone, folder: Path) -> Iterator[GatewayConfig]:
    """Running until the block ends; its files lie in `folder`/files.

    In a thread with a loop of its own: a process takes half a second of the processor to start,
    and here each test has another database.
    """
    config = GatewayConfig(
        keys=ProjectKeys.generate(),
        database={role: database.dsn_of(role) for role in ROLES},
        files=folder / "files",
        port=free_port(),
    )
    settings = uvicorn.Config(
        build(config), host=config.host, port=config.port, access_log=False, log_config=None
    )
    server = uvicorn.Server(settings)

    def serve() -> None:
        with asyncio.Runner() as runner:
            runner.run(server.serve())

    thread = Thread(target=serve, name="gateway")
    thread.start()
    try:
        wait_until(lambda: server.started or not thread.is_alive())
        assert server.started, "the gateway ended"
        yield config
    finally:
        server.should_exit = True
        thread.join()


def put_file(project: GatewayConfig, bucket: str, path: str, content: bytes, kind: str) -> None:
    """Lay a file into Storage as the service does."""
    answer = httpx.post(
        f"{project.url}/storage/v1/object/{bucket}/{path}",
        headers={
            "apikey": project.keys.secret_key,
            "authorization": f"Bearer {project.keys.secret_key}",
            "content-type": kind,
        },
        content=content,
    )
    assert answer.status_code == 200, answer.text
