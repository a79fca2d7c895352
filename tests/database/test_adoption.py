"""A project that worked before Balas: nothing lost, nothing opened, old rows appear as threads."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import psycopg
import pytest

from console.domain.errors import ExpectedError
from console.local.postgres import Postgres
from console.service.migrate import MigrationRefusedError, migrate
from tests.conftest import Database, create_database, drop_database, make_older
from tests.database.adopting import Adopted, check_nothing_is_lost, fill, ledger
from tests.database.conftest import Desk

IN_THE_WAY = Path(__file__).with_name("in_the_way.sql").read_text()


@pytest.fixture(params=["no default grants", "default grants"])
def kind(request: pytest.FixtureRequest) -> str:
    """A new or an older project."""
    return str(request.param)


@pytest.fixture
def old_project(kind: str, empty_project: Database, older_project: Database) -> Database:
    """The user's own tables full of rows."""
    return fill(older_project if kind == "default grants" else empty_project)


@pytest.fixture
def troubled_project(older_project: Database) -> Database:
    """As the older `old_project`, with everything in the way that we know of."""
    return fill(older_project, IN_THE_WAY)


@pytest.fixture(scope="module")
def adopted_once(postgres_server: Postgres) -> Iterator[Callable[..., Adopted]]:
    """Migrates each kind of old project once, as a template."""
    made: list[Database] = []

    @cache
    def adopt(kind: str, address_column: str | None) -> Adopted:
        project = create_database(postgres_server, f"old_{uuid.uuid4().hex[:12]}", "postgres")
        made.append(project)
        if kind != "no default grants":
            make_older(project)
        fill(project, IN_THE_WAY if kind == "troubled" else "")
        before = ledger(project)
        return Adopted(project, before, migrate(project.dsn, address_column=address_column))

    yield adopt
    for project in made:
        drop_database(project)


Adopt = Callable[..., Adopted]


@pytest.fixture
def adopt(adopted_once: Adopt, new_database: Callable[[str], Database]) -> Adopt:
    """Makes an adopted project of the test's own, of this `kind` or "troubled"."""

    def made(kind: str, address_column: str | None = None) -> Adopted:
        once = adopted_once(kind, address_column)
        return replace(once, project=new_database(once.project.name))

    return made


def test_old_rows_survive_and_appear_as_threads(adopt: Adopt, kind: str) -> None:
    adopted = adopt(kind)
    project, before = adopted.project, adopted.before
    check_nothing_is_lost(before, project)
    with Desk.of(project) as desk:
        adopted = desk.one("select id from public.inboxes where name = 'adopted' and adopted")
        agent = desk.person("Dewi", "agent", str(adopted))
        found = agent.pull()
    assert {row["id"] for row in found["conversations"]} >= {
        row["id"]
        for key, row in before.items()
        if key.startswith("conversations") and row["status"] != "closed"
    }
    by_thread: dict[str, int] = {}
    for message in found["messages"]:
        by_thread[message["conversation_id"]] = by_thread.get(message["conversation_id"], 0) + 1
        assert message["status"] is None
    assert min(by_thread.values()) >= 20
    names = {row["name"] for row in found["contacts"]}
    assert "Customer 1" in names
    assert any(str(name).startswith("Adopted conversation ") for name in names)


def test_a_second_run_changes_nothing(adopt: Adopt, kind: str) -> None:
    project = adopt(kind, "conversations.phone").project
    after_one = ledger(project)
    report = migrate(project.dsn, address_column="conversations.phone")
    assert report.applied == []
    assert ledger(project) == after_one


def test_old_people_get_in_nowhere(adopt: Adopt, kind: str) -> None:
    project = adopt(kind).project
    for number in (1, 2):
        ident = f"00000000-0000-4000-8000-00000000000{number}"
        with project.acting_as(ident) as connection:
            for table in ("messages", "conversations", "contacts", "inboxes"):
                assert connection.execute(f"select from public.{table}").fetchall() == []
            assert connection.execute("select id::text from public.profiles").fetchall() == [
                (ident,)
            ]


def test_a_number_comes_from_the_column_that_the_administrator_names(
    adopt: Adopt, kind: str
) -> None:
    adopted = adopt(kind, "conversations.phone")
    project, report = adopted.project, adopted.report
    assert any("Took the number of 7 conversations" in note for note in report.notes)
    assert any("1 values" in note for note in report.notes)
    assert any("2 old conversations have no number" in note for note in report.notes)
    check_nothing_is_lost(adopted.before, project)
    with project.connect() as connection:
        rows = connection.execute(
            "select direction, from_number, to_number from public.messages"
            " where from_number = %(n)s or to_number = %(n)s order by timestamp",
            {"n": "whatsapp:+6281110000002"},
        ).fetchall()
        assert len(rows) == 30
        # 7 is written differently and is the same person as 1
        same = connection.execute(
            "select count(distinct contact_id) from public.conversations"
            " where phone in ('+6281110000001', '+62 811-1000-0001')"
        ).fetchone()
    assert same == (1,)


