"""`balas migrate`: brings a database up to date; says first what an older one has in the way.

Works as the role `postgres` with the rights it has on hosted Supabase, records every file in
`supabase_migrations.schema_migrations` as the Supabase CLI does, and is safe to repeat.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from console.domain.errors import EnvironmentFaultError, ExpectedError
from console.resources import RESOURCES
from console.service.statements import statements

MIGRATIONS = RESOURCES / "supabase" / "migrations"
_FILE = re.compile(r"(?P<version>\d{14})_(?P<name>\w+)\.sql")
_ADVISORY_LOCK = 0x62616C6173  # "balas"
_LOCK_TRIES = 5

# As the Supabase CLI makes it (supabase/cli, pkg/migration/history.go).
_HISTORY = (
    "create schema if not exists supabase_migrations",
    "create table if not exists supabase_migrations.schema_migrations"
    " (version text not null primary key)",
    "alter table supabase_migrations.schema_migrations add column if not exists statements text[]",
    "alter table supabase_migrations.schema_migrations add column if not exists name text",
)

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something of an older project that is in the way. `change` is what handles it, if we can."""

    subject: str
    kind: str
    words: str
    change: str | None
    undo: str | None
    blocking: bool


@dataclass(slots=True)
class Report:
    """What a run found and did. `notes` are sentences for the administrator."""

    applied: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of `resources/supabase/migrations`."""

    version: str
    name: str
    path: Path

    @property
    def statements(self) -> list[str]:
        return statements(self.path.read_text(encoding="utf-8"))


class MigrationRefusedError(ExpectedError):
    """Something in the database cannot be handled without loss; nothing was changed."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(
            "The database was not changed",
            "; ".join(finding.words for finding in findings if finding.blocking),
            fix="Rename or convert what is named here, then run balas migrate again.",
        )
        self.findings = findings


def migrations(folder: Path = MIGRATIONS) -> list[Migration]:
    """All migrations, oldest first. Raises EnvironmentFaultError when none are installed."""
    found = [
        Migration(match["version"], match["name"], path)
        for path in sorted(folder.glob("*.sql"))
        if (match := _FILE.fullmatch(path.name))
    ]
    if not found:
        raise EnvironmentFaultError(
            "The migrations are missing", f"There is no migration in {folder}.", fix="Reinstall."
        )
    return found


def migrate(
    dsn: str,
    *,
    address_column: str | None = None,
    check: bool = False,
    folder: Path = MIGRATIONS,
) -> Report:
    """Bring the database at `dsn` up to date; with `check` only look.

    `address_column` ("conversations.phone") is where an older project keeps its customers'
    numbers. Raises MigrationRefusedError before any change when something cannot be handled
    without loss, EnvironmentFaultError when the database cannot be reached or is locked.
    """
    report = Report()
    with _connected(dsn) as connection:
        done = _recorded(connection)
        pending = [step for step in migrations(folder) if step.version not in done]
        report.findings = _findings(connection, pending)
        _require_column(connection, address_column)
        if check:
            report.notes += [f"{step.path.name} has not run yet." for step in pending]
            return report
        if any(finding.blocking for finding in report.findings):
            raise MigrationRefusedError(report.findings)
        for statement in _HISTORY:
            connection.execute(statement.encode())
        for step in pending:
            _apply(connection, step)
            report.applied.append(step.path.name)
        report.applied += _install_queue(connection)
        _fill_addresses(connection, address_column, report)
        connection.execute("select private.renew_feed()")
    return report


@contextmanager
def _connected(dsn: str) -> Iterator[Connection]:
    try:
        with psycopg.connect(dsn, autocommit=True, connect_timeout=15) as connection:
            # Filling a large table takes longer than the role's two minutes.
            connection.execute("set statement_timeout = 0")
            connection.execute("set search_path = public, extensions")
            connection.execute("set client_min_messages = warning")
            connection.execute("select pg_advisory_lock(%s)", [_ADVISORY_LOCK])
            # Waiting for a busy table makes everyone queue behind us: give up, try again.
            connection.execute("set lock_timeout = '10s'")
            yield connection
    except psycopg.OperationalError as error:
        raise EnvironmentFaultError(
            "The database does not answer",
            str(error).strip(),
            fix="Check SUPABASE_DB_URL: direct or session pooler, port 5432.",
        ) from error


