"""`balas migrate`: repeatable, recorded as the Supabase CLI does, one at a time, queue included."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.domain.errors import EnvironmentFaultError
from console.service import migrate as migrate_module
from console.service.migrate import main, migrate, migrations
from console.service.statements import statements
from tests.conftest import Database
from tests.waiting import wait_until


def test_an_empty_project_is_brought_up_to_date_once(empty_project: Database) -> None:
    report = migrate(empty_project.dsn)
    assert report.applied[0].endswith("_adoption_findings.sql")
    assert report.applied[-1].startswith("procrastinate ")
    assert report.findings == []
    assert migrate(empty_project.dsn).applied == []
    with empty_project.connect() as connection:
        rows = connection.execute(
            "select version, name, statements from supabase_migrations.schema_migrations"
            " order by version"
        ).fetchall()
    assert [row[:2] for row in rows] == [(step.version, step.name) for step in migrations()]
    assert all(row[2] for row in rows)


def test_two_runs_at_once_apply_everything_once(empty_project: Database) -> None:
    applied: list[list[str]] = []

    def run() -> None:
        applied.append(migrate(empty_project.dsn).applied)

    runs = [threading.Thread(target=run) for _ in range(3)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert sorted(map(bool, applied)) == [False, False, True]


def test_a_project_migrated_by_the_cli_alone_is_only_completed(
    empty_project: Database, run_files: Callable[[Database], None]
) -> None:
    run_files(empty_project)
    with empty_project.connect() as connection:
        assert connection.execute("select private.enqueue('x')").fetchone() == (None,)
        connection.execute("create schema supabase_migrations")
        connection.execute(
            "create table supabase_migrations.schema_migrations"
            " (version text primary key, statements text[], name text)"
        )
        for step in migrations():
            connection.execute(
                "insert into supabase_migrations.schema_migrations (version) values (%s)",
                [step.version],
            )
    report = migrate(empty_project.dsn)
    assert [name.split(" ")[0] for name in report.applied] == ["procrastinate"]
    with empty_project.connect() as connection:
        assert connection.execute("select private.enqueue('x')").fetchone() == (1,)


def test_a_failing_file_changes_nothing_and_is_named(
    empty_project: Database, tmp_path: Path
) -> None:
    for step in migrations():
        (tmp_path / step.path.name).write_text(step.path.read_text())
    (tmp_path / "20990101000000_broken.sql").write_text(
        "create table public.half (); select 1 / 0;"
    )
    with pytest.raises(psycopg.errors.DivisionByZero) as error:
        migrate(empty_project.dsn, folder=tmp_path)
    assert "20990101000000_broken.sql, statement 2" in error.value.__notes__[0]
    with empty_project.connect() as connection:
        assert connection.execute("select to_regclass('public.half')").fetchone() == (None,)


def test_a_busy_table_is_named_as_such(
    empty_project: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate_module, "_LOCK_TRIES", 1)
    migrate(empty_project.dsn)
    for step in migrations():
        (tmp_path / step.path.name).write_text(step.path.read_text())
    (tmp_path / "20990101000000_locks.sql").write_text(
        "set lock_timeout = '50ms'; lock table public.messages; reset lock_timeout;"
    )
    with empty_project.connect(autocommit=False) as holder:
        holder.execute("lock table public.messages")
        with pytest.raises(EnvironmentFaultError, match="waited too long"):
            migrate(empty_project.dsn, folder=tmp_path)


def test_a_deadlock_with_somebody_is_tried_again(empty_project: Database, tmp_path: Path) -> None:
    migrate(empty_project.dsn)
    for step in migrations():
        (tmp_path / step.path.name).write_text(step.path.read_text())
    (tmp_path / "20990101000000_deadlock.sql").write_text(
        "lock table public.messages; lock table public.labels;"
    )
    waits = (
        "select from pg_locks where not granted and relation = 'public.labels'::regclass"
        " and database = (select oid from pg_database where datname = current_database())"
    )
    with psycopg.connect(empty_project.admin_dsn) as holder, empty_project.connect() as watcher:
        holder.execute("set local deadlock_timeout = '1min'")  # so that it is found on our side
        holder.execute("lock table public.labels")
        with ThreadPoolExecutor(1) as pool:
            report = pool.submit(migrate, empty_project.dsn, folder=tmp_path)
            wait_until(lambda: watcher.execute(waits).fetchone() is not None)
            holder.execute("lock table public.messages")
            holder.commit()
            assert report.result().applied == ["20990101000000_deadlock.sql"]


def test_an_older_queue_is_upgraded_by_its_own_migrations(empty_project: Database) -> None:
    migrate(empty_project.dsn)
    with empty_project.connect() as connection:
        connection.execute("select private.enqueue('before')")
        # as the release before the last one left it
        last = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
        connection.execute("delete from jobs.balas_applied where name = %s", [last])
        connection.execute(
            "alter function jobs.procrastinate_retry_job_v2 rename to procrastinate_retry_job_old"
        )
    report = migrate(empty_project.dsn)
    assert [name.split(": ")[1] for name in report.applied] == [last]
    with empty_project.connect() as connection:
        assert connection.execute("select count(*) from jobs.procrastinate_jobs").fetchone() == (1,)
        loose = connection.execute(
            "select count(*) from pg_proc where pronamespace = 'jobs'::regnamespace"
            " and (proconfig is null or not 'search_path=jobs, pg_temp' = any (proconfig))"
        ).fetchone()
    assert loose == (0,)


def test_a_queueing_lock_is_taken_once(database: Database) -> None:
    with database.connect() as connection:
        query = "select private.enqueue('sweep', queueing_lock => 'sweep')"
        assert connection.execute(query).fetchone() == (1,)
        assert connection.execute(query).fetchone() == (None,)


def test_the_command_says_what_it_did(
    empty_project: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SUPABASE_DB_URL", raising=False)
    assert main() == 1
    assert "SUPABASE_DB_URL" in capsys.readouterr().out
    monkeypatch.setenv("SUPABASE_DB_URL", empty_project.dsn)
    assert main(check=True) == 0
    assert "has not run yet" in capsys.readouterr().out
    assert main() == 0
    assert "applied 20260101000100_tables.sql" in capsys.readouterr().out
    assert main() == 0
    assert capsys.readouterr().out == "The database is up to date.\n"


def test_the_command_refuses_in_words(
    empty_project: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with empty_project.connect() as connection:
        connection.execute("create table public.labels ()")
        connection.execute(
            "create table public.profiles (id uuid primary key, email text not null)"
        )
    monkeypatch.setenv("SUPABASE_DB_URL", empty_project.dsn)
    assert main(check=True) == 1
    assert main() == 1
    said = capsys.readouterr().out
    assert "STOP  There is a table named labels already" in said
    assert "would change  profiles.email must be filled" in said
    monkeypatch.setenv("SUPABASE_DB_URL", "postgresql://nobody@127.0.0.1:1/nowhere")
    assert main() == 1
    assert "does not answer" in capsys.readouterr().out


def test_statements_are_cut_where_they_end() -> None:
    text = """
    -- one; not two
    create table "a;b" (c text default 'x;''y'); /* no; */
    do $$ begin perform 1; end $$;
    do $body$ begin perform '$$;'; end $body$;
    -- only a comment; at the end
    """
    found = statements(text)
    assert len(found) == 3
    assert found[0].startswith("-- one; not two\n")
    assert found[2] == "do $body$ begin perform '$$;'; end $body$"


@given(
    st.lists(st.sampled_from(["select 1", "select ';'", "do $a$;$a$", 'select ";"']), max_size=8)
)
def test_cut_statements_are_the_ones_joined(parts: list[str]) -> None:
    assert statements(";\n".join(parts)) == parts