def test_a_returning_customer_continues_the_old_thread(adopt: Adopt, kind: str) -> None:
    project = adopt(kind, "conversations.phone").project
    with Desk.of(project) as desk:
        inbox = desk.inbox("Jakarta", "whatsapp:+628110000001")
        contact = desk.one(
            "select contact_id from public.contact_addresses where address = %s",
            "whatsapp:+6281110000002",
        )
        agent = desk.person("Dewi", "agent", inbox)
        agent.pull()
        thread = desk.one("select private.conversation_for(%s, %s)", inbox, contact)
        assert str(thread) == "10000000-0000-4000-8000-000000000002"
        assert desk.one("select private.conversation_for(%s, %s)", inbox, contact) == thread
        desk.inbound(str(thread), "Halo lagi")
        found = agent.pull()
        assert [row["id"] for row in found["conversations"]] == [str(thread)]
        assert len(found["messages"]) >= 20
        sent = agent.call(
            "send_message", id=str(uuid.uuid4()), conversation_id=str(thread), content="Halo!"
        )
        assert sent["messages"][0]["to_number"] == "whatsapp:+6281110000002"


def test_twilio_fills_the_numbers_that_no_column_has(adopt: Adopt, kind: str) -> None:
    project = adopt(kind).project
    with Desk.of(project) as desk:
        admin = desk.admin
        asked = admin.execute("select message_sid from private.unnumbered_messages(300)").fetchall()
        assert len(asked) == 270
        sid = asked[0][0]
        direction, thread = admin.execute(
            "select direction, conversation_id from public.messages where message_sid = %s", [sid]
        ).fetchone() or ("", "")
        pair = ["whatsapp:+6287770000001", "whatsapp:+628110000001"]
        if direction == "outbound":
            pair.reverse()
        assert desk.one("select private.fill_numbers(%s, %s, %s)", sid, *pair) is True
        assert desk.one("select private.fill_numbers(%s, null, null)", asked[1][0]) is False
        address = desk.one(
            "select a.address from public.conversations c join public.contact_addresses a"
            " using (contact_id) where c.id = %s and a.channel = 'whatsapp'",
            thread,
        )
        assert address == "whatsapp:+6287770000001"
        left = desk.one("select count(*) from private.unnumbered_messages(300)")
        assert left == 268


def test_what_is_in_the_way_is_named_before_anything_is_changed(
    troubled_project: Database,
) -> None:
    before = ledger(troubled_project)
    report = migrate(troubled_project.dsn, check=True)
    words = "\n".join(finding.words for finding in report.findings)
    for part in (
        "conversations.tenant must be filled",
        "messages.channel_ref must be filled",
        "profiles.email must be filled",
        "conversations_status_check",
        "has_content",
        '"everyone" on messages',
        '"own profile" on profiles',
        "trigger tell_the_world",
        "trigger need_tenant",
        "view public.inbox_view",
        "Row security of profiles is off",
        "anon may",
    ):
        assert part in words, part
    assert "harmless" not in words
    assert report.applied == []
    assert ledger(troubled_project) == before
    with troubled_project.connect() as connection:
        schemas = connection.execute(
            "select nspname from pg_namespace where nspname in"
            " ('private', 'jobs', 'supabase_migrations')"
        ).fetchall()
    assert schemas == []


def test_what_is_in_the_way_is_handled_without_loss(adopt: Adopt) -> None:
    adopted = adopt("troubled", "conversations.phone")
    project = adopted.project
    check_nothing_is_lost(adopted.before, project)
    with Desk.of(project) as desk:
        admin = desk.admin
        assert desk.one("select count(*) from public.calls") == 0
        statuses = admin.execute(
            "select distinct adopted_status, status from public.conversations order by 1"
        ).fetchall()
        assert statuses == [("active", "open"), ("closed", "resolved"), ("pending", "open")]
        # what Balas writes gets in; the harmless trigger still runs
        inbox = desk.inbox("Jakarta", "whatsapp:+628110000001")
        thread = desk.conversation(inbox)
        desk.inbound(thread, "")
        assert desk.one("select count(*) from public.calls") == 1
        triggers = admin.execute(
            "select tgname, tgenabled from pg_trigger where tgname in"
            " ('tell_the_world', 'need_tenant') order by 1"
        ).fetchall()
        assert triggers == [("need_tenant", "D"), ("tell_the_world", "O")]
        assert desk.one("select count(*) from pg_policies where policyname = 'everyone'") == 2


