"""A Supabase project's gateway on the database of one test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from console.local.cluster import free_port
from console.local.gateway.config import GatewayConfig, ProjectKeys
from console.local.leash import Leash
from tests.conftest import Database as Clone
from tests.local.conftest import ROLES, start_gateway


@contextmanager
def gateway(database: Clone, folder: Path, leash: Leash) -> Iterator[GatewayConfig]:
    """Running until the block ends; its files lie in `folder`/files."""
    config = GatewayConfig(
        keys=ProjectKeys.generate(),
        database={role: database.dsn_of(role) for role in ROLES},
        files=folder / "files",
        port=free_port(),
    )
    process = start_gateway(config, folder / "gateway.json", leash)
    try:
        yield config
    finally:
        process.terminate()
        process.wait(15)
        leash.release(process.pid)


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
