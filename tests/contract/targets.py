"""The projects that are asked: our gateway, the npm package @supabase/lite, or any real one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from console.local.cluster import free_port
from console.local.leash import Leash
from tests.conftest import Database
from tests.database.conftest import Desk
from tests.remote.project import Agent, Project
from tests.waiting import wait_until

# Which to ask: "gateway", "lite", "project", with commas between; "cli" is for test_cli.
NAMES = tuple(os.environ.get("BALAS_CONTRACT", "gateway").split(","))
LITE = ("--yes", "--package", "@supabase/lite@0.10.0", "--package", "postgres@3")
REAL = ("URL", "KEY", "EMAIL", "PASSWORD")  # after BALAS_CONTRACT_: a project and an agent of it


@dataclass
class Target:
    """One project with our migrations, and what may be done to it.

    `parts` are those of rest, auth, storage, realtime that it has; `desk` writes what customers
    do, where the database is ours to write to; `project` is there for our gateway alone.
    """

    name: str
    url: str
    key: str
    parts: frozenset[str]
    desk: Desk | None = None
    project: Project | None = None
    secret: str = ""
    jwt_secret: str = ""

    def needs(self, part: str) -> None:
        """Skip the test where the target does not have this part."""
        if part not in self.parts:
            pytest.skip(f"{self.name} has no {part} that can be asked")

    def headers(self, token: str | None = None, **more: str) -> dict[str, str]:
        """What every request carries."""
        return {"apikey": self.key, "authorization": f"Bearer {token or self.key}"} | more

    def ask(self, method: str, path: str, token: str | None = None, **more: Any) -> httpx.Response:
        """A bare request, as this token says or with the publishable key alone."""
        headers = self.headers(token) | more.pop("headers", {})
        return httpx.request(method, f"{self.url}{path}", headers=headers, timeout=20, **more)

    def agent(self, name: str, *inboxes: str) -> Agent:
        """Somebody who works in these inboxes."""
        if self.project is not None:
            return self.project.agent(name, *inboxes)
        if self.desk is not None:
            return Agent(self.desk.person(name, "agent", *inboxes).id, f"{name}@example.com")
        email, password = (os.environ[f"BALAS_CONTRACT_{name}"] for name in REAL[2:])
        return Agent("", email, password)

    def token_for(self, who: Agent, *, lifetime: int = 3600, **claims: Any) -> str:
        """A token signed with the project's shared secret."""
        now = int(time.time())
        usual = {"role": "authenticated", "aud": "authenticated", "sub": who.id, "iat": now}
        issuer = {"iss": f"{self.url}/auth/v1", "exp": now + lifetime}
        return jwt.encode(usual | issuer | claims, self.jwt_secret, "HS256")


def fetch(url: str, headers: dict[str, str] | None = None) -> httpx.Response:
    """A GET with these headers alone."""
    return httpx.get(url, headers=headers, timeout=20)


def of_gateway(project: Project) -> Target:
    """Our own, in all its parts."""
    keys = project.gateway.config.keys
    return Target(
        "gateway",
        project.url,
        project.key,
        frozenset({"rest", "auth", "storage", "realtime", "words"}),
        project.desk,
        project,
        keys.secret_key,
        keys.jwt_secret,
    )


def of_environment() -> Target:
    """A real project: its agent signs in, reads, and asks for what must be refused."""
    given = {name: os.environ.get(f"BALAS_CONTRACT_{name}", "") for name in REAL}
    if not all(given.values()):
        words = ", ".join(f"BALAS_CONTRACT_{name}" for name in REAL)
        pytest.skip(f"for a real project set {words}")
    url, key = given["URL"], given["KEY"]
    parts = frozenset({"rest", "auth", "storage", "realtime", "words"})
    return Target("project", url.rstrip("/"), key, parts)


_LITE_CONFIG = """
[api]
port = {port}
[db]
driver = "postgres"
url = "{database}"
[auth]
enabled = true
jwt_secret = "{secret}"
publishable_key = "env(SUPABASE_PUBLISHABLE_KEY)"
secret_key = "env(SUPABASE_SECRET_KEY)"
"""


@contextmanager
def running_lite(database: Database, folder: Path, leash: Leash) -> Iterator[Target]:
    """The package on this database. Its Auth has other tables and times, so tokens are minted."""
    npx = shutil.which("npx")
    if npx is None:
        pytest.skip("@supabase/lite needs npx, which is not installed here")
    port, secret = free_port(), uuid.uuid4().hex + uuid.uuid4().hex
    keys = {
        "SUPABASE_PUBLISHABLE_KEY": f"sb_publishable_{uuid.uuid4().hex}",
        "SUPABASE_SECRET_KEY": f"sb_secret_{uuid.uuid4().hex}",
    }
    config = folder / "supabase" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(_LITE_CONFIG.format(port=port, secret=secret, database=database.admin_dsn))
    quiet = {"DO_NOT_TRACK": "1", "npm_config_update_notifier": "false"}
    with (folder / "lite.log").open("wb") as log:
        process = subprocess.Popen(
            [npx, *LITE, "lite", "--no-telemetry", "start", "--no-admin"],
            cwd=folder,
            env=os.environ | keys | quiet,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    leash.hold(process.pid)
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        assert process.poll() is None, (folder / "lite.log").read_text()[-2000:]
        try:
            return httpx.get(f"{url}/rest/v1/labels").status_code > 0
        except httpx.TransportError:
            return False

    try:
        wait_until(answers, within=180)
        with Desk.of(database) as desk:
            desk.jakarta = desk.inbox("Jakarta", "whatsapp:+628110000001")
            desk.bandung = desk.inbox("Bandung", "whatsapp:+628110000002")
            publishable, hidden = keys.values()
            parts = frozenset({"rest"})
            yield Target("lite", url, publishable, parts, desk, None, hidden, secret)
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()
        leash.release(process.pid)