def _recorded(connection: Connection) -> set[str]:
    """Versions that ran already, whoever ran them: we or the Supabase CLI."""
    exists = connection.execute(
        "select to_regclass('supabase_migrations.schema_migrations') is not null"
    ).fetchone()
    if exists != (True,):
        return set()
    rows = connection.execute("select version from supabase_migrations.schema_migrations")
    return {row[0] for row in rows}


def _findings(connection: Connection, pending: list[Migration]) -> list[Finding]:
    """What an older project has in the way, read by the very function the migration uses.

    The function is made in a transaction that is rolled back, so that looking changes nothing
    and takes no lock on the project's tables.
    """
    if not any(step.name == "adoption_changes" for step in pending):
        return []
    with connection.transaction(force_rollback=True):
        for step in pending:
            if step.name.startswith("adoption_findings"):
                for statement in step.statements:
                    connection.execute(statement.encode())
        rows = connection.execute(
            "select subject, kind, words, change, undo, blocking from private.adoption_findings()"
        ).fetchall()
    return [Finding(*row) for row in rows]


def _apply(connection: Connection, step: Migration) -> None:
    """Run one file and record it, in one transaction; wait and try again when a lock is busy."""
    for attempt in range(1, _LOCK_TRIES + 1):
        try:
            with connection.transaction():
                for number, statement in enumerate(step.statements, 1):
                    _execute(connection, step, number, statement)
                connection.execute(
                    "insert into supabase_migrations.schema_migrations (version, name, statements)"
                    " values (%s, %s, %s)",
                    [step.version, step.name, step.statements],
                )
            return
        except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
            if attempt == _LOCK_TRIES:
                raise EnvironmentFaultError(
                    "The database is busy",
                    f"{step.path.name} waited too long for a lock. It changed nothing.",
                    fix="Run balas migrate again at a quiet moment.",
                ) from error
            time.sleep(attempt)


def _execute(connection: Connection, step: Migration, number: int, statement: str) -> None:
    try:
        connection.execute(statement.encode())
    except psycopg.Error as error:
        error.add_note(f"in {step.path.name}, statement {number}: {statement[:200]}")
        raise


# Each fetch of a job asks for other jobs of its lock: without this, a long queue makes every fetch
# walk all of it.
_LOCK_INDEX = """
create index if not exists balas_jobs_lock on jobs.procrastinate_jobs (lock, id)
 where status in ('todo', 'doing')
"""


def bundled_scripts() -> tuple[str, list[str]]:
    """The installed release of the queue, and the names of its migrations, oldest first."""
    names = sorted(
        entry.name
        for entry in (files("procrastinate") / "sql" / "migrations").iterdir()
        if entry.name.endswith(".sql")
    )
    return version("procrastinate"), names


def _install_queue(connection: Connection) -> list[str]:
    """Bring the queue's tables in schema `jobs` to the installed release of procrastinate.

    A new schema gets the release's own schema.sql, an old one the bundled migrations that it has
    not had. Its functions name no schema, so each gets a fixed search path.
    """
    release, bundled = bundled_scripts()
    with connection.transaction():
        connection.execute("create schema if not exists jobs")
        connection.execute("revoke all on schema jobs from public")
        connection.execute(
            "create table if not exists jobs.balas_applied"
            " (name text primary key, release text not null, at timestamptz default now())"
        )
        had = {row[0] for row in connection.execute("select name from jobs.balas_applied")}
        fresh = connection.execute(
            "select to_regclass('jobs.procrastinate_jobs') is null"
        ).fetchone() == (True,)
    missing = [name for name in bundled if name not in had]
    if not missing:
        connection.execute(_LOCK_INDEX)
        return []
    scripts = ["schema.sql"] if fresh else missing
    for script in scripts:
        folder = files("procrastinate") / "sql"
        source = folder / script if fresh else folder / "migrations" / script
        with connection.transaction():
            connection.execute("set local search_path = jobs, pg_temp")
            connection.execute(source.read_text(encoding="utf-8").encode())
            connection.execute("set local search_path = public, extensions")
            _fix_queue_functions(connection)
            for name in missing if fresh else [script]:
                connection.execute(
                    "insert into jobs.balas_applied (name, release) values (%s, %s)",
                    [name, release],
                )
    connection.execute(_LOCK_INDEX)
    return [f"procrastinate {release}: {script}" for script in scripts]