@pytest.mark.parametrize("role", ["anon", "authenticated"])
def test_a_generous_old_policy_opens_nothing(adopt: Adopt, role: str) -> None:
    project = adopt("troubled").project
    with project.connect() as admin:
        # even where somebody grants it all again
        admin.execute(
            "grant all on public.messages, public.conversations, public.profiles"
            " to anon, authenticated"
        )
    user = "00000000-0000-4000-8000-000000000001" if role == "authenticated" else None
    with project.acting_as(user, role=role) as connection:
        for table in ("messages", "conversations"):
            assert connection.execute(f"select from public.{table}").fetchall() == []
            assert connection.execute(f"delete from public.{table}").rowcount == 0
        assert connection.execute("update public.messages set content = 'x'").rowcount == 0
        assert connection.execute("update public.profiles set role = 'admin'").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(
                "insert into public.messages (conversation_id, timestamp)"
                " values ('10000000-0000-4000-8000-000000000001', now())"
            )
        try:
            seen = connection.execute("select from public.inbox_view").fetchall()
        except psycopg.errors.InsufficientPrivilege:
            seen = []
        assert seen == []


def test_every_change_can_be_undone(adopt: Adopt) -> None:
    adopted = adopt("troubled")
    project, before = adopted.project, adopted.before
    with project.connect() as admin:
        statements = admin.execute(
            "select undo from private.adoption where undo is not null order by id desc"
        ).fetchall()
        assert len(statements) > 10
        admin.execute("alter table public.messages disable trigger user")
        admin.execute("alter table public.conversations disable trigger user")
        for (statement,) in statements:
            admin.execute(statement)
    after = ledger(project)
    for key, row in before.items():
        assert {column: after[key][column] for column in row} == row


def test_a_key_of_another_type_stops_before_any_change(empty_project: Database) -> None:
    with empty_project.connect() as connection:
        connection.execute(
            "create table public.conversations (id bigint primary key, name text);"
            "create table public.contacts (id uuid)"
        )
    with pytest.raises(MigrationRefusedError) as refusal:
        migrate(empty_project.dsn)
    assert "conversations.id is bigint" in refusal.value.text
    assert "named contacts already" in refusal.value.text
    with empty_project.connect() as connection:
        assert connection.execute(
            "select to_regclass('public.inboxes'), to_regnamespace('private')"
        ).fetchone() == (None, None)


def test_columns_that_mean_something_else_are_renamed(
    empty_project: Database,
) -> None:
    extra = """
      create type mood as enum ('open', 'closed');
      alter table public.conversations drop column status;
      alter table public.conversations add column status mood not null default 'closed',
        add column contact_id bigint, add column priority integer default 3,
        add column last_message_at timestamp default '2020-01-01',
        add column assignee_id uuid references auth.users;
      alter table public.messages add column status text not null default 'done';
      update public.messages set status = 'Delivered' where direction = 'outbound';
    """
    project = fill(empty_project, extra)
    before = ledger(project)
    migrate(project.dsn)
    check_nothing_is_lost(
        {
            key: {c: v for c, v in row.items() if c != "last_message_at"}
            for key, row in before.items()
        },
        project,
    )
    with project.connect() as connection:
        rows = connection.execute(
            "select distinct adopted_status, status from public.messages order by 1"
        ).fetchall()
    assert rows == [("Delivered", "delivered"), ("done", None)]


def test_an_old_program_that_still_writes_is_not_turned_away(adopt: Adopt, kind: str) -> None:
    project = adopt(kind).project
    with project.connect() as connection:
        row = connection.execute(
            "insert into public.conversations (phone) values ('+6281') returning inbox_id, adopted"
        ).fetchone()
    assert row is not None
    assert row[0] is not None
    assert row[1] is True


def test_a_column_that_is_not_there_is_refused(old_project: Database) -> None:
    with pytest.raises(ExpectedError, match="is not a column"):
        migrate(old_project.dsn, address_column="conversations.telephone")
    with old_project.connect() as connection:
        assert connection.execute("select to_regnamespace('private')").fetchone() == (None,)


def test_adoption_works_with_the_supabase_cli_alone(
    troubled_project: Database, run_files: Callable[[Database], None]
) -> None:
    before = ledger(troubled_project)
    run_files(troubled_project)
    check_nothing_is_lost(before, troubled_project)
    with troubled_project.connect() as connection:
        assert (
            connection.execute(
                "insert into public.inboxes (name, channel) values ('x', 'sms')"
            ).rowcount
            == 1
        )
        assert connection.execute("select private.enqueue('send_message')").fetchone() == (None,)


def test_people_are_told_what_changed(adopt: Adopt) -> None:
    adopted = adopt("troubled")
    with adopted.project.connect() as connection:
        noted = connection.execute("select words from private.adoption").fetchall()
    assert {finding.words for finding in adopted.report.findings} <= {row[0] for row in noted}
