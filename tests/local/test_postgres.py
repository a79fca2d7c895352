"""The local Postgres has the rights of a hosted project, survives kill -9, and starts fast."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import errors, sql

from console.local import cluster
from console.local.cluster import PostgresError
from console.local.postgres import Postgres
from tests.waiting import wait_until

if TYPE_CHECKING:
    from console.local.leash import Leash
    from tests.conftest import Database


def test_postgres_is_not_a_superuser(empty_project: Database) -> None:
    with empty_project.connect() as connection:
        row = connection.execute(
            "select rolsuper, rolcreatedb, rolcreaterole, rolbypassrls from pg_roles"
            " where rolname = current_user"
        ).fetchone()
    assert row == (False, True, True, True)


@pytest.mark.parametrize(
    "statement",
    [
        "create policy p on storage.objects for select to authenticated using (true)",
        "create policy p on storage.buckets for select to authenticated using (true)",
        "create policy p on realtime.messages for select to authenticated using (true)",
        "insert into storage.buckets (id, name) values ('media', 'media')",
        "create trigger t before update on auth.users for each row"
        " execute function suppress_redundant_updates_trigger()",
        "create schema private",
        "create extension pg_trgm with schema extensions",
    ],
)
def test_a_migration_may_do_what_hosted_supabase_allows(
    empty_project: Database, statement: str
) -> None:
    with empty_project.connect() as connection:
        connection.execute(sql.SQL(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "alter table storage.objects add column x int",
        "alter table realtime.messages disable row level security",
        "create table storage.x ()",
        "create function auth.x() returns int language sql as 'select 1'",
        "create index on realtime.messages (topic)",
        "drop table storage.objects",
        "drop schema realtime cascade",
        "create policy p on auth.users using (true)",
        "set role supabase_storage_admin",
        "create role boss superuser",
        "delete from storage.objects",
    ],
)
def test_a_migration_may_not_do_what_hosted_supabase_refuses(
    empty_project: Database, statement: str
) -> None:
    with empty_project.connect() as connection, pytest.raises(errors.InsufficientPrivilege):
        connection.execute(sql.SQL(statement))


def test_new_projects_grant_nothing_by_default_and_older_ones_everything(
    empty_project: Database, older_project: Database
) -> None:
    granted = []
    for project in (empty_project, older_project):
        with project.connect() as connection:
            connection.execute("create table public.note ()")
            granted.append(
                connection.execute(
                    "select has_table_privilege('anon', 'public.note', 'select')"
                ).fetchone()
            )
    assert granted == [(False,), (True,)]


def test_the_claims_of_the_caller_reach_the_policies(empty_project: Database) -> None:
    user = uuid.uuid4()
    with empty_project.acting_as(user, email="budi@example.com") as connection:
        row = connection.execute("select auth.uid(), auth.role(), auth.email()").fetchone()
    assert row == (user, "authenticated", "budi@example.com")


def test_a_broadcast_from_the_database_finds_its_partition(empty_project: Database) -> None:
    with empty_project.connect() as connection:
        connection.execute("select realtime.send('{\"ids\": [1]}', 'changed', 'inbox:1')")
        row = connection.execute("select topic, event, private from realtime.messages").fetchone()
    assert row == ("inbox:1", "changed", True)


def test_a_wrong_password_is_refused(empty_project: Database) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(empty_project.dsn, password="guess")


def test_the_first_cluster_is_made_although_only_root_may_look_into_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (closed := tmp_path / "closed").mkdir(mode=0o700)
    made = Path(tempfile.mkdtemp(prefix="cluster-", dir=cluster._cache()))
    monkeypatch.setattr(tempfile, "tempdir", str(closed))
    try:
        cluster._make_template(made)
        assert (made / "cluster" / "PG_VERSION").is_file()
    finally:
        shutil.rmtree(made)


def test_data_survives_kill_9_and_folders_stay_private(tmp_path: Path, leash: Leash) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    server = Postgres(private / "data", leash=leash)
    server.start()
    with psycopg.connect(server.dsn()) as connection:
        connection.execute("create table kept as select 1 as one")
    first = server.pid
    os.kill(first, signal.SIGKILL)
    server.wait()
    server.start()
    try:
        assert server.pid != first
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select one from kept").fetchone() == (1,)
    finally:
        server.stop()
    assert stat.S_IMODE(private.stat().st_mode) == 0o700
    assert stat.S_IMODE((private / "data" / "passwords.json").stat().st_mode) == 0o600


def test_what_was_committed_just_before_a_kill_is_there_also_without_fsync(
    tmp_path: Path, leash: Leash
) -> None:
    server = Postgres(tmp_path / "data", durable=False, leash=leash)
    server.start()
    try:
        with psycopg.connect(server.dsn(), autocommit=True) as connection:
            connection.execute("create table kept as select 1 as one")
            os.kill(server.pid, signal.SIGKILL)
        server.wait()
        server.start()
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select one from kept").fetchone() == (1,)
    finally:
        server.stop()


def test_a_kill_in_the_middle_of_a_start_is_told_so_that_it_is_started_again(
    tmp_path: Path, leash: Leash, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Postgres(tmp_path / "data", durable=False, leash=leash)
    connect = psycopg.connect

    def connected_and_killed(**words: Any) -> psycopg.Connection[Any]:
        connection = connect(**words)
        os.kill(server.pid, signal.SIGKILL)
        server.wait()
        return connection

    try:
        with monkeypatch.context() as patch:
            patch.setattr(psycopg, "connect", connected_and_killed)
            with pytest.raises(PostgresError):
                server.start()
        server.start()
        with psycopg.connect(server.dsn()) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
    finally:
        server.stop()


def test_nothing_outlives_a_killed_owner(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    code = (
        "import os, sys, pathlib\n"
        "from console.local.leash import Leash\n"
        "from console.local.postgres import Postgres\n"
        "leash = Leash(); folder = pathlib.Path(sys.argv[1]); leash.remove(folder)\n"
        "server = Postgres(folder, durable=False, leash=leash); server.start()\n"
        "print(server.port, flush=True); os.kill(os.getpid(), 9)\n"
    )
    owner = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        capture_output=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert owner.stdout, owner.stderr.decode()
    port = int(owner.stdout)
    wait_until(lambda: not folder.exists())
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host="127.0.0.1", port=port, user="postgres", password="x")


@pytest.mark.skipif(sys.platform == "win32", reason="Postgres needs no user of its own there")
def test_processes_that_start_together_add_the_system_user_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    users, calls = tmp_path / "users", tmp_path / "calls"
    tool = tmp_path / "useradd"
    # As where useradd's lock does not hold: what another one has added meanwhile is lost.
    tool.write_text(
        f"#!/bin/sh\necho call >> {calls}\nid=$(wc -l < {calls})\nsleep 0.1\n"
        f"echo $id > {users}.new\nmv {users}.new {users}\n"
    )
    tool.chmod(0o700)

    def known(_name: str) -> tuple[int, int] | None:
        return (int(users.read_text()), 1) if users.exists() else None

    monkeypatch.setattr(cluster, "_cache", lambda: tmp_path)
    monkeypatch.setattr(cluster, "_ids_of", known)
    monkeypatch.setattr(shutil, "which", lambda _name: str(tool))
    together = threading.Barrier(4)

    def start(_: int) -> tuple[int, int]:
        together.wait()
        return cluster._system_ids()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(start, range(4))) == {(1, 1)}
    assert calls.read_text() == "call\n"
