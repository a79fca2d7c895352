"""What all tests share: the rules of the house, a database server, a fresh clone for each test."""

from __future__ import annotations

import inspect
import json
import os
import shutil
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql

from console.local.leash import Leash
from console.local.postgres import Postgres, give_default_grants
from tests.memory import is_in_memory

pytest_plugins = ["tests.plugins.house", "tests.plugins.memory"]


@dataclass(frozen=True)
class Database:
    """One database of the test server, gone after the test."""

    server: Postgres = field(repr=False)
    name: str

    @property
    def dsn(self) -> str:
        """As ``postgres``, with the rights that role has on hosted Supabase."""
        return self.server.dsn("postgres", self.name)

    @property
    def admin_dsn(self) -> str:
        """As the superuser ``supabase_admin``, whom no hosted customer can become."""
        return self.server.dsn("supabase_admin", self.name)

    def dsn_of(self, role: str) -> str:
        """As another login role, e.g. ``authenticator`` or ``supabase_auth_admin``."""
        return self.server.dsn(role, self.name)

    def connect(self, *, autocommit: bool = True) -> psycopg.Connection[Any]:
        """A connection as ``postgres``; row security does not bind it."""
        return psycopg.connect(self.dsn, autocommit=autocommit)

    @contextmanager
    def acting_as(
        self,
        user: uuid.UUID | str | None,
        *,
        role: str = "authenticated",
        autocommit: bool = True,
        **claims: object,
    ) -> Iterator[psycopg.Connection[Any]]:
        """A connection as a signed-in user, as the Data API would hold it.

        ``user`` is the id of the profile, None with ``role="anon"``; further claims are added to
        the token's. The role and the claims outlast commits and rollbacks.
        """
        token = {"role": role, **({"sub": str(user)} if user else {}), **claims}
        with psycopg.connect(self.dsn_of("authenticator"), autocommit=True) as connection:
            connection.execute(
                "select set_config('request.jwt.claims', %s, false)", [json.dumps(token)]
            )
            connection.execute("select set_config('search_path', 'public, extensions', false)")
            connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
            connection.autocommit = autocommit
            yield connection


# An administrator's line to a server: connecting took a fifth of the time of making a clone. It is
# to a database that nobody clones, because one that is cloned must have no other connection.
_LINES: dict[Postgres, psycopg.Connection[Any]] = {}


def _connect(server: Postgres) -> psycopg.Connection[Any]:
    return psycopg.connect(server.dsn("supabase_admin", "template1"), autocommit=True)


@contextmanager
def _administrator(server: Postgres) -> Iterator[psycopg.Connection[Any]]:
    """The server's kept line; one for the moment to a server that has none."""
    if (line := _LINES.get(server)) is None:
        with _connect(server) as connection:
            yield connection
        return
    try:
        line.execute("select")
    except psycopg.OperationalError:  # a test has cut every line there was
        line.close()
        line = _LINES[server] = _connect(server)
    yield line


def create_database(server: Postgres, name: str, template: str) -> Database:
    """A clone of the database `template`, to which nobody may be connected."""
    # Copying files is the quickest where no disk has to write them, and the slowest elsewhere.
    strategy = "file_copy" if is_in_memory(server.directory) else "wal_log"
    with _administrator(server) as connection:
        connection.execute(
            sql.SQL("create database {} template {} strategy {} owner postgres").format(
                sql.Identifier(name), sql.Identifier(template), sql.Identifier(strategy)
            )
        )
    return Database(server, name)


def drop_database(database: Database) -> None:
    """Also where somebody is still connected."""
    with _administrator(database.server) as connection:
        connection.execute(
            sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(database.name))
        )


@pytest.fixture(scope="session")
def leash() -> Iterator[Leash]:
    """Ends what the tests started even when the test run is killed."""
    watcher = Leash()
    yield watcher
    watcher.close()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory, leash: Leash) -> Iterator[Postgres]:
    """A server of this test process (under xdist: one for each worker), without fsync."""
    server = Postgres(tmp_path_factory.mktemp("postgres"), durable=False, leash=leash)
    server.start()
    _LINES[server] = _connect(server)
    yield server
    _LINES.pop(server).close()
    server.stop()


@pytest.fixture(scope="session")
def migrated_template(postgres_server: Postgres) -> Database:
    """A new Supabase project after ``balas migrate``; clone it, do not connect to it."""
    from console.service.migrate import migrate  # only the tests that need it should fail with it

    database = create_database(postgres_server, "migrated", "postgres")
    finished = migrate(database.dsn)
    if inspect.isawaitable(finished):
        import asyncio

        asyncio.run(_finish(finished))
    return database


async def _finish(awaitable: Any) -> None:
    await awaitable


@pytest.fixture
def new_database(postgres_server: Postgres) -> Iterator[Callable[[str], Database]]:
    """Makes clones: ``new_database("postgres")`` of an empty project, or of any other database."""
    made: list[Database] = []

    def create(template: str) -> Database:
        made.append(create_database(postgres_server, f"test_{uuid.uuid4().hex[:12]}", template))
        return made[-1]

    yield create
    for database in made:
        drop_database(database)


@pytest.fixture
def empty_project(new_database: Callable[[str], Database]) -> Database:
    """A new hosted project: Supabase's own schemas, nothing of ours, no default table grants."""
    return new_database("postgres")


def make_older(project: Database) -> Database:
    """From now on tables made in public are granted to the API roles by default."""
    with psycopg.connect(project.admin_dsn, autocommit=True) as connection:
        give_default_grants(connection)
    return project


@pytest.fixture
def older_project(new_database: Callable[[str], Database]) -> Database:
    """As ``empty_project``, but tables made in public are granted to the API roles by default."""
    return make_older(new_database("postgres"))


@pytest.fixture
def database(new_database: Callable[[str], Database], migrated_template: Database) -> Database:
    """A migrated project without any rows of its own."""
    return new_database(migrated_template.name)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the source tree."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, leash: Leash) -> Iterator[str]:
    """A session bus of our own; it ends with the tests, also when they are killed."""
    command = shutil.which("dbus-daemon")
    if command is None:
        pytest.skip("no D-Bus on this machine")
    daemon = subprocess.Popen(
        [command, "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True
    )
    leash.hold(daemon.pid)
    assert daemon.stdout is not None
    address = daemon.stdout.readline().strip()
    monkeypatch.setitem(os.environ, "DBUS_SESSION_BUS_ADDRESS", address)
    yield address
    daemon.terminate()
    daemon.wait()
    leash.release(daemon.pid)
    daemon.stdout.close()
