"""The doctor about the settings, and about a database alone: rights, release, row security."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from console.service import config as settings_of_the_service
from console.service.doctor import access, bell, settings
from console.service.doctor import database as base
from console.service.doctor.finding import Finding, State
from console.service.migrate import bundled_scripts
from tests.conftest import Database as Clone
from tests.service.conftest import config_of

ROOT = Path(__file__).resolve().parents[2]


def wrong(findings: list[Finding]) -> dict[str, Finding]:
    """What is wrong, by what it is about; each has its fix."""
    found = {one.what: one for one in findings if one.state is State.WRONG}
    assert all(one.fix for one in found.values())
    return found


# Settings ---------------------------------------------------------------------------------------

COMPLETE = {
    "SUPABASE_URL": "https://abcdefghijklmnopqrst.supabase.co",
    "SUPABASE_SECRET_KEY": "sb_secret_0123456789",
    "SUPABASE_DB_URL": "postgresql://postgres:rahasia@db.abcdefghijklmnopqrst.supabase.co/postgres",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "f" * 32,
    "PUBLIC_URL": "https://balas.example.com",
    "BALAS_SPOOL_DIR": "/var/lib/balas/spool",
    "METRICS_TOKEN": "0123456789abcdef",
}


def test_complete_settings_are_well_and_no_secret_is_shown() -> None:
    findings = settings.look(COMPLETE)
    assert {one.state for one in findings} == {State.WELL}
    shown = " ".join(one.words for one in findings)
    for secret in ("rahasia", "sb_secret_0123456789", "f" * 32, "0123456789abcdef"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SUPABASE_URL", "", "is not set"),
        ("SUPABASE_SECRET_KEY", "sb_publishable_x", "publishable key"),
        ("SUPABASE_SECRET_KEY", "e30.eyJyb2xlIjoiYW5vbiJ9.x", "role anon"),
        ("SUPABASE_DB_URL", "postgresql://postgres:[YOUR-PASSWORD]@db.x/postgres", "password"),
        ("SUPABASE_DB_URL", "postgresql://postgres.zzzzzzzzzzzzzzzzzzzz:x@y.supabase.com/postgres",
         "another project"),
        ("SUPABASE_DB_URL", "what is this", "no connection string"),
        ("TWILIO_ACCOUNT_SID", "SK0", "no account SID"),
        ("TWILIO_API_KEY", "AC0", "no API key"),
        ("PUBLIC_URL", "http://balas.example.com", "not https"),
        ("PUBLIC_URL", "https://ba_las.example.com", "underscore"),
        ("PUBLIC_URL", "https://[x", "not a URL"),
        ("PORT", "http", "whole number"),
        ("BALAS_SPOOL_DIR", "", "are refused, and lost"),
        ("METRICS_TOKEN", "short", "guessed"),
        ("LOG_LEVEL", "loud", "no level"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_variable_is_said_in_plain_words(
    name: str, value: str, words: str
) -> None:
    more = {"TWILIO_API_SECRET": "x"} if name == "TWILIO_API_KEY" else {}
    found = wrong(settings.look(COMPLETE | more | {name: value}))
    assert set(found) == {name}
    assert words in found[name].words


def test_a_misspelt_variable_is_noticed_and_a_loopback_needs_no_certificate() -> None:
    findings = settings.look(
        {**COMPLETE, "BALAS_DBPOOL": "9", "PUBLIC_URL": "http://127.0.0.1:8080"}
    )
    assert not wrong(findings)
    (note,) = [one for one in findings if one.state is State.NOTE]
    assert (note.what, "BALAS_DB_POOL" in note.fix) == ("BALAS_DBPOOL", True)


def test_every_variable_that_is_read_is_known_here_and_in_the_readme() -> None:
    source = Path(settings_of_the_service.__file__).read_text(encoding="utf-8")
    read = set(re.findall(r'"([A-Z]+_[A-Z_]+|PORT)"', source))
    assert read == set(settings.VARIABLES) | set(settings.OLDER_NAMES)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("## Environment of the service")[2].partition("\n## ")[0]
    assert [name for name in settings.VARIABLES if f"`{name}`" not in table] == []


# Database ---------------------------------------------------------------------------------------


def examined(dsn: str) -> list[Finding]:
    config = config_of(dsn)
    with base.opened(config) as (connection, findings):
        return findings + (base.look(connection, config) if connection else [])


def test_a_migrated_database_is_well_and_the_connections_are_added_up(database: Clone) -> None:
    config = config_of(database.dsn, BALAS_DB_POOL="5")
    with base.opened(config) as (connection, findings):
        assert connection is not None
        findings += base.look(connection, config)
        assert not wrong(findings)
        (budget,) = [one for one in findings if one.what == "connections"]
        assert budget.words.startswith("1 webhook and 1 worker processes × 5 = 10; ")
        others = int(re.findall(r"(\d+) are in use", budget.words)[0])
        assert others < 50
        large = replace(config, pool_size=100)
        assert "connections" in wrong(base.look(connection, large))


def test_a_password_or_a_host_that_is_wrong_is_named_as_such(database: Clone) -> None:
    parts = urlsplit(database.dsn)
    place_ = f"@{parts.hostname}:{parts.port}{parts.path}"
    found = wrong(examined(f"postgresql://postgres:falsch{place_}"))
    assert "refuses the password" in found["connection"].words
    found = wrong(examined("postgresql://postgres:x@nowhere.invalid/postgres"))
    assert "session pooler" in found["connection"].fix
    assert "falsch" not in str(found)


def test_a_role_with_too_few_rights_is_found(database: Clone) -> None:
    assert set(wrong(examined(database.dsn_of("supabase_auth_admin")))) == {"role"}
    with psycopg.connect(database.admin_dsn, autocommit=True) as connection:
        connection.execute("alter function private.sweep() owner to supabase_admin")
        connection.execute("revoke execute on function private.sweep() from postgres")
    (found,) = wrong(examined(database.dsn)).values()
    assert found.words == "postgres lacks the right of calling private.sweep()"


def test_what_has_not_been_migrated_is_named(database: Clone, empty_project: Clone) -> None:
    assert {"migrations", "queue tables"} <= set(wrong(examined(empty_project.dsn)))
    with database.connect() as connection:
        connection.execute("delete from supabase_migrations.schema_migrations where name = 'desk'")
        connection.execute(
            "delete from jobs.balas_applied where name = (select max(name) from jobs.balas_applied)"
        )
    found = wrong(examined(database.dsn))
    assert set(found) == {"migrations", "queue tables"}
    assert "1 of" in found["migrations"].words
    assert "desk.sql" in found["migrations"].words
    with database.connect() as connection:
        connection.execute(
            "insert into jobs.balas_applied (name, release)"
            " select unnest(%s::text[]), 'x'", [[*bundled_scripts()[1][-1:], "99.0_new.sql"]],
        )  # fmt: skip
    assert "newer procrastinate" in wrong(examined(database.dsn))["queue tables"].words


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def _sift(server: socket.socket, client: socket.socket) -> None:
    """Everything that the server says, but its notifications."""
    with server.makefile("rb") as messages, contextlib.suppress(OSError):
        while head := messages.read(5):
            body = messages.read(int.from_bytes(head[1:]) - 4)
            if head[:1] != b"A":  # NotificationResponse
                client.sendall(head + body)


@contextmanager
def pooler(dsn: str) -> Iterator[str]:
    """A way to the database on which no notification passes, as through a transaction pooler."""
    parts = urlsplit(dsn)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        threads: list[threading.Thread] = []

        def begin(work: Callable[..., None], *arguments: socket.socket) -> None:
            threads.append(threading.Thread(target=work, args=arguments))
            threads[-1].start()

        def meet() -> None:
            with contextlib.suppress(OSError):
                while True:
                    client = stack.enter_context(listener.accept()[0])
                    server = stack.enter_context(
                        socket.create_connection((parts.hostname, parts.port or 5432))
                    )
                    begin(_pass_on, client, server)
                    begin(_sift, server, client)

        begin(meet)
        port = listener.getsockname()[1]
        yield parts._replace(netloc=f"postgres:{parts.password}@127.0.0.1:{port}").geturl()
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join(10)


def test_a_pooler_that_passes_no_notifications_is_found(
    database: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(base, "LISTEN_SECONDS", 0.5)
    with pooler(database.dsn) as dsn:
        found = wrong(examined(f"{dsn}?sslmode=disable"))
    assert set(found) == {"LISTEN"}
    assert "transaction pooler" in found["LISTEN"].words
    assert "5432" in found["LISTEN"].fix


# The doorbell -----------------------------------------------------------------------------------


def test_a_bell_that_gets_through_is_well_and_leaves_nothing(database: Clone) -> None:
    with database.connect() as connection:
        assert [one.state for one in bell.look(connection)] == [State.WELL]
    with psycopg.connect(database.admin_dsn) as line:
        assert line.execute("select count(*) from realtime.messages").fetchone() == (0,)


def test_a_bell_that_realtime_has_no_day_for_is_noted(database: Clone) -> None:
    with psycopg.connect(database.admin_dsn) as line:
        days = line.execute(
            "select inhrelid::regclass::text from pg_inherits"
            " where inhparent = 'realtime.messages'::regclass"
        ).fetchall()
        for (day,) in days:
            line.execute(f"drop table {day}".encode())
    with database.connect() as connection:
        (finding,) = bell.look(connection)
    assert finding.state is State.NOTE
    assert "today" in finding.words
    assert "Sign in at one desktop" in finding.fix


def test_a_bell_that_is_lost_is_wrong_and_says_why(database: Clone) -> None:
    with psycopg.connect(database.admin_dsn) as line:
        line.execute("alter table realtime.messages add check (topic <> 'doctor')")
    with database.connect() as connection:
        found = wrong(bell.look(connection))
    assert "check constraint" in found["bell"].words


def test_a_database_without_realtime_is_wrong(database: Clone) -> None:
    with psycopg.connect(database.admin_dsn) as line:
        line.execute("drop function realtime.send(jsonb, text, text, boolean) cascade")
    with database.connect() as connection:
        assert "no Realtime" in wrong(bell.look(connection))["bell"].words


# Access -----------------------------------------------------------------------------------------

SPOILT = {
    "public.contacts": "alter table public.contacts disable row level security",
    "policy balas_limit_read on public.messages": "drop policy balas_limit_read on public.messages",
    "policy balas_read on storage.objects": "drop policy balas_read on storage.objects",
    "policy balas_limit_anon on public.profiles": """
        drop policy balas_limit_anon on public.profiles;
        create policy balas_limit_anon on public.profiles for all to anon using (true)""",
    "public.labels": "grant select, insert on public.labels to anon, authenticated",
    "view chat_history": "alter view public.chat_history set (security_invoker = false)",
    "trigger zz_balas_guard_role on profiles":
        "alter table public.profiles disable trigger zz_balas_guard_role",
}  # fmt: skip


def test_every_hole_in_the_access_is_found_and_closed_again(database: Clone) -> None:
    with database.connect() as connection:
        assert not wrong(access.look(connection))
        for statement in SPOILT.values():
            connection.execute(statement.encode())
        findings = access.look(connection)
        assert set(wrong(findings)) == set(SPOILT)
        for finding in findings:
            if finding.state is State.WRONG:
                assert finding.repair is not None, finding
                finding.repair()
        assert not wrong(access.look(connection))


def test_what_others_added_is_named_and_left_to_its_owner(database: Clone) -> None:
    with database.connect() as connection:
        connection.execute("create policy all_see on public.notes for select using (true)")
        connection.execute("create table public.theirs (id int)")
        with psycopg.connect(database.admin_dsn, autocommit=True) as admin:
            admin.execute(
                f"alter role authenticator in database {database.name}"
                " set pgrst.db_schemas = 'public, private'"
            )
        findings = access.look(connection)
    found = wrong(findings)
    assert set(found) == {"policy all_see on public.notes", "schema private"}
    assert all(one.repair is None for one in found.values())
    assert "public.theirs" in {one.what for one in findings if one.state is State.NOTE}
