"""The database: reached, by the right role, directly enough, up to date, with room for us."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from console.service.config import Config
from console.service.doctor.finding import Finding, Findings
from console.service.migrate import bundled_scripts, migrations

Connection = psycopg.Connection[tuple[Any, ...]]

THEME = "database"
LISTEN_SECONDS = 5.0
# Signed URLs, tokens and the 24-hour window are all reckoned by clocks.
SKEW_SECONDS = 5.0
_OLDEST = 150000  # Postgres 15


@contextmanager
def opened(config: Config) -> Iterator[tuple[Connection | None, list[Finding]]]:
    """A connection, or none and why."""
    found = Findings(THEME)
    try:
        connection = connect(config.database_url)
    except psycopg.Error as error:
        found.wrong("connection", *_why(error, config.database_url))
        yield None, found.all
        return
    with connection:
        host = conninfo_to_dict(config.database_url).get("host")
        found.well("connection", f"reached at {host or 'the local socket'}")
        yield connection, found.all


def connect(url: str) -> Connection:
    """Autocommit, nothing prepared, no waiting for locks or for a slow statement."""
    connection = psycopg.connect(url, autocommit=True, connect_timeout=10, prepare_threshold=None)
    try:
        connection.execute("set statement_timeout = '20s'")
        connection.execute("set lock_timeout = '5s'")
    except BaseException:
        connection.close()
        raise
    return connection


def _why(error: psycopg.Error, url: str) -> tuple[str, str]:
    said = " ".join(str(error).split())
    lower = said.lower()
    if "password authentication failed" in lower:
        return "refuses the password.", "Correct the password in SUPABASE_DB_URL."
    if "tenant or user not found" in lower:
        return (
            "the pooler does not know this project.",
            "Copy the session pooler's string from Supabase, Connect: its user and region count.",
        )
    if "maxclients" in lower or "too many" in lower or "remaining connection slots" in lower:
        return (
            "has no connection left.",
            "Stop a process, lower BALAS_DB_POOL, or raise the pool size in Supabase.",
        )
    if any(word in lower for word in ("resolve", "unreachable", "name or service", "nodename")):
        return (
            f"cannot be found from here: {said}",
            "Direct hosts of Supabase often have IPv6 only: take the session pooler's string.",
        )
    if isinstance(error, psycopg.ProgrammingError):
        return "SUPABASE_DB_URL is no connection string.", "Copy it from Supabase, Connect."
    port = conninfo_to_dict(url).get("port") or 5432
    return f"does not answer: {said}", f"Check that it runs and that port {port} is open to us."


def look(connection: Connection, config: Config) -> list[Finding]:
    """Everything about the database but its contents."""
    found = Findings(THEME)
    if connection.info.server_version < _OLDEST:
        release = connection.info.server_version // 10000
        found.wrong("release", f"Postgres {release} is too old.", "Upgrade it to 15 or newer.")
    role, passes = one(
        connection,
        "select rolname, rolsuper or rolbypassrls from pg_roles where rolname = current_user",
    )
    if not passes:
        found.wrong("role", f"{role} may not pass row security.", _POSTGRES)
        return found.all
    migrated = _migrations(connection, found)
    _queue_scripts(connection, found)
    if migrated:
        _rights(connection, str(role), found)
    _listen(connection, config, found)
    _clock(connection, found)
    _budget(connection, config, found)
    return found.all


def one(connection: Connection, query: str, *arguments: object) -> tuple[Any, ...]:
    """The first row."""
    row = connection.execute(query.encode(), arguments).fetchone()
    return row if row is not None else ()


def exists(connection: Connection, name: str) -> bool:
    """Whether we see a table, or a function without arguments (`private.sweep_health()`)."""
    kind = "regprocedure" if name.endswith(")") else "regclass"
    try:
        return one(connection, f"select to_{kind}(%s) is not null", name) == (True,)
    except psycopg.errors.InsufficientPrivilege:
        return False


def _migrations(connection: Connection, found: Findings) -> bool:
    known = migrations()
    done: set[str] = set()
    if exists(connection, "supabase_migrations.schema_migrations"):
        rows = connection.execute("select version from supabase_migrations.schema_migrations")
        done = {row[0] for row in rows}
    missing = [step.path.name for step in known if step.version not in done]
    if not missing:
        found.well("migrations", f"all {len(known)} have run")
        return True
    begins = ", ".join(missing[:3]) + (" …" if len(missing) > 3 else "")
    words = f"{len(missing)} of {len(known)} have not run: {begins}"
    found.wrong("migrations", words, "Run balas migrate.")
    return False


def _queue_scripts(connection: Connection, found: Findings) -> None:
    had: set[str] = set()
    if exists(connection, "jobs.balas_applied"):
        had = {row[0] for row in connection.execute("select name from jobs.balas_applied")}
    release, scripts = bundled_scripts()
    missing = [name for name in scripts if name not in had]
    if missing:
        words = f"the queue's tables lack {len(missing)} changes of procrastinate {release}"
        found.wrong("queue tables", words, "Run balas migrate.")
    elif unknown := had - set(scripts):
        words = f"are of a newer procrastinate than {release}, which runs here: {min(unknown)}"
        found.wrong("queue tables", words, "Bring this installation to the newer release, too.")
    else:
        found.well("queue tables", f"as procrastinate {release} wants them")


_POSTGRES = "Use the role postgres, as in Supabase's connection string."


def _rights(connection: Connection, role: str, found: Findings) -> None:
    lacking = [
        row[0]
        for row in connection.execute(
            """
            select format('using schema %I', n) from unnest('{private,jobs}'::text[]) n
             where not has_schema_privilege(n, 'usage')
            union all
            (select format('calling %s', p.oid::regprocedure) from pg_proc p
              where p.pronamespace = 'private'::regnamespace
                and not has_function_privilege(p.oid, 'execute') order by 1 limit 3)
            union all
            (select format('writing %s', c.oid::regclass) from pg_class c
              where c.relnamespace in ('public'::regnamespace, 'jobs'::regnamespace)
                and c.relkind = 'r' and c.relname in ('messages', 'conversations', 'contacts',
                  'delivery_attempts', 'procrastinate_jobs')
                and not (has_table_privilege(c.oid, 'insert')
                         and has_table_privilege(c.oid, 'update')) order by 1 limit 3)
            """
        )
    ]
    if lacking:
        words = f"{role} lacks the right of {', '.join(lacking)}"
        found.wrong("role", words, _POSTGRES)
    else:
        found.well("role", f"{role} may do all that the service does")


def _listen(connection: Connection, config: Config, found: Findings) -> None:
    """The worker hears of new jobs by NOTIFY, which a transaction pooler does not pass on."""
    channel = f"balas_doctor_{uuid.uuid4().hex}"
    heard = False
    try:
        connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
        with connect(config.database_url) as other:
            other.execute("select pg_notify(%s, 'heard')", [channel])
        for _ in connection.notifies(timeout=LISTEN_SECONDS, stop_after=1):
            heard = True
        connection.execute(sql.SQL("unlisten {}").format(sql.Identifier(channel)))
    except psycopg.Error as error:
        found.wrong("LISTEN", f"fails: {' '.join(str(error).split())}", _SESSION)
        return
    if heard:
        found.well("LISTEN", "notifications arrive: a direct connection or a session pooler")
    else:
        words = "notifications do not arrive: this is a transaction pooler"
        found.wrong("LISTEN", words, _SESSION)


_SESSION = "Give the worker the direct or session pooler's string, port 5432, not 6543."


def _clock(connection: Connection, found: Findings) -> None:
    before = time.time()
    (there,) = one(connection, "select extract(epoch from clock_timestamp())::float8")
    skew = float(there) - (before + time.time()) / 2
    tell_skew(found, "clock", "the database's", skew)


def tell_skew(found: Findings, what: str, whose: str, skew: float) -> None:
    """`skew`: how many seconds the other clock is ahead of ours."""
    if abs(skew) > SKEW_SECONDS:
        way = "behind" if skew > 0 else "ahead of"
        words = f"this machine's clock is {abs(skew):.0f} s {way} {whose}"
        fix = "Let this machine keep the time: systemd-timesyncd or chrony."
        found.wrong(what, words, fix)
    else:
        found.well(what, f"agrees with {whose} within {SKEW_SECONDS:.0f} s")


def _budget(connection: Connection, config: Config, found: Findings) -> None:
    most, kept = one(
        connection,
        "select current_setting('max_connections')::int,"
        " current_setting('superuser_reserved_connections')::int"
        " + coalesce(current_setting('reserved_connections', true)::int, 0)",
    )
    ours, others = one(
        connection,
        "select coalesce(array_agg(distinct application_name)"
        "   filter (where application_name ~ '^balas (webhook|worker)'), '{}'),"
        " count(*) filter (where application_name !~ '^balas (webhook|worker)'"
        "   and pid <> pg_backend_pid())"
        " from pg_stat_activity where backend_type = 'client backend'",
    )
    webhooks = max(sum(name.startswith("balas webhook") for name in ours), 1)
    workers = max(sum(name.startswith("balas worker") for name in ours), 1)
    need = (webhooks + workers) * config.pool_size
    room = most - kept
    words = (
        f"{webhooks} webhook and {workers} worker processes × {config.pool_size} = {need};"
        f" {others} are in use by others; the database has {room}"
    )
    if need + others > room:
        fix = "Lower BALAS_DB_POOL, run fewer processes, or take a larger database."
        found.wrong("connections", words, fix)
    else:
        found.well("connections", words)
    host = str(conninfo_to_dict(config.database_url).get("host") or "")
    if host.endswith(".pooler.supabase.com"):
        found.note(
            "pooler",
            f"the pooler has a limit of its own, 15 on small projects; we need up to {need}.",
            "Compare with Supabase, Database settings, Connection pooling, Pool size.",
        )
