"""Who may do what, read from the catalog and tried as anon, agent, outsider and administrator."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from console.service.migrate import migrate
from tests.conftest import Database
from tests.database.allowed import MEANT_FOR_AGENTS
from tests.database.conftest import Desk, Person


@pytest.fixture(params=["no default grants", "default grants"])
def project(
    request: pytest.FixtureRequest, empty_project: Database, older_project: Database
) -> Database:
    """A migrated project, new or older."""
    made = older_project if request.param == "default grants" else empty_project
    migrate(made.dsn)
    return made


@pytest.fixture
def catalog(project: Database) -> Iterator[Callable[[str], list[Any]]]:
    """Asks the catalog; rows of one column come as their values."""
    with project.connect() as connection:

        def ask(query: str) -> list[Any]:
            rows = connection.execute(query.encode()).fetchall()
            return [row[0] if len(row) == 1 else row for row in rows]

        yield ask


def test_the_security_lints_hold(catalog: Callable[[str], list[Any]]) -> None:
    without_row_security = catalog(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('r', 'p') and not relrowsecurity"
    )
    assert without_row_security == []
    without_policies = catalog(
        "select relname from pg_class c where relnamespace = 'public'::regnamespace"
        " and relkind = 'r' and not exists"
        " (select from pg_policy p where p.polrelid = c.oid and p.polpermissive)"
    )
    assert without_policies == []
    policies = catalog(
        "select schemaname || '.' || tablename || '.' || policyname || ': '"
        " || coalesce(qual, '') || coalesce(with_check, '') from pg_policies"
        " where schemaname in ('public', 'storage', 'realtime')"
    )
    assert len(policies) > 30
    for policy in policies:
        bare = re.sub(r"SELECT\s+(auth\.\w+|realtime\.topic)\(\)", "", policy)
        assert "auth." not in bare, policy
        assert "topic()" not in bare, policy
        assert "user_metadata" not in policy, policy
    open_views = catalog(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relkind in ('v', 'm') and not coalesce('security_invoker=true' = any (reloptions),"
        " false)"
    )
    assert open_views == []
    loose_functions = catalog(
        "select oid::regprocedure from pg_proc where pronamespace in ('public'::regnamespace,"
        " 'private'::regnamespace, 'jobs'::regnamespace) and not exists"
        " (select from unnest(proconfig) s where s like 'search_path=%')"
    )
    assert loose_functions == []
    queue_tables = catalog(
        "select relname from pg_class where relnamespace = 'public'::regnamespace"
        " and relname like 'procrastinate%'"
    )
    assert queue_tables == []
    assert catalog("select id from storage.buckets where public") == []


def test_only_the_functions_meant_for_agents_can_be_called(
    catalog: Callable[[str], list[Any]],
) -> None:
    for role in ("anon", "authenticated"):
        callable_ones = set(
            catalog(
                "select pronamespace::regnamespace || '.' || proname from pg_proc"
                " where pronamespace in ('public'::regnamespace, 'private'::regnamespace,"
                " 'jobs'::regnamespace)"
                f" and has_function_privilege('{role}', oid, 'execute')"
                f" and has_schema_privilege('{role}', pronamespace, 'usage')"
            )
        )
        expected = MEANT_FOR_AGENTS | {"public.my_profile"} if role == "authenticated" else set()
        assert callable_ones == expected


def test_agents_only_read_tables_and_anon_does_nothing(
    catalog: Callable[[str], list[Any]],
) -> None:
    grants = catalog(
        "select n.nspname || '.' || c.relname, pg_get_userbyid(x.grantee), x.privilege_type"
        " from pg_class c join pg_namespace n on n.oid = c.relnamespace"
        " cross join lateral aclexplode(c.relacl) x"
        " where n.nspname in ('public', 'private', 'jobs')"
        " and (x.grantee = 0 or pg_get_userbyid(x.grantee) in ('anon', 'authenticated'))"
    )
    assert {who for _, who, _ in grants} == {"authenticated"}
    assert {may for _, _, may in grants} == {"SELECT"}
    assert {name.split(".")[0] for name, _, _ in grants} == {"public"}
    columns = catalog(
        "select attrelid::regclass from pg_attribute a join pg_class c on c.oid = a.attrelid"
        " where c.relnamespace in ('public'::regnamespace, 'private'::regnamespace)"
        " and attacl is not null"
    )
    assert columns == []


def test_the_publishable_key_alone_opens_nothing(desk: Desk) -> None:
    desk.inbound(desk.conversation(desk.jakarta))
    names = [
        row[0]
        for row in desk.admin.execute(
            "select relname from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('r', 'v')"
        )
    ]
    assert "chat_history" in names
    functions = [
        row[0]
        for row in desk.admin.execute(
            "select oid::regprocedure::text from pg_proc"
            " where pronamespace = 'public'::regnamespace"
        )
    ]
    assert len(functions) >= 8
    with desk.database.acting_as(None, role="anon") as connection:
        for name in names:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select from public.{name}")
        for function in functions:
            name, _, types = function.partition("(")
            nothing = ", ".join(f"null::{kind}" for kind in types.rstrip(")").split(",") if kind)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"select {name}({nothing})")
        for query in (
            "select from private.changes",
            "select private.my_inboxes()",
            "select from jobs.procrastinate_jobs",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(query.encode())
        assert connection.execute("select from storage.objects").fetchall() == []


def test_an_agent_sees_their_inbox_and_no_other(desk: Desk, agent: Person) -> None:
    mine, theirs = desk.conversation(desk.jakarta), desk.conversation(desk.bandung)
    desk.inbound(mine)
    desk.inbound(theirs)
    for thread in (mine, theirs):
        desk.run("insert into public.notes (conversation_id, body) values (%s, 'x')", thread)
        desk.run("insert into public.events (conversation_id, kind) values (%s, 'x')", thread)
    desk.run("insert into public.delivery_attempts (message_id) select id from public.messages")
    with agent.session() as connection:
        for table in ("messages", "notes", "events"):
            seen = connection.execute(
                f"select distinct conversation_id::text from public.{table}"
            ).fetchall()
            assert seen == [(mine,)], table
        for table in ("conversations", "contacts", "contact_addresses", "delivery_attempts"):
            assert len(connection.execute(f"select from public.{table}").fetchall()) == 1, table
        assert len(connection.execute("select from public.chat_history").fetchall()) == 1
        assert connection.execute("select id::text from public.inboxes").fetchall() == [
            (desk.jakarta,)
        ]
        for table in ("settings", "audit_log"):
            assert connection.execute(f"select from public.{table}").fetchall() == []


def test_supervisors_see_every_inbox_and_inactive_people_none(
    desk: Desk, supervisor: Person
) -> None:
    desk.conversation(desk.jakarta)
    desk.conversation(desk.bandung)
    with supervisor.session() as connection:
        assert len(connection.execute("select from public.conversations").fetchall()) == 2
        desk.run("update public.profiles set active = false where id = %s", supervisor.id)
        assert connection.execute("select from public.conversations").fetchall() == []


@pytest.mark.parametrize(
    "statement",
    [
        "update public.profiles set role = 'admin'",
        "insert into public.inbox_members select i.id, auth.uid() from public.inboxes i",
        "insert into public.messages (conversation_id, timestamp) values (null, now())",
        "update public.messages set content = 'x'",
        "delete from public.conversations",
        "update public.conversations set status = 'resolved'",
        "insert into private.changes (kind, id) values ('x', 'x')",
        "select private.enqueue('send_message')",
        "select private.give_address(null, null)",
        "select from private.webhook_requests",
        "truncate public.messages",
        "create table public.mine ()",
        "alter table public.messages disable row level security",
        "set role postgres",
    ],
)
def test_an_agent_cannot_write_past_the_functions(
    desk: Desk, agent: Person, statement: str
) -> None:
    with agent.session() as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_claims_about_oneself_change_nothing(desk: Desk, outsider: Person) -> None:
    desk.conversation(desk.jakarta)
    with desk.database.acting_as(
        outsider.id,
        user_metadata={"role": "admin"},
        app_metadata={"role": "admin", "inboxes": [desk.jakarta]},
    ) as connection:
        assert connection.execute("select from public.conversations").fetchall() == []
        assert connection.execute("select from public.settings").fetchall() == []


def test_a_sign_up_trigger_that_copies_metadata_makes_no_administrator(desk: Desk) -> None:
    desk.admin.execute(
        "create function public.new_user() returns trigger language plpgsql security definer as $$"
        " begin insert into public.profiles (id, role)"
        " values (new.id, new.raw_user_meta_data ->> 'role')"
        " on conflict (id) do update set role = excluded.role; return new; end $$"
    )
    ident = uuid.uuid4()
    with psycopg.connect(desk.database.admin_dsn, autocommit=True) as owner:
        owner.execute(
            "create trigger new_user after insert or update on auth.users"
            " for each row execute function public.new_user()"
        )
    with psycopg.connect(desk.database.dsn_of("supabase_auth_admin"), autocommit=True) as auth:
        auth.execute(
            "insert into auth.users (id, raw_user_meta_data) values (%s, %s)",
            [ident, '{"role": "admin"}'],
        )
        assert desk.one("select role from public.profiles where id = %s", ident) == "agent"
        auth.execute("update auth.users set role = 'x' where id = %s", [ident])
        assert desk.one("select role from public.profiles where id = %s", ident) == "agent"
        desk.admin.execute(
            "create or replace function public.new_user() returns trigger language plpgsql"
            " security definer as $$ begin update public.profiles set role = 'admin'"
            " where id = new.id; return new; end $$"
        )
        with pytest.raises(psycopg.Error, match="not_allowed"):
            auth.execute("update auth.users set role = 'y' where id = %s", [ident])


def test_files_are_seen_and_uploaded_by_those_who_see_the_conversation(
    desk: Desk, agent: Person, outsider: Person
) -> None:
    thread = desk.conversation(desk.jakarta)
    insert = "insert into storage.objects (bucket_id, name) values (%s, %s)"
    for bucket in ("media", "attachments"):
        desk.run(insert, bucket, f"{thread}/{uuid.uuid4()}/0/a.png")
    upload = f"{thread}/{uuid.uuid4()}/0/b.png"
    with agent.session() as connection:
        assert len(connection.execute("select from storage.objects").fetchall()) == 2
        connection.execute(insert, ["attachments", upload])
        for bucket, path in (
            ("media", upload),
            ("attachments", f"{uuid.uuid4()}/x/0/b.png"),
            ("attachments", "b.png"),
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(insert, [bucket, path])
    with outsider.session() as connection:
        assert connection.execute("select from storage.objects").fetchall() == []
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(insert, ["attachments", f"{thread}/{uuid.uuid4()}/0/c.png"])


def test_a_generous_storage_policy_does_not_open_our_buckets(empty_project: Database) -> None:
    with empty_project.connect() as admin:
        admin.execute("create policy everyone on storage.objects using (true) with check (true)")
        admin.execute("insert into storage.buckets (id, name, public) values ('own', 'own', true)")
    migrate(empty_project.dsn)
    with empty_project.connect() as admin:
        insert = "insert into storage.objects (bucket_id, name) values (%s, %s)"
        admin.execute(insert, ["media", f"{uuid.uuid4()}/a/0/a.png"])
        admin.execute(insert, ["own", "theirs.png"])
    for role in ("anon", "authenticated"):
        user = None if role == "anon" else uuid.uuid4()
        with empty_project.acting_as(user, role=role) as connection:
            names = connection.execute("select name from storage.objects order by name").fetchall()
            assert names[-1] == ("theirs.png",)
            assert all("/" not in name for (name,) in names)
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(insert, ["attachments", "x/y"])
            connection.execute(insert, ["own", f"{role}.png"])


def test_a_channel_is_heard_by_its_people_alone(
    desk: Desk, agent: Person, outsider: Person
) -> None:
    def hears(person: Person, topic: str) -> bool:
        # as Realtime asks: a row in a transaction that is rolled back
        with person.session(autocommit=False) as connection:
            connection.execute("select set_config('realtime.topic', %s, true)", [topic])
            with desk.database.connect() as admin:
                admin.execute("select realtime.send('{}', 'changed', %s, true)", [topic])
            return bool(connection.execute("select from realtime.messages").fetchall())

    assert hears(agent, f"inbox:{desk.jakarta}")
    assert hears(agent, f"profile:{agent.id}")
    for topic in (f"inbox:{desk.bandung}", f"profile:{outsider.id}", "inbox:", "elsewhere"):
        assert not hears(agent, topic)
    assert not hears(outsider, f"inbox:{desk.jakarta}")
    with agent.session(autocommit=False) as connection:
        connection.execute(
            "select set_config('realtime.topic', %s, true)", [f"inbox:{desk.jakarta}"]
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "insert into realtime.messages (topic, extension, event, private)"
                " values (%s, 'broadcast', 'changed', true)",
                [f"inbox:{desk.jakarta}"],
            )


def test_the_audit_log_is_append_only(desk: Desk) -> None:
    desk.run("insert into public.audit_log (action) values ('signed in')")
    for statement in ("update public.audit_log set action = 'x'", "delete from public.audit_log"):
        with pytest.raises(psycopg.Error, match="append_only"):
            desk.run(statement)


def test_no_migration_names_what_hosted_projects_refuse(repository: Path) -> None:
    for path in (repository / "resources/supabase/migrations").glob("*.sql"):
        text = path.read_text()
        assert not re.search(r"alter table (storage|realtime|auth)\.", text), path.name
        assert "create extension" not in text.lower(), path.name
        assert "references auth." not in text.lower(), path.name
