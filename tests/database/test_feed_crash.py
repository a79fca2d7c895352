"""A desktop misses nothing although the database was killed after it had pulled."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from console.local.leash import Leash
from console.local.postgres import Postgres
from console.service.migrate import migrate
from tests.conftest import Database
from tests.database.conftest import Desk, call


@pytest.fixture
def server(tmp_path: Path, leash: Leash) -> Iterator[Postgres]:
    """One of its own, that leaves what need not be on the disk in its memory for longer."""
    server = Postgres(tmp_path, durable=False, leash=leash)
    server.start()
    with administrator(server) as line:
        line.execute("alter system set wal_writer_delay = '10s'")
        line.execute("alter system set autovacuum = off")
        line.execute("select pg_reload_conf()")
    yield server
    server.stop()


def administrator(server: Postgres) -> psycopg.Connection[tuple[str]]:
    return psycopg.connect(server.dsn("supabase_admin"), autocommit=True)


def crash(server: Postgres) -> None:
    os.kill(server.pid, signal.SIGKILL)
    server.wait()
    server.start()


def test_a_change_whose_number_was_somebody_elses_before_a_crash_is_not_skipped(
    server: Postgres,
) -> None:
    database = Database(server, "postgres")
    migrate(database.dsn)
    with Desk.of(database) as desk:
        desk.jakarta = desk.inbox("Jakarta", "whatsapp:+628110000001")
        agent = desk.person("Dewi", "agent", desk.jakarta)
        thread = desk.conversation(desk.jakarta)
        agent.pull()
        with database.connect(autocommit=False) as doomed:
            for _ in range(50):
                desk.inbound(thread, "never", connection=doomed)
                doomed.rollback()
        assert agent.pull()["messages"] == []
        ended = desk.one("select pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        crash(server)
    with database.connect() as line:
        sent = desk.inbound(thread, "Halo", connection=line)
        number = line.execute(
            "select xid::text::bigint from private.changes where id = %s", [sent]
        ).fetchone()
        for _ in range(50):  # until the cursor is not of the future
            line.execute("select pg_current_xact_id()")
    assert number is not None
    assert number[0] < ended, "no number was given again: this test shows nothing"
    with database.acting_as(agent.id) as line:
        page = call(line, "pull_changes", cursor=agent.cursor, page_size=200)
    assert [row["id"] for row in page["messages"]] == [sent]
