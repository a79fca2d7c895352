"""A whole project on loopback for the tests of remote and sync: database, gateway, people."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from console.local.cluster import free_port
from console.local.gateway.config import GatewayConfig, ProjectKeys
from console.local.gateway.misbehaviour import Misbehaviour
from console.local.leash import Leash
from console.local.postgres import Postgres
from tests.conftest import Database, create_database
from tests.database.conftest import Desk
from tests.local.conftest import PASSWORD, ROLES, Gateway, start_gateway


@dataclass(frozen=True)
class Agent:
    """Somebody who can sign in."""

    id: str
    email: str
    password: str = PASSWORD


@dataclass
class Project:
    """A migrated project with a running gateway, and the desk to write what customers do."""

    gateway: Gateway
    desk: Desk
    leash: Leash
    folder: Path

    @property
    def url(self) -> str:
        return self.gateway.url

    @property
    def key(self) -> str:
        return self.gateway.config.keys.publishable_key

    def agent(self, name: str, *inboxes: str, role: str = "agent") -> Agent:
        """A person with a login and a profile, member of these inboxes."""
        email = f"{name}@example.com"
        answer = httpx.post(
            f"{self.url}/auth/v1/admin/users",
            headers=self.gateway.headers(),
            json={"email": email, "password": PASSWORD, "email_confirm": True},
        )
        assert answer.status_code == 200, answer.text
        ident = str(answer.json()["id"])
        self.desk.run(
            "insert into public.profiles (id, display_name, role) values (%s, %s, %s)"
            " on conflict (id) do update set display_name = excluded.display_name,"
            " role = excluded.role, active = true",
            ident,
            name.title(),
            role,
        )
        for inbox in inboxes:
            self.desk.join(ident, inbox)
        return Agent(ident, email)

    def misbehave(self, **switches: object) -> None:
        """Switch the gateway's faults."""
        self.gateway.control("misbehave", **switches)

    def unplug(self) -> None:
        """Nothing answers any more."""
        self.gateway.process.kill()
        self.gateway.process.wait()
        self.leash.release(self.gateway.process.pid)

    def plug_in(self) -> None:
        """The gateway is back, on the same port."""
        process = start_gateway(
            self.gateway.config, self.folder / f"{uuid.uuid4().hex}.json", self.leash
        )
        self.gateway = Gateway(self.gateway.config, self.gateway.database, process)

    def ring_due_bells(self) -> None:
        """What the worker does each second: bells that were held back to save the quota."""
        self.desk.run("select private.ring_due_bells()")

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """What the database holds."""
        return self.desk.admin.execute(query, values).fetchall()


# Between two tests everything goes that a test may have made; the feed's own identity stays.
CLEAN = """
set local session_replication_role = replica;
set local storage.allow_delete_query = 'true';
do $$ declare tables text; begin
  select string_agg(format('%I.%I', schemaname, tablename), ', ') into tables from pg_tables
   where schemaname = 'public'
      or (schemaname = 'private' and tablename not in ('feed', 'adoption'));
  execute 'truncate ' || tables || ' cascade';
end $$;
delete from storage.objects;
truncate auth.users cascade;
"""


@contextmanager
def running_project(database: Database, folder: Path, leash: Leash) -> Iterator[Project]:
    """Start everything; stop it at the end."""
    config = GatewayConfig(
        keys=ProjectKeys.generate(),
        database={role: database.dsn_of(role) for role in ROLES},
        files=folder / "files",
        port=free_port(),
    )
    with Desk.of(database) as desk:
        process = start_gateway(config, folder / "gateway.json", leash)
        project = Project(Gateway(config, database, process), desk, leash, folder)
        try:
            yield project
        finally:
            project.unplug()


@contextmanager
def cleaned(project: Project) -> Iterator[Project]:
    """The project for one test: two inboxes, Jakarta and Bandung, and nothing else."""
    desk = project.desk
    desk.jakarta = desk.inbox("Jakarta", "whatsapp:+628110000001")
    desk.bandung = desk.inbox("Bandung", "whatsapp:+628110000002")
    with desk.lines:
        yield project
    if project.gateway.process.poll() is not None:
        project.plug_in()
    project.misbehave(**asdict(Misbehaviour()))
    with psycopg.connect(desk.database.admin_dsn) as admin:
        admin.execute(CLEAN)


@pytest.fixture(scope="package")  # to the end of a run, it would idle at the others' cost
def shared_project(
    postgres_server: Postgres,
    migrated_template: Database,
    tmp_path_factory: pytest.TempPathFactory,
    leash: Leash,
) -> Iterator[Project]:
    """One database and one gateway for all tests of remote and sync."""
    name = f"project_{uuid.uuid4().hex[:8]}"
    database = create_database(postgres_server, name, migrated_template.name)
    with running_project(database, tmp_path_factory.mktemp("project"), leash) as made:
        yield made


@pytest.fixture
def project(shared_project: Project) -> Iterator[Project]:
    """A migrated project with two inboxes, Jakarta and Bandung, behind a gateway."""
    with cleaned(shared_project) as made:
        yield made