def _fix_queue_functions(connection: Connection) -> None:
    rows = connection.execute(
        "select oid::regprocedure::text, prokind = 'p' from pg_proc"
        " where pronamespace = 'jobs'::regnamespace"
    ).fetchall()
    for name, is_procedure in rows:
        word = "procedure" if is_procedure else "function"
        connection.execute(f"alter {word} {name} set search_path = jobs, pg_temp".encode())
    connection.execute("revoke all on all functions in schema jobs from public")


def _require_column(connection: Connection, address_column: str | None) -> None:
    if address_column is None:
        return
    table, _, column = address_column.rpartition(".")
    found = connection.execute(
        "select from information_schema.columns where table_schema = 'public'"
        " and table_name = %s and column_name = %s",
        [table, column],
    ).fetchone()
    if table not in ("conversations", "messages") or found is None:
        raise ExpectedError(
            "There is no such column",
            f"{address_column} is not a column of conversations or messages.",
            fix="Name it as table.column, for example conversations.phone.",
        )


def _fill_addresses(connection: Connection, address_column: str | None, report: Report) -> None:
    if address_column is not None:
        table, _, column = address_column.rpartition(".")
        with connection.transaction():
            row = connection.execute(
                "select private.adopt_addresses(%s, %s)", [table, column]
            ).fetchone()
        taken, unreadable = (row[0]["taken"], row[0]["unreadable"]) if row else (0, 0)
        report.notes.append(f"Took the number of {taken} conversations from {address_column}.")
        if unreadable:
            report.notes.append(
                f"{unreadable} values in {address_column} are not international numbers"
                " (+62…) and were left alone."
            )
    left = connection.execute(
        "select count(*) from public.conversations c where c.adopted and not exists"
        " (select from public.contact_addresses a where a.contact_id = c.contact_id)"
    ).fetchone()
    if left and left[0]:
        report.notes.append(
            f"{left[0]} old conversations have no number yet. Name the column that holds it"
            " (--address-column conversations.phone), or let the worker ask Twilio."
        )


def main(*, address_column: str | None = None, check: bool = False) -> int:
    """The command. Exit status 1: a check found something, or the migration was refused."""
    say = sys.stdout.write
    dsn = os.environ.get("SUPABASE_DB_URL", "")
    if not dsn:
        say("SUPABASE_DB_URL is not set. It is the database's address, port 5432.\n")
        return 1
    try:
        report = migrate(dsn, address_column=address_column, check=check)
    except MigrationRefusedError as error:
        for finding in error.findings:
            say(f"{'STOP' if finding.blocking else 'would change'}  {finding.words}\n")
        say(f"{error.title}. {error.fix}\n")
        return 1
    except (ExpectedError, EnvironmentFaultError) as error:
        say(f"{error.title}. {error.text} {error.fix}\n")
        return 1
    for finding in report.findings:
        say(f"found  {finding.words}\n")
        if finding.change:
            say(f"       {'would run' if check else 'ran'}: {finding.change}\n")
        if finding.undo:
            say(f"       to undo: {finding.undo}\n")
    for name in report.applied:
        say(f"applied {name}\n")
    for note in report.notes:
        say(f"{note}\n")
    if not report.applied and not check:
        say("The database is up to date.\n")
    return 1 if check and report.findings else 0
